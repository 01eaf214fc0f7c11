import { ConnectorError, type ErrorCode } from '../../connector/errors.ts';
import { isThrottled, namedWaitInMs } from '../../connector/http/retry-after.ts';
import { decideRetry, type Outcome } from '../../connector/http/retry-policy.ts';
import { type Platform, RetryAfter, TransportError } from '../../connector/platform.ts';
import { signWebhook } from './sign-webhook.ts';

/** Who takes events by POST. */
export interface WebhookTarget {
  readonly url: string;
  /** The keys that sign; several while one is being replaced by another. */
  readonly secrets: readonly Uint8Array[];
  /** How long one attempt may take, in milliseconds. */
  readonly timeoutInMs: number;
  /** How long all attempts may take, with their waits, in milliseconds. */
  readonly deadlineInMs: number;
  /** The largest answer that is read, in bytes. */
  readonly maxResponseBytes: number;
}

/** How a delivery is ended before it is done. */
export interface DeliveryStop {
  /** Ends it at the next wait; an attempt that is under way comes to its end. */
  readonly stop: AbortSignal;
  /** Breaks the attempt off. */
  readonly abort: AbortSignal;
}

/**
 * Posts one event, signed as Standard Webhooks says, until it is answered with 2xx. Redirects are not followed: the
 * event is for the one address.
 *
 * @param text the event, as JSON.
 * @throws ConnectorError: `unavailable`, `rate_limited` and `provider_fault` may pass, all others stay.
 */
export function postEvent(
  { url, secrets, timeoutInMs, deadlineInMs, maxResponseBytes }: WebhookTarget,
  text: string,
  platform: Platform,
  { stop, abort }: DeliveryStop,
): Promise<void> {
  const deadlineAtInMs = platform.now() + deadlineInMs;
  const decide = (number: number, outcome: Outcome, error: ConnectorError): never => {
    const decision = decideRetry({
      // A receiver knows an event that it has already by its webhook-id.
      idempotent: true,
      number,
      outcome,
      nowInMs: platform.now(),
      deadlineAtInMs,
      random: platform.random(),
    });
    if (decision.kind === 'stop') throw error;
    const { waitInMs } = decision;
    platform.log({ level: 'info', event: 'delivery_retried', attempt: number, waitInMs });
    throw new RetryAfter(waitInMs);
  };
  return platform.retry(async (number) => {
    const leftInMs = deadlineAtInMs - platform.now();
    try {
      const { status, headers } = await platform.send({
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'rolecall',
          ...(await signWebhook(text, secrets, platform)),
        },
        body: text,
        timeoutInMs: Math.max(1, Math.min(timeoutInMs, leftInMs)),
        maxResponseBytes,
        signal: abort,
      });
      platform.log({ level: 'debug', event: 'event_posted', status });
      if (status >= 200 && status < 300) return;
      const outcome: Answered = {
        kind: 'answered',
        status,
        isThrottled: isThrottled(status, headers),
        retryAfterInMs: namedWaitInMs(status, headers, platform.now()),
      };
      decide(number, outcome, notTaken(url, number, outcome));
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const { maybeSent, isTransient } = error;
      decide(number, { kind: 'transport_error', maybeSent, isTransient }, noAnswer(url, number, error));
    }
  }, stop);
}

/** What an answer means for who sends; of all others, those below 500 stay until somebody does something. */
const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'auth',
  403: 'forbidden',
  404: 'not_found',
  408: 'unavailable',
  409: 'conflict',
  410: 'not_found',
  500: 'unavailable',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

const staysFirst = 'The event was not taken, and stays first in line.';

type Answered = Extract<Outcome, { kind: 'answered' }>;

function notTaken(
  url: string,
  attempts: number,
  { status, isThrottled, retryAfterInMs }: Answered,
): ConnectorError {
  const known = isThrottled ? 'rate_limited' : codes[status];
  const code = known ?? (status >= 500 ? 'provider_fault' : 'invalid_input');
  const isRedirect = status >= 300 && status < 400;
  return new ConnectorError(code, {
    what: `The receiver at ${new URL(url).origin} ${isRedirect ? 'sends the event on' : 'answered'} with status ${status}. ${staysFirst}`,
    nextStep: isRedirect
      ? 'If you trust that address, post to it directly.'
      : 'Make it answer with 2xx once it has the event.',
    status,
    attempts,
    retryAfterInMs,
  });
}

function noAnswer(url: string, attempts: number, cause: TransportError): ConnectorError {
  return new ConnectorError('unavailable', {
    what: `There is no answer from the receiver at ${new URL(url).origin}: ${cause.message}. ${staysFirst}`,
    nextStep: 'See that it runs, and that it can be reached.',
    attempts,
    cause,
  });
}
