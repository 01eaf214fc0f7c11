import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRateLimiter } from '../../../../../sandbox/workspace/http/create-rate-limiter.ts';

it('admits at most the limit in a minute, and returns the exact wait for the next request', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 60 }),
      (limit, pauses) => {
        let nowMs = 0;
        const limiter = createRateLimiter(() => new Date(nowMs));
        const passed: number[] = [];
        for (const pause of pauses) {
          nowMs += pause;
          const waitInSeconds = limiter(limit);
          if (waitInSeconds === undefined) {
            passed.push(nowMs);
            continue;
          }
          expect(waitInSeconds).toBeGreaterThanOrEqual(1);
          expect(waitInSeconds).toBeLessThanOrEqual(60);
          nowMs += waitInSeconds * 1000;
          expect(limiter(limit)).toBeUndefined();
          passed.push(nowMs);
        }
        // A minute begins with its first request, so that no such minute holds more than the limit.
        for (let from = 0; from < passed.length; ) {
          const start = passed[from] ?? 0;
          const within = passed.filter((time) => time >= start && time < start + 60_000);
          expect(within.length).toBeLessThanOrEqual(limit);
          from += within.length;
        }
      },
    ),
  );
});

it('admits every request without a limit, and after the clock was set back', () => {
  let nowMs = 1_000_000;
  const limiter = createRateLimiter(() => new Date(nowMs));
  for (let nth = 0; nth < 100; nth += 1) expect(limiter(null)).toBeUndefined();
  expect(limiter(1)).toBe(60);
  nowMs = 0;
  expect(limiter(1)).toBeUndefined();
});
