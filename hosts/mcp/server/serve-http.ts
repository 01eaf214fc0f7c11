import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  originValidationResponse,
} from '@modelcontextprotocol/server';
import { createNodeCrypto } from '../../../runtime/node/crypto.ts';
import { listen } from '../../../runtime/node/listen.ts';
import { hasSecret } from '../../../triggers/sources/webhook-auth/shared-secret.ts';
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
  const crypto = createNodeCrypto();
  const respond = async (request: Request): Promise<Response> => {
    const rejected =
      hostHeaderValidationResponse(request, [...hostNames]) ??
      originValidationResponse(request, [...hostNames]);
    if (rejected !== undefined) return rejected;
    // Clients look for metadata of OAuth at other paths: 401 there would say that it exists.
    if (new URL(request.url).pathname !== path) return plain(404, `The server is at ${path}.`);
    const authorization = request.headers.get('authorization') || undefined;
    if (token !== undefined && !hasSecret(crypto, authorization, [token], 'bearer'))
      return unauthorized(authorization !== undefined);
    return handler.fetch(request);
  };

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

/** The challenge of RFC 6750 §3: a request without a token gets no error code. */
function unauthorized(isTokenWrong: boolean): Response {
  const challenge = `Bearer realm="rolecall"${isTokenWrong ? ', error="invalid_token"' : ''}`;
  return plain(401, 'The token is missing or wrong.', { 'www-authenticate': challenge });
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain', ...headers } });
}
