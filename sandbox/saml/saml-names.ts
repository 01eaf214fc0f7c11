/** The XML namespaces of a SAML response. */
export const namespaces = Object.freeze({
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
});

/** The names of the algorithms that sign a response; no others are accepted. */
export const algorithms = Object.freeze({
  exclusiveC14n: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  enveloped: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  rsaSha256: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  rsaSha512: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
});

export const bearerMethod = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
export const statusSuccess = 'urn:oasis:names:tc:SAML:2.0:status:Success';
export const emailNameId = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
