import { randomUUID } from 'node:crypto';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../scim/json.ts';
import {
  eventNames,
  isConnectionValid,
  loginRefusalStatus,
  resourceTypesOfEvents,
  returningMemberHasAssignedRoles,
  samlRolesApplyIn,
  separatorOfSamlGroups,
} from '../assumptions.ts';
import type { Change, ResourceRecord } from '../scim/resource/resource-record.ts';
import { groupType, userType } from '../scim/schema/resource-types.ts';
import { type Actor, recordEvent } from './audit/audit-event.ts';
import { hashOf, newToken } from './create-token-keeper.ts';
import { actorOf, emailOf, nameOf } from './describe-member.ts';
import { type Environment, environments, roleAttributes } from './environments.ts';
import { groupsOf, userByEmail } from './manage-members.ts';
import {
  asAssigned,
  type Cause,
  isActive,
  leaverId,
  memberEvent,
  newState,
  onAdded,
  onUpdated,
  revised,
  stateOf,
} from './member-changes.ts';
import type { AssignedRoles, MemberState, WorkspaceData } from './open-workspace-data.ts';
import { faultOfRole, type Roles, readRoles, withRoles } from './roles.ts';
import { whyScimIsUnavailable } from './settings.ts';
import { WorkspaceError } from './workspace-error.ts';

/** The content of a verified assertion. */
export interface Assertion {
  readonly assertionId: string;
  readonly notOnOrAfter: Date;
  readonly nameId: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** A successful login. Its changes must be committed before the response is sent. */
export interface LoginPlan {
  /** The session token for the browser; the workspace stores its hash. */
  readonly sessionId: string;
  readonly user: ResourceRecord;
  readonly changes: readonly Change[];
}

/** A rejected login. The changes record it in the audit log. */
export interface RefusalPlan {
  readonly refusal: WorkspaceError;
  readonly changes: readonly Change[];
}

// docs.workato.com/en/user-accounts-and-teams/just-in-time-provisioning.html names all attributes.
const emailAttribute = 'workato_email';
const nameAttribute = 'workato_full_name';
const groupsAttribute = 'workato_user_groups';
// Ibid.: "If the value includes All collaborators, all explicit collaborator-group memberships are removed."
const noGroups = 'All collaborators';

/** Whether an assertion was used before. */
export function isReplayed({ assertions }: WorkspaceData, assertionId: string): boolean {
  return assertions.get(hashOf(assertionId)) !== undefined;
}

/** Decides on a login and on its changes. */
export function planLogin(
  data: WorkspaceData,
  assertion: Assertion,
  hasToken: boolean,
): LoginPlan | RefusalPlan {
  const email = firstOf(assertion, emailAttribute) ?? assertion.nameId;
  const used = rememberAssertion(data, assertion);
  try {
    const login = admit(data, assertion, email, hasToken);
    return { ...login, changes: [...used, ...login.changes] };
  } catch (error) {
    if (!(error instanceof WorkspaceError)) throw error;
    return { refusal: error, changes: [...used, tellRefusal(data, email, error)] };
  }
}

// Until it expires: an expired assertion cannot be used again anyway.
function rememberAssertion(
  { assertions, now }: WorkspaceData,
  { assertionId, notOnOrAfter }: Assertion,
): readonly Change[] {
  const time = now().toISOString();
  const expired = assertions.list().filter(({ value }) => value.notOnOrAfter <= time);
  return [
    ...expired.flatMap(({ id }) => assertions.drop(id)),
    assertions.put(hashOf(assertionId), { notOnOrAfter: notOnOrAfter.toISOString() }),
  ];
}

function admit(data: WorkspaceData, assertion: Assertion, email: string, hasToken: boolean): LoginPlan {
  const roles = rolesOf(data, assertion);
  const user = userByEmail(data, email);
  const member =
    user === undefined ? newcomer(data, assertion, email, roles) : known(data, user, roles, hasToken);
  const groups = moveGroups(data, member.user, assertion);
  const sessionId = newToken();
  const actor = actorOf(member.user);
  const { id, attributes } = member.user;
  return {
    sessionId,
    user: member.user,
    changes: [
      ...member.changes,
      ...groups.changes,
      data.sessions.put(hashOf(sessionId), { userId: id, createdAt: data.now().toISOString() }),
      recordEvent(data, {
        event: eventNames.login,
        user: actor,
        resource: {
          type: resourceTypesOfEvents.user,
          id,
          name: nameOf(attributes),
          email: emailOf(attributes),
        },
        details: {
          source: 'saml',
          ...(groups.unknown.length > 0 && { unknown_groups: groups.unknown }),
        },
      }),
    ],
  };
}

interface Admitted {
  readonly user: ResourceRecord;
  readonly changes: readonly Change[];
}

// Just-in-time provisioning.
function newcomer(data: WorkspaceData, assertion: Assertion, email: string, roles: Roles): Admitted {
  if (data.leavers.get(leaverId(email)) !== undefined) throw deprovisioned(email);
  if (!data.settings().jitProvisioning) {
    throw forbidden(
      'unknown_member',
      `${email} is not a member of this workspace, and just-in-time provisioning is off. Assign the person in the identity provider.`,
    );
  }
  if (!/^\S+@\S+$/.test(email)) {
    throw forbidden(
      'no_email',
      `${JSON.stringify(email)} is not an email address. Send one as "${emailAttribute}" or as the NameID.`,
    );
  }
  const time = data.now().toISOString();
  const name = firstOf(assertion, nameAttribute);
  const attributes: JsonObject = {
    ...userType.defaults,
    userName: email,
    ...(name !== undefined && { displayName: name }),
    emails: [{ value: email, type: 'work', primary: true }],
  };
  const user: ResourceRecord = {
    id: randomUUID(),
    type: userType.recordType,
    sequence: data.store.nextSequence(),
    version: 1,
    created: time,
    lastModified: time,
    attributes: withRoles(attributes, roles),
  };
  const state: MemberState = { ...newState(data, assignedFrom({}, roles)), lastLoginAt: time };
  return { user, changes: [{ after: user }, ...onAdded(data, user, state, causeOf(user))] };
}

function known(data: WorkspaceData, user: ResourceRecord, roles: Roles, hasToken: boolean): Admitted {
  const email = emailOf(user.attributes);
  if (!isActive(user)) throw deprovisioned(email);
  // A login accepts the invitation.
  const { removedAt, invitedAt: _, ...state } = stateOf(data, user.id);
  const isReturning = removedAt !== undefined;
  // docs.workato.com/scim-faqs.html: provisioned again "while SCIM is enabled and its connection valid".
  const isScimAvailable = whyScimIsUnavailable(data.settings()) === undefined;
  if (isReturning && !isConnectionValid(isScimAvailable, hasToken)) {
    throw forbidden(
      'removed',
      `${email} was removed from this workspace, and SCIM is not connected, so nothing provisions the user again. Invite the person, or connect SCIM.`,
    );
  }
  const base =
    isReturning && returningMemberHasAssignedRoles ? asAssigned(user.attributes, state) : user.attributes;
  const attributes = withRoles(base, { ...readRoles(base), ...roles });
  const after = attributes === user.attributes ? user : revised(user, attributes, data.now());
  const next: MemberState = {
    ...state,
    assigned: assignedFrom(state.assigned, roles),
    lastLoginAt: data.now().toISOString(),
  };
  return {
    user: after,
    changes: [
      ...(after === user ? [] : [{ before: user, after }]),
      ...onUpdated(data, user, after, next, causeOf(after)),
    ],
  };
}

// A role that is already in effect keeps its assigner, if it has one.
function assignedFrom(before: AssignedRoles, roles: Roles): AssignedRoles {
  const assigned: { -readonly [environment in Environment]?: AssignedRoles[environment] } = { ...before };
  for (const environment of environments) {
    const role = roles[environment];
    if (role === undefined || before[environment]?.role === role) continue;
    assigned[environment] = { role, source: 'saml_auto_sync' };
  }
  return assigned;
}

function rolesOf(data: WorkspaceData, assertion: Assertion): Roles {
  const settings = data.settings();
  if (!samlRolesApplyIn.includes(settings.mode)) return {};
  const roles: { [environment in Environment]?: string } = {};
  for (const environment of environments) {
    const role = firstOf(assertion, roleAttributes[environment]);
    if (role === undefined) continue;
    const fault = faultOfRole(role, environment, settings);
    if (fault !== undefined) throw forbidden('unknown_role', fault);
    roles[environment] = role;
  }
  return roles;
}

interface GroupMoves {
  readonly changes: readonly Change[];
  readonly unknown: readonly string[];
}

// Empty or omitted: no change. Otherwise the member is in exactly these groups.
function moveGroups(data: WorkspaceData, user: ResourceRecord, assertion: Assertion): GroupMoves {
  const { mode, groups } = data.settings();
  const names = (assertion.attributes[groupsAttribute] ?? [])
    .flatMap((value) => value.split(separatorOfSamlGroups))
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0 || !groups || !samlRolesApplyIn.includes(mode)) return { changes: [], unknown: [] };
  const wanted = new Map<string, ResourceRecord>();
  const unknown: string[] = [];
  for (const name of names.includes(noGroups) ? [] : names) {
    const [id] = data.store.lookup(groupType.recordType, 'displayName', name.toLowerCase());
    const group = id === undefined ? undefined : data.store.get(id);
    if (group === undefined) unknown.push(name);
    else wanted.set(group.id, group);
  }
  const current = new Map(groupsOf(data, user.id).map((group) => [group.id, group]));
  const left = [...current.values()].filter(({ id }) => !wanted.has(id));
  const joined = [...wanted.values()].filter(({ id }) => !current.has(id));
  if (left.length + joined.length === 0) return { changes: [], unknown };
  const changes: Change[] = [];
  for (const group of left) {
    changes.push({ before: group, after: revised(group, withoutMember(group, user.id), data.now()) });
  }
  for (const group of joined) {
    const members = [...membersOf(group), { value: user.id }];
    changes.push({ before: group, after: revised(group, { ...group.attributes, members }, data.now()) });
  }
  const difference = { before: { groups: namesOf(current) }, after: { groups: namesOf(wanted) } };
  changes.push(
    memberEvent(
      data,
      eventNames.memberGroupsChanged,
      user,
      stateOf(data, user.id),
      causeOf(user),
      difference,
    ),
  );
  return { changes, unknown };
}

function membersOf({ attributes }: ResourceRecord): readonly Json[] {
  return isJsonArray(attributes.members) ? attributes.members : [];
}

function withoutMember(group: ResourceRecord, id: string): JsonObject {
  const { members: _, ...rest } = group.attributes;
  const kept = membersOf(group).filter((member) => !isJsonObject(member) || member.value !== id);
  return kept.length === 0 ? rest : { ...rest, members: kept };
}

function namesOf(groups: ReadonlyMap<string, ResourceRecord>): readonly string[] {
  return [...groups.values()].map(({ attributes }) => String(attributes.displayName)).sort();
}

function causeOf(user: ResourceRecord): Cause {
  return { user: actorOf(user), source: 'saml_auto_sync' };
}

function tellRefusal(data: WorkspaceData, email: string, { code, message }: WorkspaceError): Change {
  const user = userByEmail(data, email);
  const actor: Actor = user === undefined ? { id: null, name: email, email } : actorOf(user);
  return recordEvent(data, {
    event: eventNames.loginRefused,
    user: actor,
    resource: { ...actor, type: resourceTypesOfEvents.user },
    details: { source: 'saml', reason: code, message },
  });
}

function firstOf({ attributes }: Assertion, name: string): string | undefined {
  const value = Object.hasOwn(attributes, name) ? attributes[name]?.[0]?.trim() : undefined;
  return value === '' ? undefined : value;
}

function deprovisioned(email: string): WorkspaceError {
  return forbidden(
    'deprovisioned',
    `The identity provider has deprovisioned ${email}. Assign the person to the app there again.`,
  );
}

function forbidden(code: string, message: string): WorkspaceError {
  return new WorkspaceError(loginRefusalStatus.forbidden, code, message);
}
