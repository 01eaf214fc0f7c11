import { describe, expect, it } from 'vitest';
import { createRateLimiter, DeadlineExceeded } from '../../../../connector/http/rate-limiter.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';

const far = 1_000_000;

/** Whether a place is there at once. */
const isFree = (entered: Promise<void> | undefined): boolean => entered === undefined;

describe('the rate limiter', () => {
  it('admits as many requests as there are permits, and the others in order', async () => {
    const clock = createVirtualClock();
    const limiter = createRateLimiter({ concurrency: 2 }, clock);
    const order: string[] = [];
    expect([isFree(limiter.acquire(far)), isFree(limiter.acquire(far))]).toEqual([true, true]);
    const third = limiter.acquire(far)?.then(() => order.push('third'));
    const fourth = limiter.acquire(far)?.then(() => order.push('fourth'));
    expect(order).toEqual([]);

    limiter.release();
    await third;
    limiter.release();
    await fourth;

    expect(order).toEqual(['third', 'fourth']);
  });

  it('halves the permits at a 429, down to one, and adds one for each round of successes', async () => {
    const clock = createVirtualClock();
    const limiter = createRateLimiter({ concurrency: 8 }, clock);
    /** How many find a place when the pause is over; they leave again. */
    const places = async (): Promise<number> => {
      void clock.sleep(10_000);
      await clock.run();
      let free = 0;
      while (limiter.acquire(clock.now() + 1) === undefined) free += 1;
      // The one who found none is let in by the first who leaves, and leaves like the others.
      for (let left = free + 1; left > 0; left -= 1) limiter.release();
      return free;
    };
    const onSuccess = (times: number): void => {
      for (let time = 0; time < times; time += 1) limiter.onSuccess();
    };
    const seen = [await places()];
    for (const _ of [1, 2, 3, 4, 5]) {
      limiter.onThrottled(0);
      seen.push(await places());
    }
    for (const answers of [1, 1, 1, 3, 100]) {
      onSuccess(answers);
      seen.push(await places());
    }

    expect(seen).toEqual([8, 4, 2, 1, 1, 1, 2, 2, 3, 4, 8]);
  });

  it('holds all requests for the pause that the provider asks for', async () => {
    const clock = createVirtualClock();
    const limiter = createRateLimiter({ concurrency: 4 }, clock);
    limiter.onThrottled(3_000);
    let enteredAtInMs = -1;
    const entered = limiter.acquire(far)?.then(() => {
      enteredAtInMs = clock.now();
    });

    await clock.run();
    await entered;

    expect(enteredAtInMs).toBe(3_000);
  });

  it('rejects requests immediately whose deadline is before the end of a pause', async () => {
    const clock = createVirtualClock();
    const limiter = createRateLimiter({ concurrency: 1 }, clock);
    expect(isFree(limiter.acquire(far))).toBe(true);
    const waiting = limiter.acquire(1_000);
    limiter.onThrottled(3_600_000);

    await expect(waiting).rejects.toThrow(DeadlineExceeded);
    await expect(limiter.acquire(5_000)).rejects.toMatchObject({ waitInMs: 3_600_000 });
  });

  it.each([3_600_001, Number.POSITIVE_INFINITY])(
    'ignores a pause beyond an hour (%d ms)',
    async (pauseInMs) => {
      const clock = createVirtualClock();
      const limiter = createRateLimiter({ concurrency: 4 }, clock);
      limiter.onThrottled(pauseInMs);
      const admitted = limiter.acquire(1_000)?.then(() => clock.now());

      await clock.run();

      expect(await admitted).toBe(250);
    },
  );

  it('stops its timer when the last waiter is aborted', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const limiter = createRateLimiter(
      { concurrency: 4 },
      {
        now: () => 0,
        sleep: (_, signal) => {
          signals.push(signal);
          return new Promise(() => undefined);
        },
      },
    );
    limiter.onThrottled(60_000);
    const [one, other] = [new AbortController(), new AbortController()];
    const ended = Promise.allSettled([limiter.acquire(far, one.signal), limiter.acquire(far, other.signal)]);

    one.abort();
    expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
    other.abort();
    await ended;

    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });

  it('rejects a request whose permit comes too late', async () => {
    const clock = createVirtualClock();
    const limiter = createRateLimiter({ concurrency: 1 }, clock);
    limiter.acquire(far);
    const ended = Promise.allSettled([limiter.acquire(1_000), limiter.acquire(far)]);
    void clock.sleep(2_000).then(() => limiter.release());

    await clock.run();

    expect(await ended).toMatchObject([
      { status: 'rejected', reason: { name: 'DeadlineExceeded', waitInMs: undefined } },
      { status: 'fulfilled' },
    ]);
  });

  it('removes an aborted waiter, with the reason of the signal', async () => {
    const limiter = createRateLimiter({ concurrency: 1 }, createVirtualClock());
    limiter.acquire(far);
    const controller = new AbortController();
    const ended = Promise.allSettled([limiter.acquire(far, controller.signal), limiter.acquire(far)]);
    controller.abort(new Error('enough'));
    limiter.release();

    expect(await ended).toMatchObject([
      { status: 'rejected', reason: { message: 'enough' } },
      { status: 'fulfilled' },
    ]);
    await expect(limiter.acquire(far, AbortSignal.abort(new Error('never')))).rejects.toThrow('never');
  });

  it('spreads a minute’s requests over the minute, after a small burst', async () => {
    const clock = createVirtualClock();
    const limiter = createRateLimiter({ concurrency: 100, requestsPerMinute: 60 }, clock);
    const times: number[] = [];
    const all = Array.from({ length: 5 }, async () => {
      await limiter.acquire(far);
      times.push(Math.round(clock.now()));
    });

    await clock.run();
    await Promise.all(all);

    expect(times).toEqual([0, 0, 1_017, 2_034, 3_051]);
  });
});
