import { isJsonObject, type JsonDraft, type JsonObject } from '../../scim/json.ts';
import { adminRoles, defaultRoles, emptyRoleMeansNone, newModelRoles } from '../assumptions.ts';
import { type Environment, environments, roleAttributes, roleUrn } from './environments.ts';
import type { PermissionModel, Settings } from './settings.ts';

/** Roles by environment; environments without a role are absent. */
export type Roles = { readonly [environment in Environment]?: string };

// docs.workato.com/saml-role-sync-okta.html.
const systemRoles: Readonly<Record<PermissionModel, readonly string[]>> = {
  legacy: ['Admin', 'Analyst', 'Operator', 'NoAccess'],
  new: newModelRoles,
};

// docs.workato.com/scim-workato.html: "a custom role with the SCIM provisioning privilege".
const scimPrivilege = 'SCIM provisioning';

/** The roles that members can have: the system's and the workspace's own. */
export function validRoles({ permissionModel, customRoles }: Settings): readonly string[] {
  return [...systemRoles[permissionModel], ...customRoles.map(({ name }) => name)];
}

/** The problem with a role; undefined if the role exists. Names are case-sensitive. */
export function faultOfRole(role: string, environment: Environment, settings: Settings): string | undefined {
  const valid = validRoles(settings);
  if (valid.includes(role)) return undefined;
  const meant = valid.find((candidate) => candidate.toLowerCase() === role.toLowerCase());
  const hint =
    meant === undefined ? '' : ` Role names are case-sensitive: did you mean ${JSON.stringify(meant)}?`;
  const names = valid.map((name) => JSON.stringify(name)).join(', ');
  return `${JSON.stringify(role)} in "${roleAttributes[environment]}" is not a role of this workspace.${hint} The roles are ${names}.`;
}

/** The role of members without an assigned role. */
export function defaultRoleOf({ defaultRole, permissionModel }: Settings): string {
  return defaultRole ?? defaultRoles[permissionModel];
}

/** Whether a role may generate, refresh and revoke the SCIM token. */
export function mayProvision(role: string, { permissionModel, customRoles }: Settings): boolean {
  if (role === adminRoles[permissionModel]) return true;
  return customRoles.some(({ name, privileges }) => name === role && privileges.includes(scimPrivilege));
}

/** The roles in a user's attributes. */
export function readRoles(attributes: JsonObject): Roles {
  const extension = attributes[roleUrn];
  if (!isJsonObject(extension)) return {};
  const roles: { [environment in Environment]?: string } = {};
  for (const environment of environments) {
    const role = extension[roleAttributes[environment]];
    if (typeof role !== 'string' || (emptyRoleMeansNone && role.trim() === '')) continue;
    roles[environment] = role;
  }
  return roles;
}

/** A user's attributes with exactly these roles: the same object if it has them already. */
export function withRoles(attributes: JsonObject, roles: Roles): JsonObject {
  const { [roleUrn]: old, ...rest } = attributes;
  const extension: JsonDraft = {};
  for (const environment of environments) {
    const role = roles[environment];
    if (role !== undefined) extension[roleAttributes[environment]] = role;
  }
  const names = Object.keys(extension);
  const before: JsonObject = isJsonObject(old) ? old : {};
  const isSame =
    names.length === Object.keys(before).length && names.every((name) => before[name] === extension[name]);
  if (isSame) return attributes;
  return names.length === 0 ? rest : { ...rest, [roleUrn]: extension };
}
