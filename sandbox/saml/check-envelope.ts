import { walkXml, type XmlElement } from './read-xml.ts';
import { SamlError } from './saml-error.ts';
import { algorithms, namespaces, statusSuccess } from './saml-names.ts';

/** The structure of a response. Nothing in it is trusted before its signatures are verified. */
export interface Envelope {
  readonly isResponseSigned: boolean;
  readonly isAssertionSigned: boolean;
}

const { exclusiveC14n, enveloped, rsaSha256, rsaSha512, sha256, sha512 } = algorithms;

/** The accepted algorithms, by the element that names them. */
const accepted: Readonly<Record<string, readonly string[]>> = {
  CanonicalizationMethod: [exclusiveC14n],
  SignatureMethod: [rsaSha256, rsaSha512],
  Transform: [enveloped, exclusiveC14n],
  DigestMethod: [sha256, sha512],
};

/**
 * Checks the structure of a response: one assertion, and signatures only where they sign their parent
 * element. Every form of signature wrapping (Somorovsky et al., "On Breaking SAML", 2012) needs a second assertion or a
 * signature elsewhere.
 *
 * @throws SamlError
 */
export function checkEnvelope(response: XmlElement): Envelope {
  if (!isNamed(response, 'protocol', 'Response') || response.attributes.get('Version') !== '2.0') {
    throw malformed('a SAML 2.0 response');
  }
  checkStatus(response);
  const elements = [...walkXml(response)];
  if (elements.some(({ name }) => name === 'EncryptedAssertion' || name === 'EncryptedData')) {
    throw new SamlError(
      'encrypted',
      'The assertion is encrypted. Turn assertion encryption off in the identity provider.',
    );
  }
  checkIds(elements);
  // Only by local name, because a library's parser might ignore namespaces.
  const assertions = elements.filter(({ name }) => name === 'Assertion');
  const [assertion] = assertions;
  if (assertion === undefined) throw malformed('a response with an assertion');
  if (assertions.length > 1) throw wrapped('more than one assertion');
  if (assertion.parent !== response || !isNamed(assertion, 'assertion', 'Assertion')) {
    throw wrapped('an assertion that is not directly in the response');
  }
  const signatures = elements.filter(({ name }) => name === 'Signature');
  for (const signature of signatures) checkSignature(signature, response, assertion);
  const isResponseSigned = signatures.some(({ parent }) => parent === response);
  const isAssertionSigned = signatures.some(({ parent }) => parent === assertion);
  if (signatures.length > Number(isResponseSigned) + Number(isAssertionSigned)) {
    throw wrapped('more than one signature in one element');
  }
  if (signatures.length === 0) {
    throw new SamlError(
      'unsigned',
      'The SAML response is not signed. Let the identity provider sign the response or the assertion.',
    );
  }
  return { isResponseSigned, isAssertionSigned };
}

/** The children of an element with that name. */
export function childrenOf(
  element: XmlElement | undefined,
  space: keyof typeof namespaces,
  name: string,
): readonly XmlElement[] {
  return element?.children.filter((child) => isNamed(child, space, name)) ?? [];
}

function isNamed(element: XmlElement, space: keyof typeof namespaces, name: string): boolean {
  return element.name === name && element.namespace === namespaces[space];
}

// Identity providers do not sign rejections, and a forged one grants no access. So this is checked first.
function checkStatus(response: XmlElement): void {
  const [status] = childrenOf(response, 'protocol', 'Status');
  const [code] = childrenOf(status, 'protocol', 'StatusCode');
  const value = code?.attributes.get('Value');
  if (value === undefined) throw malformed('a response with a status');
  if (value !== statusSuccess) {
    throw new SamlError(
      'idp_refused',
      `The identity provider rejected the login (${value}). Check that the person is assigned to the application.`,
    );
  }
}

// XML Signature finds an element by its ID, so two elements with one ID are two candidates for the signed one.
function checkIds(elements: readonly XmlElement[]): void {
  const ids = elements.flatMap(({ attributes }) =>
    [...attributes].filter(([name]) => /(^|\})id$/i.test(name)).map(([, value]) => value),
  );
  if (new Set(ids).size < ids.length) throw wrapped('two elements with one ID');
}

function checkSignature(signature: XmlElement, response: XmlElement, assertion: XmlElement): void {
  const signed = signature.parent;
  if (!isNamed(signature, 'signature', 'Signature') || (signed !== response && signed !== assertion)) {
    throw wrapped('a signature that is neither the response’s own nor the assertion’s');
  }
  const parts = signature.children.map(({ name }) => name);
  if (parts.some((name) => !['SignedInfo', 'SignatureValue', 'KeyInfo'].includes(name))) {
    throw wrapped('a signature that carries something else');
  }
  const infos = childrenOf(signature, 'signature', 'SignedInfo');
  const [info] = infos;
  const references = childrenOf(info, 'signature', 'Reference');
  const [reference] = references;
  const id = signed.attributes.get('ID');
  if (info === undefined || infos.length > 1 || references.length !== 1 || id === undefined || id === '') {
    throw wrapped('a signature that does not sign just one element');
  }
  if (reference?.attributes.get('URI') !== `#${id}`) {
    throw wrapped('a signature that signs an element other than its parent');
  }
  for (const element of walkXml(info)) {
    const algorithm = element.attributes.get('Algorithm');
    if (algorithm === undefined || accepted[element.name]?.includes(algorithm) === true) continue;
    throw new SamlError(
      'weak_algorithm',
      `The signature uses ${JSON.stringify(algorithm)}. Set the identity provider to RSA with SHA-256.`,
    );
  }
}

function malformed(what: string): SamlError {
  return new SamlError(
    'malformed',
    `This is not ${what}. Check that the identity provider posts a SAML 2.0 response to this URL.`,
  );
}

function wrapped(what: string): SamlError {
  return new SamlError(
    'wrapped',
    `The SAML response has ${what}, as a forged one has. Log in again; contact an administrator if it happens again.`,
  );
}
