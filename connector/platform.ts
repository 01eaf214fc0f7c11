/** The HTTP methods of SCIM (RFC 7644 §3.2). */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One complete HTTP request: only headers that HTTP itself requires are added. */
export interface HttpRequest {
  readonly method: HttpMethod;
  /** The absolute URL. */
  readonly url: string;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The timeout of the attempt, including the response body, in milliseconds. */
  readonly timeoutInMs: number;
  /** The maximum size of the response, in bytes. */
  readonly maxResponseBytes: number;
  /** Whether only the status and the headers matter: then the response is complete with them, and its body is empty. */
  readonly ignoresBody?: boolean;
  readonly signal?: AbortSignal;
  /** Removes the secrets of the request from a text, such as the message of an HTTP library. */
  readonly redact?: (text: string) => string;
}

/** One HTTP response of any status: redirects are not followed, and the body is not parsed. */
export interface HttpResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Why there is no response. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** The system's error code: `ECONNRESET`, `ETIMEDOUT`, `ENOTFOUND`, `CERT_HAS_EXPIRED`, `TOO_LARGE`, … */
  readonly code: string;
  /** False only if it is certain that the provider has not received the request. */
  readonly maybeSent: boolean;
  /** Whether the same request can succeed a little later. */
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
  /** What happened, as noun and past participle: `request_sent`, `request_retried`. */
  readonly event: string;
  readonly [detail: string]: unknown;
}

/** The accepted signatures (RFC 7518 §3.1, RFC 8037 §3.1). None is symmetric, so that a public key cannot serve as a secret. */
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

/** The cryptographic functions for signatures. */
export interface PlatformCrypto {
  /** The HMAC of a message with SHA-256 (RFC 2104). */
  hmacSha256(key: Uint8Array, message: Uint8Array): Promise<Uint8Array>;
  /** Whether a signature matches a message and a public key (RFC 7517); false also for a key of another type. */
  verify(
    algorithm: SignatureAlgorithm,
    key: Readonly<Record<string, unknown>>,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
  /** Whether two byte arrays are equal, in constant time. */
  isEqual(one: Uint8Array, other: Uint8Array): boolean;
}

/** Platform services (HTTP, clock, crypto, logging) supplied by the host. Layers 0 to 3 use nothing else. */
export interface Platform {
  /** Sends one request once. @throws TransportError if there is no complete response. */
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Runs `attempt` until it returns a value or throws an error other than {@link RetryAfter}, whose wait it observes. */
  retry<T>(attempt: (attemptNumber: number) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Resolves after a number of milliseconds; rejects with the signal's reason if it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** The time, in milliseconds since 1970. */
  now(): number;
  /** A random number from 0 to 1, exclusive. */
  random(): number;
  readonly crypto: PlatformCrypto;
  log(entry: LogEntry): void;
}

/** Thrown by an attempt to be run again after a wait. */
export class RetryAfter extends Error {
  override readonly name = 'RetryAfter';
  readonly waitInMs: number;

  constructor(waitInMs: number) {
    super(`run again in ${waitInMs} ms`);
    this.waitInMs = waitInMs;
  }
}
