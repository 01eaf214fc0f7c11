import { ConnectorError, type ErrorCode } from '../../connector/errors.ts';
import { codeFromResponse, requestIdOf } from '../../connector/http/error-from-response.ts';
import { isHtml } from '../../connector/http/is-html.ts';
import { createRedactor } from '../../connector/http/redact.ts';
import { namedWaitInMs } from '../../connector/http/retry-after.ts';
import { tooLarge } from '../../connector/http/transport-error.ts';
import {
  type HttpRequest,
  type HttpResponse,
  type Platform,
  TransportError,
} from '../../connector/platform.ts';
import { fill } from '../../schemas/fill.ts';
import { senderTexts } from './sender-texts.ts';

/** The API of a sender of events, and the next steps for its errors. */
export interface SenderApi {
  /** Its name in errors, such as "event stream". */
  readonly name: string;
  /** Its credential, which no error shows. */
  readonly token: string;
  readonly nextSteps: Partial<Readonly<Record<ErrorCode, string>>> & {
    readonly tooLarge: string;
    readonly otherwise: string;
  };
}

/** A request; the body is sent as JSON. */
export interface JsonRequest extends Pick<HttpRequest, 'method' | 'url' | 'headers'> {
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
}

const timeoutInMs = 30_000;
const maxResponseBytes = 32 * 1024 * 1024;

/** Sends one request for JSON. @throws ConnectorError if there is no response, or not a 2xx. */
export async function fetchFromSource(
  { send, now }: Pick<Platform, 'send' | 'now'>,
  api: SenderApi,
  { method, url, headers, body, signal }: JsonRequest,
): Promise<HttpResponse> {
  const response = await send({
    method,
    url,
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      'user-agent': 'rolecall',
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    timeoutInMs,
    maxResponseBytes,
    ...(signal !== undefined && { signal }),
  }).catch((error: unknown) => {
    throw error instanceof TransportError ? unreachable(api, error) : error;
  });
  if (response.status >= 200 && response.status < 300) return response;
  throw rejected(api, response, now());
}

/** When the sender responded, by its own clock; undefined if it does not say. */
export function sentAtInMs({ headers }: HttpResponse): number | undefined {
  const ms = Date.parse(headers.date ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** The error of a 2xx whose body is not what the API documents. @param what such as `The response has no "data".` */
export function unexpectedBody(
  { body, headers, status }: HttpResponse,
  what: string,
  nextStep: string,
): ConnectorError {
  return new ConnectorError('provider_fault', {
    what: isHtml(body, headers['content-type']) ? senderTexts.webPage : what,
    nextStep,
    status,
    attempts: 1,
  });
}

function rejected(
  { name, token, nextSteps }: SenderApi,
  response: HttpResponse,
  nowInMs: number,
): ConnectorError {
  const { status, headers } = response;
  const code = codeFromResponse({ status, headers, isHtml: isHtml(response.body, headers['content-type']) });
  return new ConnectorError(code, {
    what: fill(senderTexts.rejected, { sender: name, status }),
    nextStep: nextSteps[code] ?? nextSteps.otherwise,
    status,
    attempts: 1,
    requestId: requestIdOf(headers, createRedactor([token], '[token]')),
    retryAfterInMs: namedWaitInMs(status, headers, nowInMs),
  });
}

function unreachable({ name, nextSteps }: SenderApi, cause: TransportError): ConnectorError {
  const isTooLarge = cause.code === tooLarge;
  return new ConnectorError(isTooLarge ? 'provider_fault' : 'unavailable', {
    what: fill(senderTexts.silent, { sender: name, reason: cause.message }),
    nextStep: isTooLarge ? nextSteps.tooLarge : (nextSteps.unavailable ?? nextSteps.otherwise),
    attempts: 1,
    cause,
  });
}
