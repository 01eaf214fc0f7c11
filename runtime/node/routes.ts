import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { acceptedEncodings } from './decompress.ts';
import { proxyFor } from './proxy-for.ts';

/** The way of all requests to one origin: direct, or through the proxy that the environment names. */
export interface Route {
  readonly request: typeof httpRequest;
  /** Host, port and agent. */
  readonly options: RequestOptions;
  /** Stands before the path: the origin where a proxy reads the request (RFC 9112 §3.2.2), else nothing. */
  readonly pathPrefix: string;
  /** The headers that every request has, unless it says otherwise. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The routes of one connector, over connections that are kept alive. */
export interface Routes {
  /** The route to a URL's origin; a promise of it where a library has to be loaded first. */
  to(url: URL): Route | Promise<Route>;
  /** Closes the idle connections. */
  close(): void;
}

/** @param maxSockets the largest number of connections to one host. */
export function createRoutes(maxSockets: number): Routes {
  const pool = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets };
  const httpAgent = new HttpAgent(pool);
  const httpsAgent = new HttpsAgent(pool);
  const tunnels = new Map<string, HttpAgent>();
  const routes = new Map<string, Route>();

  const direct = (url: URL): Route => ({
    request: url.protocol === 'https:' ? httpsRequest : httpRequest,
    options: { ...addressOf(url), agent: url.protocol === 'https:' ? httpsAgent : httpAgent },
    pathPrefix: '',
    headers: { host: url.host, 'accept-encoding': acceptedEncodings },
  });

  const forwarded = (url: URL, proxy: URL): Route => ({
    ...direct(proxy),
    pathPrefix: url.origin,
    headers: { ...direct(url).headers, ...authorizationOf(proxy) },
  });

  const tunneled = async (url: URL, proxy: URL): Promise<Route> => {
    // Loaded here, since few need it and all would wait for it.
    const { TunnelAgent } = await import('./tunnel-agent.ts');
    const agent = tunnels.get(proxy.href) ?? new TunnelAgent(proxy, pool);
    tunnels.set(proxy.href, agent);
    const route = { ...direct(url), options: { ...addressOf(url), agent } };
    routes.set(url.origin, route);
    return route;
  };

  return {
    to(url) {
      const known = routes.get(url.origin);
      if (known !== undefined) return known;
      const proxy = proxyFor(url, process.env);
      if (proxy !== undefined && url.protocol === 'https:') return tunneled(url, proxy);
      const route = proxy === undefined ? direct(url) : forwarded(url, proxy);
      routes.set(url.origin, route);
      return route;
    },
    close() {
      for (const agent of [httpAgent, httpsAgent, ...tunnels.values()]) agent.destroy();
    },
  };
}

function addressOf({ hostname, port }: URL): RequestOptions {
  return { hostname: hostname.replace(/^\[|\]$/g, ''), ...(port !== '' && { port }) };
}

function authorizationOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}
