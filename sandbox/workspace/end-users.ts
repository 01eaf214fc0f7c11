import { eventNames, resourceTypesOfEvents } from '../assumptions.ts';
import type { ResourceType } from '../scim/schema/resource-type.ts';
import { defineGroupType, defineUserType } from '../scim/schema/resource-types.ts';
import type { CommitHooks } from '../scim/service/commit-hooks.ts';
import { type Actor, recordEvent } from './audit/audit-event.ts';
import { differenceOf } from './audit/difference.ts';
import type { Environment } from './environments.ts';
import type { WorkspaceData } from './open-workspace-data.ts';

/**
 * The end users and groups of Workato Identity. Each environment has its own
 * (docs.workato.com/en/workato-identity/scim-provisioning.html, …/user-groups.html).
 */
export function defineEndUserTypes(environment: Environment): readonly ResourceType[] {
  return [defineUserType([], `EndUser:${environment}`), defineGroupType(`EndUserGroup:${environment}`)];
}

const actor: Actor = { id: null, name: 'SCIM provisioning', email: null };

/** Records end users and their groups in the audit log. */
export function createEndUserHooks(data: WorkspaceData, environment: Environment): CommitHooks {
  return {
    beforeCommit: ({ operation, changes }) =>
      // The removal of a deleted member from groups is part of the deletion, and not a separate event.
      (operation === 'delete' ? changes.slice(0, 1) : changes).flatMap(({ before, after }) => {
        const record = after ?? before;
        const difference = differenceOf(before?.attributes ?? {}, after?.attributes ?? {});
        if (record === undefined || difference === undefined) return [];
        const isUser = record.type.startsWith('EndUser:');
        const kind = before === undefined ? 'Created' : after === undefined ? 'Deleted' : 'Updated';
        const { userName, displayName } = record.attributes;
        return [
          recordEvent(data, {
            event: eventNames[`${isUser ? 'endUser' : 'endUserGroup'}${kind}`],
            user: actor,
            resource: {
              type: isUser ? resourceTypesOfEvents.endUser : resourceTypesOfEvents.endUserGroup,
              id: record.id,
              name: String(isUser ? userName : displayName),
              environment,
            },
            details: { source: 'scim_auto_sync', ...difference },
          }),
        ];
      }),
  };
}
