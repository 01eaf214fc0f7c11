import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  originValidationResponse,
} from '@modelcontextprotocol/server';
import { listen } from '../../../runtime/node/listen.ts';
import { createServerFactory, type ServerSettings } from './create-server.ts';

/** Where a server listens, and whose requests it serves. */
export interface HttpSettings {
  /** 0 picks any free port. */
  readonly port: number;
  /** The local address to listen on, such as `127.0.0.1`. */
  readonly host: string;
  /**
   * The host names in URLs of this server. Requests with another `Host`, or of a page with another origin, are rejected:
   * otherwise a web page that someone visits could use a server on this machine.
   */
  readonly hostNames: readonly string[];
  /** The bearer token that each request must have; undefined for a server that only this machine reaches. */
  readonly token: string | undefined;
}

/** A running server. */
export interface McpHttpServer {
  /** `http://127.0.0.1:49152/mcp` */
  readonly url: string;
  /** Aborts the calls in progress, and closes all connections. */
  close(): Promise<void>;
}

const path = '/mcp';
const maxConnections = 128;

/** Serves clients over HTTP at `/mcp`. @throws Error of Node, if it cannot listen */
export async function serveOverHttp(
  settings: ServerSettings,
  { port, host, hostNames, token }: HttpSettings,
): Promise<McpHttpServer> {
  const handler = createMcpHandler(createServerFactory(settings));
  const authorized = token === undefined ? () => true : bearerCheck(token);
  const respond = async (request: Request): Promise<Response> =>
    hostHeaderValidationResponse(request, [...hostNames]) ??
    originValidationResponse(request, [...hostNames]) ??
    (authorized(request)
      ? new URL(request.url).pathname === path
        ? await handler.fetch(request)
        : plain(404, `The server is at ${path}.`)
      : plain(401, 'The token is missing or wrong.', { 'www-authenticate': 'Bearer' }));

  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000 }, (incoming, outgoing) => {
    serve(incoming, outgoing, respond).catch(() => outgoing.destroy());
  });
  server.maxConnections = maxConnections;
  const origin = await listen(server, port, host);
  return {
    url: `${origin}${path}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      await handler.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Passes a request of Node to a handler of web requests. A client that disconnects aborts its call. */
async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  respond: (request: Request) => Promise<Response>,
): Promise<void> {
  const disconnected = new AbortController();
  outgoing.once('close', () => disconnected.abort());
  const response = await respond(toRequest(incoming, disconnected.signal));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing);
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = 'GET', url = '/', headers } = incoming;
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(url, 'http://localhost'), {
    method,
    headers: pairs,
    signal,
    // A body that is still arriving can only be sent in one direction at a time.
    ...(hasBody && { body: Readable.toWeb(incoming) as BodyInit, duplex: 'half' }),
  });
}

/** Digests of equal length are compared in constant time, so that the response time says nothing about the token. */
function bearerCheck(token: string): (request: Request) => boolean {
  const expected = digestOf(token);
  return ({ headers }) => {
    const [, given] = /^Bearer +(\S+) *$/i.exec(headers.get('authorization') ?? '') ?? [];
    return given !== undefined && timingSafeEqual(digestOf(given), expected);
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain', ...headers } });
}
