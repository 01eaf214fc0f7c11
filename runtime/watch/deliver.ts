import { ConnectorError } from '../../connector/errors.ts';
import { decideRetry, type Outcome, pauseAfterFailure } from '../../connector/http/retry-policy.ts';
import { type Platform, RetryAfter, TransportError } from '../../connector/platform.ts';
import type { PollResult, SnapshotPages } from '../../triggers/poll-result.ts';
import { batchPerTrigger, type Outbox, type Selectors } from './outbox.ts';
import type { Sink } from './sink.ts';
import type { OutboxEntry } from './watch-store.ts';

/** What is polled for events again and again: the provider for one trigger, or a source that is fetched. */
export interface Poller {
  /** The name of its cursor and its snapshot in the store. */
  readonly origin: string;
  /** The trigger that its events are for. Undefined for a source, whose events can be for several. */
  readonly trigger?: string | undefined;
  /** Fetches new events; those of a source come with the triggers that they are for. @throws ConnectorError */
  poll(
    cursor: unknown,
    options: { readonly pages: SnapshotPages; readonly signal: AbortSignal },
  ): Promise<PollResult & { readonly selectors?: Selectors | undefined }>;
}

/** The pace of a watch. */
export interface WatchPace {
  /** From the end of one poll, with its events delivered, to the next, in milliseconds. */
  readonly everyInMs: number;
  /** Ends once every poller has returned everything it has, and that is delivered. The first failure ends it, too. */
  readonly isOnce?: boolean | undefined;
  /** The largest number of events that are delivered at once. */
  readonly batchSize: number;
  /** Ends the watch; undelivered events stay in the outbox. */
  readonly signal: AbortSignal;
}

/** What waiting and retrying need of the platform. */
type WaitingPlatform = Pick<Platform, 'log' | 'now' | 'random' | 'retry' | 'sleep'>;

/**
 * Polls again and again, and yields the events of the outbox, whoever appended them. A batch is acknowledged when the
 * loop body comes back for the next one; until then, the next watch delivers it again.
 *
 * @throws ConnectorError the permanent error of a poller.
 */
export async function* deliverFromOutbox(
  outbox: Outbox,
  pollers: readonly Poller[],
  { everyInMs, isOnce = false, batchSize, signal }: WatchPace,
  platform: WaitingPlatform,
): AsyncGenerator<readonly OutboxEntry[], void, undefined> {
  const inner = new AbortController();
  const end = (): void => {
    inner.abort(signal.reason);
    outbox.close();
  };
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  const pace = { everyInMs, isOnce, signal: inner.signal };
  const polling = Promise.all(pollers.map((poller) => pollLoop(outbox, poller, pace, platform))).then(
    () => (isOnce ? outbox.close() : undefined),
    outbox.fail,
  );
  try {
    for (;;) {
      const batch = await outbox.next(batchSize);
      if (batch === undefined) return;
      yield batch;
      await outbox.acknowledge(batch.at(-1)?.position ?? 0);
    }
  } finally {
    signal.removeEventListener('abort', end);
    end();
    await polling;
  }
}

/**
 * Delivers the events of the outbox to a sink, and retries what fails for a while. One executor retries, so that no
 * retry runs inside another.
 *
 * @param signals - `signal` of the pace drains; `abort` aborts a delivery, too.
 * @throws the permanent error of a poller, of the sink, or of the store.
 */
export async function deliverToSink(
  outbox: Outbox,
  pollers: readonly Poller[],
  sink: Sink,
  { abort, ...pace }: Omit<WatchPace, 'batchSize'> & { readonly abort: AbortSignal },
  platform: WaitingPlatform,
): Promise<void> {
  const { batchSize = 1, origin = 'sink', deadlineInMs = 120_000 } = sink;
  const { isOnce, signal } = pace;
  const retries = { name: 'delivery', origin, everyInMs: 0, roundInMs: deadlineInMs, isOnce, signal };
  for await (const batch of deliverFromOutbox(outbox, pollers, { ...pace, batchSize }, platform))
    await retryForever(() => sink.deliver(batch, abort), retries, platform);
}

/** Polls, appends, lets the events be delivered, waits; until it is aborted. */
async function pollLoop(
  outbox: Outbox,
  { origin, trigger, poll }: Poller,
  { everyInMs, isOnce, signal }: { everyInMs: number; isOnce: boolean; signal: AbortSignal },
  platform: WaitingPlatform,
): Promise<void> {
  const { store } = outbox;
  const pollOnce = async (): ReturnType<Poller['poll']> =>
    poll(await store.cursorOf(origin), { pages: store.pagesOf(origin), signal });
  try {
    // Events that an earlier watch left behind come first, so that later ones do not overtake them.
    await outbox.whenEmpty();
    while (!signal.aborted) {
      const { more, selectors, ...polled } = await retryForever(
        pollOnce,
        { name: 'poll', origin, everyInMs, isOnce, signal },
        platform,
      );
      const batch = { origin, trigger, ...polled };
      await outbox.append(...(selectors === undefined ? [batch] : batchPerTrigger(batch, selectors)));
      await outbox.whenEmpty();
      if (more) continue;
      if (isOnce) return;
      await platform.sleep(everyInMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

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
      if (!(error instanceof ConnectorError && error.transient)) throw error;
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
