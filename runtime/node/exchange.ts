import { StringDecoder } from 'node:string_decoder';
import type { Dispatcher } from 'undici';
import { decodeBytes } from '../../connector/http/decode-bytes.ts';
import { plainHeaders } from '../../connector/http/plain-headers.ts';
import { timeOut, tooLarge, transportErrorOf } from '../../connector/http/transport-error.ts';
import type { HttpRequest, HttpResponse } from '../../connector/platform.ts';
import { decompressor } from './decompress.ts';
import type { Connection, Route } from './routes.ts';
import { longestTimerInMs } from './sleep.ts';

/**
 * Sends one request over a connection of the route, and reads the response. The timeout limits the time from the call to
 * the end of the response. The maximum size counts decompressed bytes.
 *
 * @throws TransportError, the signal's reason, or an error with a `code` of undici or of the system.
 */
export function exchange(route: Route, url: URL, request: HttpRequest): Promise<HttpResponse> {
  const { method, headers, body } = request;
  return new Promise((resolve, reject) => {
    const connection = route.take();
    connection.dispatch(
      {
        method,
        path: `${route.pathPrefix}${url.pathname}${url.search}`,
        headers: { ...route.headers, ...headers },
        body: body ?? null,
      },
      new ResponseReader(connection, request, resolve, reject),
    );
  });
}

/** Reads one response. It has callbacks because one more promise per request shows in the benchmark. */
class ResponseReader implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: unknown) => void;
  #timer: NodeJS.Timeout;
  readonly #abort = (): void => this.#fail(this.#request.signal?.reason);
  readonly #chunks: Buffer[] = [];
  /** Undefined once the connection has been returned. */
  #connection: Connection | undefined;
  #isDone = false;
  #status = 0;
  #headers: Record<string, string> = {};
  #sizeBytes = 0;

  constructor(
    connection: Connection,
    request: HttpRequest,
    resolve: (response: HttpResponse) => void,
    reject: (error: unknown) => void,
  ) {
    const { timeoutInMs, signal } = request;
    this.#connection = connection;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#fail(timeOut(timeoutInMs)), Math.min(timeoutInMs, longestTimerInMs));
    signal?.addEventListener('abort', this.#abort);
  }

  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number, headers: Parameters<typeof plainHeaders>[0]): void {
    // RFC 9110 §15.2: interim responses come before the response.
    if (status < 200) return;
    this.#status = status;
    this.#headers = plainHeaders(headers);
    if (this.#request.ignoresBody !== true) return;
    this.#resolve({ status, headers: this.#headers, body: '' });
    // The body is read and dropped, so that the connection can be used again, but nobody waits long for its end.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(timeOut(lingerInMs)), lingerInMs);
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes > this.#request.maxResponseBytes) this.#failTooLarge();
    else if (this.#request.ignoresBody !== true) this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#connection?.release();
    this.#connection = undefined;
    const decompress = this.#chunks.length > 0 ? decompressor(this.#headers['content-encoding']) : undefined;
    if (decompress === undefined) {
      this.#finish(this.#chunks);
      return;
    }
    decompress(Buffer.concat(this.#chunks), { maxOutputLength: this.#request.maxResponseBytes }).then(
      (body) => this.#finish([body]),
      (error) => {
        if (error.code === 'ERR_BUFFER_TOO_LARGE') this.#failTooLarge();
        else this.#fail(error);
      },
    );
  }

  onResponseError(_: unknown, error: Error): void {
    this.#fail(this.#status === 0 ? error : closedEarly());
  }

  #finish(chunks: readonly Buffer[]): void {
    if (this.#isDone) return;
    this.#end();
    const decoded = textOf(chunks);
    const text = decoded.includes('\ufffd') ? decodeBytes(chunks, this.#headers['content-type']) : decoded;
    this.#resolve({
      status: this.#status,
      headers: this.#headers,
      body: text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text,
    });
  }

  #failTooLarge(): void {
    this.#fail(transportErrorOf(tooLarge, this.#request.maxResponseBytes));
  }

  #fail(error: unknown): void {
    if (this.#isDone) return;
    this.#end();
    this.#connection?.destroy();
    this.#reject(error);
  }

  #end(): void {
    this.#isDone = true;
    clearTimeout(this.#timer);
    this.#request.signal?.removeEventListener('abort', this.#abort);
  }
}

/** Decodes chunk by chunk: with a copy of all its bytes, a large response would take twice the memory. */
function textOf(chunks: readonly Buffer[]): string {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first.toString();
  const decoder = new StringDecoder();
  return `${chunks.map((chunk) => decoder.write(chunk)).join('')}${decoder.end()}`;
}

const byteOrderMark = 0xfeff;

/** How long the body of a response is read that nobody needs, in milliseconds. */
const lingerInMs = 1_000;

function closedEarly(): Error {
  return Object.assign(new Error('The response is incomplete'), { code: 'ERR_BAD_RESPONSE' });
}
