/**
 * The longest wait that a server can name, in milliseconds. A longer one is a mistake more often than not, such as the
 * time of day in the place of the wait, and no timer takes more than 2³¹ ms.
 */
export const longestWaitInMs = 3_600_000;

type Headers = Readonly<Record<string, string>>;

/**
 * Whether a provider rejected a request because there were too many. Besides 429 (RFC 6585 §4), GitHub and others throttle
 * with a 403 that has `Retry-After` or an exhausted rate limit.
 */
export function isThrottled(status: number, headers: Headers): boolean {
  if (status === 429) return true;
  const isExhausted = firstOf(headers, remainingHeaders) === '0';
  return status === 403 && (isExhausted || readRetryAfter(headers, 0) !== undefined);
}

/**
 * How long a rejection asks to wait, in milliseconds: by its `Retry-After`, or until its rate limit is reset. At most
 * {@link longestWaitInMs}. Undefined when it does not say.
 */
export function namedWaitInMs(status: number, headers: Headers, nowInMs: number): number | undefined {
  const waitInMs = unboundedWaitInMs(status, headers, nowInMs);
  return waitInMs === undefined ? undefined : Math.min(waitInMs, longestWaitInMs);
}

/** The same as the server has it, however long that is. */
export function unboundedWaitInMs(status: number, headers: Headers, nowInMs: number): number | undefined {
  return (
    readRetryAfter(headers, nowInMs) ??
    (isThrottled(status, headers) ? untilReset(headers, nowInMs) : undefined)
  );
}

/**
 * `Retry-After` (RFC 9110 §10.2.3): seconds, or a date. A date is measured against the response's own `Date`, where it
 * has one, so that a wrong clock here does no harm; a date that has passed is 0.
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
/** Numbers above this are times since 1970, in seconds; those above 1000 times as much, in milliseconds. */
const smallestTime = 1_000_000_000;

/** The reset headers of rate limits, which no standard defines: seconds from now, or since 1970. */
function untilReset(headers: Headers, nowInMs: number): number | undefined {
  const text = firstOf(headers, resetHeaders);
  const isLeft = (firstOf(headers, remainingHeaders) ?? '0') !== '0';
  if (text === undefined || !isNumber(text) || isLeft) return undefined;
  const number = Number(text);
  if (number < smallestTime) return Math.ceil(number * 1000);
  const resetAtInMs = number < smallestTime * 1000 ? number * 1000 : number;
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
