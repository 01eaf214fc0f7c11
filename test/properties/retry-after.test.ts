import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterInMs } from '../../connector/http/retry-after.ts';
import { anyText } from '../support/any-text.ts';

const headerTexts = fc.oneof(
  anyText,
  fc.double().map(String),
  fc.bigInt().map(String),
  fc.date().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  fc.stringMatching(/^\d{1,400}(\.\d{1,20})?$/),
);

describe('reading Retry-After', () => {
  it('gives undefined or a wait of 0 or more, whatever the headers say', () => {
    fc.assert(
      fc.property(
        fc.record({ 'retry-after': headerTexts, date: headerTexts }, { requiredKeys: [] }),
        fc.nat(),
        (headers, nowInMs) => {
          const ms = retryAfterInMs(headers as Record<string, string>, nowInMs);
          expect(ms === undefined || ms >= 0).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
