/** Why a SAML response is no login: stable codes, for tests and logs. */
export type SamlReason =
  /** The libraries that sign and verify are not installed. */
  | 'libraries_missing'
  /** The certificate in the service provider's own settings cannot be read. */
  | 'bad_certificate'
  /** Larger than any login needs. */
  | 'too_large'
  /** Not base64, not XML, or not a SAML 2.0 response of the Web Browser SSO profile. */
  | 'malformed'
  /** A document type declaration, which is how XML brings in entities. */
  | 'doctype'
  /** An encrypted assertion, which this service provider gave out no key for. */
  | 'encrypted'
  /** The identity provider answers that it logged nobody in. */
  | 'idp_refused'
  /** Neither the response nor the assertion carries a signature. */
  | 'unsigned'
  /** A signature stands where it proves nothing, or there is more than one assertion: a wrapping attack. */
  | 'wrapped'
  /** SHA-1, HMAC, or another algorithm that proves nothing today. */
  | 'weak_algorithm'
  /** Another key, or changed after it was signed. */
  | 'bad_signature'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'wrong_recipient'
  /** The answer to a request that was never made. */
  | 'unrequested'
  | 'not_yet_valid'
  | 'expired'
  | 'replayed';

/** A SAML response that is refused. Its message says to the administrator what to do. */
export class SamlError extends Error {
  override readonly name = 'SamlError';
  /** Why, in one word. */
  readonly reason: SamlReason;

  constructor(reason: SamlReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
