import { ConnectorError, type ErrorCode } from '../../connector/errors.ts';
import { pauseAfterFailure } from '../../connector/http/retry-policy.ts';
import type { Platform } from '../../connector/platform.ts';

/** What passes by itself; all else stays as it is until somebody does something about it. */
const transientCodes: ReadonlySet<ErrorCode> = new Set(['unavailable', 'rate_limited', 'provider_fault']);

/** How something is tried until it does well. */
export interface RetryForeverOptions {
  /** What is tried, in the log: `poll` gives `poll_failed` and `poll_recovered`. */
  readonly name: string;
  /** Which one it is, in the log. */
  readonly origin: string;
  /** The least wait between two tries, in milliseconds. */
  readonly everyInMs: number;
  readonly signal: AbortSignal;
}

/** Runs something until it does well. @throws what does not pass by itself, and the signal's reason */
export async function retryForever<T>(
  run: () => Promise<T>,
  { name, origin, everyInMs, signal }: RetryForeverOptions,
  { log, random, sleep }: Pick<Platform, 'log' | 'random' | 'sleep'>,
): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      const result = await run();
      if (number > 1) log({ level: 'info', event: `${name}_recovered`, origin });
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ConnectorError && transientCodes.has(error.code))) throw error;
      const { code, message, retryAfterInMs } = error;
      const waitInMs = pauseAfterFailure({ number, everyInMs, retryAfterInMs, random: random() });
      log({ level: 'warn', event: `${name}_failed`, origin, code, message, waitInMs });
      await sleep(waitInMs, signal);
    }
  }
}
