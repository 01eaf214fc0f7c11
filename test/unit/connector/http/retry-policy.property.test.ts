import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRetry, type Outcome, pauseAfterFailure } from '../../../../connector/http/retry-policy.ts';

const statuses = fc.constantFrom(200, 301, 400, 401, 403, 404, 408, 409, 412, 429, 500, 501, 502, 503, 504);
const waits = fc.oneof(
  fc.constantFrom(undefined, 0, 1, Number.POSITIVE_INFINITY),
  fc.nat(100_000),
  fc.double({ min: 0, noNaN: true }),
);
const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    kind: fc.constant('answered' as const),
    status: statuses,
    isThrottled: fc.boolean(),
    retryAfterInMs: waits,
  }),
  fc.record({
    kind: fc.constant('transport_error' as const),
    maybeSent: fc.boolean(),
    isTransient: fc.boolean(),
  }),
);
/** One attempt: how it ends, how long it takes, and what chance says. */
const attempts = fc.infiniteStream(
  fc.record({
    outcome: outcomes,
    tookInMs: fc.nat(5_000),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  }),
);

describe('the retry policy', () => {
  it('starts no attempt at or past the deadline, and none after the tenth, in any sequence of outcomes', () => {
    fc.assert(
      fc.property(attempts, fc.boolean(), fc.nat(200_000), (stream, idempotent, deadlineAtInMs) => {
        let nowInMs = 0;
        let number = 0;
        for (const { outcome, tookInMs, random } of stream) {
          number += 1;
          expect(number).toBeLessThanOrEqual(10);
          nowInMs += tookInMs;
          const decision = decideRetry({ idempotent, number, outcome, nowInMs, deadlineAtInMs, random });
          if (decision.kind === 'stop') return;
          expect(decision.waitInMs).toBeGreaterThanOrEqual(0);
          nowInMs += decision.waitInMs;
          expect(nowInMs).toBeLessThan(deadlineAtInMs);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('checks before it retries a non-idempotent request with an unknown outcome, and reports the unknown outcome when it stops', () => {
    fc.assert(
      fc.property(outcomes, fc.boolean(), fc.integer({ min: 1, max: 12 }), (outcome, idempotent, number) => {
        const decision = decideRetry({
          idempotent,
          number,
          outcome,
          nowInMs: 0,
          deadlineAtInMs: 60_000,
          random: 0.5,
        });
        const mayHaveActed =
          outcome.kind === 'transport_error'
            ? outcome.maybeSent
            : [500, 502, 503, 504].includes(outcome.status);
        const isUnknown = mayHaveActed && !idempotent;
        expect(decision.kind === 'retry' ? decision.checkBeforeRetry : decision.isUnknown).toBe(isUnknown);
      }),
      { numRuns: 1000 },
    );
  });

  it('never waits less than the provider asks', () => {
    fc.assert(
      fc.property(fc.constantFrom(429, 503), fc.nat(50_000), (status, retryAfterInMs) => {
        const decision = decideRetry({
          idempotent: true,
          number: 1,
          outcome: { kind: 'answered', status, retryAfterInMs },
          nowInMs: 0,
          deadlineAtInMs: 60_000,
          random: 0,
        });
        expect(decision).toMatchObject({ kind: 'retry', waitInMs: retryAfterInMs });
      }),
    );
  });

  it('waits at most an hour for a server, however long the deadline is', () => {
    fc.assert(
      fc.property(outcomes, fc.integer({ min: 1, max: 12 }), (outcome, number) => {
        const decision = decideRetry({
          idempotent: true,
          number,
          outcome,
          nowInMs: 0,
          deadlineAtInMs: Number.POSITIVE_INFINITY,
          random: 0.999,
        });
        const waitInMs = decision.kind === 'retry' ? decision.waitInMs : (decision.neededInMs ?? 0);
        expect(waitInMs).toBeLessThanOrEqual(3_600_000);
      }),
      { numRuns: 1000 },
    );
  });

  it('retries a 403 only if it throttles', () => {
    fc.assert(
      fc.property(fc.boolean(), waits, (isThrottled, retryAfterInMs) => {
        const { kind } = decideRetry({
          idempotent: false,
          number: 1,
          outcome: { kind: 'answered', status: 403, isThrottled, retryAfterInMs },
          nowInMs: 0,
          deadlineAtInMs: Number.POSITIVE_INFINITY,
          random: 0.5,
        });
        expect(kind).toBe(isThrottled ? 'retry' : 'stop');
      }),
    );
  });

  it('pauses after a failure for at least the interval, and at most an hour beyond it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.nat(10_000_000),
        waits,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (number, everyInMs, retryAfterInMs, random) => {
          const pauseInMs = pauseAfterFailure({ number, everyInMs, retryAfterInMs, random });
          expect(pauseInMs).toBeGreaterThanOrEqual(everyInMs);
          expect(pauseInMs).toBeLessThanOrEqual(Math.max(everyInMs, 3_600_000));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
