import type { JsonObject } from '../../../scim/json.ts';
import type { Change, ResourceRecord } from '../../scim/resource/resource-record.ts';
import { auditRecords, type WorkspaceData } from '../open-workspace-data.ts';

/** Who did something. */
export type Actor = {
  readonly id: string | null;
  readonly name: string;
  readonly email: string | null;
};

/** Something that happened: `details` tells the source, what was before and what is after. */
export type AuditEvent = {
  readonly event: string;
  readonly timestamp: string;
  readonly user: Actor;
  readonly resource: JsonObject & { readonly type: string };
  readonly details: JsonObject & { readonly source: string };
};

/** An audit event with its number, which is its place in the order of all that happened. */
export interface NumberedEvent extends AuditEvent {
  readonly id: number;
}

/** Appends an event to the audit log, as a change to commit together with what it tells of. */
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

/** The events after a number, in their order. */
export function* eventsAfter({ store }: WorkspaceData, number: number): Iterable<NumberedEvent> {
  const all = store.list(auditRecords.recordType);
  for (let at = countUpTo(all, number); at < all.length; at += 1) {
    const record = all[at];
    // Records of this type are made by recordEvent() only.
    if (record !== undefined) yield { ...(record.attributes as AuditEvent), id: record.sequence };
  }
}

/** The number of the last event; 0 when there is none. */
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
