const windowInMs = 60_000;

/**
 * Counts a request. Returns undefined to allow it, or the seconds to wait, at least 1, if this minute's limit
 * is reached.
 */
export type RateLimiter = (requestsPerMinute: number | null) => number | undefined;

/** Creates a rate limiter. A minute begins with the first request after the previous minute. */
export function createRateLimiter(now: () => Date): RateLimiter {
  let startedAtMs = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (requestsPerMinute) => {
    const nowMs = now().getTime();
    // A clock that was set back must not lock out clients.
    if (nowMs - startedAtMs >= windowInMs || nowMs < startedAtMs) {
      startedAtMs = nowMs;
      count = 0;
    }
    if (requestsPerMinute === null || count < requestsPerMinute) {
      count += 1;
      return undefined;
    }
    return Math.max(1, Math.ceil((startedAtMs + windowInMs - nowMs) / 1000));
  };
}
