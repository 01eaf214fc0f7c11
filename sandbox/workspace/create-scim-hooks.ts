import { isSameJson, type JsonObject } from '../../scim/json.ts';
import { ScimError } from '../../scim/scim-error.ts';
import {
  eventNames,
  putTakesAwayRolesOf,
  reactivationUndoesManualRemoval,
  resourceTypesOfEvents,
  unknownRoleFault,
} from '../assumptions.ts';
import type { Change, ResourceRecord } from '../scim/resource/resource-record.ts';
import { groupType } from '../scim/schema/resource-types.ts';
import type { Commit, CommitHooks, Settling } from '../scim/service/commit-hooks.ts';
import { recordEvent } from './audit/audit-event.ts';
import { differenceOf } from './audit/difference.ts';
import { type Environment, environments } from './environments.ts';
import {
  asAssigned,
  type Cause,
  isActive,
  newState,
  onAdded,
  onDeleted,
  onUpdated,
  stateOf,
} from './member-changes.ts';
import type { AssignedRoles, MemberState, WorkspaceData } from './open-workspace-data.ts';
import { faultOfRole, readRoles, withRoles } from './roles.ts';
import { quirksOf } from './settings.ts';

// docs.workato.com/scim-faqs.html names the source of the identity provider's changes.
const cause: Cause = {
  user: { id: null, name: 'SCIM provisioning', email: null },
  source: 'scim_auto_sync',
};

/** Turns SCIM users into members of the workspace: validates and separates roles, and records all changes in the audit log. */
export function createScimHooks(data: WorkspaceData): CommitHooks {
  // What settle() finds out about the roles, until the commit of these very attributes.
  const assignedBy = new WeakMap<JsonObject, AssignedRoles>();

  function settle(attributes: JsonObject, { type, operation, before }: Settling): JsonObject {
    if (type.name !== 'User') return attributes;
    const assigned: AssignedRoles = before === undefined ? {} : stateOf(data, before.id).assigned;
    const old = before === undefined ? {} : readRoles(before.attributes);
    const given = readRoles(attributes);
    const roles: { [environment in Environment]?: string } = { ...given };
    const next: { -readonly [environment in Environment]?: AssignedRoles[environment] } = { ...assigned };
    for (const environment of environments) {
      const role = given[environment];
      const known = assigned[environment];
      if (role !== undefined && role !== old[environment] && role !== known?.role)
        checkRole(role, environment);
      if (operation === 'patch' && role === (known?.role ?? old[environment])) continue;
      if (role !== undefined) {
        next[environment] = { role, source: 'scim_auto_sync' };
      } else if (operation === 'replace' && !takesAway(known?.source)) {
        const kept = known?.role ?? old[environment];
        if (kept !== undefined) roles[environment] = kept;
      } else {
        delete next[environment];
      }
    }
    const settled = withRoles(attributes, roles);
    assignedBy.set(settled, next);
    return settled;
  }

  function checkRole(role: string, environment: Environment): void {
    const fault = faultOfRole(role, environment, data.settings());
    if (fault !== undefined) throw new ScimError(unknownRoleFault.status, fault, unknownRoleFault.scimType);
  }

  function stateAfter(before: ResourceRecord, after: ResourceRecord): MemberState {
    const old = stateOf(data, before.id);
    const assigned = assignedBy.get(after.attributes) ?? old.assigned;
    const isBack =
      reactivationUndoesManualRemoval && !isActive(before) && isActive(after) && old.removedAt !== undefined;
    if (!isBack && isSameJson(assigned, old.assigned)) return old;
    const { removedAt, ...rest } = old;
    return { ...rest, assigned, ...(removedAt !== undefined && !isBack && { removedAt }) };
  }

  function onUser({ before, after }: Change): readonly Change[] {
    if (after === undefined) return before === undefined ? [] : onDeleted(data, before, cause);
    if (before === undefined) {
      const state = newState(data, assignedBy.get(after.attributes) ?? {});
      const isInvited = quirksOf(data.settings()).includes('invitation-pending') && isActive(after);
      return onAdded(data, after, isInvited ? { ...state, invitedAt: after.created } : state, cause);
    }
    return onUpdated(data, before, after, stateAfter(before, after), cause);
  }

  function onGroup({ before, after }: Change): readonly Change[] {
    const record = after ?? before;
    const difference = differenceOf(before?.attributes ?? {}, after?.attributes ?? {});
    if (record === undefined || difference === undefined) return [];
    const event =
      before === undefined
        ? eventNames.groupCreated
        : after === undefined
          ? eventNames.groupDeleted
          : eventNames.groupUpdated;
    return [
      recordEvent(data, {
        event,
        user: cause.user,
        resource: {
          type: resourceTypesOfEvents.group,
          id: record.id,
          name: String(record.attributes.displayName),
        },
        details: { source: cause.source, ...difference },
      }),
    ];
  }

  return {
    patchBase: (record) =>
      record.type === groupType.recordType
        ? record.attributes
        : asAssigned(record.attributes, stateOf(data, record.id)),
    settle,
    beforeCommit: ({ operation, changes }: Commit) => {
      if (operation === 'replace') for (const { after } of changes) if (after) data.replaced.add(after);
      // The removal of a deleted member from groups is part of the deletion, and not a separate event.
      return (operation === 'delete' ? changes.slice(0, 1) : changes).flatMap((change) =>
        (change.after ?? change.before)?.type === groupType.recordType ? onGroup(change) : onUser(change),
      );
    },
    whenUnchanged: (record, attributes) => {
      const assigned = assignedBy.get(attributes);
      const state = stateOf(data, record.id);
      return assigned === undefined || isSameJson(assigned, state.assigned)
        ? []
        : [data.members.put(record.id, { ...state, assigned })];
    },
  };
}

function takesAway(source: string | undefined): boolean {
  return putTakesAwayRolesOf === 'any' || source === putTakesAwayRolesOf;
}
