/**
 * How long an answer asks to wait, in milliseconds, by its `Retry-After` (RFC 9110 §10.2.3): seconds, or a date. A
 * date is measured against the answer's own `Date`, where it has one, so that a wrong clock here does no harm; a date
 * that has passed is 0. Undefined when the header is absent or says nothing that can be read.
 */
export function retryAfterInMs(
  headers: Readonly<Record<string, string>>,
  nowInMs: number,
): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined || text === '') return undefined;
  // Some providers send "1.5", which the RFC does not allow but everybody understands.
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const until = Date.parse(text);
  if (Number.isNaN(until)) return undefined;
  const sentAt = Date.parse(headers.date ?? '');
  return Math.max(0, until - (Number.isNaN(sentAt) ? nowInMs : sentAt));
}
