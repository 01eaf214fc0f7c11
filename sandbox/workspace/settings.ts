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

/** Which roles there are. Source: docs.workato.com/user-accounts-and-teams/saml-role-sync.html. */
export type PermissionModel = 'legacy' | 'new';

/**
 * `hybrid`: SCIM has the life of users, SAML their roles and groups at login. `scim_only`: roles come through SCIM.
 * Source: docs.workato.com/en/scim-okta.html.
 */
export type ProvisioningMode = 'hybrid' | 'scim_only';

/** A role that the workspace has besides the system's. */
export type CustomRole = {
  readonly name: string;
  /** Such as `SCIM provisioning`. */
  readonly privileges: readonly string[];
};

/** Whom logins are accepted from. */
export type IdentityProvider = {
  readonly entityId: string;
  /** The signing certificate, as PEM. */
  readonly certificate: string;
};

/** What the workspace accepts and gives at most. */
export type WorkspaceLimits = { readonly [name in keyof ScimLimits]: number } & {
  /** SCIM requests a minute, to each SCIM base URL; null: any number. */
  readonly requestsPerMinute: number | null;
  /** Requests a minute to the Developer API; null: any number. */
  readonly apiRequestsPerMinute: number | null;
  /** How long a poll for security events waits for one, in seconds. */
  readonly longPollInSeconds: number;
};

/** How the workspace is set up. */
export type Settings = {
  /** The Data Monitoring/Advanced Security & Compliance capability. */
  readonly capability: boolean;
  /** Whether SAML SSO is enabled. */
  readonly samlSso: boolean;
  /** Whether SCIM is switched on. It works only while the capability and SAML SSO are there, too. */
  readonly scimEnabled: boolean;
  readonly mode: ProvisioningMode;
  readonly permissionModel: PermissionModel;
  readonly customRoles: readonly CustomRole[];
  /** The role of those for whom none is given; null: that of the permission model. */
  readonly defaultRole: string | null;
  /** Whether SCIM has `/Groups`. */
  readonly groups: boolean;
  /** What becomes of a group's member whom SCIM does not know. */
  readonly unknownMembers: UnknownMembers;
  /** Whether SCIM pages lists by cursor, too (RFC 9865). */
  readonly cursorPagination: boolean;
  /** The habits of other providers that SCIM plays. */
  readonly quirks: readonly QuirkName[];
  /** Whether a login makes a member of somebody whom the workspace does not know. */
  readonly jitProvisioning: boolean;
  readonly idp: IdentityProvider | null;
  /** Where audit events are posted to; null: nowhere. */
  readonly auditStreamUrl: string | null;
  /** Where security event tokens are pushed to (RFC 8935); null: nowhere. */
  readonly eventPushUrl: string | null;
  /** The bearer token that is sent there; null: none. */
  readonly eventPushToken: string | null;
  /** Whether security event tokens are kept for those who poll (RFC 8936). */
  readonly eventPolling: boolean;
  readonly eventFormat: EventFormat;
  /** The `iss` of security event tokens: a name that outlives the port. */
  readonly eventIssuer: string;
  /** The `aud` of security event tokens. */
  readonly eventAudience: string;
  /** The e-mail of the workspace's owner, who may do everything. */
  readonly rootEmail: string;
  readonly limits: WorkspaceLimits;
};

/** The settings of a workspace that is told none: all is ready, but for an identity provider to log in from. */
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

/** Why SCIM is not available, with what to do; undefined when it is. */
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

/** A way for security event tokens to go. */
export type EventStream = 'push' | 'poll';

/** The event streams that are open. */
export function openStreams({ eventPushUrl, eventPolling }: Settings): readonly EventStream[] {
  return [...(eventPushUrl === null ? [] : ['push' as const]), ...(eventPolling ? ['poll' as const] : [])];
}
