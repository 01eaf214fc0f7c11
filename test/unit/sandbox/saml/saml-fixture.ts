import { DOMParser, XMLSerializer } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';
import { createSigningKey, type SigningKey } from '../../../../sandbox/saml/create-signing-key.ts';
import { algorithms } from '../../../../sandbox/saml/saml-names.ts';
import { type SamlAssertion, signSamlResponse } from '../../../../sandbox/saml/sign-saml-response.ts';
import {
  SamlError,
  type SamlLogin,
  type VerifySamlOptions,
  verifySamlResponse,
} from '../../../../sandbox/saml/verify-saml-response.ts';

/** The identity provider's key, and one that nobody trusts. */
export const key = createSigningKey('The identity provider');
export const otherKey = createSigningKey('Someone else');

export const now = new Date('2026-03-01T12:00:00.000Z');

export const good: SamlAssertion = {
  issuer: 'urn:example:idp',
  audience: 'urn:example:workspace',
  acsUrl: 'http://127.0.0.1:4000/saml/acs',
  nameId: 'ann@example.com',
  attributes: { workato_email: ['ann@example.com'], workato_role: ['Operator'] },
  now,
};

export const expectations: VerifySamlOptions = {
  idpCertificate: key.certificate,
  idpEntityId: good.issuer,
  audience: good.audience,
  acsUrl: good.acsUrl,
  now,
  isReplayed: () => false,
};

export function sign(change: Partial<SamlAssertion> = {}, signingKey: SigningKey = key): string {
  return decode(signSamlResponse({ ...good, ...change }, signingKey));
}

export function verify(xml: string, change: Partial<VerifySamlOptions> = {}): Promise<SamlLogin> {
  return verifySamlResponse(encode(xml), { ...expectations, ...change });
}

/** Why a response is rejected; "login" when it is not. Whatever is not a SamlError is thrown on. */
export async function reasonOf(attempt: Promise<SamlLogin>): Promise<string> {
  try {
    await attempt;
    return 'login';
  } catch (error) {
    if (error instanceof SamlError) return error.reason;
    throw error;
  }
}

export const encode = (xml: string): string => Buffer.from(xml).toString('base64');
export const decode = (base64: string): string => Buffer.from(base64, 'base64').toString();

/** An unsigned response: the same one with its signatures cut out. */
export function unsigned(change: Partial<SamlAssertion> = {}): string {
  return sign(change).replace(/<ds:Signature .*?<\/ds:Signature>/gs, '');
}

/** What a signature is made with. */
export interface SignatureForm {
  /** What is signed. */
  readonly element: string;
  /** Where the signature goes: after the issuer of this element. */
  readonly into?: string;
  readonly signatureAlgorithm?: string;
  readonly digestAlgorithm?: string;
  readonly canonicalization?: string;
}

/** Signs by hand, in a form that the house's own signer does not make. */
export function signElement(xml: string, form: SignatureForm, signingKey: SigningKey = key): string {
  const c14n = form.canonicalization ?? algorithms.exclusiveC14n;
  const signer = new SignedXml({
    privateKey: signingKey.privateKey,
    publicCert: signingKey.certificate,
    signatureAlgorithm: form.signatureAlgorithm ?? algorithms.rsaSha256,
    canonicalizationAlgorithm: c14n,
    idAttribute: 'ID',
  });
  signer.addReference({
    xpath: `//*[local-name()="${form.element}"]`,
    transforms: [algorithms.enveloped, c14n],
    digestAlgorithm: form.digestAlgorithm ?? algorithms.sha256,
  });
  const reference = `//*[local-name()="${form.into ?? form.element}"]/*[local-name()="Issuer"]`;
  signer.computeSignature(xml, { prefix: 'ds', location: { reference, action: 'after' } });
  return signer.getSignedXml();
}

/** A document as an attacker takes it apart. */
export interface Dissected {
  readonly document: Document;
  readonly response: Element;
  readonly assertion: Element;
  readonly signature: Element;
  serialize(): string;
}

export function dissect(xml: string): Dissected {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  const first = (name: string) => {
    const [element] = Array.from(document.getElementsByTagNameNS('*', name));
    if (element === undefined) throw new Error(`no ${name}`);
    return element;
  };
  return {
    document,
    response: first('Response'),
    assertion: first('Assertion'),
    signature: first('Signature'),
    serialize: () => new XMLSerializer().serializeToString(document),
  };
}

/** A copy that says what the attacker wants, under another ID and without a signature. */
export function evilTwin(original: Element): Element {
  const twin = original.cloneNode(true) as Element;
  for (const signature of Array.from(twin.getElementsByTagNameNS('*', 'Signature'))) {
    signature.parentNode?.removeChild(signature);
  }
  twin.setAttribute('ID', '_evil');
  for (const [name, value] of [
    ['NameID', 'mallory@example.com'],
    ['AttributeValue', 'Admin'],
  ] as const) {
    for (const element of Array.from(twin.getElementsByTagNameNS('*', name))) element.textContent = value;
  }
  const inner = Array.from(twin.getElementsByTagNameNS('*', 'Assertion'))[0];
  inner?.setAttribute('ID', '_evil_assertion');
  return twin;
}
