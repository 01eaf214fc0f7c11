import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { acceptedEncodings } from './decompress.ts';
import { proxyFor } from './proxy-for.ts';

/** The route of all requests to one origin: direct, or through the proxy in the environment. */
export interface Route {
  readonly request: typeof httpRequest;
  /** Host, port and agent. */
  readonly options: RequestOptions;
  /** The prefix of the path: the origin if a proxy reads the request (RFC 9112 §3.2.2), otherwise empty. */
  readonly pathPrefix: string;
  /** The default headers of every request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The routes of one connector, over keep-alive connections. */
export interface Routes {
  /** The route to a URL's origin; a promise if a library must be loaded first. */
  to(url: URL): Route | Promise<Route>;
  /** Closes the idle connections. */
  close(): void;
}

/** @param maxSockets the maximum number of connections per host. */
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
    // Loaded only here, because few users need it, and all would wait for it.
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
