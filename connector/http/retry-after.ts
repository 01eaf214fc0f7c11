/**
 * The upper limit of a wait that a server names, in milliseconds. A longer wait is usually a mistake, such as a timestamp
 * instead of a duration.
 */
export const longestWaitInMs = 3_600_000;

type Headers = Readonly<Record<string, string>>;

/**
 * Whether a response throttles the client: 429 (RFC 6585 §4), or a 403 with `Retry-After` or an exhausted rate limit, as
 * GitHub sends it.
 */
export function isThrottled(status: number, headers: Headers): boolean {
  if (status === 429) return true;
  const isExhausted = firstOf(headers, remainingHeaders) === '0';
  return status === 403 && (isExhausted || readRetryAfter(headers, 0) !== undefined);
}

/**
 * The wait that an error response names, in milliseconds, at most {@link longestWaitInMs}: its `Retry-After`, or the time
 * until its rate limit resets. Undefined if it names none.
 */
export function namedWaitInMs(status: number, headers: Headers, nowInMs: number): number | undefined {
  const waitInMs = unboundedWaitInMs(status, headers, nowInMs);
  return waitInMs === undefined ? undefined : Math.min(waitInMs, longestWaitInMs);
}

/** The same without the upper limit. */
export function unboundedWaitInMs(status: number, headers: Headers, nowInMs: number): number | undefined {
  return (
    readRetryAfter(headers, nowInMs) ??
    (isThrottled(status, headers) ? untilReset(headers, nowInMs) : undefined)
  );
}

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date. A date is compared with the `Date` of the response, if it has
 * one, so that a wrong local clock does not matter. A date in the past is 0.
 */
function readRetryAfter(headers: Headers, nowInMs: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined || text === '') return undefined;
  // Some providers send "1.5", which the RFC does not allow but everyone understands.
  if (isNumber(text)) return Math.ceil(Number(text) * 1000);
  const until = Date.parse(text);
  return Number.isNaN(until) ? undefined : Math.max(0, until - sentAtInMs(headers, nowInMs));
}

const prefixes = ['x-ratelimit-', 'x-rate-limit-', 'ratelimit-'];
const remainingHeaders = prefixes.map((prefix) => `${prefix}remaining`);
const resetHeaders = prefixes.map((prefix) => `${prefix}reset`);
/** A number of at least this is a timestamp in seconds; of at least 1000 times this, a timestamp in milliseconds. */
const smallestTimestamp = 1_000_000_000;

/** Reads the reset header of a rate limit. No standard defines it: it is a duration or a timestamp. */
function untilReset(headers: Headers, nowInMs: number): number | undefined {
  const text = firstOf(headers, resetHeaders);
  const isLeft = (firstOf(headers, remainingHeaders) ?? '0') !== '0';
  if (text === undefined || !isNumber(text) || isLeft) return undefined;
  const number = Number(text);
  if (number < smallestTimestamp) return Math.ceil(number * 1000);
  const resetAtInMs = number < smallestTimestamp * 1000 ? number * 1000 : number;
  return Math.max(0, Math.ceil(resetAtInMs - sentAtInMs(headers, nowInMs)));
}

function firstOf(headers: Headers, names: readonly string[]): string | undefined {
  const name = names.find((candidate) => headers[candidate] !== undefined);
  return name === undefined ? undefined : headers[name]?.trim();
}

function isNumber(text: string): boolean {
  return /^\d+(\.\d+)?$/.test(text);
}

function sentAtInMs({ date = '' }: Headers, nowInMs: number): number {
  const sentAt = Date.parse(date);
  return Number.isNaN(sentAt) ? nowInMs : sentAt;
}
