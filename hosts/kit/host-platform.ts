import { decodeBytes } from '../../connector/http/decode-bytes.ts';
import { plainHeaders } from '../../connector/http/plain-headers.ts';
import { timeOut, tooLarge, transportErrorOf } from '../../connector/http/transport-error.ts';
import {
  type HttpRequest,
  type HttpResponse,
  type Platform,
  RetryAfter,
  TransportError,
} from '../../connector/platform.ts';
import { createNodeCrypto } from '../../runtime/node/crypto.ts';
import { isRecord } from '../../schemas/is-record.ts';

/** What a host supplies to its platform. */
export interface HostServices extends Pick<Platform, 'log'> {
  /** Sends one request with the HTTP client of the host: without redirects, retries, and errors for a status. */
  send(request: Omit<HttpRequest, 'signal'> & { readonly signal: AbortSignal }): Promise<HostResponse>;
  /** Resolves after a number of milliseconds. */
  sleep(ms: number): Promise<unknown>;
}

/** A response of the host's HTTP client, whose body may be a stream. */
export interface HostResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Creates the platform of a host that runs JavaScript. */
export function createHostPlatform({ send, sleep, log }: HostServices): Platform {
  const wait = async (ms: number, signal?: AbortSignal): Promise<void> => {
    await (signal === undefined ? sleep(ms) : untilAborted(sleep(ms), signal));
  };
  return {
    send: (request) => sendOnce(send, request),
    async retry(attempt, signal) {
      for (let number = 1; ; number += 1) {
        try {
          return await attempt(number);
        } catch (error) {
          if (!(error instanceof RetryAfter)) throw error;
          await wait(error.waitInMs, signal);
        }
      }
    },
    sleep: wait,
    now: Date.now,
    random: Math.random,
    crypto: createNodeCrypto(),
    log,
  };
}

async function sendOnce(
  hostSend: HostServices['send'],
  { signal, ...request }: HttpRequest,
): Promise<HttpResponse> {
  const { timeoutInMs, maxResponseBytes } = request;
  const timer = AbortSignal.timeout(timeoutInMs);
  const limit = signal === undefined ? timer : AbortSignal.any([timer, signal]);
  try {
    // The timeout of an HTTP client often restarts with every byte, and a host can ignore the signal.
    const response = await untilAborted(hostSend({ ...request, signal: limit }), limit, discard);
    const headers = plainHeaders(response.headers);
    return {
      status: response.status,
      headers,
      body: await readText(response.body, headers['content-type'], maxResponseBytes, limit),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (timer.aborted) throw timeOut(timeoutInMs);
    throw toTransportError(error, maxResponseBytes);
  }
}

function discard({ body }: HostResponse): void {
  if (isRecord(body) && typeof body.destroy === 'function') body.destroy();
}

/** Hosts wrap the errors of their HTTP client: the system's error code is nested, or the host itself rejected the request. */
function toTransportError(error: unknown, maxResponseBytes: number): unknown {
  if (error instanceof TransportError) return error;
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; depth += 1) {
    const code = codeOf(cause);
    if (code !== undefined) return transportErrorOf(code, maxResponseBytes);
    cause = cause.cause;
  }
  return error;
}

function codeOf(error: Error): string | undefined {
  // The Fetch standard blocks ports, and the error of Node for it has no code.
  if (error.message === 'bad port') return 'BAD_PORT';
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Reads a body in any form that a host returns, up to a limit. Stops when the signal is aborted. */
async function readText(
  body: unknown,
  contentType: string | undefined,
  maxResponseBytes: number,
  signal: AbortSignal,
): Promise<string> {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  if (!isByteStream(body)) return JSON.stringify(body);
  const decoder = new TextDecoder();
  const chunks: Uint8Array[] = [];
  let text = '';
  let sizeBytes = 0;
  const stop = (): unknown => body.destroy?.(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of body) {
      sizeBytes += chunk.length;
      // Leaving the loop closes the stream, and with it the connection.
      if (sizeBytes > maxResponseBytes) throw transportErrorOf(tooLarge, maxResponseBytes);
      chunks.push(chunk);
      text += decoder.decode(chunk, { stream: true });
    }
    text += decoder.decode();
    return text.includes('\ufffd') ? decodeBytes(chunks, contentType) : text;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

type ByteStream = AsyncIterable<Uint8Array> & { destroy?(error?: unknown): unknown };

function isByteStream(body: object): body is ByteStream {
  return Symbol.asyncIterator in body;
}

/** The result of a promise. If the signal is aborted first, throws its reason, and passes a late result to `abandon`. */
function untilAborted<Value>(
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
