import type { JsonObject } from '../../../scim/json.ts';
import type { Change, ResourceRecord } from '../../scim/resource/resource-record.ts';
import { auditRecords, type WorkspaceData } from '../open-workspace-data.ts';

/** The actor of an event. */
export type Actor = {
  readonly id: string | null;
  readonly name: string;
  readonly email: string | null;
};

/** An event: `details` contains the source and the values before and after. */
export type AuditEvent = {
  readonly event: string;
  readonly timestamp: string;
  readonly user: Actor;
  readonly resource: JsonObject & { readonly type: string };
  readonly details: JsonObject & { readonly source: string };
};

/** An audit event with its sequence number. */
export interface NumberedEvent extends AuditEvent {
  readonly id: number;
}

/** Appends an event to the audit log, as a change to commit together with the change that it records. */
export function recordEvent({ store, now }: WorkspaceData, event: Omit<AuditEvent, 'timestamp'>): Change {
  const sequence = store.nextSequence();
  const timestamp = now().toISOString();
  const attributes: AuditEvent = { ...event, timestamp };
  return {
    after: {
      id: `${auditRecords.recordType}:${sequence}`,
      type: auditRecords.recordType,
      sequence,
      version: 1,
      created: timestamp,
      lastModified: timestamp,
      attributes,
    },
  };
}

/** The events after a sequence number, in order. */
export function* eventsAfter({ store }: WorkspaceData, number: number): Iterable<NumberedEvent> {
  const all = store.list(auditRecords.recordType);
  for (let at = countUpTo(all, number); at < all.length; at += 1) {
    const record = all[at];
    // Only recordEvent() creates records of this type.
    if (record !== undefined) yield { ...(record.attributes as AuditEvent), id: record.sequence };
  }
}

/** The sequence number of the last event; 0 before the first event. */
export function lastEventNumber({ store }: WorkspaceData): number {
  return store.list(auditRecords.recordType).at(-1)?.sequence ?? 0;
}

function countUpTo(records: readonly ResourceRecord[], number: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.sequence ?? 0) <= number) low = middle + 1;
    else high = middle;
  }
  return low;
}
