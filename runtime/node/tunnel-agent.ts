import { HttpsProxyAgent } from 'https-proxy-agent';
import { abandonedEvent } from './abandon-request.ts';

type Connect = HttpsProxyAgent<string>['connect'];

/**
 * Kept-alive connections through proxy tunnels (RFC 9110 §9.3.6). The library returns a proxy's rejection as if it were the
 * response of the target, and waits forever for a proxy that does not respond. Here, a rejection is an error, and the
 * wait ends with the request.
 */
export class TunnelAgent extends HttpsProxyAgent<string> {
  /** The library inspects the call stack, which is a different one when a connection returns to the pool. */
  override isSecureEndpoint(): boolean {
    return true;
  }

  override async connect(...[request, options]: Parameters<Connect>): ReturnType<Connect> {
    const wait = new AbortController();
    const abandon = (): void => wait.abort();
    let status: number | undefined;
    request.once(abandonedEvent, abandon);
    request.once('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
      status = statusCode;
    });
    // The library reads this synchronously, so concurrent requests do not interfere.
    this.connectOpts = { ...this.connectOpts, signal: wait.signal };
    try {
      const socket = await super.connect(request, options);
      if (status === 200) return socket;
      socket.destroy();
    } catch (error) {
      if (status === 200) throw error;
    } finally {
      request.off(abandonedEvent, abandon);
    }
    throw proxyError(status);
  }
}

function proxyError(status: number | undefined): Error {
  const code = status === undefined ? 'PROXY_UNREACHABLE' : `PROXY_${status}`;
  return Object.assign(new Error(`There is no tunnel through the proxy (${code})`), { code });
}
