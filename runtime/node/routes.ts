import type { LookupFunction } from 'node:net';
import type { Client, Dispatcher } from 'undici';
import { acceptedEncodings } from './decompress.ts';
import { directSocket, type OpenSocket, tunneledSocket } from './open-socket.ts';
import { proxyAuthorization, proxyFor } from './proxy-for.ts';

/** The route of all requests to one origin: direct, or through the proxy in the environment. */
export interface Route {
  /** The prefix of the path: the origin if a proxy reads the request (RFC 9112 §3.2.2), otherwise empty. */
  readonly pathPrefix: string;
  /** The default headers of every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Takes an idle connection, or a new one, for one request. */
  take(): Connection;
}

/** A kept-alive connection. It carries one request at a time, and is opened again after the server has closed it. */
export interface Connection {
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void;
  /** Returns the connection for the next request. */
  release(): void;
  /** Closes the connection in any state. */
  destroy(): void;
}

/** The routes of one connector. */
export interface Routes {
  /** The route to a URL's origin; a promise the first time. @throws Error with the code `PROXY_INVALID` */
  to(url: URL): Route | Promise<Route>;
  /** Closes the idle connections. */
  close(): void;
}

/**
 * Creates routes. The number of their connections is the number of concurrent requests, which the rate limiter limits.
 *
 * @param lookup resolves the names of origins. A proxy resolves them itself
 */
export function createRoutes(lookup?: LookupFunction): Routes {
  const routes = new Map<string, ConnectionPool>();

  const open = async (url: URL): Promise<Route> => {
    // Loaded only here, because many commands send no request.
    const { Client: client } = await import('undici');
    const route = routes.get(url.origin) ?? routeTo(url, client, lookup);
    routes.set(url.origin, route);
    return route;
  };

  return {
    to: (url) => routes.get(url.origin) ?? open(url),
    close() {
      for (const route of routes.values()) route.close();
    },
  };
}

function routeTo(url: URL, client: typeof Client, lookup: LookupFunction | undefined): ConnectionPool {
  const headers = { 'accept-encoding': acceptedEncodings };
  const proxy = proxyFor(url, process.env);
  if (proxy === undefined)
    return new ConnectionPool(client, url.origin, directSocket(url, lookup), { headers });
  if (url.protocol === 'https:')
    return new ConnectionPool(client, url.origin, tunneledSocket(url, proxy), { headers });
  return new ConnectionPool(client, proxy.origin, directSocket(proxy), {
    pathPrefix: url.origin,
    headers: { host: url.host, ...headers, ...proxyAuthorization(proxy) },
  });
}

/**
 * The connections of a route. undici's own `Pool` cannot give up a connection that is still being opened when its request
 * times out.
 */
class ConnectionPool implements Route {
  readonly pathPrefix: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #connect: () => Connection;
  /** The connection that was used last is taken first. */
  readonly #idle: Connection[] = [];

  constructor(
    client: typeof Client,
    origin: string,
    openSocket: OpenSocket,
    { pathPrefix = '', headers }: Partial<Pick<Route, 'pathPrefix'>> & Pick<Route, 'headers'>,
  ) {
    this.pathPrefix = pathPrefix;
    this.headers = headers;
    this.#connect = () => this.#newConnection(client, origin, openSocket);
  }

  take(): Connection {
    return this.#idle.pop() ?? this.#connect();
  }

  close(): void {
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  #newConnection(client: typeof Client, origin: string, openSocket: OpenSocket): Connection {
    const end = new AbortController();
    const { signal } = end;
    const over = new client(origin, {
      // The timer of the request covers everything.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_, callback) => openSocket(signal, callback),
    });
    const connection: Connection = {
      dispatch: (options, handler) => void over.dispatch(options, handler),
      release: () => void this.#idle.push(connection),
      destroy() {
        end.abort();
        void over.destroy();
      },
    };
    return connection;
  }
}
