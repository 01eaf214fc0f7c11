import { errorTexts, fillError } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';

// How providers reject a request for a page, and how a list fails that cannot be read to its end.

/** RFC 9865 §3: the provider no longer knows the cursor, and the list has to be started over. */
export function isExpiredCursor({ scimType }: ConnectorError): boolean {
  return scimType === 'expiredCursor' || scimType === 'invalidCursor';
}

/** RFC 9865 §2.1 has `invalidCount` for a count that is too large; others only say it in words. */
export function isCountRejected({ code, scimType, detail = '' }: ConnectorError): boolean {
  return scimType === 'invalidCount' || (code === 'invalid_input' && /\bcount\b|page ?size/i.test(detail));
}

/** Whether a provider does not accept a request for a list, such as one that sorts. */
export function isRefusal({ code }: ConnectorError): boolean {
  return code === 'invalid_input' || code === 'unsupported';
}

/** Whether a provider rejects a page that it does not have: some answer 404 or fail with status 500. */
export function isPageRefused(error: ConnectorError): boolean {
  return isRefusal(error) || error.status === 404 || error.status === 500;
}

/** The error for a list that ends before its total. */
export function cutShort(read: number, total: number): ConnectorError {
  return new ConnectorError('provider_fault', fillError(errorTexts.listCutShort, { total, read }));
}

/** The error for a list that returns a page again. */
export function loop(read: number): ConnectorError {
  return new ConnectorError('provider_fault', fillError(errorTexts.listLoops, { read }));
}

/** The error for a list that has no end. */
export function endless(pages: number, read: number): ConnectorError {
  return new ConnectorError('provider_fault', fillError(errorTexts.listEndless, { read, pages }));
}

/** The error for a list whose cursors expire before it is read. */
export function cursorExpired(restarts: number, cause: ConnectorError): ConnectorError {
  return new ConnectorError('unavailable', { ...fillError(errorTexts.cursorExpired, { restarts }), cause });
}
