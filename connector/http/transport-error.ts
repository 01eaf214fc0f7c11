import { fill } from '../../schemas/fill.ts';
import { TransportError } from '../platform.ts';
import { transportTexts } from '../transport-texts.ts';

/** The code of a response that was larger than its limit: the system has no word of its own for that. */
export const tooLarge = 'TOO_LARGE';

/** No whole answer came in time. */
export function timeOut(timeoutInMs: number): TransportError {
  return new TransportError('ETIMEDOUT', fill(transportTexts.timedOut, { limit: timeoutInMs }), {
    maybeSent: true,
    isTransient: true,
  });
}

/** The transport error of a system or HTTP library code. */
export function transportErrorOf(code: string, maxResponseBytes: number): TransportError {
  const unsent = unsentCodes[code];
  if (unsent !== undefined)
    return new TransportError(code, unsent, { maybeSent: false, isTransient: !permanentCodes.has(code) });
  if (code === tooLarge) {
    return new TransportError(code, fill(transportTexts.tooLarge, { limit: maxResponseBytes }), {
      maybeSent: true,
      isTransient: false,
    });
  }
  const proxyStatus = /^PROXY_(\d+)$/.exec(code)?.[1];
  if (proxyStatus !== undefined) {
    return new TransportError(code, fill(transportTexts.proxyRefused, { status: proxyStatus }), {
      maybeSent: false,
      isTransient: Number(proxyStatus) >= 500 || proxyStatus === '429',
    });
  }
  if (isTlsError(code)) {
    return new TransportError(code, `${transportTexts.tlsFailed} (${code})`, {
      maybeSent: false,
      isTransient: false,
    });
  }
  if (code === 'ERR_INVALID_CHAR' || code === 'ERR_INVALID_URL' || code === 'ERR_UNESCAPED_CHARACTERS') {
    return new TransportError(code, transportTexts.requestInvalid, {
      maybeSent: false,
      isTransient: false,
    });
  }
  return new TransportError(code, breaks[code] ?? `${transportTexts.connectionFailed} (${code})`, {
    maybeSent: true,
    isTransient: true,
  });
}

/** Errors that come before a request is on its way; only of these is it certain that the provider knows nothing. */
const unsentCodes: Readonly<Record<string, string>> = {
  ENOTFOUND: transportTexts.hostNotFound,
  EAI_AGAIN: transportTexts.dnsFailed,
  ECONNREFUSED: transportTexts.connectionRefused,
  EHOSTUNREACH: transportTexts.hostUnreachable,
  ENETUNREACH: transportTexts.networkUnreachable,
  BAD_PORT: transportTexts.portBlocked,
  PROXY_UNREACHABLE: transportTexts.proxyUnreachable,
  PROXY_INVALID: transportTexts.proxyInvalid,
};

/** Of these, the ones that do not pass by themselves. */
const permanentCodes: ReadonlySet<string> = new Set(['ENOTFOUND', 'BAD_PORT', 'PROXY_INVALID']);

const breaks: Readonly<Record<string, string>> = {
  ECONNRESET: transportTexts.connectionReset,
  EPIPE: transportTexts.closedWhileSending,
  ECONNABORTED: transportTexts.closedEarly,
  ERR_BAD_RESPONSE: transportTexts.closedEarly,
  ETIMEDOUT: transportTexts.connectionTimedOut,
};

function isTlsError(code: string): boolean {
  return /^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$)/.test(code);
}
