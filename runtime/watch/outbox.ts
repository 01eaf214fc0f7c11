import type { Platform } from '../../connector/platform.ts';
import type { SnapshotPages } from '../../triggers/poll-result.ts';
import { retryForever } from './retry-forever.ts';
import type { IngestBatch, OutboxEntry, WatchStore } from './watch-store.ts';

/** The undelivered events of a store, between the many that append them and the one that delivers them. */
export interface Outbox {
  readonly store: WatchStore;
  /** Stores batches, and wakes `next`. If they cannot be stored, the outbox closes with the error. */
  append(...batches: readonly IngestBatch[]): Promise<void>;
  /** The next events, in order, once there are any; undefined once the outbox is closed. @throws what it failed with */
  next(limit: number): Promise<readonly OutboxEntry[] | undefined>;
  /** Deletes the events up to a position. */
  acknowledge(upTo: number): Promise<void>;
  /** Resolves once nothing is left to deliver, or the outbox is closed. */
  whenEmpty(): Promise<void>;
  /** Ends the waiting: `next` returns no more events. Undelivered events stay in the store. */
  close(): void;
  /** Closes the outbox with an error. */
  fail(error: unknown): void;
}

/** Makes the outbox of a store. */
export function createOutbox(store: WatchStore): Outbox {
  let end: { readonly error?: unknown } | undefined;
  let bell = Promise.withResolvers<void>();
  const ring = (): void => {
    bell.resolve();
    bell = Promise.withResolvers();
  };
  const finish = (how: { readonly error?: unknown }): void => {
    end ??= how;
    ring();
  };
  return {
    store,
    async append(...batches) {
      try {
        await store.append(...batches);
      } catch (error) {
        finish({ error });
        throw error;
      }
      ring();
    },
    async next(limit) {
      for (;;) {
        // Read before the store is, so that an append in between is not slept through.
        const { promise } = bell;
        if (end !== undefined) {
          if ('error' in end) throw end.error;
          return undefined;
        }
        const events = await store.undelivered(limit);
        if (events.length > 0) return events;
        await promise;
      }
    },
    async acknowledge(upTo) {
      await store.acknowledge(upTo);
      ring();
    },
    async whenEmpty() {
      for (;;) {
        const { promise } = bell;
        if (end !== undefined || (await store.undelivered(1)).length === 0) return;
        await promise;
      }
    },
    close: () => finish({}),
    fail: (error) => finish({ error }),
  };
}

/** What is polled for events again and again: the provider for one trigger, or a source that is fetched. */
export interface Poller {
  /** The name of its cursor and its snapshot in the store. */
  readonly origin: string;
  /** Fetches new events. `more` asks for the next poll without a wait. @throws ConnectorError */
  poll(
    cursor: unknown,
    pages: SnapshotPages,
    signal: AbortSignal,
  ): Promise<{ readonly batches: readonly IngestBatch[]; readonly more: boolean }>;
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

/** Polls, appends, lets the events be delivered, waits; until it is aborted. */
async function pollLoop(
  outbox: Outbox,
  { origin, poll }: Poller,
  { everyInMs, isOnce, signal }: { everyInMs: number; isOnce: boolean; signal: AbortSignal },
  platform: WaitingPlatform,
): Promise<void> {
  const { store } = outbox;
  const pollOnce = async (): ReturnType<Poller['poll']> =>
    poll(await store.cursorOf(origin), store.pagesOf(origin), signal);
  try {
    // Events that an earlier watch left behind come first, so that later ones do not overtake them.
    await outbox.whenEmpty();
    while (!signal.aborted) {
      const { batches, more } = await retryForever(
        pollOnce,
        { name: 'poll', origin, everyInMs, isOnce, signal },
        platform,
      );
      await outbox.append(...batches);
      await outbox.whenEmpty();
      if (more) continue;
      if (isOnce) return;
      await platform.sleep(everyInMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
