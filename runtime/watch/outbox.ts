import { ConnectorError } from '../../connector/errors.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import type { SelectedEvent } from '../../triggers/poll/collect-differences.ts';
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

/** Creates the outbox of a store. */
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

/** Which events each trigger emits, by the key of the trigger. */
export type Selectors = ReadonlyMap<string, Pick<IngestBatch, 'shouldDeliver' | 'admit'>>;

/** The batch of a source, once for each trigger. */
export function batchPerTrigger(batch: IngestBatch, selectors: Selectors): readonly IngestBatch[] {
  return [...selectors].map(([trigger, selector]) => ({ ...batch, trigger, ...selector }));
}

/** The events of a read of the provider, in order, each once for every trigger that reports it. */
export function batchesInOrder(
  {
    events,
    ...state
  }: Omit<IngestBatch, 'events' | 'trigger'> & { readonly events: readonly SelectedEvent[] },
  nameOf: (trigger: string) => string,
): readonly IngestBatch[] {
  const batches: (IngestBatch & { readonly events: ProvisioningEvent[] })[] = [{ ...state, events: [] }];
  for (const { event, triggers } of events) {
    for (const trigger of triggers.map(nameOf)) {
      const last = batches.at(-1);
      if (last?.trigger === trigger) last.events.push(event);
      else batches.push({ origin: state.origin, trigger, events: [event] });
    }
  }
  return batches;
}

/** The events that a store has seen, as {@link deduplicate} reads and updates them. */
export interface EventMemory {
  hasSeen(dedupeKey: string): boolean;
  markSeen(dedupeKey: string): void;
  /** When the newest event about a resource occurred, in milliseconds since 1970. */
  newestAtInMs(resource: string): number | undefined;
  setNewest(resource: string, atInMs: number): void;
}

/**
 * The events of a batch to deliver: each one once, and marked as late if a newer event about the same resource came
 * before it, even one that is not delivered. Each trigger has its own memory.
 */
export function deduplicate(
  { trigger, events, shouldDeliver }: IngestBatch,
  memory: EventMemory,
): readonly ProvisioningEvent[] {
  if (shouldDeliver === undefined) return events;
  const scope = trigger === undefined ? '' : `${trigger}\n`;
  return events.flatMap((event) => {
    const isLate = isOlderThanNewest(scope, event, memory);
    const key = scope + event.dedupeKey;
    // An event that is not delivered leaves no key behind: if it repeats, it is not delivered either.
    if (!shouldDeliver(event) || memory.hasSeen(key)) return [];
    memory.markSeen(key);
    return [{ ...event, isLate }];
  });
}

function isOlderThanNewest(
  scope: string,
  { resource, subject, occurredAt }: ProvisioningEvent,
  memory: EventMemory,
): boolean {
  const name = `${scope}${resource}/${subject.id}`;
  const atInMs = Date.parse(occurredAt);
  const newestInMs = memory.newestAtInMs(name);
  if (newestInMs !== undefined && newestInMs > atInMs) return true;
  if (newestInMs !== atInMs && !Number.isNaN(atInMs)) memory.setNewest(name, atInMs);
  return false;
}

/**
 * The triggers that a store belongs to once these claim it.
 *
 * @throws ConnectorError `invalid_input` if it belongs to a trigger that is not among them.
 */
export function claimTriggers(owners: readonly string[], triggers: readonly string[]): readonly string[] {
  const other = owners.find((owner) => !triggers.includes(owner));
  if (other === undefined) return [...new Set(triggers)];
  const names = triggers.map((trigger) => `"${trigger}"`).join(' and ');
  throw new ConnectorError('invalid_input', {
    what: `The state belongs to the trigger "${other}", not to ${names}.`,
    nextStep: 'Use a separate state for each trigger.',
  });
}
