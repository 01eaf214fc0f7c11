import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../../../connector/http/rate-limiter.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';

/** One request: when it comes, how long it is under way, and what it says at its end. */
const requests = fc.array(
  fc.record({
    atInMs: fc.nat(90_000),
    tookInMs: fc.nat(3_000),
    end: fc.oneof(
      { arbitrary: fc.constant('good' as const), weight: 4 },
      { arbitrary: fc.nat(20_000), weight: 1 },
    ),
    patienceInMs: fc.constantFrom(500, 10_000, 400_000),
  }),
  { maxLength: 60 },
);

interface Admission {
  readonly atInMs: number;
  readonly leftAtInMs: number;
}

/** Runs a schedule through a limiter, and returns who was let in when; `end` is a pause in milliseconds, or good. */
async function play(
  limits: { readonly concurrency: number; readonly requestsPerMinute?: number },
  schedule: readonly { atInMs: number; tookInMs: number; end: 'good' | number; patienceInMs: number }[],
): Promise<{ admitted: Admission[]; refused: number; pauses: { from: number; to: number }[] }> {
  const clock = createVirtualClock();
  const limiter = createRateLimiter(limits, clock);
  const admitted: Admission[] = [];
  const pauses: { from: number; to: number }[] = [];
  let refused = 0;
  const ends = schedule.map(async ({ atInMs, tookInMs, end, patienceInMs }) => {
    await clock.sleep(atInMs);
    const deadlineAtInMs = clock.now() + patienceInMs;
    try {
      await limiter.acquire(deadlineAtInMs);
    } catch {
      refused += 1;
      return;
    }
    const enteredAtInMs = clock.now();
    expect(enteredAtInMs).toBeLessThan(deadlineAtInMs);
    await clock.sleep(tookInMs);
    admitted.push({ atInMs: enteredAtInMs, leftAtInMs: clock.now() });
    if (end === 'good') limiter.onSuccess();
    else {
      limiter.onThrottled(end);
      pauses.push({ from: clock.now(), to: clock.now() + end });
    }
    limiter.release();
  });
  await clock.run();
  await Promise.all(ends);
  return { admitted: admitted.toSorted((one, other) => one.atInMs - other.atInMs), refused, pauses };
}

describe('the rate limiter', () => {
  it('admits or rejects every request, at most as many at once as the limit, and none in a pause', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), requests, async (concurrency, schedule) => {
        const { admitted, refused, pauses } = await play({ concurrency }, schedule);
        expect(admitted.length + refused).toBe(schedule.length);
        for (const { atInMs } of admitted) {
          const others = admitted.filter((other) => other.atInMs <= atInMs && other.leftAtInMs > atInMs);
          expect(others.length).toBeLessThanOrEqual(concurrency);
          expect(pauses.filter(({ from, to }) => atInMs > from && atInMs < to)).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('admits at most the rate within any minute', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), requests, async (requestsPerMinute, schedule) => {
        const crowd = [...schedule, ...schedule, ...schedule, ...schedule];
        const { admitted } = await play({ concurrency: 64, requestsPerMinute }, crowd);
        for (const [index, { atInMs }] of admitted.entries()) {
          const after = admitted[index + requestsPerMinute];
          // Floating-point times may be off by a hair.
          if (after !== undefined) expect(after.atInMs - atInMs).toBeGreaterThan(60_000 - 0.001);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('rejects no request that can wait, without a pause', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), requests, async (concurrency, schedule) => {
        const calm = schedule.map((one) => ({ ...one, end: 'good' as const, patienceInMs: 10_000_000 }));
        expect((await play({ concurrency }, calm)).refused).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});
