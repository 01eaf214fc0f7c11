import { randomBytes } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import type { SigningKey } from './create-signing-key.ts';
import { algorithms, bearerMethod, emailNameId, namespaces, statusSuccess } from './saml-names.ts';

/** A login to be signed. */
export interface SamlAssertion {
  /** The identity provider's entity ID. */
  readonly issuer: string;
  /** The service provider's entity ID. */
  readonly audience: string;
  /** The URL to which the response is posted. */
  readonly acsUrl: string;
  /** The user. For Workato, the email address. */
  readonly nameId: string;
  /** Values by attribute name, in order. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** The time of the login. */
  readonly now: Date;
  /** The signed parts. Default: both. */
  readonly signs?: 'assertion' | 'response' | 'both';
}

// An assertion starts five minutes in the past, for slow clocks, and is valid for five minutes.
const allowanceInMs = 300_000;
const basic = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic';
const password = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';

/** Signs a login with RSA-SHA256, and returns the value of the form field `SAMLResponse`: base64 of XML. */
export function signSamlResponse(assertion: SamlAssertion, key: SigningKey): string {
  const signs = assertion.signs ?? 'both';
  let xml = responseXml(assertion);
  // The assertion comes first: its signature is part of what the response's signature covers.
  if (signs !== 'response') xml = sign(xml, '/*/*[local-name()="Assertion"]', key);
  if (signs !== 'assertion') xml = sign(xml, '/*', key);
  return Buffer.from(xml).toString('base64');
}

function sign(xml: string, path: string, key: SigningKey): string {
  const signer = new SignedXml({
    privateKey: key.privateKey,
    publicCert: key.certificate,
    signatureAlgorithm: algorithms.rsaSha256,
    canonicalizationAlgorithm: algorithms.exclusiveC14n,
    idAttribute: 'ID',
  });
  signer.addReference({
    xpath: path,
    transforms: [algorithms.enveloped, algorithms.exclusiveC14n],
    digestAlgorithm: algorithms.sha256,
  });
  // The SAML schemas require the signature right after the issuer (Core §2.3.3, §3.2.2).
  const location = { reference: `${path}/*[local-name()="Issuer"]`, action: 'after' } as const;
  signer.computeSignature(xml, { prefix: 'ds', location });
  return signer.getSignedXml();
}

function responseXml({ issuer, audience, acsUrl, nameId, attributes, now }: SamlAssertion): string {
  const at = now.toISOString();
  const notBefore = new Date(now.getTime() - allowanceInMs).toISOString();
  const notOnOrAfter = new Date(now.getTime() + allowanceInMs).toISOString();
  const statements = Object.entries(attributes).map(
    ([name, values]) =>
      `<saml:Attribute Name="${escapeXml(name)}" NameFormat="${basic}">` +
      values.map((value) => `<saml:AttributeValue>${escapeXml(value)}</saml:AttributeValue>`).join('') +
      '</saml:Attribute>',
  );
  return (
    `<samlp:Response xmlns:samlp="${namespaces.protocol}" xmlns:saml="${namespaces.assertion}" ID="${newId()}" ` +
    `Version="2.0" IssueInstant="${at}" Destination="${escapeXml(acsUrl)}">` +
    `<saml:Issuer>${escapeXml(issuer)}</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="${statusSuccess}"/></samlp:Status>` +
    `<saml:Assertion ID="${newId()}" Version="2.0" IssueInstant="${at}">` +
    `<saml:Issuer>${escapeXml(issuer)}</saml:Issuer>` +
    `<saml:Subject><saml:NameID Format="${emailNameId}">${escapeXml(nameId)}</saml:NameID>` +
    `<saml:SubjectConfirmation Method="${bearerMethod}">` +
    `<saml:SubjectConfirmationData NotOnOrAfter="${notOnOrAfter}" Recipient="${escapeXml(acsUrl)}"/>` +
    '</saml:SubjectConfirmation></saml:Subject>' +
    `<saml:Conditions NotBefore="${notBefore}" NotOnOrAfter="${notOnOrAfter}">` +
    `<saml:AudienceRestriction><saml:Audience>${escapeXml(audience)}</saml:Audience></saml:AudienceRestriction>` +
    '</saml:Conditions>' +
    `<saml:AuthnStatement AuthnInstant="${at}"><saml:AuthnContext>` +
    `<saml:AuthnContextClassRef>${password}</saml:AuthnContextClassRef>` +
    '</saml:AuthnContext></saml:AuthnStatement>' +
    // The schema requires at least one attribute in a statement.
    (statements.length > 0
      ? `<saml:AttributeStatement>${statements.join('')}</saml:AttributeStatement>`
      : '') +
    '</saml:Assertion></samlp:Response>'
  );
}

// An XML ID must not begin with a digit, and must not be guessable (Core §1.3.4).
function newId(): string {
  return `_${randomBytes(20).toString('hex')}`;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

function escapeXml(value: string): string {
  return value.replace(/[&<>"\t\n\r]/g, (character) => escapes[character] ?? character);
}
