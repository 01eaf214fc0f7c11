import { ConnectorError, type ErrorCode } from '../../connector/errors.ts';
import { decideRetry, type Outcome, pauseAfterFailure } from '../../connector/http/retry-policy.ts';
import { type Platform, RetryAfter, TransportError } from '../../connector/platform.ts';

/** How something is retried. */
export interface RetryForeverOptions {
  /** What is retried, in the log: `poll` logs `poll_failed` and `poll_recovered`. */
  readonly name: string;
  /** Which one it is, in the log. */
  readonly origin: string;
  /** The shortest wait between two rounds of attempts, in milliseconds. */
  readonly everyInMs: number;
  /**
   * How long one round of attempts lasts, in milliseconds. Within it, failures are retried at the pace of a request,
   * and are no warnings. Default: 0, so that a round is one attempt.
   */
  readonly roundInMs?: number | undefined;
  /** Rethrows the error of the first round. */
  readonly isOnce?: boolean | undefined;
  /** Ends the retries. An attempt in progress is not aborted. */
  readonly signal: AbortSignal;
}

const transientCodes: ReadonlySet<ErrorCode> = new Set(['unavailable', 'rate_limited', 'provider_fault']);

/**
 * Retries until success; rethrows permanent errors.
 *
 * @throws whatever is not a transient ConnectorError, and the reason of the signal.
 */
export function retryForever<T>(
  run: () => Promise<T>,
  { name, origin, everyInMs, roundInMs = 0, isOnce = false, signal }: RetryForeverOptions,
  { log, now, random, retry }: Pick<Platform, 'log' | 'now' | 'random' | 'retry'>,
): Promise<T> {
  let rounds = 0;
  let attempt = 0;
  let deadlineAtInMs = 0;
  return retry(async () => {
    attempt += 1;
    if (attempt === 1) deadlineAtInMs = now() + roundInMs;
    try {
      const result = await run();
      if (rounds > 0) log({ level: 'info', event: `${name}_recovered`, origin });
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ConnectorError && transientCodes.has(error.code))) throw error;
      const decision = decideRetry({
        // A consumer recognizes a repeated event, and a poll changes nothing.
        idempotent: true,
        number: attempt,
        outcome: outcomeOf(error),
        nowInMs: now(),
        deadlineAtInMs,
        random: random(),
      });
      if (decision.kind === 'retry') {
        const { waitInMs } = decision;
        log({ level: 'info', event: `${name}_retried`, attempt, waitInMs });
        throw new RetryAfter(waitInMs);
      }
      if (isOnce) throw error;
      attempt = 0;
      rounds += 1;
      const { code, message, retryAfterInMs } = error;
      const waitInMs = pauseAfterFailure({ number: rounds, everyInMs, retryAfterInMs, random: random() });
      log({ level: 'warn', event: `${name}_failed`, origin, code, message, waitInMs });
      throw new RetryAfter(waitInMs);
    }
  }, signal);
}

/** How the attempt ended that an error reports. */
function outcomeOf({ code, cause, status, retryAfterInMs }: ConnectorError): Outcome {
  if (cause instanceof TransportError) {
    const { maybeSent, isTransient } = cause;
    return { kind: 'transport_error', maybeSent, isTransient };
  }
  // An error without a status is the consumer's own: it calls itself transient.
  return { kind: 'answered', status: status ?? 503, isThrottled: code === 'rate_limited', retryAfterInMs };
}
