import type { Runtime } from '../runtime.ts';

/** How many requests may go out. */
export interface RateLimits {
  /** The largest number under way at once. */
  readonly concurrency: number;
  readonly requestsPerMinute?: number | undefined;
}

/** Keeps a connection within its limits, and within what the provider shows that it can take. */
export interface RateLimiter {
  /**
   * Takes a place. Undefined when there is one at once; otherwise resolves when there is.
   *
   * @param deadlineAtInMs until when a place is of use, in milliseconds since 1970.
   * @throws NoTimeLeft at once when a pause lasts longer than that, or when the turn comes too late.
   */
  enter(deadlineAtInMs: number, signal?: AbortSignal): Promise<void> | undefined;
  /** Gives the place back. */
  leave(): void;
  /** The provider answered 429: halve the places, and let nobody in for so long. */
  slowDown(pauseInMs: number): void;
  /** The provider answered well: one place more for every full round of good answers, up to the limit. */
  speedUp(): void;
}

/** There is no place for a request before its deadline. */
export class NoTimeLeft extends Error {
  override readonly name = 'NoTimeLeft';
  /** How long it would have to wait, where it is the provider or the rate that makes it wait; in milliseconds. */
  readonly waitInMs: number | undefined;

  constructor(waitInMs?: number) {
    super('there is no time left');
    this.waitInMs = waitInMs;
  }
}

/** With a rate, this part of a minute's requests may go out in one burst. */
const burstOfMinute = 1 / 30;
const shortestPauseInMs = 250;

interface Waiter {
  readonly deadlineAtInMs: number;
  go(): void;
  refuse(error: NoTimeLeft): void;
}

/** Additive increase, multiplicative decrease, over a queue that is first in, first out. */
export function createRateLimiter(limits: RateLimits, runtime: Pick<Runtime, 'now' | 'sleep'>): RateLimiter {
  const { requestsPerMinute: rate } = limits;
  const burst = Math.max(1, Math.floor((rate ?? 0) * burstOfMinute));
  // The burst is a part of the minute's requests, so that the rest of them is spread over the whole minute.
  const spacingInMs = rate === undefined ? 0 : 60_000 / (rate - burst + 1);
  const burstInMs = spacingInMs * (burst - 1);
  const waiting: Waiter[] = [];
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
    for (let first = waiting[0]; first !== undefined && taken < places; first = waiting[0]) {
      const ms = waitInMs();
      if (runtime.now() + Math.max(0, ms) >= first.deadlineAtInMs) {
        waiting.shift();
        first.refuse(new NoTimeLeft(ms > 0 ? ms : undefined));
      } else if (ms > 0) {
        void wakeIn(ms);
        return;
      } else {
        take();
        waiting.shift();
        first.go();
      }
    }
  };

  const wakeIn = async (ms: number): Promise<void> => {
    if (isWaking) return;
    isWaking = true;
    await runtime.sleep(ms);
    isWaking = false;
    admit();
  };

  /** Takes those out of the queue for whom a pause is too long, so that they learn it now. */
  const refuseHopeless = (): void => {
    const waitedInMs = pausedUntilInMs - runtime.now();
    const hopeless = waiting.filter(({ deadlineAtInMs }) => deadlineAtInMs <= pausedUntilInMs);
    for (const waiter of hopeless) {
      waiting.splice(waiting.indexOf(waiter), 1);
      waiter.refuse(new NoTimeLeft(waitedInMs));
    }
  };

  const queue = (deadlineAtInMs: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const leave = (): void => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        deadlineAtInMs,
        go() {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
        refuse(error) {
          signal?.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.push(waiter);
      refuseHopeless();
      admit();
    });

  return {
    enter(deadlineAtInMs, signal) {
      if (
        waiting.length > 0 ||
        taken >= places ||
        ((pausedUntilInMs > 0 || spacingInMs > 0) && waitInMs() > 0)
      )
        return queue(deadlineAtInMs, signal);
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
      refuseHopeless();
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
