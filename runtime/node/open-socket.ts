import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { buildConnector } from 'undici';
import { proxyAuthorization } from './proxy-for.ts';

/**
 * Opens a socket that is ready for requests. It calls back with the system's error, or when the signal aborts. A promise
 * would leave the socket without a listener for errors until undici has it.
 */
export type OpenSocket = (signal: AbortSignal, callback: buildConnector.Callback) => void;

/** Opens sockets to the host of a URL, with TLS if the URL is https. @param lookup resolves its name; default: Node's */
export function directSocket(url: URL, lookup?: LookupFunction): OpenSocket {
  if (url.protocol !== 'https:')
    return (signal, callback) =>
      whenReady(connect({ ...addressOf(url), lookup }), 'connect', signal, callback);
  const openTls = tlsOpener(url, lookup);
  return (signal, callback) => openTls(undefined, signal, callback);
}

/** Opens TLS sockets to the host of a URL, through tunnels of an HTTP proxy (RFC 9110 §9.3.6). */
export function tunneledSocket(url: URL, proxy: URL): OpenSocket {
  const openTls = tlsOpener(url);
  return (signal, callback) =>
    openTunnel(url, proxy, signal, (error, tunnel) => {
      if (error === null) openTls(tunnel, signal, callback);
      else callback(error, null);
    });
}

function tlsOpener(
  url: URL,
  lookup?: LookupFunction,
): (transport: Socket | undefined, ...rest: Parameters<OpenSocket>) => void {
  const { host, port } = addressOf(url);
  let session: Buffer | undefined;
  return (transport, signal, callback) => {
    const socket = connectTls({
      host,
      port,
      // RFC 6066 §3: the server name is never an address.
      servername: isIP(host) === 0 ? host : '',
      ALPNProtocols: ['http/1.1'],
      ...(transport !== undefined && { socket: transport }),
      ...(lookup !== undefined && { lookup }),
      ...(session !== undefined && { session }),
    });
    // RFC 8446 §C.4: a session is resumed once.
    session = undefined;
    socket.on('session', (ticket) => {
      session = ticket;
    });
    whenReady(socket, 'secureConnect', signal, callback);
  };
}

function whenReady(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  ...[signal, callback]: Parameters<OpenSocket>
): void {
  const abort = (): void => void socket.destroy(signal.reason);
  const end = (): void => {
    signal.removeEventListener('abort', abort);
    socket.off('error', fail).off(event, succeed);
  };
  const fail = (error: Error): void => {
    end();
    callback(error, null);
  };
  const succeed = (): void => {
    end();
    callback(null, socket.setNoDelay(true).setKeepAlive(true, keepAliveDelayInMs));
  };
  socket.on('error', fail).on(event, succeed);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort);
}

const keepAliveDelayInMs = 60_000;

/** Requests a tunnel. A rejection by the proxy is an error, not the response of the target. */
function openTunnel(url: URL, proxy: URL, ...[signal, callback]: Parameters<OpenSocket>): void {
  const { host: hostname, port } = addressOf(proxy);
  const target = `${url.hostname}:${addressOf(url).port}`;
  const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
    method: 'CONNECT',
    hostname,
    port,
    path: target,
    headers: {
      host: target,
      connection: 'keep-alive',
      'proxy-connection': 'keep-alive',
      ...proxyAuthorization(proxy),
    },
    agent: false,
    signal,
  });
  request.on('connect', ({ statusCode }, socket) => {
    if (statusCode === 200) {
      callback(null, socket as Socket);
      return;
    }
    socket.destroy();
    callback(proxyError(`PROXY_${statusCode}`), null);
  });
  request.on('error', () => callback(proxyError('PROXY_UNREACHABLE'), null));
  request.end();
}

function proxyError(code: string): Error {
  return Object.assign(new Error(`There is no tunnel through the proxy (${code})`), { code });
}

function addressOf({ protocol, hostname, port }: URL): { readonly host: string; readonly port: number } {
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  };
}
