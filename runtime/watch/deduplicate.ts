import type { ProvisioningEvent } from '../../connector/event.ts';
import type { IngestBatch } from './watch-store.ts';

/** What a store remembers of the events that it was given. */
export interface EventMemory {
  /** Whether a key was seen; it is from now on. */
  markSeen(dedupeKey: string): boolean;
  /** When the newest event about a resource happened, in milliseconds since 1970. */
  newestOf(resource: string): number | undefined;
  setNewest(resource: string, atInMs: number): void;
}

/**
 * The events of an arrival that are to be delivered: a sender's each once, and marked when something newer about the
 * same resource came before it, even something that the consumer does not want.
 */
export function deduplicate(
  { events, shouldDeliver }: IngestBatch,
  memory: EventMemory,
): readonly ProvisioningEvent[] {
  if (shouldDeliver === undefined) return events;
  return events.flatMap((event) => {
    const isLate = isOlderThanKnown(event, memory);
    // An unwanted event leaves no key behind: it is not wanted when it comes again either.
    return shouldDeliver(event) && !memory.markSeen(event.dedupeKey) ? [{ ...event, isLate }] : [];
  });
}

function isOlderThanKnown(
  { resource, subject, occurredAt }: ProvisioningEvent,
  memory: EventMemory,
): boolean {
  const name = `${resource}/${subject.id}`;
  const atInMs = Date.parse(occurredAt);
  const newestInMs = memory.newestOf(name);
  if (newestInMs !== undefined && newestInMs > atInMs) return true;
  if (newestInMs !== atInMs && !Number.isNaN(atInMs)) memory.setNewest(name, atInMs);
  return false;
}
