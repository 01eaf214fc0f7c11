import {
  environmentOfAdmins,
  eventNames,
  manualSource,
  resourceTypesOfEvents,
  workspaceIdentity,
} from '../assumptions.ts';
import type { Change } from '../scim/resource/resource-record.ts';
import { type Actor, recordEvent } from './audit/audit-event.ts';
import type { TokenKeeper } from './create-token-keeper.ts';
import { requireUser, showMember } from './manage-members.ts';
import type { WorkspaceData } from './open-workspace-data.ts';
import { mayProvision } from './roles.ts';
import { whyScimIsUnavailable } from './settings.ts';
import { WorkspaceError } from './workspace-error.ts';

/**
 * Checks the permission to generate, refresh, and revoke tokens: the root, members with the admin role, or with the
 * privilege "SCIM provisioning" (docs.workato.com/scim-workato.html).
 */
export function requireProvisioner(data: WorkspaceData, actor: Actor): void {
  if (actor.id === null) return;
  const settings = data.settings();
  const role = showMember(data, requireUser(data, actor.id)).roles[environmentOfAdmins];
  if (mayProvision(role, settings)) return;
  throw new WorkspaceError(
    403,
    'not_allowed',
    `${actor.email} has the role ${JSON.stringify(role)}. SCIM tokens need the root, the admin role, or a custom role with the privilege "SCIM provisioning".`,
  );
}

/** Creates a token: the first one, or a replacement for the previous one. */
export function issueToken(
  data: WorkspaceData,
  keeper: TokenKeeper,
  name: string,
  actor: Actor,
  isRefresh: boolean,
): { readonly token: string; readonly changes: readonly Change[] } {
  const reason = name === 'scim' ? whyScimIsUnavailable(data.settings()) : undefined;
  // docs.workato.com/scim-workato.html: the page for it "becomes available [...] after you enable SCIM".
  if (reason !== undefined) throw new WorkspaceError(409, 'scim_unavailable', reason);
  if (keeper.isIssued() !== isRefresh) {
    throw isRefresh
      ? new WorkspaceError(409, 'no_token', 'There is no token to refresh. Generate one.')
      : new WorkspaceError(
          409,
          'token_exists',
          'There is a token already, and it was shown once. Refresh it to get a new one.',
        );
  }
  const { token, change } = keeper.issue(actor.email ?? '');
  const event = isRefresh ? eventNames.tokenRefreshed : eventNames.tokenGenerated;
  return { token, changes: [change, tellOfToken(data, event, name, actor)] };
}

/** Revokes a token. Changes nothing if it does not exist. */
export function revokeToken(
  data: WorkspaceData,
  keeper: TokenKeeper,
  name: string,
  actor: Actor,
): readonly Change[] {
  if (!keeper.isIssued()) return [];
  return [keeper.revoke(actor.email ?? ''), tellOfToken(data, eventNames.tokenRevoked, name, actor)];
}

function tellOfToken(data: WorkspaceData, event: string, name: string, actor: Actor): Change {
  return recordEvent(data, {
    event,
    user: actor,
    resource: { ...workspaceIdentity, type: resourceTypesOfEvents.workspace },
    details: {
      source: manualSource,
      token: name,
      before: { valid: event !== eventNames.tokenGenerated },
      after: { valid: event !== eventNames.tokenRevoked },
    },
  });
}
