import pRetry, { AbortError } from 'p-retry';
import { RetryAfter } from '../../connector/platform.ts';
import { sleep } from './sleep.ts';

/**
 * Runs an attempt again for as long as it throws a {@link RetryAfter}, after the wait that it names. The policy decides;
 * p-retry only carries it out, so that its own count, backoff and time are switched off.
 */
export async function retry<T>(
  attempt: (attemptNumber: number) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    // Most requests need one attempt, and p-retry adds a measurable cost to it.
    return await attempt(1);
  } catch (error) {
    if (!(error instanceof RetryAfter)) throw error;
    await sleep(error.waitInMs, signal);
  }
  return pRetry(
    async (attemptNumber) => {
      try {
        return await attempt(attemptNumber + 1);
      } catch (error) {
        throw error instanceof RetryAfter
          ? error
          : new AbortError(error instanceof Error ? error : String(error));
      }
    },
    {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 0,
      onFailedAttempt: ({ error }) => sleep(error instanceof RetryAfter ? error.waitInMs : 0, signal),
    },
  );
}
