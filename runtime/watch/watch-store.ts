import type { ProvisioningEvent } from '../../connector/event.ts';
import type { SnapshotPages } from '../../triggers/poll-result.ts';

/**
 * The events of one poll, or of one webhook request, for one trigger.
 *
 * @example
 * ```ts
 * const first = async (store: WatchStore, events: IngestBatch['events']): Promise<void> =>
 *   store.append({ origin: 'poll', cursor: { version: 1 }, events });
 * ```
 */
export interface IngestBatch {
  /** The poll or the source that produced the events. */
  readonly origin: string;
  /** The trigger that the events are for. Omitted in a store of one trigger. */
  readonly trigger?: string | undefined;
  /** Where the next poll of the origin resumes. Omitted: unchanged. */
  readonly cursor?: unknown;
  /** New pages of the origin's snapshot, by name; null deletes a page. */
  readonly pages?: ReadonlyMap<string, string | null>;
  /** In order of delivery. */
  readonly events: readonly ProvisioningEvent[];
  /**
   * Whether to deliver an event. Given for the events of a source, which can repeat and arrive out of order: each is
   * kept once, and gets `isLate`, for which events that are not delivered count, too. Omitted: all events are kept as
   * they are.
   */
  readonly shouldDeliver?: ((event: ProvisioningEvent) => boolean) | undefined;
  /** Decides within the transaction, once repeats are dropped, which events are stored for delivery. Omitted: all. */
  readonly admit?: Admit | undefined;
}

/**
 * Decides which events go to the outbox, and stores what it does not let through. The safeguard holds events with it.
 *
 * @example
 * ```ts
 * const holdAll: Admit = (events, pages) => {
 *   pages.write('held', JSON.stringify(events));
 *   return [];
 * };
 * ```
 */
export type Admit = (events: readonly ProvisioningEvent[], pages: HoldPages) => readonly ProvisioningEvent[];

/**
 * The pages of the origin `safeguard`, within a transaction. Outside one, {@link WatchStore.pagesOf} reads them.
 *
 * @example
 * ```ts
 * const isHeld = (pages: HoldPages): boolean => pages.read('held') !== undefined;
 * ```
 */
export interface HoldPages {
  /** Undefined if the page does not exist. */
  read(name: string): string | undefined;
  /** Null deletes the page. */
  write(name: string, content: string | null): void;
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
  /** The place in the order of delivery, greater than that of every earlier event. */
  readonly position: number;
  /** The trigger that the event is for. Undefined in a store of one trigger. */
  readonly trigger?: string | undefined;
  /** The event as one line of JSON: the same characters on every delivery. */
  readonly text: string;
}

/**
 * The durable state of a watch: the cursor and the snapshot of each origin, the undelivered events, and the keys of
 * the events it has seen. Every method is atomic: its effects are stored entirely or not at all, even if the process
 * is killed. Any database with transactions can implement it.
 *
 * @throws ConnectorError from every method, if the state cannot be read or written
 *
 * @example
 * ```ts
 * await using cleanup = new AsyncDisposableStack();
 * const store: WatchStore = cleanup.adopt(await openWatchStore('leavers.state'), (one) => one.close());
 * console.log(await store.count(), 'events to deliver');
 * ```
 */
export interface WatchStore {
  /**
   * Reserves the store for these triggers. A store can gain triggers later.
   *
   * @throws ConnectorError `invalid_input` if it belongs to a trigger that is not among them.
   */
  claim(...triggers: readonly string[]): Promise<void>;
  /** The cursor of an origin. Undefined before the first batch that has one. */
  cursorOf(origin: string): Promise<unknown>;
  /** The snapshot of an origin. */
  pagesOf(origin: string): SnapshotPages;
  /** Stores batches in one transaction: cursors, pages, and the deduplicated events. */
  append(...batches: readonly IngestBatch[]): Promise<void>;
  /** The first undelivered events, in order. */
  undelivered(limit: number): Promise<readonly OutboxEntry[]>;
  /** The number of undelivered events. */
  count(): Promise<number>;
  /** Deletes the events up to a position: they are delivered. */
  acknowledge(upTo: number): Promise<void>;
  /** Releases the store. */
  close(): void;
}

/** How long a store remembers the `dedupeKey` of an event, and the time of a resource's newest event, in days. */
export const deduplicationWindowInDays = 30;
