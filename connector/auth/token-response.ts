import { isRecord } from '../../schemas/is-record.ts';
import { isBearerToken } from '../auth-problems.ts';
import {
  attemptsText,
  detailText,
  type ErrorText,
  errorParts,
  errorTexts,
  fillError,
  whenText,
} from '../error-texts.ts';
import { ConnectorError, type ErrorCode } from '../errors.ts';
import type { OAuthClientCredentialsAuth } from '../generated/types.ts';
import { providerText, requestIdOf } from '../http/error-from-response.ts';
import { isHtml } from '../http/is-html.ts';
import { isThrottled, namedWaitInMs } from '../http/retry-after.ts';
import type { Outcome } from '../http/retry-policy.ts';
import type { HttpResponse } from '../platform.ts';

/** An access token, as issued. */
export interface AccessToken {
  readonly value: string;
  /** Infinity if the response does not say: the token is then used until the provider rejects it. */
  readonly lifetimeInMs: number;
}

/** A token endpoint, and the client that uses it. */
export interface TokenEndpoint {
  readonly auth: Readonly<OAuthClientCredentialsAuth>;
  /** Of one attempt, in milliseconds. */
  readonly timeoutInMs: number;
  redact(text: string): string;
}

/** The result of one attempt; after an error, the policy decides by the outcome whether there is another. */
export type TokenResult =
  | { readonly token: AccessToken }
  | { readonly outcome: Outcome; readonly error: ConnectorError };

/** Reads the response of a token endpoint: a token (RFC 6749 §5.1), or what went wrong (§5.2). */
export function readTokenResponse(
  response: HttpResponse,
  endpoint: TokenEndpoint,
  { attempts, nowInMs }: { readonly attempts: number; readonly nowInMs: number },
): TokenResult {
  const { status, headers } = response;
  const body = readObject(response.body);
  const token = status < 300 ? readToken(body) : undefined;
  if (typeof token === 'object') return { token };

  const retryAfterInMs = namedWaitInMs(status, headers, nowInMs);
  const said = detailOf(body, endpoint);
  const { code, text, isTransient } = failureOf(response, {
    body,
    reason: token ?? '',
    address: addressOf(response, endpoint),
    attempts: attemptsText(attempts),
    when: whenText(retryAfterInMs),
    detail: detailText(said),
    scope: endpoint.auth.scope === undefined ? '' : ` "${endpoint.auth.scope}"`,
  });
  return {
    outcome: {
      kind: 'answered',
      status: isTransient === true ? 503 : status,
      isThrottled: isThrottled(status, headers),
      retryAfterInMs,
    },
    error: new ConnectorError(code, {
      ...text,
      status,
      detail: said,
      attempts,
      requestId: requestIdOf(headers, endpoint.redact),
      retryAfterInMs,
    }),
  };
}

/** What failed. */
interface Failure {
  readonly code: ErrorCode;
  readonly text: ErrorText;
  /** Set if it is transient, although the status does not say so. */
  readonly isTransient?: boolean;
}

/** What is filled into the texts of failures. */
interface FailureParts {
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly reason: string;
  readonly address: string;
  readonly attempts: string;
  readonly when: string;
  readonly detail: string;
  readonly scope: string;
}

function failureOf({ status, headers, body: text }: HttpResponse, parts: FailureParts): Failure {
  const { body } = parts;
  const values = { ...parts, status };
  const isWebPage = body === undefined && isHtml(text, headers['content-type']);
  const word = typeof body?.error === 'string' ? body.error : '';
  if (isThrottled(status, headers))
    return { code: 'rate_limited', text: fillError(errorTexts.tokenRequestsLimited, values) };
  const rejection = rejections.get(word);
  if (rejection !== undefined) return { ...rejection, text: fillError(rejection.text, values) };
  switch (status) {
    // RFC 6749 §5.2: 401 is for clients that cannot be authenticated.
    case 401:
      return { code: 'auth', text: fillError(errorTexts.clientRejected, values) };
    case 404:
    case 405:
    case 410:
    case 501:
      return { code: 'provider_fault', text: fillError(errorTexts.tokenEndpointMissing, values) };
  }
  if (status >= 500 || status === 408)
    return { code: 'unavailable', text: fillError(errorTexts.tokenEndpointDown, values) };
  if (status >= 300 && status < 400)
    return { code: 'provider_fault', text: fillError(errorTexts.tokenRequestRedirected, values) };
  if (isWebPage) return { code: 'provider_fault', text: errorTexts.tokenEndpointHtml };
  if (status >= 400) return { code: 'auth', text: fillError(errorTexts.tokenRequestRejected, values) };
  // A body that is no JSON was cut short on its way.
  const isTransient = text.trim() !== '' && !isJson(text);
  return { code: 'provider_fault', text: fillError(errorTexts.notATokenResponse, values), isTransient };
}

/** The errors of RFC 6749 §5.2 and RFC 8707 §2, and what Auth0 and Entra ID call the same. */
const rejections: ReadonlyMap<string, Failure> = new Map<string, Failure>([
  ['invalid_client', { code: 'auth', text: errorTexts.clientRejected }],
  ['unauthorized_client', { code: 'forbidden', text: errorTexts.clientNotAllowed }],
  ['access_denied', { code: 'forbidden', text: errorTexts.clientNotAllowed }],
  ['invalid_scope', { code: 'forbidden', text: errorTexts.scopeRejected }],
  ['invalid_target', { code: 'auth', text: errorTexts.audienceRejected }],
  ['invalid_resource', { code: 'auth', text: errorTexts.audienceRejected }],
  ['unsupported_grant_type', { code: 'unsupported', text: errorTexts.grantUnsupported }],
  // RFC 6749 §4.1.2.1 defines these for redirects, which have no status; some servers send them with a 400.
  ['temporarily_unavailable', { code: 'unavailable', text: errorTexts.tokenEndpointDown, isTransient: true }],
  ['server_error', { code: 'unavailable', text: errorTexts.tokenEndpointDown, isTransient: true }],
]);

function addressOf({ headers }: HttpResponse, { auth, redact }: TokenEndpoint): string {
  const target = URL.parse(headers.location ?? '', auth.tokenUrl);
  return target === null ? errorParts.invalidAddress : redact(`${target.origin}${target.pathname}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value: unknown = isJson(text) ? JSON.parse(text) : undefined;
  return isRecord(value) ? value : undefined;
}

/** The token of a response (RFC 6749 §5.1), or why it has none. */
function readToken(body: Readonly<Record<string, unknown>> | undefined): AccessToken | string {
  if (body === undefined) return errorParts.noObject;
  const { access_token: value, token_type: type, expires_in: lifetime } = body;
  if (typeof value !== 'string' || value === '') return errorParts.noAccessToken;
  // The type is required, but a response without one can only mean a bearer token: nothing else was requested.
  if (type !== undefined && String(type).toLowerCase() !== 'bearer') return errorParts.notABearerToken;
  if (!isBearerToken(value)) return errorParts.invalidTokenText;
  return { value, lifetimeInMs: readLifetime(lifetime) };
}

/** Some servers send the seconds as text, and 0 or -1 for tokens that do not expire. */
function readLifetime(given: unknown): number {
  const seconds = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : Number.POSITIVE_INFINITY;
}

function detailOf(
  body: Readonly<Record<string, unknown>> | undefined,
  { redact }: TokenEndpoint,
): string | undefined {
  const said = [body?.error_description, body?.error, body?.message].find(
    (text) => typeof text === 'string' && text !== '',
  );
  return typeof said === 'string' ? providerText(said, redact) : undefined;
}
