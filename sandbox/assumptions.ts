/**
 * What no public source states, of Workato or of an identity provider, and the sandbox has chosen: all of it is here, so that it can be
 * changed when it is known better. Facts stand beside the code that uses them, each with its source.
 */
import type { Environment } from './workspace/environments.ts';

// ── SCIM ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The status of every SCIM call while SCIM is not available: the add-on or SAML SSO is missing, or it is off. */
export const unavailableScimStatus = 403;

/** How an unknown role is refused. */
export const unknownRoleFault = { status: 400, scimType: 'invalidValue' } as const;

/**
 * The role of those for whom none is given. Workato documents it for just-in-time provisioning (`Operator` in the
 * legacy permission model, `Member` in the new one); the sandbox takes it for SCIM, too.
 */
export const defaultRoles = { legacy: 'Operator', new: 'Member' } as const;

/** Where the default role is given: in each environment for which the identity provider names none. */
export const environmentsWithDefaultRole: readonly Environment[] = ['dev', 'test', 'prod'];

/** A role that is an empty text is no role: OneLogin's template sends one for a field that nobody filled in. */
export const emptyRoleMeansNone = true;

/**
 * A SCIM update of a user that leaves out the roles puts back those that the identity provider assigned last,
 * should somebody have changed them by hand: Workato says that manual changes "may be overwritten".
 */
export const scimUpdateRestoresAssignedRoles = true;

/**
 * What a PUT without a role means: SCIM takes away a role only when SCIM assigned it. A role that came with a SAML
 * login stays, or else a hybrid set-up would lose all roles with every profile update.
 */
export const putTakesAwayRolesOf: 'scim_auto_sync' | 'any' = 'scim_auto_sync';

/** Whether SCIM has `/Groups`; a setting switches it. */
export const groupsByDefault = true;

// ── The life of a member ────────────────────────────────────────────────────────────────────────────────────────

/**
 * What a person may do. `DELETE` removes the member; `active: false` suspends the access to this workspace only, and
 * keeps roles and groups. A removal by hand leaves the SCIM resource as it is, `active` included, so that the
 * identity provider's link still holds and a later deprovisioning arrives.
 */
export type Access = 'active' | 'suspended' | 'removed';

/** Tells a person's access; what the identity provider says counts before what was done by hand. */
export function accessOf(isActive: boolean, isRemovedByHand: boolean): Access {
  if (!isActive) return 'suspended';
  return isRemovedByHand ? 'removed' : 'active';
}

/**
 * "SCIM is enabled and its connection valid" (docs.workato.com/scim-faqs.html): SCIM is available, and there is a
 * token that was not revoked. Whether the identity provider has that token cannot be known.
 */
export function isConnectionValid(isScimAvailable: boolean, hasToken: boolean): boolean {
  return isScimAvailable && hasToken;
}

/** Who was removed by hand gets access again by a login, or when SCIM sets `active` from false to true. */
export const reactivationUndoesManualRemoval = true;

/** Who was removed by hand and comes back has the roles that the identity provider assigned, not those set by hand. */
export const returningMemberHasAssignedRoles = true;

/**
 * Where a role must be held for its privileges in the workspace: "Permissions in Test or Prod don't apply at the
 * workspace level" is documented for the new permission model, and taken for the legacy one, too.
 */
export const environmentOfAdmins: Environment = 'dev';

/** The roles that count as "the admin role". */
export const adminRoles = { legacy: 'Admin', new: 'Environment admin' } as const;

/**
 * The system roles of the new permission model. `Environment admin`, `Environment manager` and `Member` are
 * documented as such; `Builder` and `Operator` are named as examples of role values; `NoAccess` is documented for
 * the legacy model only, but "No access" in an environment exists in both.
 */
export const newModelRoles = [
  'Environment admin',
  'Environment manager',
  'Builder',
  'Operator',
  'Member',
  'NoAccess',
] as const;

// ── SAML login ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Paths below the origin. The audience, which is the service provider's entity id, is a name and serves nothing. */
export const samlPaths = { acs: '/saml/acs', audience: '/saml/metadata' } as const;

/** The set-ups in which a login sets roles and groups: in the SCIM-only one it changes neither. */
export const samlRolesApplyIn: readonly string[] = ['hybrid'];

/**
 * `workato_user_groups` may have several values, or one with commas. The person is then in just these groups; names
 * of groups that do not exist are left out, and told in the event of the login. It works in both permission models.
 */
export const separatorOfSamlGroups = ',';

/** The HTTP status of a refused login: the assertion is not valid, or the person may not come in. */
export const loginRefusalStatus = { invalid: 401, forbidden: 403 } as const;

// ── The audit log ───────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The names of events. `team_invitation_accept`, `team_membership_deleted` and `user_login` are documented; that a
 * member whom the identity provider adds is an accepted invitation is assumed, as are all other names. The source of
 * a change stands in `details.source`.
 */
export const eventNames = {
  memberAdded: 'team_invitation_accept',
  memberDeleted: 'team_membership_deleted',
  memberSuspended: 'team_membership_suspended',
  memberRestored: 'team_membership_restored',
  memberRoleChanged: 'team_membership_role_updated',
  memberGroupsChanged: 'team_membership_groups_updated',
  memberUpdated: 'team_membership_updated',
  login: 'user_login',
  loginRefused: 'user_login_failed',
  groupCreated: 'user_group_created',
  groupUpdated: 'user_group_updated',
  groupDeleted: 'user_group_deleted',
  settingsUpdated: 'workspace_settings_updated',
  eventKeyRotated: 'security_event_key_rotated',
  tokenGenerated: 'scim_token_generated',
  tokenRefreshed: 'scim_token_refreshed',
  tokenRevoked: 'scim_token_revoked',
  endUserCreated: 'end_user_created',
  endUserUpdated: 'end_user_updated',
  endUserDeleted: 'end_user_deleted',
  endUserGroupCreated: 'end_user_group_created',
  endUserGroupUpdated: 'end_user_group_updated',
  endUserGroupDeleted: 'end_user_group_deleted',
} as const;

/** The source of changes that are made by hand; `scim_auto_sync` and `saml_auto_sync` are documented. */
export const manualSource = 'manual';

/** The resource types of events; `ManagedUserGrant`, `User` and `TeamProfile` are documented. */
export const resourceTypesOfEvents = {
  member: 'ManagedUserGrant',
  user: 'User',
  group: 'UserGroup',
  workspace: 'TeamProfile',
  endUser: 'EndUser',
  endUserGroup: 'EndUserGroup',
} as const;

/** The pauses between attempts to stream an event, which double from the first to the longest. */
export const streamPauses = { firstInMs: 250, longestInMs: 30_000 } as const;

/** How long the endpoint of the stream may take to answer. */
export const streamTimeoutInMs = 30_000;

// ── Security events ─────────────────────────────────────────────────────────────────────────────────────────────

/** The `iss` of security event tokens that are told none: a name, since a sandbox has another port at each start. */
export const defaultEventIssuer = 'https://workspace.example';

/** The `aud` of security event tokens that are told none. */
export const defaultEventAudience = 'https://receiver.example';

/** How many security event tokens an answer to a poll has at most, however many it asks for. */
export const mostSetsInPoll = 100;

// ── Around it ───────────────────────────────────────────────────────────────────────────────────────────────────

/** The workspace, as events name it. */
export const workspaceIdentity = { id: 'rolecall-sandbox', name: 'Rolecall sandbox' } as const;

/** The root email of a workspace that is told none. It belongs to nobody whom SCIM manages. */
export const defaultRootEmail = 'root@workspace.example';

/** The base path of the SCIM service for end users, which each environment has for itself. */
export function endUserBasePath(environment: Environment): string {
  return `/identity/${environment}/scim/v2`;
}

/** End users need neither the add-on nor the collaborators' SCIM to be on. */
export const endUsersNeedAddOn = false;

/** What is assumed by the way the code goes rather than by a value: each with the sentence that it stands for. */
export const assumedBehavior = {
  defaultRolesAreNotScim:
    'The default role is not written into the SCIM resource: /Users shows the roles that SCIM, SAML or an administrator has set, and the members API shows the roles in effect.',
  deletedStaysLockedOut:
    'An address that SCIM deleted stays locked out until SCIM creates it again, also while SCIM is off.',
  manualRemovalKeepsScimResource:
    'A removal by hand leaves the SCIM resource and its groups as they are; SCIM updates other than a reactivation do not bring the person back.',
  unknownRoleRefusesLogin:
    'A login with a role that does not exist is refused, with the valid ones in the message: a rehearsal must see it.',
  loginKeepsNames: "A login changes nobody's name: only who is new gets the name of the assertion.",
  sessionsHaveNoEnd: 'Sessions end with the access of their person; they have no end of their own.',
  failedChecksAreNotLogged:
    'A SAML response that does not pass the check makes no audit event, for anybody could send any number; a login that is refused after it does.',
  activityLogBeginsWithTheOldest:
    'GET /api/activity_logs gives the oldest first, and page[after] is the number of the last event that was seen; a page[size] above 100 gets 100.',
  memberIdsAreScimIds:
    'The members API and the audit log name members by their SCIM id, where Workato has numbers of its own.',
  streamBeginsWithItsSetting: 'Streaming begins with the event that says that it was switched on.',
  workatoSendsNoSets:
    'Workato documents no security event tokens: that the workspace sends them, and all of how it does, is RFC 9967 and the sandbox’s own choice.',
  setsFollowTheAuditLog:
    'There is a security event token for each audit event that comes with a change of a SCIM user or group, and for no other: a removal by hand changes no SCIM resource, and that groups lose a deleted member is part of the deletion.',
  refusedSetsAreRepeated:
    'A SET that the receiver refuses is sent again like one that got no answer, so that none after it goes before it; a poller that reports an error has settled that SET.',
  adminTokenIsDeveloperToken: 'The admin token is the token of the Developer API, too.',
  adminApi: "The admin API stands for Workato's user interface; nothing of its form is Workato's.",
} as const;

// ── Identity providers ──────────────────────────────────────────────────────────────────────────────────────────

/** After which time a request is given up: OneLogin's as Okta's, Entra ID's as .NET's HttpClient has it. */
export const idpTimeoutsInMs = { onelogin: 60_000, entra: 100_000 } as const;

/** What OneLogin signs; an administrator may choose. */
export const oneloginSigns = 'assertion';

/** The source of the requests whose bodies OneLogin shows nowhere: those of groups, and `Suspend`. */
export const oneloginShowsNoBody = 'assumption: OneLogin shows no body;';
