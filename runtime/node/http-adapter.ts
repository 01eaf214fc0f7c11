import type { IncomingMessage } from 'node:http';
import type {
  AxiosAdapter,
  AxiosError,
  AxiosResponse,
  InternalAxiosRequestConfig,
  RawAxiosResponseHeaders,
} from 'axios';
import { abandonRequest } from './abandon-request.ts';
import { decompressor } from './decompress.ts';
import { createRoutes, type Route } from './routes.ts';
import { longestTimerInMs } from './sleep.ts';

/** An axios adapter that owns its connections. */
export interface HttpAdapter {
  readonly adapter: AxiosAdapter;
  /** Closes the idle connections. */
  close(): void;
}

/**
 * Creates an adapter in axios's contract over `node:http`, for the requests of this package: an absolute URL, a text body,
 * a text response. It keeps connections alive, uses the proxies of the environment, decompresses, and does not follow
 * redirects. `timeout` limits the time from the call to the end of the response. `maxContentLength` counts decompressed
 * bytes.
 *
 * @param maxSockets the maximum number of connections per host.
 */
export function createHttpAdapter(maxSockets: number): HttpAdapter {
  const routes = createRoutes(maxSockets);
  return {
    async adapter(config) {
      try {
        const url = new URL(config.url ?? '');
        const route = routes.to(url);
        const response = await exchange(config, url, route instanceof Promise ? await route : route);
        if (config.validateStatus?.(response.status) === false) throw refusedStatus(response);
        return response;
      } catch (error) {
        throw await toAxiosError(error, config);
      }
    },
    close: routes.close,
  };
}

/** Sends one request and reads the response. @throws Error with a `code` of axios or of the system */
function exchange(
  config: InternalAxiosRequestConfig,
  url: URL,
  route: Route,
): Promise<AxiosResponse<string>> {
  const { method, data, signal, timeout = 0 } = config;
  return new Promise((resolve, reject) => {
    const request = route.request({
      ...route.options,
      method: method?.toUpperCase(),
      path: `${route.pathPrefix}${url.pathname}${url.search}`,
      headers: headersOf(config, route),
    });
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener?.('abort', cancel);
    };
    const fail = (error: Error): void => {
      end();
      abandonRequest(request);
      reject(error);
    };
    const cancel = (): void => fail(failure('ERR_CANCELED', 'canceled'));
    const expire = (): void => fail(failure('ETIMEDOUT', `timeout of ${timeout}ms exceeded`));
    const timer = timeout > 0 ? setTimeout(expire, Math.min(timeout, longestTimerInMs)) : undefined;
    request.on('error', fail);
    request.on('response', (response: IncomingMessage) => {
      const { statusCode = 0, statusMessage = '' } = response;
      const headers = response.headers as RawAxiosResponseHeaders;
      const succeed = (text: string): void => {
        end();
        resolve({ data: text, status: statusCode, statusText: statusMessage, headers, config, request });
      };
      readText(response, config.maxContentLength ?? -1, succeed, fail);
    });
    if (signal?.aborted === true) cancel();
    else signal?.addEventListener?.('abort', cancel);
    request.end(data);
  });
}

/** The headers as a flat list of names and values. Node writes a list as it is, but copies an object. */
function headersOf({ headers, data }: InternalAxiosRequestConfig, route: Route): string[] {
  const given = typeof headers.toJSON === 'function' ? lowerCased(headers.toJSON()) : headers;
  const lines: string[] = [];
  for (const name in route.headers) if (!(name in given)) lines.push(name, route.headers[name] ?? '');
  for (const name in given) lines.push(name, String(given[name]));
  if (data !== undefined && data !== null) lines.push('content-length', String(Buffer.byteLength(data)));
  return lines;
}

function lowerCased(headers: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Reads a body. It uses callbacks because one more promise per request shows in the benchmark. */
function readText(
  response: IncomingMessage,
  maxResponseBytes: number,
  succeed: (text: string) => void,
  fail: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const failTooLarge = (): void =>
    fail(failure('ERR_BAD_RESPONSE', `maxContentLength size of ${maxResponseBytes} exceeded`));
  const finish = (body: Buffer): void => {
    const text = body.toString();
    succeed(text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text);
  };
  response.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (maxResponseBytes >= 0 && sizeBytes > maxResponseBytes) failTooLarge();
    else chunks.push(chunk);
  });
  response.on('error', () => fail(failure('ERR_BAD_RESPONSE', 'stream has been aborted')));
  response.on('end', () => {
    const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    const decompress = body.length > 0 && decompressor(response.headers['content-encoding']);
    if (!decompress) {
      finish(body);
      return;
    }
    decompress(body, maxResponseBytes >= 0 ? { maxOutputLength: maxResponseBytes } : {}).then(
      finish,
      (error) => {
        if (error.code === 'ERR_BUFFER_TOO_LARGE') failTooLarge();
        else fail(error);
      },
    );
  });
}

const byteOrderMark = 0xfeff;

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function refusedStatus(response: AxiosResponse): Error {
  const code = response.status < 500 ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE';
  return Object.assign(failure(code, `Request failed with status code ${response.status}`), { response });
}

/** The error that axios's contract requires. axios is loaded only for errors, because that takes longer than a request. */
async function toAxiosError(error: unknown, config: InternalAxiosRequestConfig): Promise<AxiosError> {
  const { AxiosError, CanceledError } = await import('axios');
  const cause = error as Error & { readonly code?: string; readonly response?: AxiosResponse };
  if (cause.code === 'ERR_CANCELED') return new CanceledError(undefined, config);
  return AxiosError.from(cause, cause.code, config, cause.response?.request, cause.response);
}
