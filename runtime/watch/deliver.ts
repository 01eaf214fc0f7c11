import { ConnectorError } from '../../connector/errors.ts';
import { pauseAfterFailure } from '../../connector/http/retry-policy.ts';
import { OutageLog } from '../../connector/outage-log.ts';
import { type Platform, RetryAfter } from '../../connector/platform.ts';
import type { PollOptions, SharedPollResult } from '../../triggers/poll/poll.ts';
import type { HeldPoll, SnapshotPages } from '../../triggers/poll-result.ts';
import { holdOfPoll, readHeldLosses, safeguardOrigin } from './hold-events.ts';
import { batchesInOrder, type Outbox } from './outbox.ts';
import type { WatchObserver } from './watch-observer.ts';
import type { Admit, IngestBatch, OutboxEntry, WatchStore } from './watch-store.ts';

/** What a poller has fetched. */
export interface Polled {
  /** The events, with the triggers that they are for, and where the next poll resumes. */
  readonly batches: readonly IngestBatch[];
  /** Whether more events are available: poll again immediately. */
  readonly more: boolean;
  /** Why a part of it could not be read, or is held. The cursor leaves that part where it was. */
  readonly failure?: ConnectorError | undefined;
  /** The losses that the safeguard holds. */
  readonly held?: HeldPoll | undefined;
}

/** What is polled for events again and again: the provider for some triggers, or a source that is fetched. */
export interface Poller {
  /** The name of its cursor and its snapshot in the store. */
  readonly origin: string;
  /** Its own interval, in milliseconds. Default: that of the watch. */
  readonly everyInMs?: number | undefined;
  /** Fetches new events. @throws ConnectorError if nothing could be read */
  poll(
    cursor: unknown,
    options: {
      readonly pages: SnapshotPages;
      readonly signal: AbortSignal;
    } & Pick<PollOptions, 'approvedLosses' | 'heldLosses' | 'howToApprove'>,
  ): Promise<Polled>;
}

/** The poller of a read of the provider. @param origin its name in the store @param nameOf the name of a trigger there */
export function createReadPoller(
  origin: string,
  read: (...args: Parameters<Poller['poll']>) => Promise<SharedPollResult>,
  nameOf: (trigger: string) => string = (trigger) => trigger,
): Poller {
  return {
    origin,
    async poll(cursor, options) {
      const { more, failures, held, ...polled } = await read(cursor, options);
      const failure = failures[0] ?? held?.error;
      return { more, failure, held, batches: batchesInOrder({ origin, ...polled }, nameOf) };
    },
  };
}

/** The pace of a watch. */
export interface WatchPace {
  /** From the end of one poll, with its events delivered, to the next, in milliseconds. */
  readonly everyInMs: number;
  /** Ends once every poller has returned everything it has, and that is delivered. The first failure ends it, too. */
  readonly isOnce?: boolean | undefined;
  /** The largest number of events that are delivered at once. */
  readonly batchSize: number;
  /** Which permanent failures of polls end the watch. Default: all of them. */
  readonly endsOn?: ((failure: PollFailure) => boolean) | undefined;
  /** How a person approves a hold. Default: by a call, or by the input. */
  readonly howToApprove?: PollOptions['howToApprove'];
  readonly observe?: WatchObserver | undefined;
  /** Ends the watch; undelivered events stay in the outbox. */
  readonly signal: AbortSignal;
}

/** A permanent failure of a poll. */
export interface PollFailure {
  readonly error: ConnectorError;
  /**
   * `setup`: the poll has never succeeded in this state, so that the settings of the watch may be wrong. `start`: it has
   * not succeeded since this watch started.
   */
  readonly stage: 'setup' | 'start' | 'running';
}

/** What waiting and retrying need of the platform. */
type WaitingPlatform = Pick<Platform, 'log' | 'now' | 'random' | 'retry' | 'sleep'>;

/** How the log names an outage of a provider, or of a source that is fetched. */
const pollOutage = { failed: 'poll_failed', ended: 'poll_recovered' } as const;

/** The polls of a watch. */
export interface Polling {
  /** Ends them, and the outbox. Resolves once they have ended. */
  end(): Promise<void>;
}

/**
 * Starts to poll. The outbox closes once all polls have ended, with their error if there is one, and when the signal is
 * aborted.
 */
export function startPolling(
  outbox: Outbox,
  pollers: readonly Poller[],
  { signal, isOnce = false, ...others }: Omit<WatchPace, 'batchSize'>,
  platform: WaitingPlatform,
): Polling {
  const inner = new AbortController();
  const end = (): void => {
    inner.abort(signal.reason);
    outbox.close();
  };
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  const pace = { ...others, isOnce, signal: inner.signal };
  pace.observe?.({ kind: 'watch_started', polls: pollers.map(({ origin }) => origin) });
  const loops = pollers.map((poller) => pollLoop(outbox, poller, pace, platform));
  const polling = Promise.all(loops).then(() => (isOnce ? outbox.close() : undefined), outbox.fail);
  return {
    async end() {
      signal.removeEventListener('abort', end);
      end();
      await polling;
      // The first failure does not wait for the others.
      await Promise.allSettled(loops);
    },
  };
}

/**
 * Polls again and again, and yields the events of the outbox, from all that append to it. A batch is acknowledged when the
 * loop body comes back for the next one; until then, the next watch delivers it again.
 *
 * @throws ConnectorError the permanent error of a poller.
 */
export async function* deliverFromOutbox(
  outbox: Outbox,
  pollers: readonly Poller[],
  { batchSize, ...pace }: WatchPace,
  platform: WaitingPlatform,
): AsyncGenerator<readonly OutboxEntry[], void, undefined> {
  const polling = startPolling(outbox, pollers, pace, platform);
  try {
    for (;;) {
      const batch = await outbox.next(batchSize);
      if (batch === undefined) return;
      yield batch;
      await outbox.acknowledge(batch);
    }
  } finally {
    await polling.end();
  }
}

/** How a program approves a hold. */
const approveInStore = (id: string): string =>
  `call approveHold(store, "${id}"), or watch with \`approve\` set to this ID: it approves exactly these losses`;

/** Polls, appends, lets the events be delivered, waits; until it is aborted. */
async function pollLoop(
  outbox: Outbox,
  { origin, poll, everyInMs: ownEveryInMs }: Poller,
  {
    everyInMs: commonEveryInMs,
    isOnce = false,
    endsOn = () => true,
    howToApprove = approveInStore,
    observe = () => undefined,
    signal,
  }: Omit<WatchPace, 'batchSize'>,
  platform: WaitingPlatform,
): Promise<void> {
  const { store } = outbox;
  const everyInMs = ownEveryInMs ?? commonEveryInMs;
  let stage: PollFailure['stage'] = 'start';
  let startedAtInMs = 0;
  /** The number of polls in a row of which a part could not be read. */
  let failures = 0;
  const durationInMs = (): number => platform.now() - startedAtInMs;
  const pages = pagesOf(store, origin);
  const safeguard = store.pagesOf(safeguardOrigin);
  const pollFrom =
    (cursor: unknown, held: Awaited<ReturnType<typeof readHeldLosses>>) => (): ReturnType<Poller['poll']> => {
      startedAtInMs = platform.now();
      observe({ kind: 'poll_started', origin });
      return poll(cursor, { pages, signal, ...held, howToApprove });
    };
  const ends = (error: ConnectorError): boolean => endsOn({ error, stage });
  let outages: OutageLog | undefined;
  const onFailure = (error: ConnectorError, failures: number, waitInMs: number | undefined): void => {
    const { code, message, status, transient } = error;
    if (waitInMs !== undefined) {
      outages ??= new OutageLog({ ...pollOutage, about: { origin } }, platform);
      outages.fail({ code, message, waitInMs });
    }
    const failure = { code, message, status, failures, waitInMs, needsAdministrator: !transient };
    observe({ kind: 'poll_failed', origin, durationInMs: durationInMs(), ...failure });
  };
  const retries = { everyInMs, isOnce, signal, endsOn: ends, onFailure };
  const catchUp = (): Promise<void> => {
    observe({ kind: 'poll_waiting', origin });
    return outbox.whenCaughtUp();
  };
  try {
    // Events that an earlier watch left behind come first, so that later ones do not overtake them.
    await catchUp();
    while (!signal.aborted && outbox.isOpen()) {
      const cursor = await store.cursorOf(origin);
      if (stage === 'start' && cursor === undefined) stage = 'setup';
      const hasHeld = (await safeguard.read(`${origin}/state`)) !== undefined;
      const held = hasHeld
        ? await readHeldLosses(store, origin)
        : { approvedLosses: new Set<string>(), heldLosses: [] };
      const polled = await retryForever(pollFrom(cursor, held), retries, platform);
      const { batches, more, failure } = polled;
      const admit = holdsOf(polled, { origin, hasHeld, nowInMs: platform.now() });
      await outbox.append(...(admit === undefined ? [] : [{ origin, events: [], admit }]), ...batches);
      failures = failure === undefined ? 0 : failures + 1;
      if (failure === undefined) {
        stage = 'running';
        outages?.end();
        const events = batches.reduce((sum, batch) => sum + batch.events.length, 0);
        observe({ kind: 'poll_finished', origin, durationInMs: durationInMs(), events });
      } else if (isOnce || (!failure.transient && ends(failure))) {
        await catchUp();
        onFailure(failure, failures, undefined);
        throw failure;
      } else {
        // The other part goes on at its pace.
        onFailure(failure, failures, everyInMs);
      }
      await catchUp();
      if (more) continue;
      if (isOnce || signal.aborted) return;
      observe({ kind: 'poll_scheduled', origin, waitInMs: everyInMs });
      await platform.sleep(everyInMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error instanceof StateFailure ? error.cause : error;
  }
}

/** Stores what a poll holds, if it holds or held anything. */
function holdsOf(
  { held }: Polled,
  {
    origin,
    hasHeld,
    nowInMs,
  }: { readonly origin: string; readonly hasHeld: boolean; readonly nowInMs: number },
): Admit | undefined {
  if (held === undefined && !hasHeld) return undefined;
  return holdOfPoll(origin, held?.losses ?? [], nowInMs);
}

/** The state cannot be read, which no poll is retried for. The cause says why. */
class StateFailure extends Error {}

function pagesOf(store: WatchStore, origin: string): SnapshotPages {
  const pages = store.pagesOf(origin);
  return {
    read: (name) =>
      pages.read(name).catch((cause: unknown) => {
        throw new StateFailure('The state cannot be read.', { cause });
      }),
  };
}

/** How something is retried. */
export interface RetryForeverOptions {
  /** The shortest wait between two attempts, in milliseconds. */
  readonly everyInMs: number;
  /** Rethrows the first error. */
  readonly isOnce?: boolean | undefined;
  /** Which permanent errors are rethrown; the others are retried at growing intervals. Default: all of them. */
  readonly endsOn?: ((error: ConnectorError) => boolean) | undefined;
  /** Called after each failed attempt. `waitInMs` is undefined if the error is rethrown. */
  readonly onFailure?:
    | ((error: ConnectorError, failures: number, waitInMs: number | undefined) => void)
    | undefined;
  /** Ends the retries. An attempt in progress is not aborted. */
  readonly signal: AbortSignal;
}

/** The longest wait between two attempts that fail permanently, unless the regular interval is longer. */
const longestSlowWaitInMs = 5 * 60_000;

/**
 * Retries until success; rethrows the permanent errors of `endsOn`.
 *
 * @throws those, whatever is not a ConnectorError, and the reason of the signal.
 */
export function retryForever<T>(
  run: () => Promise<T>,
  {
    everyInMs,
    isOnce = false,
    endsOn = () => true,
    onFailure = () => undefined,
    signal,
  }: RetryForeverOptions,
  { random, retry }: Pick<Platform, 'random' | 'retry'>,
): Promise<T> {
  let failures = 0;
  return retry(async () => {
    try {
      return await run();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ConnectorError)) throw error;
      failures += 1;
      if (isOnce || (!error.transient && endsOn(error))) {
        onFailure(error, failures, undefined);
        throw error;
      }
      const { transient, retryAfterInMs } = error;
      const pauseInMs = pauseAfterFailure({ number: failures, everyInMs, retryAfterInMs, random: random() });
      const waitInMs = transient ? pauseInMs : slowWaitInMs(everyInMs, failures);
      onFailure(error, failures, waitInMs);
      throw new RetryAfter(waitInMs);
    }
  }, signal);
}

/** The regular interval, doubled after each failure in a row. */
function slowWaitInMs(everyInMs: number, failures: number): number {
  return Math.max(everyInMs, Math.min(longestSlowWaitInMs, everyInMs * 2 ** (failures - 1)));
}
