import type { JsonObject } from '../../scim/json.ts';
import { accessOf, eventNames, manualSource } from '../assumptions.ts';
import type { Change, ResourceRecord } from '../scim/resource/resource-record.ts';
import { groupType, userType } from '../scim/schema/resource-types.ts';
import type { Actor } from './audit/audit-event.ts';
import { effectiveRoles, emailOf, nameOf } from './describe-member.ts';
import { environments, type PerEnvironment } from './environments.ts';
import { endSessions, isActive, memberEvent, onUpdated, revised, stateOf } from './member-changes.ts';
import type { WorkspaceData } from './open-workspace-data.ts';
import { faultOfRole, type Roles, readRoles, withRoles } from './roles.ts';
import { invalid, WorkspaceError } from './workspace-error.ts';

/** A member as the workspace shows it. */
export type Member = {
  /** The ID of the SCIM user. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly external_id: string | null;
  /** `active`, `suspended` by the identity provider, or manually `removed`. */
  readonly status: string;
  /** The roles in effect. */
  readonly roles: PerEnvironment<string>;
  /** The names of the member's groups. */
  readonly groups: readonly string[];
  readonly created_at: string;
  readonly last_login_at: string | null;
  /** Since when an invitation waits to be accepted; null if none does. */
  readonly invited_at: string | null;
};

/** Finds a user by email. */
export function userByEmail({ store }: WorkspaceData, email: string): ResourceRecord | undefined {
  for (const id of store.lookup(userType.recordType, 'userName', email.toLowerCase())) return store.get(id);
  return undefined;
}

/** Finds a user by ID or email. */
export function requireUser(data: WorkspaceData, idOrEmail: string): ResourceRecord {
  const byId = data.store.get(idOrEmail);
  const found = byId?.type === userType.recordType ? byId : userByEmail(data, idOrEmail);
  if (found !== undefined) return found;
  throw new WorkspaceError(
    404,
    'no_such_member',
    `There is no member ${JSON.stringify(idOrEmail)}. GET /admin/members lists them.`,
  );
}

/** Converts a user to a member of the workspace. */
export function showMember(data: WorkspaceData, user: ResourceRecord): Member {
  const { id, attributes, created } = user;
  const state = stateOf(data, id);
  return {
    id,
    name: nameOf(attributes),
    email: emailOf(attributes),
    external_id: typeof attributes.externalId === 'string' ? attributes.externalId : null,
    status: accessOf(isActive(user), state.removedAt !== undefined),
    roles: effectiveRoles(attributes, state.defaultRole),
    groups: groupsOf(data, id).map(({ attributes }) => String(attributes.displayName)),
    created_at: created,
    last_login_at: state.lastLoginAt ?? null,
    invited_at: state.invitedAt ?? null,
  };
}

/** Accepts the invitation of a user, as the invited person does. No change if none is pending. */
export function acceptInvitation(data: WorkspaceData, { id }: ResourceRecord): readonly Change[] {
  const { invitedAt, ...state } = stateOf(data, id);
  return invitedAt === undefined ? [] : [data.members.put(id, state)];
}

/** All users of the workspace, including those without access. */
export function listMembers(data: WorkspaceData): readonly Member[] {
  return data.store.list(userType.recordType).map((user) => showMember(data, user));
}

/** The groups of which a user is a direct member. */
export function groupsOf({ store }: WorkspaceData, userId: string): readonly ResourceRecord[] {
  return [...store.lookup(groupType.recordType, 'members.value', userId)].flatMap(
    (id) => store.get(id) ?? [],
  );
}

/** Reads roles by environment: `{"dev": "Admin"}`. */
export function readRoleChange({ settings }: WorkspaceData, given: JsonObject): Roles {
  for (const [environment, role] of Object.entries(given)) {
    const known = environments.find((candidate) => candidate === environment);
    if (known === undefined || typeof role !== 'string') {
      throw invalid(`"roles" must be an object of role names by environment: ${environments.join(', ')}.`);
    }
    const fault = faultOfRole(role, known, settings());
    if (fault !== undefined) throw new WorkspaceError(400, 'unknown_role', fault);
  }
  // Every name and every value was validated above.
  return given as Roles;
}

/**
 * Changes roles manually, until the next login or SCIM update (docs.workato.com/scim-faqs.html). The roles that the
 * identity provider assigned are retained.
 */
export function changeRoles(
  data: WorkspaceData,
  user: ResourceRecord,
  roles: Roles,
  actor: Actor,
): readonly Change[] {
  const state = stateOf(data, user.id);
  const now = effectiveRoles(user.attributes, state.defaultRole);
  const next: { [environment in (typeof environments)[number]]?: string } = { ...readRoles(user.attributes) };
  for (const environment of environments) {
    const role = roles[environment];
    if (role !== undefined && role !== now[environment]) next[environment] = role;
  }
  const attributes = withRoles(user.attributes, next);
  if (attributes === user.attributes) return [];
  const after = revised(user, attributes, data.now());
  return [
    { before: user, after },
    ...onUpdated(data, user, after, state, { user: actor, source: manualSource }),
  ];
}

/** Removes a member manually: access ends, and the SCIM resource stays. */
export function removeMember(data: WorkspaceData, user: ResourceRecord, actor: Actor): readonly Change[] {
  const state = stateOf(data, user.id);
  if (state.removedAt !== undefined) return [];
  return [
    data.members.put(user.id, { ...state, removedAt: data.now().toISOString() }),
    ...endSessions(data, user.id, 'removed'),
    memberEvent(
      data,
      eventNames.memberDeleted,
      user,
      state,
      { user: actor, source: manualSource },
      {
        before: { removed: false },
        after: { removed: true },
      },
    ),
  ];
}
