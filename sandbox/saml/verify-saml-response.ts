import { X509Certificate } from 'node:crypto';
import { type Profile, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { checkEnvelope, childrenOf } from './check-envelope.ts';
import { readXml, type XmlElement } from './read-xml.ts';
import { SamlError } from './saml-error.ts';
import { bearerMethod } from './saml-names.ts';

export { SamlError, type SamlReason } from './saml-error.ts';

/** The expected values of a response. */
export interface VerifySamlOptions {
  /** The identity provider's signing certificate, as PEM. Only its key matters: SAML trusts it because it is configured. */
  readonly idpCertificate: string;
  /** The identity provider's entity ID, which must be the issuer. */
  readonly idpEntityId: string;
  /** The service provider's entity ID. */
  readonly audience: string;
  /** The URL to which responses are posted: their destination and recipient. */
  readonly acsUrl: string;
  /** The current time. There is no tolerance for clock skew. */
  readonly now: Date;
  /**
   * Whether an assertion was accepted before. Called last, after all other checks, and immediately before the
   * promise resolves. It can therefore store the ID in the same call, which leaves no gap for a second copy.
   */
  isReplayed(assertionId: string): boolean;
}

/** The user, as signed by the identity provider. */
export interface SamlLogin {
  readonly assertionId: string;
  /** The time after which the assertion is expired, so that its ID need not be stored any longer. */
  readonly notOnOrAfter: Date;
  readonly nameId: string;
  /** Values by attribute name. An attribute without a value is an empty list. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

// A response with a hundred groups and a certificate chain has about 40 KB.
const maxResponseBytes = 262_144;

/**
 * Verifies an unsolicited SAML 2.0 response of the Web Browser SSO profile (Profiles §4.1.5), and reads the
 * assertion from the signed bytes. Either the response or the assertion must be signed. If both are, both
 * signatures must be valid.
 *
 * @param samlResponse the form field `SAMLResponse`: base64 of XML.
 * @throws SamlError for every response that is not a valid login.
 */
export async function verifySamlResponse(
  samlResponse: string,
  options: VerifySamlOptions,
): Promise<SamlLogin> {
  checkCertificate(options.idpCertificate);
  const { base64, xml } = decode(samlResponse);
  const response = readXml(xml);
  const envelope = checkEnvelope(response);
  const saml = new SAML({
    idpCert: options.idpCertificate,
    issuer: options.audience,
    callbackUrl: options.acsUrl,
    wantAuthnResponseSigned: envelope.isResponseSigned,
    wantAssertionsSigned: envelope.isAssertionSigned,
    validateInResponseTo: ValidateInResponseTo.never,
    // node-saml uses its own clock and finds audiences without a namespace: both are checked below.
    acceptedClockSkewMs: -1,
    audience: false,
  });
  const assertion = readXml(await signedAssertionOf(saml, base64));
  checkResponse(response, envelope.isResponseSigned, options);
  const login = readAssertion(assertion, options);
  if (options.isReplayed(login.assertionId)) {
    throw new SamlError('replayed', 'This SAML assertion was used before. Log in again for a new one.');
  }
  return login;
}

function checkCertificate(idpCertificate: string): void {
  try {
    new X509Certificate(idpCertificate);
  } catch (cause) {
    throw new SamlError(
      'bad_certificate',
      'The identity provider’s certificate in the SAML settings cannot be read. Upload it again, as PEM.',
      { cause },
    );
  }
}

function decode(samlResponse: string): { readonly base64: string; readonly xml: string } {
  if (samlResponse.length > maxResponseBytes) {
    throw new SamlError(
      'too_large',
      `A SAML response can have at most ${maxResponseBytes} bytes. Send fewer groups and attributes.`,
    );
  }
  // RFC 2045 allows line breaks in base64.
  const base64 = samlResponse.replace(/[ \t\r\n]/g, '');
  if (base64 === '' || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw malformed('it is not base64');
  }
  try {
    return { base64, xml: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64')) };
  } catch (cause) {
    throw malformed('it is not UTF-8', cause);
  }
}

/** The XML of the assertion, from the bytes whose digest was signed. Nothing else in the response is read. */
async function signedAssertionOf(saml: SAML, base64: string): Promise<string> {
  let profile: Profile | null;
  try {
    ({ profile } = await saml.validatePostResponseAsync({ SAMLResponse: base64 }));
  } catch (cause) {
    if (cause instanceof Error && !/signature/i.test(cause.message)) throw malformed(cause.message, cause);
    throw new SamlError(
      'bad_signature',
      'The signature does not match the identity provider’s certificate. Upload the certificate that it signs with ' +
        'now; if it is the same, the response was changed on its way.',
      { cause },
    );
  }
  const xml = profile?.getAssertionXml?.();
  if (xml === undefined) throw malformed('it has no assertion');
  return xml;
}

// Bindings §3.5.5.2: a signed message must name its destination. An unsigned destination proves nothing, but a wrong
// one still shows that the response was meant for another recipient.
function checkResponse(response: XmlElement, isSigned: boolean, options: VerifySamlOptions): void {
  checkIssuer(childrenOf(response, 'assertion', 'Issuer'), options, true);
  const destination = response.attributes.get('Destination');
  if (destination === undefined ? isSigned : destination !== options.acsUrl) {
    throw wrongRecipient(destination, options);
  }
  if (response.attributes.has('InResponseTo')) throw unrequested();
}

function readAssertion(assertion: XmlElement, options: VerifySamlOptions): SamlLogin {
  const assertionId = assertion.attributes.get('ID');
  if (assertionId === undefined || assertion.attributes.get('Version') !== '2.0') {
    throw malformed('its assertion is not of SAML 2.0');
  }
  checkIssuer(childrenOf(assertion, 'assertion', 'Issuer'), options, false);
  const conditions = only(assertion, 'Conditions');
  checkAudience(conditions, options);
  const conditionsEnd = checkWindow(conditions, options.now);
  const subject = only(assertion, 'Subject');
  const confirmationEnd = checkConfirmation(subject, options);
  return {
    assertionId,
    notOnOrAfter: new Date(Math.min(conditionsEnd, confirmationEnd)),
    nameId: readNameId(subject),
    attributes: readAttributes(assertion),
  };
}

function checkIssuer(issuers: readonly XmlElement[], options: VerifySamlOptions, isOptional: boolean): void {
  if (isOptional && issuers.length === 0) return;
  const [issuer] = issuers;
  if (issuers.length !== 1 || issuer?.text.trim() !== options.idpEntityId) {
    throw new SamlError(
      'wrong_issuer',
      `The assertion was issued by ${JSON.stringify(issuer?.text.trim() ?? '')}, not by ${JSON.stringify(options.idpEntityId)}. ` +
        'Set the identity provider’s entity ID in the SAML settings.',
    );
  }
}

// Core §2.5.1.4: each restriction must be met by any one of its audiences.
function checkAudience(conditions: XmlElement, { audience }: VerifySamlOptions): void {
  const restrictions = childrenOf(conditions, 'assertion', 'AudienceRestriction').map((restriction) =>
    childrenOf(restriction, 'assertion', 'Audience').map(({ text }) => text.trim()),
  );
  if (restrictions.length > 0 && restrictions.every((audiences) => audiences.includes(audience))) return;
  throw new SamlError(
    'wrong_audience',
    `The assertion is meant for ${JSON.stringify(restrictions.flat().join(', '))}, not for ${JSON.stringify(audience)}. ` +
      'Set the audience (entity ID) in the identity provider.',
  );
}

// Profiles §4.1.4.2: a bearer confirmation has a recipient and an expiration time, and no start time.
function checkConfirmation(subject: XmlElement, options: VerifySamlOptions): number {
  const bearers = childrenOf(subject, 'assertion', 'SubjectConfirmation')
    .filter(({ attributes }) => attributes.get('Method') === bearerMethod)
    .flatMap((confirmation) => childrenOf(confirmation, 'assertion', 'SubjectConfirmationData'));
  if (bearers.length === 0) throw malformed('its assertion has no bearer confirmation');
  const ours = bearers.find(({ attributes }) => attributes.get('Recipient') === options.acsUrl);
  if (ours === undefined) throw wrongRecipient(bearers[0]?.attributes.get('Recipient'), options);
  if (ours.attributes.has('InResponseTo')) throw unrequested();
  return checkWindow(ours, options.now);
}

/** The end of an element's validity period, which must include `now`. */
function checkWindow(element: XmlElement, now: Date): number {
  const notBefore = element.attributes.get('NotBefore');
  const notOnOrAfter = element.attributes.get('NotOnOrAfter');
  if (notOnOrAfter === undefined) throw malformed(`its ${element.name} never ends`);
  if (notBefore !== undefined && now.getTime() < timeOf(notBefore)) {
    throw new SamlError(
      'not_yet_valid',
      `The assertion is valid from ${notBefore} on, and it is ${now.toISOString()}. Set the clocks right.`,
    );
  }
  const end = timeOf(notOnOrAfter);
  if (now.getTime() >= end) {
    throw new SamlError(
      'expired',
      `The assertion was valid until ${notOnOrAfter}, and it is ${now.toISOString()}. Log in again, or set the clocks right.`,
    );
  }
  return end;
}

// Core §1.3.3: times are in UTC, and say so.
function timeOf(value: string): number {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw malformed(`${JSON.stringify(value)} is not a time in UTC`);
  return time;
}

function readNameId(subject: XmlElement): string {
  const element = only(subject, 'NameID');
  const nameId = textOf(element).trim();
  if (nameId === '') throw malformed('its NameID is empty');
  return nameId;
}

function readAttributes(assertion: XmlElement): Readonly<Record<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const statement of childrenOf(assertion, 'assertion', 'AttributeStatement')) {
    for (const attribute of childrenOf(statement, 'assertion', 'Attribute')) {
      const name = attribute.attributes.get('Name');
      if (name === undefined) throw malformed('an attribute has no name');
      const values = childrenOf(attribute, 'assertion', 'AttributeValue').map(textOf);
      found.set(name, [...(found.get(name) ?? []), ...values]);
    }
  }
  // fromEntries creates own properties, even for "__proto__".
  return Object.fromEntries(found);
}

function textOf(element: XmlElement): string {
  if (element.children.length > 0) throw malformed(`its ${element.name} is not plain text`);
  return element.text;
}

function only(element: XmlElement, name: string): XmlElement {
  const found = childrenOf(element, 'assertion', name);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw malformed(`its ${element.name} has ${found.length} elements ${name}`);
  }
  return first;
}

function wrongRecipient(recipient: string | undefined, { acsUrl }: VerifySamlOptions): SamlError {
  return new SamlError(
    'wrong_recipient',
    `The response was meant for ${JSON.stringify(recipient ?? '')}, not for ${JSON.stringify(acsUrl)}. ` +
      'Set the ACS URL (reply URL, recipient, destination) in the identity provider.',
  );
}

function unrequested(): SamlError {
  return new SamlError(
    'unrequested',
    'The response answers a login request that was never sent from here. Start the login at the identity provider.',
  );
}

function malformed(what: string, cause?: unknown): SamlError {
  return new SamlError(
    'malformed',
    `The SAML response cannot be read: ${what}. Check that the identity provider posts it unchanged.`,
    { cause },
  );
}
