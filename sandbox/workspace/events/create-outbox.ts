import { eventNames, resourceTypesOfEvents } from '../../assumptions.ts';
import { createRepresenter } from '../../scim/resource/create-representer.ts';
import type { Change, ResourceRecord } from '../../scim/resource/resource-record.ts';
import type { ResourceType } from '../../scim/schema/resource-type.ts';
import { storeAfter } from '../../scim/store/store-after.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { auditRecords, type PendingSet, type WorkspaceData } from '../open-workspace-data.ts';
import { openStreams } from '../settings.ts';
import { feedIdOf } from './create-key-ring.ts';
import { describeChange, describeSubject } from './describe-change.ts';

/** Writes the SETs of a commit in the same commit. */
export interface Outbox {
  /** The SETs that a commit of these changes must include: none while no event stream is open. */
  setsOf(changes: readonly Change[]): readonly Change[];
}

/** The options of {@link createOutbox}. */
export interface OutboxOptions {
  readonly data: WorkspaceData;
  readonly userType: ResourceType;
  readonly groupType: ResourceType;
  /** The base URL of the SCIM service, the prefix of locations. */
  readonly baseUrl: () => string;
}

const memberEvents: ReadonlySet<string> = new Set([
  resourceTypesOfEvents.member,
  resourceTypesOfEvents.group,
]);

/**
 * Creates an outbox. A commit that records a change of a member's or group's SCIM resource in the audit log includes
 * its SET, one per open stream, in the order of the audit log. Neither exists without the other.
 */
export function createOutbox({ data, userType, groupType, baseUrl }: OutboxOptions): Outbox {
  function subjectsOf({ event, resource }: AuditEvent, changes: readonly Change[]): readonly Change[] {
    // A login that moves a member between groups is one event of the member and a change of each group.
    if (event === eventNames.memberGroupsChanged) {
      return changes.filter((change) => recordOf(change)?.type === groupType.recordType);
    }
    if (!memberEvents.has(resource.type)) return [];
    return changes.filter((change) => recordOf(change)?.id === resource.id);
  }

  return {
    setsOf: (changes) => {
      const streams = openStreams(data.settings());
      if (streams.length === 0) return [];
      const recorded = changes.flatMap(({ after }) =>
        after?.type === auditRecords.recordType ? [after] : [],
      );
      if (recorded.length === 0) return [];
      const { groups, eventFormat } = data.settings();
      const types = groups ? [userType, groupType] : [userType];
      const representer = createRepresenter(baseUrl(), types, storeAfter(data.store, types, changes));
      return recorded.flatMap(({ sequence, attributes }) => {
        // Records of this type are made by recordEvent() only.
        const audited = attributes as AuditEvent;
        const txn = `${feedIdOf(data)}-${sequence}`;
        return subjectsOf(audited, changes).flatMap((change, nth) => {
          const record = recordOf(change);
          const isPut = change.after !== undefined && data.replaced.has(change.after);
          const events = describeChange(change, { format: eventFormat, isPut, representer });
          if (record === undefined || events === undefined) return [];
          const { endpoint } = record.type === groupType.recordType ? groupType : userType;
          const set: PendingSet = {
            txn,
            time: audited.timestamp,
            subject: describeSubject(record, endpoint),
            events,
          };
          return streams.map((name) => data.outboxes[name].put(`${txn}.${nth + 1}`, set));
        });
      });
    },
  };
}

function recordOf({ before, after }: Change): ResourceRecord | undefined {
  return after ?? before;
}
