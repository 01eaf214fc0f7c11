import type { Runtime } from '../runtime.ts';

/** How many requests may go out. */
export interface RateLimits {
  /** The largest number under way at once. */
  readonly concurrency: number;
  readonly requestsPerMinute?: number | undefined;
}

/** Keeps a connection within its limits, and within what the provider shows that it can take. */
export interface RateLimiter {
  /** Takes a place. Undefined when there is one at once; otherwise resolves when there is. */
  enter(signal?: AbortSignal): Promise<void> | undefined;
  /** Gives the place back. */
  leave(): void;
  /** The provider answered 429: halve the places, and let nobody in for so long. */
  slowDown(pauseInMs: number): void;
  /** The provider answered well: one place more for every full round of good answers, up to the limit. */
  speedUp(): void;
}

/** With a rate, this part of a minute's requests may go out in one burst. */
const burstOfMinute = 1 / 30;
const shortestPauseInMs = 250;

/** Additive increase, multiplicative decrease, over a queue that is first in, first out. */
export function createRateLimiter(limits: RateLimits, runtime: Pick<Runtime, 'now' | 'sleep'>): RateLimiter {
  const spacingInMs = limits.requestsPerMinute === undefined ? 0 : 60_000 / limits.requestsPerMinute;
  const burstInMs = spacingInMs * Math.max(0, (limits.requestsPerMinute ?? 0) * burstOfMinute - 1);
  const waiting: (() => void)[] = [];
  let places = limits.concurrency;
  let taken = 0;
  let goodAnswers = 0;
  let pausedUntilInMs = 0;
  let dueInMs = 0;
  let isWaking = false;

  const waitInMs = (): number =>
    Math.max(pausedUntilInMs, spacingInMs === 0 ? 0 : dueInMs - burstInMs) - runtime.now();

  const take = (): void => {
    taken += 1;
    if (spacingInMs > 0) dueInMs = Math.max(dueInMs, runtime.now()) + spacingInMs;
  };

  const admit = (): void => {
    while (waiting.length > 0 && taken < places) {
      const ms = waitInMs();
      if (ms > 0) {
        void wakeIn(ms);
        return;
      }
      take();
      waiting.shift()?.();
    }
  };

  const wakeIn = async (ms: number): Promise<void> => {
    if (isWaking) return;
    isWaking = true;
    await runtime.sleep(ms);
    isWaking = false;
    admit();
  };

  const queue = (signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const go = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.push(go);
      admit();
    });

  return {
    enter(signal) {
      if (
        waiting.length > 0 ||
        taken >= places ||
        ((pausedUntilInMs > 0 || spacingInMs > 0) && waitInMs() > 0)
      )
        return queue(signal);
      take();
      return undefined;
    },
    leave() {
      taken -= 1;
      admit();
    },
    slowDown(pauseInMs) {
      places = Math.max(1, Math.floor(places / 2));
      goodAnswers = 0;
      pausedUntilInMs = Math.max(pausedUntilInMs, runtime.now() + Math.max(shortestPauseInMs, pauseInMs));
    },
    speedUp() {
      if (places === limits.concurrency) return;
      goodAnswers += 1;
      if (goodAnswers < places) return;
      goodAnswers = 0;
      places += 1;
    },
  };
}
