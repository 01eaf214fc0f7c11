import type { JsonObject } from '../../scim/json.ts';
import { eventNames, scimUpdateRestoresAssignedRoles } from '../assumptions.ts';
import type { Change, ResourceRecord } from '../scim/resource/resource-record.ts';
import { type Actor, recordEvent } from './audit/audit-event.ts';
import { type Difference, differenceOf } from './audit/difference.ts';
import { emailOf, flattenUser, showGrant } from './describe-member.ts';
import { environments, roleAttributes } from './environments.ts';
import type { AssignedRoles, MemberState, WorkspaceData } from './open-workspace-data.ts';
import { defaultRoleOf, type Roles, readRoles, withRoles } from './roles.ts';

/** The actor and the source of a change. */
export interface Cause {
  readonly user: Actor;
  /** `scim_auto_sync`, `saml_auto_sync` or `manual`. */
  readonly source: string;
}

/** The state after a role assignment. */
export function newState({ settings }: WorkspaceData, assigned: AssignedRoles): MemberState {
  return { defaultRole: defaultRoleOf(settings()), assigned };
}

/** The workspace's state of a user. A user stored by an earlier release has no state yet. */
export function stateOf(data: WorkspaceData, userId: string): MemberState {
  return data.members.get(userId) ?? newState(data, {});
}

/** A user's attributes with the roles that the identity provider assigned last. */
export function asAssigned(attributes: JsonObject, { assigned }: MemberState): JsonObject {
  if (!scimUpdateRestoresAssignedRoles) return attributes;
  return withRoles(attributes, { ...readRoles(attributes), ...rolesOf(assigned) });
}

function rolesOf(assigned: AssignedRoles): Roles {
  const roles: Record<string, string> = {};
  for (const environment of environments) {
    const known = assigned[environment];
    if (known !== undefined) roles[environment] = known.role;
  }
  return roles;
}

/** A new version of a user's record. */
export function revised(record: ResourceRecord, attributes: JsonObject, now: Date): ResourceRecord {
  return { ...record, version: record.version + 1, lastModified: now.toISOString(), attributes };
}

/** Ends the sessions of a user. */
export function endSessions(
  { sessions, now }: WorkspaceData,
  userId: string,
  endReason: string,
): readonly Change[] {
  return sessions
    .find('userId', userId)
    .filter(({ value }) => value.endedAt === undefined)
    .map(({ id, value }) => sessions.put(id, { ...value, endedAt: now().toISOString(), endReason }));
}

/** The key under which a deleted address is stored. */
export function leaverId(email: string): string {
  return email.toLowerCase();
}

/** The changes that accompany a new user: the state and the event. */
export function onAdded(
  data: WorkspaceData,
  after: ResourceRecord,
  state: MemberState,
  cause: Cause,
): readonly Change[] {
  return [
    data.members.put(after.id, state),
    ...data.leavers.drop(leaverId(emailOf(after.attributes))),
    memberEvent(data, eventNames.memberAdded, after, state, cause, {
      before: {},
      after: flattenUser(after.attributes, state.defaultRole),
    }),
  ];
}

/** The changes that accompany a deletion: no state, no sessions, no login, and the event. */
export function onDeleted(data: WorkspaceData, before: ResourceRecord, cause: Cause): readonly Change[] {
  const state = stateOf(data, before.id);
  return [
    ...data.members.drop(before.id),
    data.leavers.put(leaverId(emailOf(before.attributes)), { deletedAt: data.now().toISOString() }),
    ...endSessions(data, before.id, 'deprovisioned'),
    memberEvent(data, eventNames.memberDeleted, before, state, cause, {
      before: flattenUser(before.attributes, state.defaultRole),
      after: {},
    }),
  ];
}

/** The changes that accompany a new version of a user: the new state, ended sessions, and one event. */
export function onUpdated(
  data: WorkspaceData,
  before: ResourceRecord,
  after: ResourceRecord,
  next: MemberState,
  cause: Cause,
): readonly Change[] {
  const changes: Change[] = [];
  const old = stateOf(data, before.id);
  if (old !== next) changes.push(data.members.put(after.id, next));
  const isLeaving = isActive(before) && !isActive(after);
  if (isLeaving) changes.push(...endSessions(data, after.id, 'deprovisioned'));
  if (emailOf(before.attributes) !== emailOf(after.attributes)) {
    changes.push(...data.leavers.drop(leaverId(emailOf(after.attributes))));
  }
  // Assigning the role that was the default changes only the SCIM resource, but it is still a change.
  const difference =
    differenceOf(
      flattenUser(before.attributes, old.defaultRole),
      flattenUser(after.attributes, next.defaultRole),
    ) ?? differenceOf(before.attributes, after.attributes);
  const isBack = old.removedAt !== undefined && next.removedAt === undefined;
  if (difference !== undefined || isBack) {
    const whole = difference ?? { before: {}, after: {} };
    const reported = isBack
      ? { before: { ...whole.before, removed: true }, after: { ...whole.after, removed: false } }
      : whole;
    const event = isBack ? eventNames.memberRestored : nameOfUpdate(before, after, whole);
    changes.push(memberEvent(data, event, after, next, cause, reported));
  }
  return changes;
}

/** The event of a change of a member. */
export function memberEvent(
  data: WorkspaceData,
  event: string,
  record: ResourceRecord,
  { defaultRole }: MemberState,
  { user, source }: Cause,
  difference: Difference,
): Change {
  return recordEvent(data, {
    event,
    user,
    resource: showGrant(record, defaultRole),
    details: { source, ...difference },
  });
}

/** Whether the identity provider grants access. A user without `active` is active. */
export function isActive({ attributes }: ResourceRecord): boolean {
  return attributes.active !== false;
}

const roleNames: ReadonlySet<string> = new Set(Object.values(roleAttributes));

function nameOfUpdate(before: ResourceRecord, after: ResourceRecord, difference: Difference): string {
  if (isActive(before) !== isActive(after)) {
    return isActive(after) ? eventNames.memberRestored : eventNames.memberSuspended;
  }
  const names = [...Object.keys(difference.before), ...Object.keys(difference.after)];
  return names.some((name) => roleNames.has(name)) ? eventNames.memberRoleChanged : eventNames.memberUpdated;
}
