import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type AxiosAdapter, AxiosError, AxiosHeaders, type AxiosResponse, getAdapter } from 'axios';
import { type HttpRequest, type HttpResponse, TransportError } from '../../connector/runtime.ts';

/** Sends requests over kept-alive connections, one try each. */
export interface Sender {
  readonly send: (request: HttpRequest) => Promise<HttpResponse>;
  /** Closes the idle connections. */
  close(): void;
}

/** Makes a sender over axios, with so many sockets to a host at the most. */
export function createSender(maxSockets: number): Sender {
  const options = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets };
  const httpAgent = new HttpAgent(options);
  const httpsAgent = new HttpsAgent(options);
  // Of axios only the adapter is called: the defaults, transforms and interceptors around it would change nothing
  // here, and cost more than all the rest of the connector.
  const adapter = getAdapter('http');
  const shared = {
    httpAgent,
    httpsAgent,
    maxRedirects: 0,
    maxBodyLength: Number.POSITIVE_INFINITY,
    responseType: 'text',
  } as const;
  return {
    send: (request) => sendOnce((config) => adapter({ ...shared, ...config }), request),
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

async function sendOnce(
  adapter: AxiosAdapter,
  { method, url, headers, body, timeoutInMs, limitBytes, signal }: HttpRequest,
): Promise<HttpResponse> {
  // axios's own time-out starts anew with every byte, so a slow body would never end.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutInMs);
  const stop = (): void => limit.abort();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    signal?.throwIfAborted();
    const response: AxiosResponse<string> = await adapter({
      method,
      url,
      headers: new AxiosHeaders(headers),
      data: body,
      maxContentLength: limitBytes,
      signal: limit.signal,
    });
    return { status: response.status, headers: plainHeaders(response.headers), body: response.data };
  } catch (error) {
    signal?.throwIfAborted();
    throw limit.signal.aborted ? timeOut(timeoutInMs) : toTransportError(error, limitBytes);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function plainHeaders(headers: object): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null)
      plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return plain;
}

function timeOut(timeoutInMs: number): TransportError {
  return new TransportError('ETIMEDOUT', `it took longer than ${timeoutInMs} ms`, {
    maybeSent: true,
    isTransient: true,
  });
}

/** Errors that come before a request is on its way; only of these is it certain that the provider knows nothing. */
const unsentCodes: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name server did not answer',
  ECONNREFUSED: 'the connection was refused',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
};

// The axios error holds the request with its token, so that nothing of it but the code and a sentence goes on.
function toTransportError(error: unknown, limitBytes: number): unknown {
  if (!(error instanceof AxiosError)) return error;
  const code = error.code ?? 'EUNKNOWN';
  const unsent = unsentCodes[code];
  if (unsent !== undefined)
    return new TransportError(code, unsent, { maybeSent: false, isTransient: code !== 'ENOTFOUND' });
  if (/maxContentLength/.test(error.message)) {
    return new TransportError('TOO_LARGE', `the answer is larger than ${limitBytes} bytes`, {
      maybeSent: true,
      isTransient: false,
    });
  }
  if (isTlsError(code)) {
    return new TransportError(code, `its certificate or encryption was refused (${code})`, {
      maybeSent: false,
      isTransient: false,
    });
  }
  if (code === 'ERR_INVALID_CHAR' || code === 'ERR_INVALID_URL' || code === 'ERR_UNESCAPED_CHARACTERS') {
    return new TransportError(code, 'the request could not be written', {
      maybeSent: false,
      isTransient: false,
    });
  }
  return new TransportError(code, breaks[code] ?? `the connection broke (${code})`, {
    maybeSent: true,
    isTransient: true,
  });
}

const breaks: Readonly<Record<string, string>> = {
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed while the request was sent',
  ECONNABORTED: 'the connection was closed before the answer was complete',
  ERR_BAD_RESPONSE: 'the connection was closed before the answer was complete',
  ETIMEDOUT: 'the connection timed out',
};

function isTlsError(code: string): boolean {
  return /^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$)/.test(code);
}
