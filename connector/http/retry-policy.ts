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
      /** No whole answer came. */
      readonly kind: 'transport_error';
      /** False only when it is certain that the provider has not seen the request. */
      readonly maybeSent: boolean;
      /** Whether the same request may fare better later; a bad certificate will not. */
      readonly isTransient: boolean;
    };

/** What the policy decides on. Times are in milliseconds since 1970. */
export interface Attempt {
  /** Whether sending the request twice leaves the same as once (RFC 9110 §9.2.2, and PATCHes that only set). */
  readonly idempotent: boolean;
  /** Which attempt this was, from 1. */
  readonly number: number;
  readonly outcome: Outcome;
  readonly nowInMs: number;
  /** All attempts and waits end by then. */
  readonly deadlineAtInMs: number;
  /** From 0 up to 1. */
  readonly random: number;
}

/** What to do after an attempt. */
export type RetryDecision =
  | {
      readonly kind: 'retry';
      readonly waitInMs: number;
      /** The provider may have done it already: look before it is sent again. */
      readonly checkFirst: boolean;
    }
  | {
      readonly kind: 'stop';
      /** `final`: the response will not change. `gave_up`: it might, but not in the time, or the tries, allowed. */
      readonly why: 'final' | 'gave_up';
      /** Whether the provider may have done it anyway. */
      readonly isUnknown: boolean;
      /** The wait that there was no time for. */
      readonly neededInMs?: number;
    };

/** RFC 9110's and RFC 6585's own words for "later". */
const laterStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** Answers that are given before a request is acted on; after the others of that list it may have been. */
const refusedStatuses: ReadonlySet<number> = new Set([408, 429]);

const baseInMs = 500;
const longestBackOffInMs = 20_000;
const maxAttempts = 10;
/** Where nobody listens, or no such host is, the address is most likely wrong: that should show soon. */
const maxAttemptsUnreached = 5;

/**
 * The whole retry policy, as a pure function. The wait that the provider names, an hour at most, wins over
 * exponential backoff with full jitter; a wait that would pass the deadline stops at once. A request that is not repeatable and may have been acted on is only
 * sent again after a look.
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
  return { kind: 'retry', waitInMs, checkFirst: isUnknown };
}

/**
 * How long to wait before something that is never given up, such as a poll, is tried again: as long as it waits when
 * all is well, or longer where the provider asks for it, or where it fails over and over.
 */
export function pauseAfterFailure(failure: {
  /** How often it has failed in a row, from 1. */
  readonly number: number;
  readonly everyInMs: number;
  readonly retryAfterInMs?: number | undefined;
  /** From 0 up to 1. */
  readonly random: number;
}): number {
  const { number, everyInMs, retryAfterInMs = 0, random } = failure;
  return Math.max(everyInMs, Math.min(retryAfterInMs, longestWaitInMs), backOff(number, random));
}

function isRetryable(outcome: Outcome): boolean {
  if (outcome.kind === 'transport_error') return outcome.isTransient;
  return laterStatuses.has(outcome.status) || outcome.isThrottled === true;
}

function mayHaveActed(outcome: Outcome): boolean {
  if (outcome.kind === 'transport_error') return outcome.maybeSent;
  return laterStatuses.has(outcome.status) && !refusedStatuses.has(outcome.status);
}

// A `Retry-After` of nothing, or of a date gone by, says "now": the backoff keeps that from becoming a storm.
function askedWait(outcome: Outcome): number | undefined {
  if (outcome.kind !== 'answered' || outcome.retryAfterInMs === undefined) return undefined;
  return outcome.retryAfterInMs === 0 ? undefined : Math.min(outcome.retryAfterInMs, longestWaitInMs);
}

function backOff(number: number, random: number): number {
  return Math.ceil(random * Math.min(longestBackOffInMs, baseInMs * 2 ** (number - 1)));
}
