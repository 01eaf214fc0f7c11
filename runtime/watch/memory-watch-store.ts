import type { ProvisioningEvent } from '../../connector/event.ts';
import {
  claimSinks,
  claimTriggers,
  deduplicate,
  type EventMemory,
  isSelected,
  laneKeys,
  skippedDelivery,
} from './store-rules.ts';
import {
  type DeliveryFailure,
  type DeliverySelection,
  deduplicationWindowInDays,
  defaultSink,
  type EventSelection,
  type FailedDelivery,
  type HoldPages,
  type OutboxEntry,
  type WatchStore,
} from './watch-store.ts';

const dayInMs = 86_400_000;

/** A delivery that is not acknowledged. */
interface Delivery {
  isDead: boolean;
  failure: DeliveryFailure | undefined;
}

interface StoredEvent extends OutboxEntry {
  readonly keys: ReadonlySet<string>;
  /** By the name of the sink. */
  readonly deliveries: Map<string, Delivery>;
}

/**
 * Creates a store that ends with the process: for trying out, and for hosts that start over each time. It keeps no
 * delivered event, so that there is nothing to replay.
 */
export function createMemoryWatchStore(now: () => number = Date.now): WatchStore {
  const cursors = new Map<string, string>();
  const pages = new Map<string, Map<string, string>>();
  const memory = createMemory(now);
  /** By position, in order. */
  const events = new Map<number, StoredEvent>();
  let lastPosition = 0;
  let owners: readonly string[] = [];
  const sinks = new Map<string, EventSelection>([[defaultSink, {}]]);
  const listeners: (() => void)[] = [];

  const pagesIn = (origin: string): Map<string, string> => {
    const known = pages.get(origin) ?? new Map<string, string>();
    pages.set(origin, known);
    return known;
  };
  const add = (event: ProvisioningEvent, trigger: string | undefined): void => {
    const receivers = [...sinks].flatMap(([sink, selection]) =>
      isSelected(selection, event, trigger) ? [sink] : [],
    );
    if (receivers.length === 0) return;
    lastPosition += 1;
    events.set(lastPosition, {
      ...{ position: lastPosition, trigger, text: JSON.stringify(event) },
      keys: laneKeys(event),
      deliveries: new Map(receivers.map((sink) => [sink, { isDead: false, failure: undefined }])),
    });
  };
  /** The undelivered events of a sink, each with whether it waits for a failing one. */
  function* undelivered(sink: string): Generator<{ event: StoredEvent; waits: boolean; isReady: boolean }> {
    const heldUp = new Set<string>();
    for (const event of events.values()) {
      const delivery = event.deliveries.get(sink);
      if (delivery === undefined || delivery.isDead) continue;
      const isFailing = delivery.failure !== undefined;
      const waits = !isFailing && [...event.keys].some((key) => heldUp.has(key));
      if (isFailing || waits) for (const key of event.keys) heldUp.add(key);
      const isReady = !isFailing && !waits;
      yield { event, waits, isReady };
    }
  }
  const failed = (sink: string, isDead: boolean): readonly FailedDelivery[] =>
    [...events.values()].flatMap((event) => {
      const delivery = event.deliveries.get(sink);
      if (delivery?.failure === undefined || delivery.isDead !== isDead) return [];
      return [{ ...entryOf(event), sink, failure: delivery.failure }];
    });
  const select = ({ sink, positions, only }: DeliverySelection) =>
    (positions?.map((position) => events.get(position)) ?? [...events.values()])
      .flatMap((event) =>
        event === undefined
          ? []
          : [...event.deliveries].map(([name, delivery]) => ({ event, name, delivery })),
      )
      .filter(({ name }) => sink === undefined || name === sink)
      .filter(({ delivery: { isDead } }) => only === undefined || isDead === (only === 'dead_letters'));
  /** The undelivered deliveries to a sink that share a lane with an event. */
  const inLanesOf = ({ keys }: StoredEvent, sink: string) =>
    [...events.values()].flatMap((event) => {
      const delivery = event.deliveries.get(sink);
      const isIn = delivery?.isDead === false && [...event.keys].some((key) => keys.has(key));
      return isIn ? [{ position: event.position, delivery }] : [];
    });
  /** Puts a dead letter into its place in the order. What fails behind it is not retried before it. */
  const enqueueAgain = (event: StoredEvent, sink: string, dead: Delivery): void => {
    Object.assign(dead, { isDead: false, failure: undefined });
    for (const { position, delivery } of inLanesOf(event, sink))
      if (position > event.position) delivery.failure = undefined;
  };
  const drop = ({ position, deliveries }: StoredEvent, sink: string): void => {
    deliveries.delete(sink);
    if (deliveries.size === 0) events.delete(position);
  };
  const removeSink = (name: string): void => {
    for (const event of events.values()) drop(event, name);
    sinks.delete(name);
  };

  const heldPages: HoldPages = {
    read: (name) => pagesIn('safeguard').get(name),
    write(name, content) {
      if (content === null) pagesIn('safeguard').delete(name);
      else pagesIn('safeguard').set(name, content);
    },
  };

  return {
    async claim(...triggers) {
      owners = claimTriggers(owners, triggers);
    },
    async claimSinks(...names) {
      const known = [...sinks.keys()];
      const busy = known.filter((sink) => !undelivered(sink).next().done);
      const { added, removed, takesOver } = claimSinks(known, busy, names);
      for (const event of events.values()) {
        const inherited = takesOver ? event.deliveries.get(defaultSink) : undefined;
        if (inherited !== undefined) for (const name of added) event.deliveries.set(name, { ...inherited });
      }
      for (const name of removed) removeSink(name);
      for (const name of added) sinks.set(name, {});
    },
    async cursorOf(origin) {
      const text = cursors.get(origin);
      return text === undefined ? undefined : JSON.parse(text);
    },
    pagesOf: (origin) => ({ read: async (name) => pagesIn(origin).get(name) }),
    async append(...batches) {
      // What cannot be written as JSON throws here, before anything changes.
      for (const { cursor, events: added } of batches) JSON.stringify([cursor, added]);
      memory.prune();
      for (const batch of batches) {
        const { origin, trigger, cursor, pages: changed = new Map<string, string | null>() } = batch;
        if (cursor !== undefined) cursors.set(origin, JSON.stringify(cursor));
        for (const [name, content] of changed) {
          if (content === null) pagesIn(origin).delete(name);
          else pagesIn(origin).set(name, content);
        }
        for (const [name, selection] of batch.sinks ?? []) {
          if (selection === null) removeSink(name);
          else sinks.set(name, selection);
        }
        const fresh = deduplicate(batch, memory);
        for (const event of batch.admit?.(fresh, heldPages) ?? fresh) add(event, trigger);
      }
    },
    async undelivered(limit, sink = defaultSink) {
      const ready: OutboxEntry[] = [];
      for (const { event, isReady } of undelivered(sink)) {
        if (isReady) ready.push(entryOf(event));
        if (ready.length >= limit) break;
      }
      return ready;
    },
    async count() {
      const isUndelivered = ({ isDead }: Delivery): boolean => !isDead;
      return [...events.values()].filter(({ deliveries }) => [...deliveries.values()].some(isUndelivered))
        .length;
    },
    async acknowledge(positions, sink = defaultSink) {
      for (const { event } of select({ sink, positions })) drop(event, sink);
    },
    async nextFailing(sink) {
      const dueAtInMs = ({ failure }: FailedDelivery): number => failure.nextAttemptAtInMs;
      return failed(sink, false).toSorted((one, other) => dueAtInMs(one) - dueAtInMs(other))[0];
    },
    async recordFailure(sink, position, failure) {
      for (const { event, delivery } of select({ sink, positions: [position] })) {
        // A command can have given it up, or put another one before it, while it was attempted.
        const isBehind = inLanesOf(event, sink).some((other) => other.position < position);
        if (!delivery.isDead && !isBehind) delivery.failure = failure;
      }
    },
    async moveToDeadLetters(sink, position) {
      for (const { delivery } of select({ sink, positions: [position] })) delivery.isDead = true;
    },
    async sinkStates(limit) {
      return [...sinks.keys()].map((sink) => {
        const all = [...undelivered(sink)];
        const [first] = all;
        const deadLetters = failed(sink, true);
        return {
          sink,
          undelivered: all.length,
          waiting: all.filter(({ waits }) => waits).length,
          firstUndelivered: first && entryOf(first.event),
          deadLetterCount: deadLetters.length,
          failing: failed(sink, false).slice(0, limit),
          deadLetters: deadLetters.slice(0, limit),
        };
      });
    },
    async release(selection) {
      const chosen = select(selection).filter(({ delivery }) => delivery.failure !== undefined);
      for (const { event, name, delivery } of chosen) {
        if (delivery.isDead) enqueueAgain(event, name, delivery);
        else if (delivery.failure !== undefined)
          delivery.failure = { ...delivery.failure, nextAttemptAtInMs: now() };
      }
      return chosen.length;
    },
    async skip(selection) {
      const chosen = select(selection);
      for (const { event, name, delivery } of chosen) {
        if (delivery.isDead) drop(event, name);
        else Object.assign(delivery, { isDead: true, failure: delivery.failure ?? skippedDelivery(now()) });
      }
      return chosen.length;
    },
    async replay(sinceInMs, selection) {
      const chosen = select(selection).filter(
        ({ delivery: { isDead, failure } }) => isDead && (failure?.lastFailedAtInMs ?? 0) >= sinceInMs,
      );
      for (const { event, name, delivery } of chosen) enqueueAgain(event, name, delivery);
      return chosen.length;
    },
    onSteered: (listener) => void listeners.push(listener),
    steered() {
      for (const listener of listeners) listener();
    },
    close() {},
  };
}

function entryOf({ position, trigger, text }: OutboxEntry): OutboxEntry {
  return { position, trigger, text };
}

function createMemory(now: () => number): EventMemory & { prune(): void } {
  const seenAtInMs = new Map<string, number>();
  const newestInMs = new Map<string, number>();
  return {
    hasSeen: (dedupeKey) => seenAtInMs.has(dedupeKey),
    markSeen: (dedupeKey) => void seenAtInMs.set(dedupeKey, now()),
    newestAtInMs: (resource) => newestInMs.get(resource),
    setNewest(resource, atInMs) {
      // Deleted first, so that the map stays in the order in which its entries were set.
      newestInMs.delete(resource);
      newestInMs.set(resource, atInMs);
    },
    prune() {
      const beforeInMs = now() - deduplicationWindowInDays * dayInMs;
      for (const entries of [seenAtInMs, newestInMs]) {
        for (const [key, atInMs] of entries) {
          if (atInMs >= beforeInMs) break;
          entries.delete(key);
        }
      }
    },
  };
}
