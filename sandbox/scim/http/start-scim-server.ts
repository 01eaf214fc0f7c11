import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ScimError } from '../../../scim/scim-error.ts';
import type { Fault } from '../../faults/create-fault-plan.ts';
import type { ScimRequest, ScimResponse } from '../service/scim-message.ts';
import { readText } from './read-text.ts';

/** A request handler: a SCIM service or another endpoint. It never throws. */
export type Endpoint = (request: ScimRequest) => ScimResponse | Promise<ScimResponse>;

/** Endpoints by base path, such as `/scim/v2`. No base path is a prefix of another. `/` is the home page only. */
export type Mounts = ReadonlyMap<string, Endpoint>;

/** The options of {@link startScimServer}. */
export interface ScimServerOptions {
  /** 0 selects a free port. */
  readonly port: number;
  readonly host: '127.0.0.1';
  /** Creates the endpoints, once the server's origin is known: `http://127.0.0.1:49152`. */
  readonly mount: (origin: string) => Mounts;
  /** The largest request body below a base path, called for every request. */
  readonly maxPayloadBytes: (basePath: string) => number;
  readonly maxUrlLength: number;
  /** Selects the fault of a request by its URL. Default: no faults. */
  readonly drawFault?: (url: string) => Fault | undefined;
}

/** A listening server. */
export interface ScimServer {
  readonly origin: string;
  /** Stops accepting requests, completes those in flight, then resolves. Idempotent. */
  close(): Promise<void>;
}

// Longer than Okta's timeout of 60 s, so that the server never drops the connection first.
const keepAliveTimeoutInMs = 65_000;
// The time to finish a request that started before the server closes.
const closeTimeoutInMs = 2_000;
const maxHeaderBytes = 65_536;

/** Starts an HTTP server on the loopback interface. */
export async function startScimServer(options: ScimServerOptions): Promise<ScimServer> {
  const server = createServer({
    keepAliveTimeout: keepAliveTimeoutInMs,
    headersTimeout: 30_000,
    requestTimeout: 60_000,
    maxHeaderSize: maxHeaderBytes,
  });
  const origin = await listen(server, options.port, options.host);
  const mounts = options.mount(origin);
  server.on('request', (request, response) => {
    handle(request, response, mounts, options, server).catch(() => response.destroy());
  });
  server.on('clientError', refuse);
  let closed: Promise<void> | undefined;
  return {
    origin,
    close: () => {
      closed ??= closeGracefully(server);
      return closed;
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  mounts: Mounts,
  options: ScimServerOptions,
  server: Server,
): Promise<void> {
  const fault = options.drawFault?.(request.url ?? '/');
  if (fault?.kind === 'lose') {
    request.socket.destroy();
    return;
  }
  const answer = await serve(request, mounts, options, fault?.kind === 'duplicate');
  if (fault?.kind === 'delay') await sleep(fault.ms);
  if (fault?.kind === 'drop') {
    request.socket.destroy();
    return;
  }
  // A keep-alive connection would delay close().
  if (!server.listening) response.shouldKeepAlive = false;
  send(request, response, answer, fault?.kind === 'cut');
}

function closeGracefully(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => server.closeAllConnections(), closeTimeoutInMs);
    server.close((error) => {
      clearTimeout(timer);
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}

function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { port: actual } = server.address() as AddressInfo;
      resolve(`http://${host}:${actual}`);
    });
  });
}

async function serve(
  request: IncomingMessage,
  mounts: Mounts,
  { maxPayloadBytes, maxUrlLength }: ScimServerOptions,
  isDuplicated: boolean,
): Promise<ScimResponse> {
  const url = request.url ?? '/';
  const { method = 'GET' } = request;
  if (url.length > maxUrlLength) {
    // RFC 9110 §15.5.15; POST /.search accepts long filters (RFC 7644 §3.4.3).
    return fault(new ScimError(414, 'The URL is too long. Use POST /.search.'));
  }
  const found = findMount(url, mounts);
  if (found === undefined) {
    return fault(new ScimError(404, 'There is nothing at this path.'));
  }
  const maxResponseBytes = maxPayloadBytes(found.basePath);
  const body = await readText(request, maxResponseBytes);
  if (body === undefined) {
    const detail = `A request body can have at most ${maxResponseBytes} bytes.`;
    return fault(new ScimError(413, detail));
  }
  const scimRequest: ScimRequest = {
    method,
    path: found.path,
    query: found.query,
    headers: headersOf(request),
    ...(body !== '' && { body }),
  };
  const answer = await found.endpoint(scimRequest);
  if (isDuplicated) await found.endpoint(scimRequest);
  return answer;
}

interface Found {
  readonly basePath: string;
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly query: string;
}

function findMount(url: string, mounts: Mounts): Found | undefined {
  const mark = url.indexOf('?');
  const whole = mark === -1 ? url : url.slice(0, mark);
  for (const [basePath, endpoint] of mounts) {
    if (whole !== basePath && !whole.startsWith(`${basePath}/`)) continue;
    const query = mark === -1 ? '' : url.slice(mark + 1);
    return { basePath, endpoint, path: whole.slice(basePath.length), query };
  }
  return undefined;
}

// node:http joins a repeated header, or keeps the first; only set-cookie, which is not used here, is a list.
function headersOf(request: IncomingMessage): Readonly<Record<string, string | undefined>> {
  return request.headers as Readonly<Record<string, string | undefined>>;
}

function fault(error: ScimError): ScimResponse {
  return { status: error.status, headers: error.headers, body: error.toBody() };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body, text = body === undefined ? '' : JSON.stringify(body) }: ScimResponse,
  isCut: boolean,
): void {
  const about =
    text === ''
      ? headers
      : {
          'content-type': 'application/scim+json; charset=utf-8',
          ...headers,
          'content-length': Buffer.byteLength(text),
        };
  response.writeHead(status, about);
  if (isCut) response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
  else response.end(request.method === 'HEAD' ? undefined : text);
}

// A request that node:http cannot parse never reaches a handler, but its response has the SCIM format, too.
function refuse(error: NodeJS.ErrnoException, socket: import('node:stream').Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason, detail] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large', 'The request line and headers are too long.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout', 'The request did not arrive in time.']
        : [400, 'Bad Request', 'The request is not valid HTTP.'];
  const text = JSON.stringify(new ScimError(Number(status), String(detail)).toBody());
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/scim+json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}
