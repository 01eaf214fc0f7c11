import { isRecord } from '../../schemas/is-record.ts';
import type { Authenticator, Credential } from '../auth/authenticator.ts';
import { createAuthenticator } from '../auth/create-authenticator.ts';
import type { Connection } from '../connection.ts';
import { attemptsText, errorParts, errorTexts, fillError, whenText } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';
import {
  type HttpMethod,
  type HttpRequest,
  type HttpResponse,
  type Platform,
  RetryAfter,
  TransportError,
} from '../platform.ts';
import { transportSteps } from '../transport-texts.ts';
import { errorFromResponse, errorStatusIn, requestIdOf } from './error-from-response.ts';
import { formatQuery } from './format-query.ts';
import { isHtml } from './is-html.ts';
import { createRateLimiter, DeadlineExceeded, type RateLimiter } from './rate-limiter.ts';
import { isThrottled, namedWaitInMs, unboundedWaitInMs } from './retry-after.ts';
import { decideRetry, type Outcome } from './retry-policy.ts';

/** A request to a SCIM service, before it has an address and a credential. */
export interface ScimRequest {
  readonly method: HttpMethod;
  /** Below the base URL, with encoded segments: `/Users/2819c223`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The version that the resource must still have (RFC 7644 §3.14). */
  readonly ifMatch?: string | undefined;
  /** Whether sending it twice has the effect of sending it once. Default: as HTTP defines the method. */
  readonly idempotent?: boolean;
  /**
   * For a request that is not idempotent: finds out whether it was processed, if its response was lost. The result replaces
   * the response; undefined means that it was not processed.
   */
  readonly recoverLostResponse?: (deadlineAtInMs: number) => Promise<ScimResponse | undefined>;
  /** After how many responses with status 500 to give up, where that status may mean that the request is not supported. */
  readonly maxAttemptsOn500?: number;
  /** In milliseconds since 1970. Default: the deadline of the connection, from now. */
  readonly deadlineAtInMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A successful response: its status is below 300. */
export interface ScimResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body; undefined without a body. */
  readonly body: unknown;
  /** How many times the request was sent. */
  readonly attempts: number;
}

/** Sends SCIM requests over one connection: authenticated, within its limits, retried where that is safe. */
export interface ScimClient {
  readonly connection: Connection;
  /** @throws ConnectorError */
  send(request: ScimRequest): Promise<ScimResponse>;
}

const mediaType = 'application/scim+json';
/** The share of the remaining time that is reserved for a lookup, in case the attempt before it hangs. */
const shareOfLookUp = 0.2;
const maxRedirects = 3;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** RFC 9110 §9.2.2: PUT and DELETE are idempotent by definition, a PATCH only if its sender says so. */
const idempotentMethods: ReadonlySet<HttpMethod> = new Set(['GET', 'PUT', 'DELETE']);

/** Creates the client that every action uses. Several clients can share an authenticator, and with it an access token. */
export function createScimClient(
  connection: Connection,
  platform: Platform,
  authenticator: Authenticator = createAuthenticator(connection, platform),
): ScimClient {
  const shared: Shared = {
    connection,
    platform,
    limiter: createRateLimiter(connection, platform),
    authenticator,
  };
  return { connection, send: (request) => new RetryingRequest(shared, request).run() };
}

/** What all requests of a connection share. */
interface Shared {
  readonly connection: Connection;
  readonly platform: Platform;
  readonly limiter: RateLimiter;
  readonly authenticator: Authenticator;
}

/** One request with all its attempts. */
class RetryingRequest {
  readonly #connection: Connection;
  readonly #platform: Platform;
  readonly #limiter: RateLimiter;
  readonly #authenticator: Authenticator;
  readonly #request: ScimRequest;
  readonly #idempotent: boolean;
  readonly #deadlineAtInMs: number;
  #sent = 0;
  #checkBeforeRetry = false;
  #credential: Credential | undefined;
  #wasRejected = false;

  constructor({ connection, platform, limiter, authenticator }: Shared, request: ScimRequest) {
    this.#connection = connection;
    this.#platform = platform;
    this.#limiter = limiter;
    this.#authenticator = authenticator;
    this.#request = request;
    this.#idempotent = request.idempotent ?? idempotentMethods.has(request.method);
    this.#deadlineAtInMs = request.deadlineAtInMs ?? platform.now() + connection.deadlineInMs;
  }

  run(): Promise<ScimResponse> {
    return this.#platform.retry(() => this.#attempt(), this.#request.signal);
  }

  async #attempt(): Promise<ScimResponse> {
    if (this.#checkBeforeRetry) {
      const found = await this.#recoverLostResponse().catch((error: unknown) => {
        throw error instanceof ConnectorError ? this.#stillUnknown(error) : error;
      });
      if (found !== undefined) return found;
      this.#checkBeforeRetry = false;
    }
    let response: HttpResponse;
    try {
      response = await this.#sendOnce();
    } catch (error) {
      if (error instanceof DeadlineExceeded) throw this.#noTimeLeft(error);
      if (!(error instanceof TransportError)) throw error;
      return this.#onTransportError(error);
    }
    return this.#onResponse(response);
  }

  async #sendOnce(): Promise<HttpResponse> {
    const acquired = this.#limiter.acquire(this.#deadlineAtInMs, this.#request.signal);
    if (acquired !== undefined) await acquired;
    try {
      const credential = this.#authenticator.credential({
        deadlineAtInMs: this.#deadlineAtInMs,
        signal: this.#request.signal,
      });
      this.#credential = credential instanceof Promise ? await credential : credential;
      // A request sent now would be aborted at once, with an unknown outcome.
      if (this.#platform.now() >= this.#deadlineAtInMs) throw new DeadlineExceeded();
      let request = this.#httpRequest(this.#credential);
      this.#sent += 1;
      const startedAtInMs = this.#platform.now();
      for (let followed = 0; ; followed += 1) {
        const response = await this.#platform.send(request);
        this.#log('debug', 'request_sent', {
          status: response.status,
          tookInMs: this.#platform.now() - startedAtInMs,
        });
        const url = followed < maxRedirects ? this.#redirect(request, response) : undefined;
        if (url === undefined) return response;
        request = { ...request, url, timeoutInMs: this.#timeoutInMs() };
      }
    } finally {
      this.#limiter.release();
    }
  }

  #httpRequest({ name, value }: Credential): HttpRequest {
    const { method, path, query, body, ifMatch, signal } = this.#request;
    const { baseUrl, maxResponseBytes } = this.#connection;
    const search = query === undefined ? '' : formatQuery(query);
    const headers: Record<string, string> = {
      accept: `${mediaType}, application/json;q=0.9`,
      [name]: value,
      'user-agent': 'rolecall',
    };
    if (body !== undefined) headers['content-type'] = mediaType;
    if (ifMatch !== undefined) headers['if-match'] = ifMatch;
    return {
      method,
      url: `${baseUrl}${path}${search === '' ? '' : `?${search}`}`,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      timeoutInMs: this.#timeoutInMs(),
      maxResponseBytes,
      ...(signal !== undefined && { signal }),
      redact: this.#authenticator.redact,
    };
  }

  #timeoutInMs(): number {
    const leftInMs = this.#deadlineAtInMs - this.#platform.now();
    const usableInMs =
      this.#request.recoverLostResponse === undefined ? leftInMs : leftInMs * (1 - shareOfLookUp);
    return Math.max(1, Math.floor(Math.min(this.#connection.timeoutInMs, usableInMs)));
  }

  /** The target of a redirect that may be followed; undefined for any other response. The token never leaves the origin. */
  #redirect(request: HttpRequest, { status, headers }: HttpResponse): string | undefined {
    if (!redirects.has(status)) return undefined;
    const target = URL.parse(headers.location ?? '', request.url);
    if (target === null || target.origin !== new URL(request.url).origin) return undefined;
    // RFC 9110 §15.4: a 301 or 302 may turn a POST into a GET, so only 307 and 308 carry a body on.
    const keepsMethod = status === 307 || status === 308 || request.method === 'GET';
    if (!keepsMethod) return undefined;
    // A username in the URL would replace the token.
    target.username = '';
    target.password = '';
    return target.href;
  }

  async #onResponse(response: HttpResponse): Promise<ScimResponse> {
    const { headers, body: text } = response;
    const read = readBody(text, headers['content-type'] ?? '', this.#request.method);
    const isOdd = response.status < 300 && read.kind === 'json' && looksLikeError(read.body);
    const stated = isOdd ? errorStatusIn(read.body) : undefined;
    const status = stated ?? response.status;
    if (this.#isRenewable(status)) throw new RetryAfter(0);
    // Some providers say 304 of a change that changes nothing. RFC 9110 §15.4.5 has it for reads only.
    if (status < 300 || (status === 304 && this.#request.method !== 'GET')) {
      if (read.kind === 'json') {
        this.#limiter.onSuccess();
        return { status, headers, body: read.body, attempts: this.#sent };
      }
      return this.#onUnreadableBody(response, read.kind);
    }
    const nowInMs = this.#platform.now();
    const retryAfterInMs = namedWaitInMs(status, headers, nowInMs);
    const outcome: Outcome = {
      kind: 'answered',
      status,
      isThrottled: isThrottled(status, headers),
      retryAfterInMs,
    };
    if (outcome.isThrottled) this.#limiter.onThrottled(unboundedWaitInMs(status, headers, nowInMs) ?? 0);
    const body = read.kind === 'json' ? read.body : undefined;
    return this.#decide(outcome, (isUnknown) => {
      if (redirects.has(status)) return this.#redirectError(response);
      return errorFromResponse(
        { status, headers, body, isHtml: read.kind === 'html' },
        { attempts: this.#sent, authenticator: this.#authenticator, retryAfterInMs, isUnknown },
      );
    });
  }

  /**
   * Whether the credential was rejected and can be renewed. Once in a row: a renewed one that is rejected, too, is wrong.
   */
  #isRenewable(status: number): boolean {
    if (this.#credential === undefined) return false;
    const canRenew =
      this.#authenticator.onResponse?.(this.#credential, status) === true && !this.#wasRejected;
    this.#wasRejected = status === 401;
    if (canRenew) this.#log('info', 'credential_rejected', { status, attempt: this.#sent });
    return canRenew;
  }

  /** A successful status with a body that is not JSON: HTML comes from a proxy, anything else was truncated. */
  #onUnreadableBody({ status, headers }: HttpResponse, kind: 'html' | 'invalid_json'): Promise<ScimResponse> {
    const outcome: Outcome = {
      kind: 'transport_error',
      maybeSent: true,
      isTransient: kind === 'invalid_json',
    };
    return this.#decide(outcome, (isUnknown) => {
      const parts = {
        status,
        attempts: this.#sent,
        requestId: requestIdOf(headers, this.#authenticator.redact),
      };
      const { what, nextStep } = kind === 'html' ? errorTexts.webPageInstead : errorTexts.invalidJson;
      return new ConnectorError('provider_fault', {
        ...parts,
        what,
        nextStep: isUnknown ? `${nextStep} ${errorParts.unknownOutcome}` : nextStep,
      });
    });
  }

  #redirectError({ status, headers }: HttpResponse): ConnectorError {
    const { location = '' } = headers;
    const target = URL.parse(location, this.#connection.baseUrl);
    const address =
      target === null || location === ''
        ? errorParts.invalidAddress
        : this.#authenticator.redact(`${target.origin}${target.pathname}`);
    return new ConnectorError('provider_fault', {
      ...fillError(errorTexts.redirected, { status, address }),
      status,
      attempts: this.#sent,
      requestId: requestIdOf(headers, this.#authenticator.redact),
    });
  }

  #onTransportError(cause: TransportError): Promise<ScimResponse> {
    const { maybeSent, isTransient, code } = cause;
    return this.#decide({ kind: 'transport_error', maybeSent, isTransient }, (isUnknown) => {
      const { what, nextStep } = fillError(errorTexts.noResponse, {
        host: new URL(this.#connection.baseUrl).host,
        attempts: attemptsText(this.#sent),
        reason: cause.message,
      });
      const steps: Readonly<Record<string, string>> = transportSteps;
      return new ConnectorError(code === 'TOO_LARGE' ? 'provider_fault' : 'unavailable', {
        what,
        nextStep: isUnknown ? errorParts.unknownOutcome : (steps[code] ?? nextStep),
        attempts: this.#sent,
        cause,
      });
    });
  }

  #noTimeLeft({ waitInMs }: DeadlineExceeded): ConnectorError {
    if (waitInMs === undefined) {
      return new ConnectorError('unavailable', {
        ...errorTexts.outOfTime,
        attempts: this.#sent,
      });
    }
    return new ConnectorError('rate_limited', {
      ...fillError(errorTexts.waitTooLong, { when: whenText(waitInMs) }),
      attempts: this.#sent,
      retryAfterInMs: waitInMs,
    });
  }

  /** The error of a lookup that failed: the outcome of the request stays unknown. */
  #stillUnknown(cause: ConnectorError): ConnectorError {
    return new ConnectorError(cause.code, {
      ...cause,
      nextStep: `${cause.nextStep} ${errorParts.unknownOutcome}`,
      attempts: this.#sent,
      cause,
    });
  }

  async #decide(
    outcome: Outcome,
    errorOf: (isUnknown: boolean) => ConnectorError,
  ): Promise<never | ScimResponse> {
    const nowInMs = this.#platform.now();
    const decision = decideRetry({
      idempotent: this.#idempotent,
      number: this.#sent,
      outcome,
      nowInMs,
      deadlineAtInMs: this.#deadlineAtInMs,
      random: this.#platform.random(),
    });
    const isHopeless =
      outcome.kind === 'answered' &&
      outcome.status === 500 &&
      this.#sent >= (this.#request.maxAttemptsOn500 ?? Number.POSITIVE_INFINITY);
    if (
      decision.kind === 'retry' &&
      !isHopeless &&
      (!decision.checkBeforeRetry || this.#request.recoverLostResponse !== undefined)
    ) {
      this.#checkBeforeRetry = decision.checkBeforeRetry;
      this.#log('debug', 'request_retried', { waitInMs: decision.waitInMs, attempt: this.#sent });
      throw new RetryAfter(decision.waitInMs);
    }
    const isUnknown = decision.kind === 'retry' ? decision.checkBeforeRetry : decision.isUnknown;
    const error = errorOf(isUnknown);
    return isUnknown ? await this.#recoverOnceMore(error) : Promise.reject(error);
  }

  async #recoverOnceMore(error: ConnectorError): Promise<ScimResponse> {
    const found = await this.#recoverLostResponse().catch(() => undefined);
    if (found === undefined) throw error;
    return found;
  }

  async #recoverLostResponse(): Promise<ScimResponse | undefined> {
    const found = await this.#request.recoverLostResponse?.(this.#deadlineAtInMs);
    if (found !== undefined) this.#log('info', 'lost_response_recovered', { attempt: this.#sent });
    return found === undefined ? undefined : { ...found, attempts: this.#sent };
  }

  #log(level: 'debug' | 'info', event: string, details: Record<string, unknown>): void {
    this.#platform.log({ level, event, method: this.#request.method, path: this.#request.path, ...details });
  }
}

/** Whether a body has what errors have and resources do not, so that it is worth reading as an error. */
function looksLikeError(body: unknown): boolean {
  return isRecord(body) && ('status' in body || 'detail' in body || 'Errors' in body);
}

type ReadBody =
  | { readonly kind: 'json'; readonly body: unknown }
  | { readonly kind: 'html' | 'invalid_json' };

/**
 * Reads a body by its content rather than by its content type, which providers and proxies get wrong. A change that is
 * confirmed in words, such as `OK`, has no body.
 */
function readBody(text: string, contentType: string, method: HttpMethod): ReadBody {
  if (text === '') return { kind: 'json', body: undefined };
  try {
    return { kind: 'json', body: JSON.parse(text) };
  } catch {
    if (text.trim() === '') return { kind: 'json', body: undefined };
    if (isHtml(text, contentType)) return { kind: 'html' };
    const isWords = method !== 'GET' && /^\s*[^\s{["]/.test(text);
    return isWords ? { kind: 'json', body: undefined } : { kind: 'invalid_json' };
  }
}
