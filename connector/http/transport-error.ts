import { TransportError } from '../platform.ts';

/** The code of an answer that was larger than its limit: the system has no word of its own for that. */
export const tooLarge = 'TOO_LARGE';

/** No whole answer came in time. */
export function timeOut(timeoutInMs: number): TransportError {
  return new TransportError('ETIMEDOUT', `it took longer than ${timeoutInMs} ms`, {
    maybeSent: true,
    isTransient: true,
  });
}

/** What a code means that the system, or an HTTP library, gives a request without an answer. */
export function transportErrorOf(code: string, maxResponseBytes: number): TransportError {
  const unsent = unsentCodes[code];
  if (unsent !== undefined)
    return new TransportError(code, unsent, { maybeSent: false, isTransient: !permanentCodes.has(code) });
  if (code === tooLarge) {
    return new TransportError(code, `the answer is larger than ${maxResponseBytes} bytes`, {
      maybeSent: true,
      isTransient: false,
    });
  }
  const proxyStatus = /^PROXY_(\d+)$/.exec(code)?.[1];
  if (proxyStatus !== undefined) {
    return new TransportError(code, `the proxy refused the connection with status ${proxyStatus}`, {
      maybeSent: false,
      isTransient: Number(proxyStatus) >= 500 || proxyStatus === '429',
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

/** Errors that come before a request is on its way; only of these is it certain that the provider knows nothing. */
const unsentCodes: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name server did not answer',
  ECONNREFUSED: 'the connection was refused',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  PROXY_UNREACHABLE: 'the proxy cannot be reached',
  PROXY_INVALID: 'the proxy in the environment is not an http or https URL',
};

/** Of these, the ones that do not pass by themselves. */
const permanentCodes: ReadonlySet<string> = new Set(['ENOTFOUND', 'PROXY_INVALID']);

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
