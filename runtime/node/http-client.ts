import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type AxiosAdapter, AxiosError, AxiosHeaders, type AxiosResponse, getAdapter } from 'axios';
import { plainHeaders } from '../../connector/http/plain-headers.ts';
import { timeOut, tooLarge, transportErrorOf } from '../../connector/http/transport-error.ts';
import type { HttpRequest, HttpResponse } from '../../connector/platform.ts';

/** Sends requests over kept-alive connections, one try each. */
export interface HttpClient {
  readonly send: (request: HttpRequest) => Promise<HttpResponse>;
  /** Closes the idle connections. */
  close(): void;
}

/** Makes a sender over axios, with so many sockets to a host at the most. */
export function createHttpClient(maxSockets: number): HttpClient {
  const options = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets };
  const httpAgent = new HttpAgent(options);
  const httpsAgent = new HttpsAgent(options);
  // Of axios only the adapter is called: the defaults, transforms and interceptors around it would change nothing
  // here, and cost more than all the rest of the connector.
  const adapter = getAdapter('http');
  const shared = {
    httpAgent,
    httpsAgent,
    maxRedirects: 0,
    maxBodyLength: Number.POSITIVE_INFINITY,
    responseType: 'text',
  } as const;
  return {
    send: (request) => sendOnce((config) => adapter({ ...shared, ...config }), request),
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

async function sendOnce(
  adapter: AxiosAdapter,
  { method, url, headers, body, timeoutInMs, maxResponseBytes, signal }: HttpRequest,
): Promise<HttpResponse> {
  // axios's own time-out starts anew with every byte, so a slow body would never end.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutInMs);
  const stop = (): void => limit.abort();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    signal?.throwIfAborted();
    const response: AxiosResponse<string> = await adapter({
      method,
      url,
      headers: new AxiosHeaders(headers),
      data: body,
      maxContentLength: maxResponseBytes,
      signal: limit.signal,
    });
    return { status: response.status, headers: plainHeaders(response.headers), body: response.data };
  } catch (error) {
    signal?.throwIfAborted();
    throw limit.signal.aborted ? timeOut(timeoutInMs) : toTransportError(error, maxResponseBytes);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

// The axios error holds the request with its token, so that nothing of it but the code goes on.
function toTransportError(error: unknown, maxResponseBytes: number): unknown {
  if (!(error instanceof AxiosError)) return error;
  return transportErrorOf(
    /maxContentLength/.test(error.message) ? tooLarge : (error.code ?? 'EUNKNOWN'),
    maxResponseBytes,
  );
}
