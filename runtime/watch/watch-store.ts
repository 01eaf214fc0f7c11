import type { ProvisioningEvent } from '../../connector/event.ts';
import type { SnapshotPages } from '../../triggers/poll-result.ts';

/**
 * The result of one poll or one webhook request. It is stored as a whole or not at all.
 *
 * @example
 * ```ts
 * const first = async (store: WatchStore, events: IngestBatch['events']): Promise<void> =>
 *   store.append({ origin: 'poll', cursor: { version: 1 }, events });
 * ```
 */
export interface IngestBatch {
  /** The poll or the source that it came from. */
  readonly origin: string;
  /** Where the next poll of the origin goes on. Left out: as it was. */
  readonly cursor?: unknown;
  /** The pages of the origin's snapshot that are new, by name; null takes one away. */
  readonly pages?: ReadonlyMap<string, string | null>;
  /** In the order in which they are to be delivered. */
  readonly events: readonly ProvisioningEvent[];
  /**
   * Of a sender's events, which may come again, and in another order than they happened: whether one is to be
   * delivered. Each is then kept once, and `isLate` is set; those that are not delivered count for that, too. Left
   * out: all are delivered, as they are.
   */
  readonly shouldDeliver?: ((event: ProvisioningEvent) => boolean) | undefined;
}

/**
 * An event that waits for its delivery.
 *
 * @example
 * ```ts
 * const eventOf = ({ text }: OutboxEntry): ProvisioningEvent => JSON.parse(text);
 * ```
 */
export interface OutboxEntry {
  /** Its place in the order of delivery; greater than that of any event before it. */
  readonly position: number;
  /** The event, as JSON on one line: the same characters, however often it is delivered. */
  readonly text: string;
}

/**
 * Where a watch stores what must survive a restart: the cursor and snapshot of each origin, the undelivered events,
 * and which events were seen. Each function is atomic: it has happened or it has not, whatever fails when.
 *
 * @throws ConnectorError from each function, if the state cannot be read or written
 *
 * @example
 * ```ts
 * await using cleanup = new AsyncDisposableStack();
 * const store: WatchStore = cleanup.adopt(await openWatchStore('leavers.state'), (one) => one.close());
 * console.log(await store.count(), 'events to deliver');
 * ```
 */
export interface WatchStore {
  /** Makes this the state of one trigger. @throws ConnectorError `invalid_input` when it is that of another. */
  claim(trigger: string): Promise<void>;
  /** Undefined before the first arrival with one. */
  cursorOf(origin: string): Promise<unknown>;
  pagesOf(origin: string): SnapshotPages;
  /** Keeps an arrival: the cursor, the pages and the events together. */
  append(arrival: IngestBatch): Promise<void>;
  /** The first events that are not delivered, in order. */
  undelivered(limit: number): Promise<readonly OutboxEntry[]>;
  /** How many events are not delivered. */
  count(): Promise<number>;
  /** Takes out the events up to a position: they are delivered. */
  acknowledge(position: number): Promise<void>;
  close(): void;
}

/** How long the `dedupeKey` of a sender's event, and the time of a resource's newest one, are remembered, in days. */
export const deduplicationWindowInDays = 30;
