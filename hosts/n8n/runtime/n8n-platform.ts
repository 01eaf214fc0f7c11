import type { Connection } from '../../../connector/connection.ts';
import { plainHeaders } from '../../../connector/http/plain-headers.ts';
import { timeOut, tooLarge, transportErrorOf } from '../../../connector/http/transport-error.ts';
import {
  type HttpRequest,
  type HttpResponse,
  type LogEntry,
  type Platform,
  RetryAfter,
  TransportError,
} from '../../../connector/platform.ts';
import { createNodeCrypto } from '../../../runtime/node/crypto.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { credentialTypes } from '../credential-types.ts';
import type { CredentialData } from './credentials.ts';
import type {
  N8nFunctions,
  N8nHttpOptions,
  N8nHttpResponse,
  N8nSleep,
  N8nTestFunctions,
} from './n8n-functions.ts';

/** Sends one request with n8n's HTTP helper. */
export type N8nSend = (options: N8nHttpOptions) => Promise<N8nHttpResponse>;

/** Sends with a credential of the node: n8n adds the header, in place of the connector's own. */
export function authenticated(
  functions: N8nFunctions,
  { auth }: Pick<Connection, 'auth'>,
  data: CredentialData,
): N8nSend {
  const header = auth.type === 'header' ? auth.headerName.toLowerCase() : 'authorization';
  return ({ headers: { [header]: _, ...headers }, ...options }) =>
    functions.helpers.httpRequestWithAuthentication.call(
      functions,
      credentialTypes[auth.type].name,
      { ...options, headers },
      { credentialsDecrypted: { data } },
    );
}

/** Sends without a credential, to servers other than the provider. */
export function unauthenticated({ helpers }: N8nFunctions): N8nSend {
  return (options) => helpers.httpRequest(options);
}

/** Sends from the test of a credential, for which n8n has only the helper of its older nodes. */
export function sendFromTest({ helpers }: N8nTestFunctions): N8nSend {
  return ({ url, method, headers, body, timeout }) =>
    helpers.request({
      uri: url,
      method,
      headers,
      ...(body !== undefined && { body }),
      timeout,
      useStream: true,
      resolveWithFullResponse: true,
      simple: false,
      followRedirect: false,
    });
}

/** The platform services of n8n: HTTP helper, sleep, log. */
export function createN8nPlatform(
  functions: Pick<N8nFunctions, 'logger'>,
  n8nSend: N8nSend,
  n8nSleep: N8nSleep,
): Platform {
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    signal === undefined ? n8nSleep(ms) : untilAborted(n8nSleep(ms), signal);

  return {
    send: (request) => send(n8nSend, request),
    async retry(attempt, signal) {
      for (let number = 1; ; number += 1) {
        try {
          return await attempt(number);
        } catch (error) {
          if (!(error instanceof RetryAfter)) throw error;
          await sleep(error.waitInMs, signal);
        }
      }
    },
    sleep,
    now: Date.now,
    random: Math.random,
    crypto: createNodeCrypto(),
    log: (entry) => log(functions, entry),
  };
}

async function send(
  n8nSend: N8nSend,
  { method, url, headers, body, timeoutInMs, maxResponseBytes, signal }: HttpRequest,
): Promise<HttpResponse> {
  const timer = AbortSignal.timeout(timeoutInMs);
  const limit = signal === undefined ? timer : AbortSignal.any([timer, signal]);
  try {
    // n8n's own timeout restarts with every byte, and in an execution, n8n replaces our signal with its own.
    const response = await untilAborted(
      n8nSend({
        method,
        url,
        headers,
        ...(body !== undefined && { body }),
        encoding: 'stream',
        returnFullResponse: true,
        ignoreHttpStatusErrors: true,
        disableFollowRedirect: true,
        timeout: timeoutInMs,
        abortSignal: limit,
      }),
      limit,
      discard,
    );
    return {
      status: response.statusCode,
      headers: plainHeaders(response.headers),
      body: await readText(response.body, maxResponseBytes, limit),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (timer.aborted) throw timeOut(timeoutInMs);
    throw toTransportError(error, maxResponseBytes);
  }
}

function discard({ body }: N8nHttpResponse): void {
  if (isRecord(body) && typeof body.destroy === 'function') body.destroy();
}

/** n8n wraps the errors of its HTTP library; the system's error code is nested, or n8n itself rejected the request. */
function toTransportError(error: unknown, maxResponseBytes: number): unknown {
  if (error instanceof TransportError) return error;
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; depth += 1) {
    if ('code' in cause && typeof cause.code === 'string')
      return transportErrorOf(cause.code, maxResponseBytes);
    cause = cause.cause;
  }
  return error;
}

function log({ logger }: Pick<N8nFunctions, 'logger'>, { level, event, ...detail }: LogEntry): void {
  // By default, n8n's log shows only the text.
  logger[level](level === 'warn' ? `SCIM: ${event} ${JSON.stringify(detail)}` : `SCIM: ${event}`, detail);
}

/** Reads a body in any form that n8n returns, up to a limit. Stops when the signal is aborted. */
export async function readText(
  body: unknown,
  maxResponseBytes: number,
  signal: AbortSignal,
): Promise<string> {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  if (!isByteStream(body)) return JSON.stringify(body);
  const decoder = new TextDecoder();
  let text = '';
  let sizeBytes = 0;
  const stop = (): unknown => body.destroy?.(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of body) {
      sizeBytes += chunk.length;
      // Leaving the loop closes the stream, and with it the connection.
      if (sizeBytes > maxResponseBytes) throw transportErrorOf(tooLarge, maxResponseBytes);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

type ByteStream = AsyncIterable<Uint8Array> & { destroy?(error?: unknown): unknown };

function isByteStream(body: object): body is ByteStream {
  return Symbol.asyncIterator in body;
}

/** The result of a promise. If the signal is aborted first, throws its reason, and passes a late result to `abandon`. */
export function untilAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
  abandon: (late: Value) => void = () => undefined,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason);
      promise.then(abandon, () => undefined);
    };
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
