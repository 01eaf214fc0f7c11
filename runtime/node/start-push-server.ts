import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Platform } from '../../connector/platform.ts';
import type { PushReply, PushRequest, PushRequestHead, Received } from '../../triggers/sources/source.ts';
import { bodyTooLarge, maxMessageBytes } from '../../triggers/sources/webhook-auth/request-checks.ts';
import { listen } from './listen.ts';
import { createRejectionLog, type RejectionLog } from './rejection-log.ts';

/** What receives the requests of one source, or of subscribers. */
export interface PushEndpoint {
  /** How the log names it. Default: its key. */
  readonly origin?: string | undefined;
  /** Rejects a request before its body is read. Undefined: the body is worth reading. */
  checkHead(head: PushRequestHead): Extract<Received, { readonly kind: 'refused' }> | undefined;
  /** Stores the events of a request. If it throws, the sender is asked to retry later. */
  receive(request: PushRequest): Promise<Received>;
}

/** The options of {@link startPushServer}. */
export interface PushServerOptions extends Pick<Platform, 'log' | 'now'> {
  /** 0 picks any free port. */
  readonly port: number;
  /** The local address to listen on, such as `127.0.0.1`. */
  readonly host: string;
  /** The endpoints at `/KEY`, by key. */
  readonly sources: ReadonlyMap<string, PushEndpoint>;
  /** The endpoint at any other `/KEY`; undefined if no endpoint is there. */
  readonly endpointAt?: ((key: string) => PushEndpoint | undefined) | undefined;
  /** Default: {@link defaultLimits}. */
  readonly limits?: Partial<PushServerLimits> | undefined;
}

/** What one server does at a time. */
export interface PushServerLimits {
  /** Connections that are open. More are closed at once. */
  readonly connections: number;
  /** Requests whose body is read or whose events are stored. The senders of more are asked to retry. */
  readonly requests: number;
  /** Responses to wrong secrets that wait. Beyond that, the connection is closed without a response. */
  readonly delayedResponses: number;
  /** How long a head may take, in milliseconds. */
  readonly headInMs: number;
  /** How long a request may take with its body, in milliseconds. */
  readonly requestInMs: number;
  /** How long the rest of a rejected request is read and dropped, so that its sender sees the response. */
  readonly lingerInMs: number;
}

/** A sender opens a few connections. As many requests of the largest size need 128 MiB of memory. */
export const defaultLimits: PushServerLimits = {
  connections: 256,
  requests: 64,
  delayedResponses: 32,
  headInMs: 10_000,
  requestInMs: 30_000,
  lingerInMs: 2_000,
};

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

/** How often the timeouts are checked. */
const checkEveryInMs = 1_000;
/** The longest wait before the response to a wrong secret. */
const longestDelayInMs = 5_000;
const firstDelayInMs = 100;

/**
 * Serves `/KEY` for every source, and `GET /healthz`. An endpoint gets the raw bytes of the body, and every value
 * of a repeated header: signatures cover both.
 *
 * The body is read only if the head is accepted. Wrong secrets are answered ever more slowly, while correct ones are
 * not: otherwise anyone could lock a sender out.
 */
export async function startPushServer(options: PushServerOptions): Promise<PushServer> {
  const { sources, endpointAt, log, now } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const server = createServer({
    headersTimeout: limits.headInMs,
    requestTimeout: limits.requestInMs,
    connectionsCheckingInterval: Math.min(checkEveryInMs, limits.headInMs),
  });
  server.maxConnections = limits.connections;
  const closing = new AbortController();
  const rejections = createRejectionLog({ log, now });
  const receiver = createReceiver({ sources, endpointAt, limits, rejections, now, closing: closing.signal });
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    // The sender disconnected while it sent: no one is left to respond to.
    receiver(request, response).catch(() => response.destroy());
  };
  server.on('request', serve);
  // The sender waits with the body: it is asked for it only if the head is accepted.
  server.on('checkContinue', serve);
  const connections = trackConnections(server);
  server.on('drop', () => rejections.add({ status: 0, message: 'Too many connections are open.' }));
  const origin = await listen(server, options.port, options.host);
  let closed: Promise<void> | undefined;
  return {
    origin,
    close(abort) {
      closing.abort();
      closed ??= closeServer(server, connections, limits, abort).finally(rejections.close);
      return closed;
    },
  };
}

interface ReceiverParts {
  readonly sources: PushServerOptions['sources'];
  readonly endpointAt: PushServerOptions['endpointAt'];
  readonly limits: PushServerLimits;
  readonly rejections: RejectionLog;
  readonly now: () => number;
  readonly closing: AbortSignal;
}

/** Receives one request after the other. The promise rejects if the sender disconnects. */
function createReceiver({ sources, endpointAt, limits, rejections, now, closing }: ReceiverParts) {
  const pace = createRejectionPace(now);
  let inProgress = 0;
  let delayed = 0;

  const reject = (request: IncomingMessage, response: ServerResponse, reply: PushReply): Promise<void> =>
    respondUnread(request, response, reply, limits.lingerInMs);

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    if (path === '/healthz') return reject(request, response, plain(200, 'ok'));
    const key = path.slice(1);
    const endpoint = sources.get(key) ?? endpointAt?.(key);
    if (endpoint === undefined) return reject(request, response, plain(404, 'No source at this path.'));
    const source = endpoint.origin ?? key;
    const head = { method: request.method ?? 'GET', headers: headersOf(request) };
    const refused = endpoint.checkHead(head);
    if (refused !== undefined) return refuse(request, response, source, refused);
    if (inProgress >= limits.requests) {
      const message = 'Too many requests are in progress.';
      rejections.add({ origin: source, status: 503, message });
      return reject(request, response, plain(503, `${message} Retry later.`, { 'retry-after': '1' }));
    }
    inProgress += 1;
    try {
      if (request.headers.expect !== undefined) response.writeContinue();
      const body = await readBytes(request, maxMessageBytes);
      if (body === undefined) return await refuse(request, response, source, bodyTooLarge().refused);
      const received = await endpoint.receive({ ...head, body });
      if (received.kind === 'accepted') return send(response, received.reply);
      return await refuse(request, response, source, received);
    } catch (error) {
      if (request.destroyed && !request.complete) throw error;
      // The endpoint has logged the reason; what matters here is that the sender retries.
      send(response, plain(503, 'The request could not be stored. Retry later.', { 'retry-after': '10' }));
    } finally {
      inProgress -= 1;
    }
  }

  async function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    origin: string,
    { reason: { code, message }, reply }: Extract<Received, { readonly kind: 'refused' }>,
  ): Promise<void> {
    // An endpoint that cannot store or complete a message has logged that.
    if (reply.status !== 503) rejections.add({ origin, status: reply.status, code, message });
    if (code !== 'auth') return reject(request, response, reply);
    const delayInMs = pace();
    if (delayed >= limits.delayedResponses) return void response.destroy();
    delayed += 1;
    try {
      await wait(delayInMs, undefined, { signal: closing }).catch(() => undefined);
      await reject(request, response, reply);
    } finally {
      delayed -= 1;
    }
  }

  return receive;
}

/**
 * How long the next response to a wrong secret waits: twice as long as the one before, until a minute passes without
 * one.
 */
function createRejectionPace(now: () => number): () => number {
  let delayInMs = 0;
  let lastAtInMs = Number.NEGATIVE_INFINITY;
  return () => {
    const isCalm = now() - lastAtInMs > 60_000;
    lastAtInMs = now();
    delayInMs = isCalm ? firstDelayInMs : Math.min(2 * delayInMs, longestDelayInMs);
    return delayInMs;
  };
}

function headersOf(request: IncomingMessage): PushRequestHead['headers'] {
  return request.headersDistinct as PushRequestHead['headers'];
}

function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): PushReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: `${text}\n` };
}

function send(response: ServerResponse, { status, headers, body }: PushReply): void {
  response.writeHead(status, headers).end(body);
}

/**
 * Responds without reading the body. What the sender still sends is dropped for a while: a client that is cut off while
 * it sends never sees the response.
 */
async function respondUnread(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: PushReply,
  lingerInMs: number,
): Promise<void> {
  if (hasNoBody(request)) return send(response, { status, headers, body });
  const framing = { 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  response.writeHead(status, { ...headers, ...framing }).flushHeaders();
  if (body !== '') response.write(body);
  request.resume();
  const ended = once(request, 'close', { signal: AbortSignal.timeout(lingerInMs) });
  await ended.catch(() => undefined);
  response.end();
}

/** Whether no body is left to read, or none will be sent, because its sender waits for a 100. */
function hasNoBody({ complete, headers }: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding, expect } = headers;
  return complete || expect !== undefined || (length === '0' && encoding === undefined);
}

/** The open connections of a server, each with the request that is in progress on it. */
type Connections = ReadonlyMap<Socket, IncomingMessage | undefined>;

function trackConnections(server: Server): Connections {
  const connections = new Map<Socket, IncomingMessage | undefined>();
  server.on('connection', (socket) => {
    connections.set(socket, undefined);
    socket.on('close', () => connections.delete(socket));
  });
  const track = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    connections.set(socket, request);
    response.on('close', () => {
      if (connections.get(socket) === request) connections.set(socket, undefined);
      // A kept-alive connection would delay close().
      if (!server.listening) socket.destroySoon();
    });
  };
  server.on('request', track);
  server.on('checkContinue', track);
  return connections;
}

/** Node checks the timeouts only until a server closes. A sender that is silent would then keep it open. */
function closeServer(
  server: Server,
  connections: Connections,
  { headInMs, requestInMs }: PushServerLimits,
  abort: AbortSignal,
): Promise<void> {
  const closeThose = (isLate: (socket: Socket, request: IncomingMessage | undefined) => boolean): void => {
    for (const [socket, request] of connections) if (isLate(socket, request)) socket.destroy();
  };
  return new Promise((resolve) => {
    const closeAll = (): void => server.closeAllConnections();
    abort.addEventListener('abort', closeAll, { once: true });
    const timers = [
      setTimeout(() => closeThose((_, request) => request === undefined), headInMs),
      setTimeout(() => closeThose((_, request) => request?.complete !== true), requestInMs),
    ];
    server.close(() => {
      abort.removeEventListener('abort', closeAll);
      timers.forEach(clearTimeout);
      resolve();
    });
    closeThose(({ bytesRead }) => bytesRead === 0);
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
