import { describe, expect, it } from 'vitest';
import { isThrottled, namedWaitInMs, unboundedWaitInMs } from '../../../../connector/http/retry-after.ts';

const nowInMs = Date.UTC(2026, 0, 1, 12);
const date = (ms: number): string => new Date(nowInMs + ms).toUTCString();

describe('reading Retry-After', () => {
  it.each([
    ['seconds', { 'retry-after': '120' }, 120_000],
    ['blanks around it', { 'retry-after': ' 7 ' }, 7_000],
    ['parts of a second, rounded up', { 'retry-after': '0.0015' }, 2],
    ['nothing to wait', { 'retry-after': '0' }, 0],
    ['a date', { 'retry-after': date(30_000) }, 30_000],
    ['a date gone by', { 'retry-after': date(-30_000) }, 0],
    ['a date, by the clock of the answer', { 'retry-after': date(90_000), date: date(60_000) }, 30_000],
    ['a date, next to a Date that cannot be read', { 'retry-after': date(90_000), date: 'soon' }, 90_000],
    ['seconds, whatever Date says', { 'retry-after': '5', date: date(60_000) }, 5_000],
    ['an ISO date', { 'retry-after': '2026-01-01T12:00:10Z' }, 10_000],
    ['an hour', { 'retry-after': '3600' }, 3_600_000],
    ['a month for an hour', { 'retry-after': '2592000' }, 3_600_000],
    ['the time of day for an hour', { 'retry-after': String(nowInMs / 1000) }, 3_600_000],
    ['more digits than a number has for an hour', { 'retry-after': '9'.repeat(400) }, 3_600_000],
    ['a date in the next century for an hour', { 'retry-after': 'Fri, 01 Jan 2100 00:00:00 GMT' }, 3_600_000],
    ['no header', {}, undefined],
    ['an empty header', { 'retry-after': '' }, undefined],
    ['words', { 'retry-after': 'a while' }, undefined],
    ['a negative number', { 'retry-after': '-' }, undefined],
  ])('takes %s', (_, headers, wait) => {
    expect(namedWaitInMs(503, headers as Record<string, string>, nowInMs)).toBe(wait);
  });
});

describe('a throttled response', () => {
  it.each([
    [429, {}, true],
    [403, { 'retry-after': '1' }, true],
    [403, { 'retry-after': date(1_000) }, true],
    [403, { 'x-ratelimit-remaining': '0' }, true],
    [403, { 'x-rate-limit-remaining': ' 0 ' }, true],
    [403, { 'ratelimit-remaining': '0' }, true],
    [403, {}, false],
    [403, { 'retry-after': 'never' }, false],
    [403, { 'x-ratelimit-remaining': '1' }, false],
    [403, { 'x-ratelimit-reset': '1' }, false],
    [401, { 'retry-after': '1', 'x-ratelimit-remaining': '0' }, false],
    [404, { 'x-ratelimit-remaining': '0' }, false],
    [503, { 'retry-after': '1' }, false],
  ])('with status %i and %j throttles: %s', (status, headers, expected) => {
    expect(isThrottled(status, headers as Record<string, string>)).toBe(expected);
  });

  const resetAt = (ms: number): string => String((nowInMs + ms) / 1000);

  it.each([
    ['by Retry-After first', 429, { 'retry-after': '2', 'x-ratelimit-reset': '9' }, 2_000],
    ['until the limit is reset, in seconds', 429, { 'ratelimit-reset': '9' }, 9_000],
    ['until the limit is reset, at a time', 429, { 'x-rate-limit-reset': resetAt(3_000) }, 3_000],
    [
      'until the limit is reset, at a time in milliseconds',
      429,
      { 'x-ratelimit-reset': String(nowInMs + 3_000) },
      3_000,
    ],
    [
      'by the clock of the answer',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': resetAt(60_000), date: date(57_000) },
      3_000,
    ],
    ['no time after the reset', 429, { 'x-ratelimit-reset': resetAt(-5_000) }, 0],
    ['an hour at most', 429, { 'x-ratelimit-reset': resetAt(86_400_000) }, 3_600_000],
    [
      'as it likes while requests are left',
      429,
      { 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': '9' },
      undefined,
    ],
    ['as it likes when the reset cannot be read', 429, { 'x-ratelimit-reset': 'soon' }, undefined],
    [
      'as it likes without a limit',
      503,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '9' },
      undefined,
    ],
    ['by Retry-After, whatever the status', 503, { 'retry-after': '4' }, 4_000],
  ])('makes the client wait %s', (_, status, headers, expected) => {
    expect(namedWaitInMs(status, headers as Record<string, string>, nowInMs)).toBe(expected);
  });

  it('is distinguished if it requests more than an hour', () => {
    expect(unboundedWaitInMs(429, { 'retry-after': '3600' }, nowInMs)).toBe(3_600_000);
    expect(unboundedWaitInMs(429, { 'retry-after': '3601' }, nowInMs)).toBe(3_601_000);
    expect(unboundedWaitInMs(429, { 'retry-after': '9'.repeat(400) }, nowInMs)).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
