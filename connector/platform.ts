/** The HTTP methods of SCIM (RFC 7644 §3.2). */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One HTTP request, complete: nothing is added on the way but what HTTP itself needs. */
export interface HttpRequest {
  readonly method: HttpMethod;
  /** The absolute URL. */
  readonly url: string;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** After this long the attempt is over, however much of the response has come, in milliseconds. */
  readonly timeoutInMs: number;
  /** The largest answer that is read, in bytes. */
  readonly maxResponseBytes: number;
  readonly signal?: AbortSignal;
}

/** One HTTP answer, whatever its status: redirects are not followed, and the body is not parsed. */
export interface HttpResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Why there is no response. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** The system's word for it: `ECONNRESET`, `ETIMEDOUT`, `ENOTFOUND`, `CERT_HAS_EXPIRED`, `TOO_LARGE`, … */
  readonly code: string;
  /** False only when it is certain that the provider has not seen the request. */
  readonly maybeSent: boolean;
  /** Whether the same request may fare better a little later. */
  readonly isTransient: boolean;

  constructor(code: string, message: string, traits: { maybeSent: boolean; isTransient: boolean }) {
    super(message);
    this.code = code;
    this.maybeSent = traits.maybeSent;
    this.isTransient = traits.isTransient;
  }
}

/**
 * A log entry, as data. It never contains a token, a password, or a body.
 *
 * @example
 * ```ts
 * const log = ({ level, event, ...details }: LogEntry): void => {
 *   if (level !== 'debug') console.error(level, event, details);
 * };
 * const connector = createConnector({ baseUrl: 'https://scim.example.com', token: 'secret', log });
 * ```
 */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn';
  /** What happened, in `noun_pastverb` form: `request_sent`, `request_retried`. */
  readonly event: string;
  readonly [detail: string]: unknown;
}

/** The signatures that are accepted (RFC 7518 §3.1, RFC 8037 §3.1). None is symmetric, so that no key can stand for two. */
export type SignatureAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA';

/** The part of cryptography that signatures need. */
export interface PlatformCrypto {
  /** The HMAC of a message with SHA-256 (RFC 2104). */
  hmacSha256(key: Uint8Array, message: Uint8Array): Promise<Uint8Array>;
  /** Whether a signature fits a message and a public key (RFC 7517); false also for a key that is not of that kind. */
  verify(
    algorithm: SignatureAlgorithm,
    key: Readonly<Record<string, unknown>>,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
  /** Whether two are the same, in a time that does not depend on where they differ. */
  isEqual(one: Uint8Array, other: Uint8Array): boolean;
}

/** The world, as a host gives it to the connector. Layers 0 to 3 reach nothing but this. */
export interface Platform {
  /** Sends one request once. @throws TransportError when no whole answer came. */
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Runs `attempt` until it gives a value or throws something that is no {@link RetryAfter}; sleeps as a RetryAfter says. */
  retry<T>(attempt: (attemptNumber: number) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Resolves after so many milliseconds; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** The time, in milliseconds since 1970. */
  now(): number;
  /** A number from 0 up to 1. */
  random(): number;
  readonly crypto: PlatformCrypto;
  log(entry: LogEntry): void;
}

/** What an attempt throws to be run again after a wait. */
export class RetryAfter extends Error {
  override readonly name = 'RetryAfter';
  readonly waitInMs: number;

  constructor(waitInMs: number) {
    super(`run again in ${waitInMs} ms`);
    this.waitInMs = waitInMs;
  }
}
