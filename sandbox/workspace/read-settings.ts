import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../scim/json.ts';
import { type QuirkName, readQuirks } from '../quirks/catalog.ts';
import { validRoles } from './roles.ts';
import type { CustomRole, IdentityProvider, Settings, WorkspaceLimits } from './settings.ts';
import { invalid, WorkspaceError } from './workspace-error.ts';

type Reader<T> = (value: Json, name: string, old: T) => T;

const readers: { readonly [name in keyof Settings]: Reader<Settings[name]> } = {
  capability: readBoolean,
  samlSso: readBoolean,
  scimEnabled: readBoolean,
  mode: (value, name) => oneOf(['hybrid', 'scim_only'], value, name),
  permissionModel: (value, name) => oneOf(['legacy', 'new'], value, name),
  customRoles: readCustomRoles,
  defaultRole: (value, name) => (value === null ? null : readText(value, name)),
  groups: readBoolean,
  unknownMembers: (value, name) => oneOf(['reject', 'keep', 'ignore'], value, name),
  cursorPagination: readBoolean,
  quirks: readQuirkNames,
  invitations: readBoolean,
  jitProvisioning: readBoolean,
  idp: readIdentityProvider,
  auditStreamUrl: readStreamUrl,
  eventPushUrl: readStreamUrl,
  eventPushToken: readBearerToken,
  eventPolling: readBoolean,
  eventFormat: (value, name) => oneOf(['full', 'notice'], value, name),
  eventIssuer: readText,
  eventAudience: readText,
  rootEmail: readText,
  limits: readLimits,
};

/**
 * Changes settings.
 *
 * @param patch - The settings to change, by name. All others keep their values.
 * @throws WorkspaceError with the name of the setting and its valid values.
 */
export function patchSettings(before: Settings, patch: JsonObject): Settings {
  let after = before;
  for (const [name, value] of Object.entries(patch)) {
    if (!isSetting(name)) {
      throw invalid(
        `There is no setting ${JSON.stringify(name)}. The settings are ${Object.keys(readers).join(', ')}.`,
      );
    }
    after = { ...after, [name]: readSetting(name, value, before) };
  }
  checkScim(before, after);
  checkRoles(after);
  return after;
}

function isSetting(name: string): name is keyof Settings {
  return Object.hasOwn(readers, name);
}

function readSetting<N extends keyof Settings>(name: N, value: Json, before: Settings): Settings[N] {
  const read: Reader<Settings[N]> = readers[name];
  return read(value, name, before[name]);
}

// docs.workato.com/scim-faqs.html: both are prerequisites.
function checkScim(before: Settings, after: Settings): void {
  if (!after.scimEnabled || before.scimEnabled) return;
  if (!after.capability) {
    throw new WorkspaceError(
      409,
      'scim_needs_capability',
      'SCIM cannot be enabled without the Data Monitoring/Advanced Security & Compliance capability. Set "capability" first.',
    );
  }
  if (!after.samlSso) {
    throw new WorkspaceError(
      409,
      'scim_needs_saml_sso',
      'SCIM cannot be enabled before SAML SSO. Set "samlSso" first.',
    );
  }
}

function checkRoles(settings: Settings): void {
  const roles = validRoles(settings);
  const twice = roles.find((role, at) => roles.indexOf(role) !== at);
  if (twice !== undefined) throw invalid(`There are two roles ${JSON.stringify(twice)}.`);
  if (settings.defaultRole !== null && !roles.includes(settings.defaultRole)) {
    throw invalid(`"defaultRole" must be null or one of the roles ${roles.join(', ')}.`);
  }
}

function readBoolean(value: Json, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(`"${name}" must be true or false.`);
}

function readText(value: Json, name: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw invalid(`"${name}" must be a text.`);
}

function oneOf<const T extends string>(allowed: readonly T[], value: Json, name: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw invalid(`"${name}" must be one of ${allowed.join(', ')}.`);
  return found;
}

function readQuirkNames(value: Json, name: string): readonly QuirkName[] {
  if (!isJsonArray(value)) throw invalid(`"${name}" must be a list of names.`);
  try {
    return readQuirks(value.map((quirk) => readText(quirk, `${name}[]`)));
  } catch (error) {
    throw error instanceof RangeError ? invalid(error.message) : error;
  }
}

function readCustomRoles(value: Json, name: string): readonly CustomRole[] {
  if (!isJsonArray(value)) {
    throw invalid(`"${name}" must be a list of names, or of {"name": …, "privileges": […]}.`);
  }
  return value.map((role) => {
    if (!isJsonObject(role)) return { name: readText(role, `${name}[]`), privileges: [] };
    const privileges = role.privileges ?? [];
    if (!isJsonArray(privileges)) throw invalid(`"${name}[].privileges" must be a list of strings.`);
    return {
      name: readText(role.name ?? null, `${name}[].name`),
      privileges: privileges.map((privilege) => readText(privilege, `${name}[].privileges[]`)),
    };
  });
}

function readIdentityProvider(value: Json, name: string): IdentityProvider | null {
  if (value === null) return null;
  if (!isJsonObject(value)) throw invalid(`"${name}" must be null or {"entityId": …, "certificate": …}.`);
  return {
    entityId: readText(value.entityId ?? null, `${name}.entityId`),
    certificate: readText(value.certificate ?? null, `${name}.certificate`),
  };
}

const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

function readStreamUrl(value: Json, name: string): string | null {
  if (value === null) return null;
  const url = URL.parse(readText(value, name));
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopbackHosts.has(url.hostname));
  if (url === null || !isSafe) {
    throw invalid(`"${name}" must be null, an https URL, or an http URL of this machine.`);
  }
  return url.href;
}

// RFC 6750 §2.1, which excludes characters that could end the header.
function readBearerToken(value: Json, name: string): string | null {
  if (value === null) return null;
  const token = readText(value, name);
  if (/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) return token;
  throw invalid(`"${name}" must be null or a bearer token: letters, digits and -._~+/ only.`);
}

// These can be null, for "no limit".
const rates: ReadonlySet<string> = new Set(['requestsPerMinute', 'apiRequestsPerMinute']);

function readLimits(value: Json, name: string, old: WorkspaceLimits): WorkspaceLimits {
  if (!isJsonObject(value)) throw invalid(`"${name}" must be an object of numbers.`);
  for (const [key, limit] of Object.entries(value)) {
    if (!Object.hasOwn(old, key)) {
      throw invalid(
        `There is no limit ${JSON.stringify(key)}. The limits are ${Object.keys(old).join(', ')}.`,
      );
    }
    if (limit === null && rates.has(key)) continue;
    if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 1) {
      throw invalid(`"${name}.${key}" must be a whole number from 1${rates.has(key) ? ', or null' : ''}.`);
    }
  }
  const limits = { ...old, ...value };
  return { ...limits, defaultPageSize: Math.min(limits.defaultPageSize, limits.maxPageSize) };
}
