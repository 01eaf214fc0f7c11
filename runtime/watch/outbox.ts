import type { IngestBatch, OutboxEntry, WatchStore } from './watch-store.ts';

/** The undelivered events of a store, between the many that bring them and the one that delivers them. */
export interface Outbox {
  readonly store: WatchStore;
  /** Keeps an arrival, and wakes who waits for events. One that cannot be kept closes the outbox with the error. */
  append(arrival: IngestBatch): Promise<void>;
  /** The next events, in order, as soon as there are any; undefined once the outbox is closed. @throws what it failed with */
  next(limit: number): Promise<readonly OutboxEntry[] | undefined>;
  /** Takes out the events up to a position. */
  acknowledge(position: number): Promise<void>;
  /** Resolves when there is nothing left to deliver, and when the outbox is closed. */
  whenEmpty(): Promise<void>;
  /** Ends the waiting: `next` gives no more, at once. What is undelivered stays in the store. */
  close(): void;
  /** Closes it with an error. */
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
    async append(arrival) {
      try {
        await store.append(arrival);
      } catch (error) {
        finish({ error });
        throw error;
      }
      ring();
    },
    async next(limit) {
      for (;;) {
        // Taken before the look, so that what is appended during the look is not slept through.
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
    async acknowledge(position) {
      await store.acknowledge(position);
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
