import type { EventType, ProvisioningEvent } from '../../connector/event.ts';
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
  /**
   * Sinks that are added or changed before the events are stored, by name, each with the events that it receives from
   * then on. Null removes a sink with all its deliveries.
   */
  readonly sinks?: ReadonlyMap<string, EventSelection | null>;
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
 * Which events a sink receives.
 *
 * @example
 * ```ts
 * const leavers: EventSelection = { triggers: ['user_deprovisioned'], types: ['deactivate', 'delete'] };
 * ```
 */
export interface EventSelection {
  /** The triggers, by key or by their name in the state: `user_updated`, `workato/user_updated`. Omitted: all of them. */
  readonly triggers?: readonly string[] | undefined;
  /** The types of the events. Omitted: all of them. */
  readonly types?: readonly EventType[] | undefined;
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
  /** The place in the order of delivery, greater than that of every earlier event. It names the event in its state. */
  readonly position: number;
  /** The trigger that the event is for. Undefined in a store of one trigger. */
  readonly trigger?: string | undefined;
  /** The event as one line of JSON: the same characters on every delivery. */
  readonly text: string;
}

/**
 * Why a sink does not have an event yet.
 *
 * @example
 * ```ts
 * const summary = ({ attempts, message }: DeliveryFailure): string => `${attempts} attempts: ${message}`;
 * ```
 */
export interface DeliveryFailure {
  /** The code of the last error, as in {@link ConnectorError}. */
  readonly code: string;
  /** What happened last, and what to do. */
  readonly message: string;
  /** The number of failed attempts. */
  readonly attempts: number;
  /** The time of the first failed attempt, in milliseconds since 1970. */
  readonly firstFailedAtInMs: number;
  /** The time of the last failed attempt, in milliseconds since 1970. */
  readonly lastFailedAtInMs: number;
  /**
   * For how long the consumer has refused this event while it accepted others, in milliseconds. An outage of the
   * consumer, or of the watch, does not count.
   */
  readonly refusedForInMs: number;
  /** The time of the next attempt, in milliseconds since 1970. Meaningless for a dead letter. */
  readonly nextAttemptAtInMs: number;
}

/**
 * An event that a sink does not have, although its delivery was attempted.
 *
 * @example
 * ```ts
 * const isStubborn = ({ failure }: FailedDelivery): boolean => failure.attempts > 10;
 * ```
 */
export interface FailedDelivery extends OutboxEntry {
  /** The name of the sink. */
  readonly sink: string;
  readonly failure: DeliveryFailure;
}

/**
 * The deliveries of one sink.
 *
 * @example
 * ```ts
 * const isHealthy = ({ failing, deadLetters }: SinkState): boolean => failing.length + deadLetters.length === 0;
 * ```
 */
export interface SinkState {
  /** The name of the sink. */
  readonly sink: string;
  /** The number of events that the sink does not have yet, without dead letters. */
  readonly undelivered: number;
  /** The number of those that wait for a failing event about the same user or group. */
  readonly waiting: number;
  /** The first event in order that the sink does not have yet, whether it is ready or not. */
  readonly firstUndelivered: OutboxEntry | undefined;
  /** The number of events that were given up. */
  readonly deadLetterCount: number;
  /** The events whose delivery fails, each at the head of its lane, in order. */
  readonly failing: readonly FailedDelivery[];
  /** The events that were given up, in order. */
  readonly deadLetters: readonly FailedDelivery[];
}

/**
 * Which deliveries a command is about: those of one sink or of all, and of these events or of all.
 *
 * @example
 * ```ts
 * const oneOfAll: DeliverySelection = { sink: 'audit', positions: [17] };
 * ```
 */
export interface DeliverySelection {
  /** The name of the sink. Omitted: every sink. */
  readonly sink?: string | undefined;
  /** The positions of the events. Omitted: all of them. */
  readonly positions?: readonly number[] | undefined;
  /** Only failing deliveries, or only dead letters. Omitted: both. */
  readonly only?: 'failing' | 'dead_letters' | undefined;
}

/**
 * The durable state of a watch: the cursor and the snapshot of each origin, the events with their deliveries, and the
 * keys of the events it has seen. Every method is atomic: its effects are stored entirely or not at all, even if the
 * process is killed. Any database with transactions can implement it.
 *
 * Each event has a delivery to each sink. A delivery is *ready*, or its last attempt *failed*, or it *waits* for a failed
 * one that is about the same user or group: these are its *lane*. An acknowledged delivery is removed,
 * and the event with its last delivery, once it is no longer kept for {@link WatchStore.replay}. A *dead letter* holds
 * up nothing.
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
  /**
   * Sets the sinks that each later event is delivered to, as far as they select it. A new sink has no earlier events,
   * with one exception: if the store has only `sink`, and it is not among these, they take over its deliveries.
   *
   * @throws ConnectorError `invalid_input` if a sink that is not among them has undelivered events.
   */
  claimSinks(...sinks: readonly string[]): Promise<void>;
  /** The cursor of an origin. Undefined before the first batch that has one. */
  cursorOf(origin: string): Promise<unknown>;
  /** The snapshot of an origin. */
  pagesOf(origin: string): SnapshotPages;
  /** Stores batches in one transaction: cursors, pages, and the deduplicated events. */
  append(...batches: readonly IngestBatch[]): Promise<void>;
  /** The first ready events of a sink, in order. Default: `sink`. */
  undelivered(limit: number, sink?: string): Promise<readonly OutboxEntry[]>;
  /** The number of events that some sink does not have yet, without dead letters. */
  count(): Promise<number>;
  /** Removes the deliveries of these events: the sink has them. Default: `sink`. */
  acknowledge(positions: readonly number[], sink?: string): Promise<void>;
  /** The failing delivery of a sink whose next attempt is due first. */
  nextFailing(sink: string): Promise<FailedDelivery | undefined>;
  /** Stores why an attempt failed. The events behind it wait. */
  recordFailure(sink: string, position: number, failure: DeliveryFailure): Promise<void>;
  /** Turns a failing delivery into a dead letter. The events behind it no longer wait. */
  moveToDeadLetters(sink: string, position: number): Promise<void>;
  /** The state of every sink, as of now, with at most `limit` failing deliveries and dead letters of each. */
  sinkStates(limit: number): Promise<readonly SinkState[]>;
  /**
   * Makes failed deliveries due now, and returns dead letters to their place in the order.
   *
   * @returns the number of deliveries.
   */
  release(selection: DeliverySelection): Promise<number>;
  /**
   * Turns deliveries into dead letters, and discards those that were dead letters already.
   *
   * @returns the number of deliveries.
   */
  skip(selection: DeliverySelection): Promise<number>;
  /**
   * Delivers events again that were acknowledged or given up at this time or later, in their order, as far as they are
   * kept.
   *
   * @returns the number of deliveries.
   */
  replay(sinceInMs: number, selection: DeliverySelection): Promise<number>;
  /** Calls a listener after each change that the watch did not make itself: a command, or an approval. */
  onSteered(listener: () => void): void;
  /** Calls these listeners. Whoever changes the deliveries of a store that is watched calls it. */
  steered(): void;
  /** Releases the store. */
  close(): void;
}

/** The name of the sink of a watch that has only one, and of a loop. */
export const defaultSink = 'sink';

/** How long a store remembers the `dedupeKey` of an event, and the time of a resource's newest event, in days. */
export const deduplicationWindowInDays = 30;

/** How long a store keeps a delivered event for a replay, by default, in days: longer than a long weekend. */
export const replayWindowInDays = 7;

/** The largest number of delivered events that a store keeps for a replay, by default. */
export const mostReplayedEvents = 10_000;
