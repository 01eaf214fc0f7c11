import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { PushReply, PushRequest } from '../../triggers/sources/source.ts';
import { readBytes } from './read-bytes.ts';

/** What {@link startPushServer} is told. */
export interface PushServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** The address of this machine to listen at, such as `127.0.0.1`. */
  readonly host: string;
  /** What takes the requests to `/KEY`, by the key. When it throws, the sender is told to try later. */
  readonly sources: ReadonlyMap<string, (request: PushRequest) => Promise<PushReply>>;
}

/** A server that listens. */
export interface PushServer {
  /** `http://127.0.0.1:49152` */
  readonly origin: string;
  /**
   * Takes no new requests, completes those in flight, then resolves. Closing twice is closing once.
   *
   * @param abort breaks off those that are still in flight.
   */
  close(abort: AbortSignal): Promise<void>;
}

// An event is some kilobytes; Okta packs a hundred of them into one request.
const maxResponseBytes = 1_048_576;
const headersTimeoutInMs = 10_000;
const requestTimeoutInMs = 30_000;
/** How often the two are looked after. */
const checkEveryInMs = 1_000;

/**
 * Serves `POST /KEY` for every source, and `GET /healthz`. The body goes on as the bytes that came, and a header that
 * came twice as two values: signatures are about these.
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
        // A connection that is kept alive would hold up close().
        if (!server.listening) response.shouldKeepAlive = false;
        send(response, reply);
      },
      // The sender went away while it sent: nobody is there to be answered.
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
  const body = await readBytes(request, maxResponseBytes);
  if (receive === undefined) return plain(404, 'No source at this path.');
  if (body === undefined) return plain(413, `A request can have at most ${maxResponseBytes} bytes.`);
  try {
    return await receive({
      method: request.method ?? 'GET',
      headers: request.headersDistinct as PushRequest['headers'],
      body,
    });
  } catch {
    // Who receives has told why; here it only matters that the sender sends it again.
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
    const breakOff = (): void => server.closeAllConnections();
    abort.addEventListener('abort', breakOff, { once: true });
    server.close(() => {
      abort.removeEventListener('abort', breakOff);
      resolve();
    });
    if (abort.aborted) breakOff();
  });
}
