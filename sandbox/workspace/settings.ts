import {
  defaultEventAudience,
  defaultEventIssuer,
  defaultRootEmail,
  groupsByDefault,
} from '../assumptions.ts';
import type { QuirkName } from '../quirks/catalog.ts';
import { defaultScimLimits, type ScimLimits } from '../scim/scim-limits.ts';
import type { UnknownMembers } from '../scim/service/create-writer.ts';
import type { EventFormat } from './events/event-uris.ts';

/**
 * Which roles exist. Source: docs.workato.com/user-accounts-and-teams/saml-role-sync.html.
 *
 * @example
 * ```ts
 * const permissionModel: PermissionModel = 'new';
 * await using sandbox = await startSandbox({ permissionModel });
 * ```
 */
export type PermissionModel = 'legacy' | 'new';

/**
 * `hybrid`: SCIM manages the life cycle of users, SAML their roles and groups at login. `scim_only`: roles come
 * through SCIM. Source: docs.workato.com/en/scim-okta.html.
 *
 * @example
 * ```ts
 * const mode: ProvisioningMode = 'scim_only';
 * await using sandbox = await startSandbox({ mode });
 * ```
 */
export type ProvisioningMode = 'hybrid' | 'scim_only';

/**
 * A role of the workspace in addition to the system roles.
 *
 * @example
 * ```ts
 * const role: CustomRole = { name: 'Directory sync', privileges: ['SCIM provisioning'] };
 * await using sandbox = await startSandbox({ customRoles: [role] });
 * ```
 */
export type CustomRole = {
  readonly name: string;
  /** For example `SCIM provisioning`. */
  readonly privileges: readonly string[];
};

/**
 * The identity provider whose logins the workspace accepts.
 *
 * @example
 * ```ts
 * const { entityId, certificate } = createIdp({ flavor: 'okta' });
 * const idp: IdentityProvider = { entityId, certificate };
 * await using sandbox = await startSandbox({ idp });
 * ```
 */
export type IdentityProvider = {
  readonly entityId: string;
  /** The signing certificate, as PEM. */
  readonly certificate: string;
};

/**
 * The limits of a workspace.
 *
 * @example
 * ```ts
 * const limits: Partial<WorkspaceLimits> = { requestsPerMinute: 60 };
 * await using sandbox = await startSandbox({ limits });
 * ```
 */
export type WorkspaceLimits = { readonly [name in keyof ScimLimits]: number } & {
  /** SCIM requests per minute and SCIM base URL; null means no limit. */
  readonly requestsPerMinute: number | null;
  /** Developer API requests per minute; null means no limit. */
  readonly apiRequestsPerMinute: number | null;
  /** The maximum wait of a security event poll, in seconds. */
  readonly longPollInSeconds: number;
};

/**
 * The settings of a workspace.
 *
 * @example
 * ```ts
 * const settings: Partial<Settings> = { groups: false, jitProvisioning: false };
 * await using sandbox = await startSandbox({ groups: settings.groups ?? true });
 * ```
 */
export type Settings = {
  /** The Data Monitoring/Advanced Security & Compliance capability. */
  readonly capability: boolean;
  /** Whether SAML SSO is enabled. */
  readonly samlSso: boolean;
  /** Whether SCIM is on. It also requires the capability and SAML SSO. */
  readonly scimEnabled: boolean;
  readonly mode: ProvisioningMode;
  readonly permissionModel: PermissionModel;
  readonly customRoles: readonly CustomRole[];
  /** The role of members without an assigned role; null means that of the permission model. */
  readonly defaultRole: string | null;
  /** Whether SCIM has `/Groups`. */
  readonly groups: boolean;
  /** The treatment of a group member whose ID is unknown. */
  readonly unknownMembers: UnknownMembers;
  /** Whether SCIM also supports cursor-based pagination (RFC 9865). */
  readonly cursorPagination: boolean;
  /** The quirks of other providers to simulate. */
  readonly quirks: readonly QuirkName[];
  /** Whether users whom SCIM creates must accept an invitation before SCIM can change or deactivate them. */
  readonly invitations: boolean;
  /** Whether a login creates unknown users as members. */
  readonly jitProvisioning: boolean;
  readonly idp: IdentityProvider | null;
  /** The URL to which audit events are posted; null if none. */
  readonly auditStreamUrl: string | null;
  /** The URL to which security event tokens are pushed (RFC 8935); null if none. */
  readonly eventPushUrl: string | null;
  /** The bearer token for that URL; null if none. */
  readonly eventPushToken: string | null;
  /** Whether security event tokens are kept for polling clients (RFC 8936). */
  readonly eventPolling: boolean;
  readonly eventFormat: EventFormat;
  /** The `iss` of security event tokens: a name that does not depend on the port. */
  readonly eventIssuer: string;
  /** The `aud` of security event tokens. */
  readonly eventAudience: string;
  /** The email of the workspace owner, who has every permission. */
  readonly rootEmail: string;
  readonly limits: WorkspaceLimits;
};

/** The default settings: everything is ready, except an identity provider for logins. */
export const defaultSettings: Settings = {
  capability: true,
  samlSso: true,
  scimEnabled: true,
  mode: 'hybrid',
  permissionModel: 'legacy',
  customRoles: [],
  defaultRole: null,
  groups: groupsByDefault,
  unknownMembers: 'reject',
  cursorPagination: true,
  quirks: [],
  invitations: false,
  jitProvisioning: true,
  idp: null,
  auditStreamUrl: null,
  eventPushUrl: null,
  eventPushToken: null,
  eventPolling: false,
  eventFormat: 'full',
  eventIssuer: defaultEventIssuer,
  eventAudience: defaultEventAudience,
  rootEmail: defaultRootEmail,
  limits: {
    ...defaultScimLimits,
    requestsPerMinute: null,
    // docs.workato.com/workato-api/team.html: "60 requests per minute".
    apiRequestsPerMinute: 60,
    longPollInSeconds: 20,
  },
};

/** The quirks that SCIM plays. Pending invitations also have a setting of their own. */
export function quirksOf({ quirks, invitations }: Settings): readonly QuirkName[] {
  return invitations ? [...quirks, 'invitation-pending'] : quirks;
}

/** The reason why SCIM is not available, and what to do; undefined if it is available. */
export function whyScimIsUnavailable(settings: Settings): string | undefined {
  if (!settings.capability) {
    return 'SCIM needs the Data Monitoring/Advanced Security & Compliance capability, which this workspace does not have. Ask your Workato representative to add it.';
  }
  if (!settings.samlSso) {
    return 'SCIM needs SAML SSO, which is not enabled in this workspace. Set up SAML SSO first.';
  }
  if (!settings.scimEnabled) {
    return 'SCIM is not enabled in this workspace. Enable it in the workspace settings.';
  }
  return undefined;
}

/** A delivery method of security event tokens. */
export type EventStream = 'push' | 'poll';

/** The open event streams. */
export function openStreams({ eventPushUrl, eventPolling }: Settings): readonly EventStream[] {
  return [...(eventPushUrl === null ? [] : ['push' as const]), ...(eventPolling ? ['poll' as const] : [])];
}
