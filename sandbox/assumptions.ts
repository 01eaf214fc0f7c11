/**
 * All assumptions of the sandbox about Workato and identity providers that no public source states. They are in one
 * place, so that they can be corrected. Facts are documented with the code that uses them, each with its source.
 */
import type { Environment } from './workspace/environments.ts';

// ── SCIM ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The status of every SCIM call while SCIM is not available: the add-on or SAML SSO is missing, or it is off. */
export const unavailableScimStatus = 403;

/** The error for an unknown role. */
export const unknownRoleFault = { status: 400, scimType: 'invalidValue' } as const;

/**
 * The role of members without an assigned role. Workato documents it for just-in-time provisioning (`Operator` in the
 * legacy permission model, `Member` in the new one). The sandbox also uses it for SCIM.
 */
export const defaultRoles = { legacy: 'Operator', new: 'Member' } as const;

/** The environments with a default role: each one for which the identity provider names no role. */
export const environmentsWithDefaultRole: readonly Environment[] = ['dev', 'test', 'prod'];

/** An empty string is no role: OneLogin's template sends one for an empty field. */
export const emptyRoleMeansNone = true;

/**
 * A SCIM update of a user without roles restores the roles that the identity provider assigned last,
 * if they were changed manually: Workato says that manual changes "may be overwritten".
 */
export const scimUpdateRestoresAssignedRoles = true;

/**
 * The meaning of a PUT without a role: SCIM removes a role only if SCIM assigned it. A role from a SAML
 * login stays. Otherwise a hybrid setup would lose all roles with every profile update.
 */
export const putTakesAwayRolesOf: 'scim_auto_sync' | 'any' = 'scim_auto_sync';

/** Whether SCIM has `/Groups`; there is a setting for it. */
export const groupsByDefault = true;

// ── The life of a member ────────────────────────────────────────────────────────────────────────────────────────

/**
 * The access of a member. `DELETE` removes the member; `active: false` suspends the access to this workspace only, and
 * keeps roles and groups. A manual removal does not change the SCIM resource, including `active`, so that the
 * identity provider's link still holds and a later deprovisioning arrives.
 */
export type Access = 'active' | 'suspended' | 'removed';

/** Returns a member's access. The identity provider's state takes precedence over a manual removal. */
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

/** A manually removed member regains access by a login, or if SCIM changes `active` from false to true. */
export const reactivationUndoesManualRemoval = true;

/** A manually removed member who returns has the roles that the identity provider assigned, not manual ones. */
export const returningMemberHasAssignedRoles = true;

/**
 * The environment in which a role grants privileges in the workspace: "Permissions in Test or Prod don't apply at the
 * workspace level" is documented for the new permission model, and assumed for the legacy one.
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

/** Paths below the origin. The audience, the service provider's entity ID, is only a name and not an endpoint. */
export const samlPaths = { acs: '/saml/acs', audience: '/saml/metadata' } as const;

/** The setups in which a login sets roles and groups. In the SCIM-only setup, it changes neither. */
export const samlRolesApplyIn: readonly string[] = ['hybrid'];

/**
 * `workato_user_groups` can have several values, or one with commas. The member is then in exactly these groups; names
 * of groups that do not exist are omitted, and listed in the login event. It works in both permission models.
 */
export const separatorOfSamlGroups = ',';

/** The HTTP status of a rejected login: the assertion is invalid, or the user has no access. */
export const loginRefusalStatus = { invalid: 401, forbidden: 403 } as const;

// ── The audit log ───────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The names of events. `team_invitation_accept`, `team_membership_deleted` and `user_login` are documented; that a
 * member whom the identity provider adds is an accepted invitation is assumed, as are all other names. The source of
 * a change is in `details.source`.
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

/**
 * help.okta.com, Workato supported features: only users who have accepted their invitation can be updated or
 * deactivated. The status of the rejection is assumed, and so is that a pending user can be deleted.
 */
export const pendingInvitationStatus = 403;

/** The source of manual changes; `scim_auto_sync` and `saml_auto_sync` are documented. */
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

/** The delays between attempts to stream an event. They double from the first to the longest. */
export const streamPauses = { firstInMs: 250, longestInMs: 30_000 } as const;

/** The response timeout of the stream's endpoint. */
export const streamTimeoutInMs = 30_000;

// ── Security events ─────────────────────────────────────────────────────────────────────────────────────────────

/** The default `iss` of security event tokens: a name, because a sandbox has a different port at each start. */
export const defaultEventIssuer = 'https://workspace.example';

/** The default `aud` of security event tokens. */
export const defaultEventAudience = 'https://receiver.example';

/** The maximum number of security event tokens in a poll response, whatever the poll requests. */
export const mostSetsInPoll = 100;

// ── Workspace ───────────────────────────────────────────────────────────────────────────────────────────────────

/** The workspace, as events name it. */
export const workspaceIdentity = { id: 'rolecall-sandbox', name: 'Rolecall sandbox' } as const;

/** The default root email of a workspace. SCIM does not manage this user. */
export const defaultRootEmail = 'root@workspace.example';

/** The base path of the SCIM service for end users. Each environment has its own. */
export function endUserBasePath(environment: Environment): string {
  return `/identity/${environment}/scim/v2`;
}

/** End users need neither the add-on nor the collaborators' SCIM to be on. */
export const endUsersNeedAddOn = false;

/** Assumptions in the code's behavior rather than in a value, each as a sentence. */
export const assumedBehavior = {
  defaultRolesAreNotScim:
    'The default role is not written into the SCIM resource: /Users shows the roles that SCIM, SAML or an administrator has set, and the members API shows the roles in effect.',
  deletedStaysLockedOut:
    'An address that SCIM deleted stays locked out until SCIM creates it again, also while SCIM is off.',
  manualRemovalKeepsScimResource:
    'A manual removal does not change the SCIM resource and its groups. SCIM updates other than a reactivation do not restore access.',
  unknownRoleRefusesLogin:
    'A login with an unknown role is rejected, and the message lists the valid roles, so that a test notices it.',
  loginKeepsNames: 'A login changes no existing name: only new members get the name in the assertion.',
  sessionsHaveNoEnd: 'Sessions end when the access of their member ends. They do not expire.',
  failedChecksAreNotLogged:
    'An invalid SAML response creates no audit event, because anyone could send any number. A valid response whose login is rejected creates one.',
  activityLogBeginsWithTheOldest:
    'GET /api/activity_logs returns the oldest events first. page[after] is the number of the last event that the client has. A page[size] above 100 is treated as 100.',
  activityLogEntry:
    'An entry of GET /api/activity_logs names its event in event_type. It has the ID, the workspace ID, and the details of the same event in the stream.',
  memberIdsAreScimIds:
    'The members API and the audit log identify members by their SCIM ID. Workato uses numbers of its own.',
  streamBeginsWithItsSetting: 'Streaming starts with the event that records its activation.',
  workatoSendsNoSets:
    'Workato documents no security event tokens. The sandbox sends them by its own choice, as RFC 9967 describes.',
  setsFollowTheAuditLog:
    'Each audit event with a change of a SCIM user or group has a security event token, and no other event has one. A manual removal changes no SCIM resource, and the removal of a deleted member from its groups is part of the deletion.',
  refusedSetsAreRepeated:
    'A rejected SET is retried like one without a response, so that no later SET overtakes it. A poller that reports an error acknowledges that SET.',
  adminTokenIsDeveloperToken: 'The admin token is also the token of the Developer API.',
  adminApi: "The admin API replaces Workato's user interface. Its form is not Workato's.",
} as const;

// ── Identity providers ──────────────────────────────────────────────────────────────────────────────────────────

/** Request timeouts: OneLogin's is assumed equal to Okta's, Entra ID's to the default of .NET's HttpClient. */
export const idpTimeoutsInMs = { onelogin: 60_000, entra: 100_000 } as const;

/** The parts that OneLogin signs; an administrator can choose. */
export const oneloginSigns = 'assertion';

/** The source of requests whose bodies OneLogin does not document: those of groups, and `Suspend`. */
export const oneloginShowsNoBody = 'assumption: OneLogin shows no body;';
