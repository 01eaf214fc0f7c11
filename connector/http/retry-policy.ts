import { longestWaitInMs } from './retry-after.ts';

/** How one attempt ended. */
export type Outcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Whether the provider rejected the request because there were too many: a 403 can say so, too. */
      readonly isThrottled?: boolean;
      /** The wait that the response asks for. */
      readonly retryAfterInMs?: number | undefined;
    }
  | {
      /** There is no complete response. */
      readonly kind: 'transport_error';
      /** False only if it is certain that the provider has not received the request. */
      readonly maybeSent: boolean;
      /** Whether the same request can succeed later; an invalid certificate cannot. */
      readonly isTransient: boolean;
    };

/** The input of the policy. Times are in milliseconds since 1970. */
export interface Attempt {
  /** Whether sending the request twice has the effect of sending it once (RFC 9110 §9.2.2, and PATCHes that only set). */
  readonly idempotent: boolean;
  /** Which attempt this was, from 1. */
  readonly number: number;
  readonly outcome: Outcome;
  readonly nowInMs: number;
  /** The end of all attempts and waits. */
  readonly deadlineAtInMs: number;
  /** From 0 to 1, exclusive. */
  readonly random: number;
}

/** What to do after an attempt. */
export type RetryDecision =
  | {
      readonly kind: 'retry';
      readonly waitInMs: number;
      /** The provider may have processed the request: check before sending it again. */
      readonly checkBeforeRetry: boolean;
    }
  | {
      readonly kind: 'stop';
      /** `final`: the response will not change. `gave_up`: it might, but not before the deadline or the last attempt. */
      readonly why: 'final' | 'gave_up';
      /** Whether the provider may have processed the request anyway. */
      readonly isUnknown: boolean;
      /** The wait that did not fit before the deadline. */
      readonly neededInMs?: number;
    };

/** The statuses of RFC 9110 and RFC 6585 that ask to try later. */
const retryableStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** Statuses that are sent before a request is processed; with the others, it may have been processed. */
const rejectedStatuses: ReadonlySet<number> = new Set([408, 429]);

const baseInMs = 500;
const longestBackOffInMs = 20_000;
const maxAttempts = 10;
/** If nothing listens there, or the host does not exist, the URL is probably wrong: fail early. */
const maxAttemptsUnreached = 5;

/**
 * The whole retry policy, as a pure function. The wait that the provider names, an hour at most, wins over
 * exponential backoff with full jitter; a wait that would pass the deadline stops at once. A request that is not idempotent and may have been processed is
 * only sent again after a check.
 */
export function decideRetry(attempt: Attempt): RetryDecision {
  const { idempotent, number, outcome, nowInMs, deadlineAtInMs, random } = attempt;
  const isUnknown = !idempotent && mayHaveActed(outcome);
  if (!isRetryable(outcome)) return { kind: 'stop', why: 'final', isUnknown };
  const waitInMs = askedWait(outcome) ?? backOff(number, random);
  const most = outcome.kind === 'transport_error' && !outcome.maybeSent ? maxAttemptsUnreached : maxAttempts;
  if (number >= most || nowInMs + waitInMs >= deadlineAtInMs) {
    return { kind: 'stop', why: 'gave_up', isUnknown, neededInMs: waitInMs };
  }
  return { kind: 'retry', waitInMs, checkBeforeRetry: isUnknown };
}

/**
 * How long to wait before retrying an operation that is retried forever, such as a poll: its regular interval, or longer if
 * the provider asks for it or failures repeat.
 */
export function pauseAfterFailure(failure: {
  /** The number of failures in a row, from 1. */
  readonly number: number;
  readonly everyInMs: number;
  readonly retryAfterInMs?: number | undefined;
  /** From 0 to 1, exclusive. */
  readonly random: number;
}): number {
  const { number, everyInMs, retryAfterInMs = 0, random } = failure;
  return Math.max(everyInMs, Math.min(retryAfterInMs, longestWaitInMs), backOff(number, random));
}

function isRetryable(outcome: Outcome): boolean {
  if (outcome.kind === 'transport_error') return outcome.isTransient;
  return retryableStatuses.has(outcome.status) || outcome.isThrottled === true;
}

function mayHaveActed(outcome: Outcome): boolean {
  if (outcome.kind === 'transport_error') return outcome.maybeSent;
  return retryableStatuses.has(outcome.status) && !rejectedStatuses.has(outcome.status);
}

// A `Retry-After` of zero, or of a date in the past, means "now": the backoff prevents a retry storm.
function askedWait(outcome: Outcome): number | undefined {
  if (outcome.kind !== 'answered' || outcome.retryAfterInMs === undefined) return undefined;
  return outcome.retryAfterInMs === 0 ? undefined : Math.min(outcome.retryAfterInMs, longestWaitInMs);
}

function backOff(number: number, random: number): number {
  return Math.ceil(random * Math.min(longestBackOffInMs, baseInMs * 2 ** (number - 1)));
}
