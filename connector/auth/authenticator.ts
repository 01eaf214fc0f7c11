import type { ErrorText } from '../error-texts.ts';

/** The header that authenticates a request. */
export interface Credential {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
}

/** The limits of whoever waits for a credential. */
export interface CredentialLimits {
  /** In milliseconds since 1970. */
  readonly deadlineAtInMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Authenticates the requests of one connection. */
export interface Authenticator {
  /** The credential of the next request: a promise only while an access token is fetched. @throws ConnectorError */
  credential(limits: CredentialLimits): Credential | Promise<Credential>;
  /**
   * Takes note of the status of a response. Returns true if the credential was rejected and has a successor: a 401 proves
   * that the request was not processed, so it can be sent again. Omitted if nothing can be renewed.
   */
  onResponse?(credential: Credential, status: number): boolean;
  /** What a 401 means, once nothing can be renewed. */
  readonly rejected: ErrorText;
  /** What a rejection for a missing scope means. */
  readonly scopeMissing: ErrorText;
  /** Replaces the secrets of the connection in a text, in every encoding in which they are sent. */
  redact(text: string): string;
}
