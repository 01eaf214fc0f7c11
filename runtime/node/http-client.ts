import type { LookupFunction } from 'node:net';
import { transportErrorOf } from '../../connector/http/transport-error.ts';
import { TransportError } from '../../connector/platform.ts';
import { exchange } from './exchange.ts';
import type { HttpClient } from './http-client-interface.ts';
import { createRoutes } from './routes.ts';

/**
 * Creates a client over undici's connections. It uses the proxies of the environment, decompresses, and does not follow
 * redirects.
 *
 * @param lookup resolves the names of hosts. Default: Node's
 */
export function createHttpClient(lookup?: LookupFunction): HttpClient {
  const routes = createRoutes(lookup);
  return {
    async send(request) {
      const { signal, maxResponseBytes } = request;
      try {
        const url = new URL(request.url);
        const opening = routes.to(url);
        const route = opening instanceof Promise ? await opening : opening;
        signal?.throwIfAborted();
        return await exchange(route, url, request);
      } catch (error) {
        signal?.throwIfAborted();
        throw error instanceof TransportError ? error : transportErrorOf(codeOf(error), maxResponseBytes);
      }
    },
    close: routes.close,
  };
}

/** The system's code of an error. undici has codes of its own for two of them. */
function codeOf(error: unknown): string {
  const { code = 'EUNKNOWN' } = error as NodeJS.ErrnoException;
  return systemCodes[code] ?? code;
}

const systemCodes: Readonly<Record<string, string>> = {
  UND_ERR_INVALID_ARG: 'ERR_INVALID_CHAR',
  UND_ERR_SOCKET: 'ECONNRESET',
};
