import { isJsonObject, type JsonDraft, type JsonObject } from '../../scim/json.ts';
import { environmentsWithDefaultRole, resourceTypesOfEvents } from '../assumptions.ts';
import type { ResourceRecord } from '../scim/resource/resource-record.ts';
import type { Actor } from './audit/audit-event.ts';
import {
  environments,
  type PerEnvironment,
  perEnvironment,
  roleAttributes,
  roleUrn,
} from './environments.ts';
import { readRoles } from './roles.ts';

/** The roles in effect: the assigned ones, and otherwise the default role. */
export function effectiveRoles(attributes: JsonObject, defaultRole: string): PerEnvironment<string> {
  const roles = readRoles(attributes);
  return perEnvironment(
    (environment) =>
      roles[environment] ?? (environmentsWithDefaultRole.includes(environment) ? defaultRole : 'NoAccess'),
  );
}

/** The name of a user, from the available attributes. */
export function nameOf({ displayName, name, userName }: JsonObject): string {
  const { formatted, givenName, familyName } = isJsonObject(name) ? name : {};
  const parts = [givenName, familyName].filter((part) => typeof part === 'string' && part !== '');
  return String(displayName ?? formatted ?? (parts.length > 0 ? parts.join(' ') : userName));
}

/** The email of a user, which is the "userName" (docs.workato.com/scim-okta.html). */
export function emailOf({ userName }: JsonObject): string {
  return String(userName);
}

/** A member as the actor of an event. */
export function actorOf({ id, attributes }: ResourceRecord): Actor {
  return { id, name: nameOf(attributes), email: emailOf(attributes) };
}

/** A member as the subject of an event. */
export function showGrant(
  { id, attributes }: ResourceRecord,
  defaultRole: string,
): JsonObject & { readonly type: string } {
  return {
    type: resourceTypesOfEvents.member,
    id,
    grant_type: 'team',
    role: effectiveRoles(attributes, defaultRole).dev,
    member: { id, type: 'User', name: nameOf(attributes), email: emailOf(attributes) },
  };
}

/** A user's attributes on one level, with the roles in effect, so that two versions can be compared. */
export function flattenUser(attributes: JsonObject, defaultRole: string): JsonObject {
  const { [roleUrn]: _, ...rest } = attributes;
  const roles = effectiveRoles(attributes, defaultRole);
  const flat: JsonDraft = { ...rest };
  for (const environment of environments) flat[roleAttributes[environment]] = roles[environment];
  return flat;
}
