/** Why a SAML response is rejected: stable codes, for tests and logs. */
export type SamlReason =
  /** The libraries for signing and verification are not installed. */
  | 'libraries_missing'
  /** The certificate in the service provider's own settings cannot be read. */
  | 'bad_certificate'
  /** Larger than a login needs. */
  | 'too_large'
  /** Not base64, not XML, or not a SAML 2.0 response of the Web Browser SSO profile. */
  | 'malformed'
  /** A document type declaration, which can define entities. */
  | 'doctype'
  /** An encrypted assertion. This service provider has no encryption key. */
  | 'encrypted'
  /** The identity provider reports that it rejected the login. */
  | 'idp_refused'
  /** Neither the response nor the assertion is signed. */
  | 'unsigned'
  /** A signature is in a place where it proves nothing, or there is more than one assertion: a wrapping attack. */
  | 'wrapped'
  /** SHA-1, HMAC, or another insecure algorithm. */
  | 'weak_algorithm'
  /** Signed with a different key, or changed after signing. */
  | 'bad_signature'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'wrong_recipient'
  /** A response to a request that was never sent. */
  | 'unrequested'
  | 'not_yet_valid'
  | 'expired'
  | 'replayed';

/** A rejected SAML response. The message says what the administrator must do. */
export class SamlError extends Error {
  override readonly name = 'SamlError';
  /** The reason, as a stable code. */
  readonly reason: SamlReason;

  constructor(reason: SamlReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
