import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { plainHeaders } from '../../connector/http/plain-headers.ts';
import { timeOut, tooLarge, transportErrorOf } from '../../connector/http/transport-error.ts';
import type { HttpRequest, HttpResponse, TransportError } from '../../connector/platform.ts';
import { createHttpAdapter } from './http-adapter.ts';

/** Sends requests over keep-alive connections, one attempt each. */
export interface HttpClient {
  readonly send: (request: HttpRequest) => Promise<HttpResponse>;
  /** Closes the idle connections. */
  close(): void;
}

/** Creates a client over our own adapter, with a maximum number of sockets per host. */
export function createHttpClient(maxSockets: number): HttpClient {
  const { adapter, close } = createHttpAdapter(maxSockets);
  return {
    async send({ method, url, headers, body, timeoutInMs, maxResponseBytes, signal }) {
      // Only the contract of axios's adapters is used: the defaults, transforms, and interceptors around it would change
      // nothing here, and cost more than the rest of the connector.
      const config = {
        method,
        url,
        headers,
        data: body,
        timeout: timeoutInMs,
        maxContentLength: maxResponseBytes,
        signal,
      } as unknown as InternalAxiosRequestConfig;
      try {
        return toHttpResponse(await adapter(config));
      } catch (error) {
        signal?.throwIfAborted();
        const cause = error as AxiosError;
        throw /^timeout /.test(cause.message)
          ? timeOut(timeoutInMs)
          : toTransportError(cause, maxResponseBytes);
      }
    },
    close,
  };
}

/** The used part of an axios response. */
export function toHttpResponse({ status, headers, data }: AxiosResponse<string>): HttpResponse {
  return { status, headers: plainHeaders(headers), body: data };
}

/** An axios error contains the request with its token, so only its code is passed on. */
export function toTransportError({ code, message }: AxiosError, maxResponseBytes: number): TransportError {
  return transportErrorOf(
    /maxContentLength/.test(message) ? tooLarge : (code ?? 'EUNKNOWN'),
    maxResponseBytes,
  );
}
