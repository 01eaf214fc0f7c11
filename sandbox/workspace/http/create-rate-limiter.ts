const windowInMs = 60_000;

/**
 * Counts a request. Undefined lets it through; a number is how many seconds to wait, at least 1, when there were as
 * many as the limit allows since the minute began.
 */
export type RateLimiter = (requestsPerMinute: number | null) => number | undefined;

/** Makes a rate limiter. A minute begins with the first request after the last minute has ended. */
export function createRateLimiter(now: () => Date): RateLimiter {
  let startedAtMs = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (requestsPerMinute) => {
    const nowMs = now().getTime();
    // A clock that was set back must not lock anybody out.
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
