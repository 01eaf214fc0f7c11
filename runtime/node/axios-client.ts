import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { AxiosError, AxiosRequestConfig } from 'axios';
import { plainHeaders } from '../../connector/http/plain-headers.ts';
import { timeOut, tooLarge, transportErrorOf } from '../../connector/http/transport-error.ts';
import { isLoopback } from '../../connector/is-loopback.ts';
import { type HttpRequest, type HttpResponse, TransportError } from '../../connector/platform.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { HttpClient } from './http-client-interface.ts';
import { longestTimerInMs } from './sleep.ts';

/** The used part of an axios instance. It does not name axios's types, so that axios need not be installed. */
export interface AxiosRequester {
  request(config: object): Promise<unknown>;
}

/**
 * Creates a client over the user's axios instance, with its interceptors, agents, proxies, and adapter. The guarantees of
 * the connector hold for every instance: the timeout and the abort signal end the wait, a large body is rejected,
 * redirects are not followed, requests to loopback bypass proxies, and errors contain no secrets.
 */
export function createAxiosClient(instance: AxiosRequester): HttpClient {
  return {
    send: (request) => sendOnce(instance, request),
    // The connections belong to the user.
    close: () => undefined,
  };
}

async function sendOnce(instance: AxiosRequester, request: HttpRequest): Promise<HttpResponse> {
  const { timeoutInMs, maxResponseBytes, signal } = request;
  const ended = new AbortController();
  const end = (): void => ended.abort();
  // axios's own timeout restarts with every byte, and an adapter can ignore both it and the signal.
  const timer = setTimeout(end, Math.min(timeoutInMs, longestTimerInMs));
  signal?.addEventListener('abort', end, { once: true });
  try {
    signal?.throwIfAborted();
    const response = await Promise.race([
      requestWith(instance, { ...configOf(request), signal: ended.signal }),
      rejectOnAbort(ended.signal),
    ]);
    if (Buffer.byteLength(response.body) > maxResponseBytes)
      throw transportErrorOf(tooLarge, maxResponseBytes);
    return response;
  } catch (error) {
    signal?.throwIfAborted();
    throw ended.signal.aborted ? timeOut(timeoutInMs) : toFailure(error, request);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

function configOf({ method, url, headers, body, maxResponseBytes }: HttpRequest): AxiosRequestConfig<string> {
  // axios strips characters that are invalid in headers. The request is not sent, because its meaning would change.
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  const unchanged = [(data: unknown) => data];
  return {
    method,
    url,
    baseURL: '',
    allowAbsoluteUrls: true,
    // axios would declare a form if a POST has no body.
    headers: { 'content-type': false, ...headers },
    ...(body !== undefined && { data: body }),
    maxRedirects: 0,
    maxContentLength: maxResponseBytes,
    maxBodyLength: Number.POSITIVE_INFINITY,
    responseType: 'text',
    transformRequest: unchanged,
    transformResponse: unchanged,
    ...(isLoopback(new URL(url).hostname) && { proxy: false }),
  };
}

/** Returns the response also if the instance rejects its status. Interceptors have seen the rejection by then. */
async function requestWith(
  instance: AxiosRequester,
  config: AxiosRequestConfig<string>,
): Promise<HttpResponse> {
  try {
    return readResponse(await instance.request(config));
  } catch (error) {
    const response = isAxiosError(error) && error.response;
    // If the connection closed early, there is a response without data.
    if (response && response.data !== undefined) return readResponse(response);
    throw error;
  }
}

function readResponse(response: unknown): HttpResponse {
  if (!isRecord(response) || typeof response.status !== 'number' || !isRecord(response.headers))
    throw new TypeError('an interceptor did not return a response');
  const { data } = response;
  const text =
    typeof data === 'string' ? data : data === undefined || data === null ? '' : JSON.stringify(data);
  return { status: response.status, headers: plainHeaders(response.headers), body: text };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function toFailure(error: unknown, { redact = noSecrets, maxResponseBytes }: HttpRequest): Error {
  if (error instanceof TransportError) return error;
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: error };
  if (isAxiosError(error) || code?.startsWith('ERR_'))
    return transportErrorOf(
      /maxContentLength/.test(String(message)) ? tooLarge : (code ?? 'EUNKNOWN'),
      maxResponseBytes,
    );
  return new TransportError(code ?? 'EAXIOS', `the axios instance failed: ${redact(String(message))}`, {
    maybeSent: true,
    isTransient: false,
  });
}

const noSecrets = (text: string): string => text;

function isAxiosError(error: unknown): error is AxiosError {
  return isRecord(error) && error.isAxiosError === true;
}
