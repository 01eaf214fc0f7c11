import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { PushReply, PushRequest } from '../../triggers/sources/source.ts';

/** The options of {@link startPushServer}. */
export interface PushServerOptions {
  /** 0 picks any free port. */
  readonly port: number;
  /** The local address to listen on, such as `127.0.0.1`. */
  readonly host: string;
  /** The handlers of requests to `/KEY`, by key. If one throws, the sender is asked to retry later. */
  readonly sources: ReadonlyMap<string, (request: PushRequest) => Promise<PushReply>>;
}

/** A running server. */
export interface PushServer {
  /** `http://127.0.0.1:49152` */
  readonly origin: string;
  /**
   * Accepts no new requests, completes those in progress, then resolves. Can be called more than once.
   *
   * @param abort - aborts the requests in progress
   */
  close(abort: AbortSignal): Promise<void>;
}

// An event has a few kilobytes; Okta sends up to a hundred of them in one request.
const maxRequestBytes = 1_048_576;
const headersTimeoutInMs = 10_000;
const requestTimeoutInMs = 30_000;
/** How often both timeouts are checked. */
const checkEveryInMs = 1_000;

/**
 * Serves `POST /KEY` for every source, and `GET /healthz`. A handler gets the raw bytes of the body, and every value of
 * a repeated header: signatures cover both.
 */
export async function startPushServer(options: PushServerOptions): Promise<PushServer> {
  const server = createServer({
    headersTimeout: headersTimeoutInMs,
    requestTimeout: requestTimeoutInMs,
    connectionsCheckingInterval: checkEveryInMs,
  });
  server.on('request', (request, response) => {
    answer(request, options.sources).then(
      (reply) => {
        // A kept-alive connection would delay close().
        if (!server.listening) response.shouldKeepAlive = false;
        send(response, reply);
      },
      // The sender disconnected while it sent: no one is left to respond to.
      () => response.destroy(),
    );
  });
  const origin = await listen(server, options);
  let closed: Promise<void> | undefined;
  return {
    origin,
    close(abort) {
      closed ??= closeServer(server, abort);
      return closed;
    },
  };
}

async function answer(request: IncomingMessage, sources: PushServerOptions['sources']): Promise<PushReply> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (path === '/healthz') return plain(200, 'ok');
  const receive = sources.get(path.slice(1));
  const body = await readBytes(request, maxRequestBytes);
  if (receive === undefined) return plain(404, 'No source at this path.');
  if (body === undefined) return plain(413, `A request can have at most ${maxRequestBytes} bytes.`);
  try {
    return await receive({
      method: request.method ?? 'GET',
      headers: request.headersDistinct as PushRequest['headers'],
      body,
    });
  } catch {
    // The handler has logged the reason; what matters here is that the sender retries.
    return plain(503, 'The request could not be stored. Retry later.', { 'retry-after': '10' });
  }
}

function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): PushReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: `${text}\n` };
}

function send(response: ServerResponse, { status, headers, body }: PushReply): void {
  response.statusCode = status;
  response.setHeaders(new Map(Object.entries(headers)));
  response.end(body);
}

function listen(server: Server, { port, host }: PushServerOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { port: actual } = server.address() as AddressInfo;
      resolve(`http://${isIPv6(host) ? `[${host}]` : host}:${actual}`);
    });
  });
}

function closeServer(server: Server, abort: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const closeAll = (): void => server.closeAllConnections();
    abort.addEventListener('abort', closeAll, { once: true });
    server.close(() => {
      abort.removeEventListener('abort', closeAll);
      resolve();
    });
    if (abort.aborted) closeAll();
  });
}

/**
 * Reads a request's body; undefined when it is longer than the limit. A body that is too long is still read to its end,
 * and dropped, since a client that is cut off while it sends never sees the response.
 */
export async function readBytes(
  chunks: AsyncIterable<Uint8Array | string>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  let kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    length += bytes.length;
    if (length > maxBytes) kept = [];
    else kept.push(bytes);
  }
  return length > maxBytes ? undefined : Buffer.concat(kept);
}
