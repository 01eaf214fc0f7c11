import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namedWaitInMs } from '../../../../connector/http/retry-after.ts';
import { anyText } from '../../../support/any-text.ts';

const headerTexts = fc.oneof(
  anyText,
  fc.double().map(String),
  fc.bigInt().map(String),
  fc.date().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  fc.stringMatching(/^\d{1,400}(\.\d{1,20})?$/),
);

const isWait = (ms: number): boolean => Number.isInteger(ms) && ms >= 0 && ms <= 3_600_000;

describe('reading Retry-After', () => {
  it('returns undefined or a wait between 0 and an hour, in whole milliseconds, whatever the headers say', () => {
    fc.assert(
      fc.property(
        fc.record({ 'retry-after': headerTexts, date: headerTexts }, { requiredKeys: [] }),
        fc.nat(),
        (headers, nowInMs) => {
          const ms = namedWaitInMs(503, headers as Record<string, string>, nowInMs);
          expect(ms === undefined || isWait(ms)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('never waits more than an hour for the headers of a rate limit', () => {
    const names = ['retry-after', 'x-ratelimit-reset', 'x-ratelimit-remaining', 'ratelimit-reset', 'date'];
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), headerTexts),
        fc.constantFrom(403, 429, 503),
        fc.nat(),
        (headers, status, nowInMs) => {
          const ms = namedWaitInMs(status, headers, nowInMs);
          expect(ms === undefined || isWait(ms)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
