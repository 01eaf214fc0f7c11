import type { Platform } from '../platform.ts';
import { longestWaitInMs } from './retry-after.ts';

/** The limits on requests. */
export interface RateLimits {
  /** The maximum number of concurrent requests. */
  readonly concurrency: number;
  readonly requestsPerMinute?: number | undefined;
}

/** Keeps a connection within its limits, and within the rate that the provider accepts. */
export interface RateLimiter {
  /**
   * Acquires a permit. Returns undefined if one is free; otherwise resolves when one is.
   *
   * @param deadlineAtInMs the time until which a permit is useful, in milliseconds since 1970.
   * @throws DeadlineExceeded immediately if a pause lasts longer, or later if the permit comes too late.
   */
  acquire(deadlineAtInMs: number, signal?: AbortSignal): Promise<void> | undefined;
  /** Returns the permit. */
  release(): void;
  /**
   * The provider throttled a request: halves the permits and holds all requests for the pause that it names. A pause
   * beyond {@link longestWaitInMs} is ignored, so that one absurd response does not block the connection.
   */
  onThrottled(pauseInMs: number): void;
  /** A request succeeded: one more permit for every full round of successes, up to the limit. */
  onSuccess(): void;
}

/** No permit is available before the request's deadline. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  /** The required wait, if the provider or the rate limit causes it; in milliseconds. */
  readonly waitInMs: number | undefined;

  constructor(waitInMs?: number) {
    super('there is no time left');
    this.waitInMs = waitInMs;
  }
}

/** With a rate limit, the share of a minute's requests that can be sent in one burst. */
const burstOfMinute = 1 / 30;
const shortestPauseInMs = 250;

interface Waiter {
  readonly deadlineAtInMs: number;
  admit(): void;
  reject(error: DeadlineExceeded): void;
}

/** Additive increase and multiplicative decrease, with a first-in, first-out queue. */
export function createRateLimiter(
  limits: RateLimits,
  platform: Pick<Platform, 'now' | 'sleep'>,
): RateLimiter {
  const { requestsPerMinute: rate } = limits;
  const burst = Math.max(1, Math.floor((rate ?? 0) * burstOfMinute));
  // The burst is a part of the requests per minute; the rest is spread over the whole minute.
  const spacingInMs = rate === undefined ? 0 : 60_000 / (rate - burst + 1);
  const burstInMs = spacingInMs * (burst - 1);
  const waiting: Waiter[] = [];
  let permits = limits.concurrency;
  let inUse = 0;
  let successes = 0;
  let pausedUntilInMs = 0;
  let dueInMs = 0;
  let wakeUp: AbortController | undefined;

  const waitInMs = (): number =>
    Math.max(pausedUntilInMs, spacingInMs === 0 ? 0 : dueInMs - burstInMs) - platform.now();

  const take = (): void => {
    inUse += 1;
    if (spacingInMs > 0) dueInMs = Math.max(dueInMs, platform.now()) + spacingInMs;
  };

  const admit = (): void => {
    for (let first = waiting[0]; first !== undefined && inUse < permits; first = waiting[0]) {
      const ms = waitInMs();
      if (platform.now() + Math.max(0, ms) >= first.deadlineAtInMs) {
        waiting.shift();
        first.reject(new DeadlineExceeded(ms > 0 ? ms : undefined));
      } else if (ms > 0) {
        void wakeIn(ms);
        return;
      } else {
        take();
        waiting.shift();
        first.admit();
      }
    }
  };

  const wakeIn = async (ms: number): Promise<void> => {
    if (wakeUp !== undefined) return;
    wakeUp = new AbortController();
    const { signal } = wakeUp;
    await platform.sleep(ms, signal).catch(() => undefined);
    if (signal.aborted) return;
    wakeUp = undefined;
    admit();
  };

  const remove = (waiter: Waiter): void => {
    waiting.splice(waiting.indexOf(waiter), 1);
    if (waiting.length > 0) return;
    // An unused timer would keep the process alive.
    wakeUp?.abort();
    wakeUp = undefined;
  };

  /** Rejects all waiters for whom a pause is too long immediately. */
  const rejectExpiredWaiters = (): void => {
    const waitedInMs = pausedUntilInMs - platform.now();
    const expired = waiting.filter(({ deadlineAtInMs }) => deadlineAtInMs <= pausedUntilInMs);
    for (const waiter of expired) {
      remove(waiter);
      waiter.reject(new DeadlineExceeded(waitedInMs));
    }
  };

  const queue = (deadlineAtInMs: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const giveUp = (): void => {
        remove(waiter);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        deadlineAtInMs,
        admit() {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        },
        reject(error) {
          signal?.removeEventListener('abort', giveUp);
          reject(error);
        },
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      waiting.push(waiter);
      rejectExpiredWaiters();
      admit();
    });

  return {
    acquire(deadlineAtInMs, signal) {
      if (
        waiting.length > 0 ||
        inUse >= permits ||
        ((pausedUntilInMs > 0 || spacingInMs > 0) && waitInMs() > 0)
      )
        return queue(deadlineAtInMs, signal);
      take();
      return undefined;
    },
    release() {
      inUse -= 1;
      admit();
    },
    onThrottled(pauseInMs) {
      permits = Math.max(1, Math.floor(permits / 2));
      successes = 0;
      const heldInMs =
        pauseInMs <= longestWaitInMs ? Math.max(shortestPauseInMs, pauseInMs) : shortestPauseInMs;
      pausedUntilInMs = Math.max(pausedUntilInMs, platform.now() + heldInMs);
      rejectExpiredWaiters();
    },
    onSuccess() {
      if (permits === limits.concurrency) return;
      successes += 1;
      if (successes < permits) return;
      successes = 0;
      permits += 1;
    },
  };
}
