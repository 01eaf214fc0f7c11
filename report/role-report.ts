import type { ActionContext } from '../actions/operation.ts';
import { foldedMemberIds } from '../actions/shown-members.ts';
import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { Resource } from '../connector/resource.ts';
import { isRecord } from '../schemas/is-record.ts';
import { foldCase } from '../scim/fold-case.ts';
import { shortPath } from '../sync/row-texts.ts';
import { syncedResources } from '../sync/synced-resources.ts';
import { type ExportColumn, exportColumn, exportColumns } from './export-columns.ts';
import { type DirectoryQuery, readDirectory } from './read-directory.ts';
import { grantsAccess, isOwnerRole } from './role-meaning.ts';

/**
 * A user of a report.
 *
 * @example
 * ```ts
 * const isAdmin = ({ roles }: ReportedUser): boolean => Object.values(roles).flat().includes('Admin');
 * ```
 */
export interface ReportedUser {
  readonly id: string;
  readonly userName: string;
  /** The display name; without one, the formatted name, or the given and the family name. */
  readonly displayName: string;
  readonly active: boolean;
  /** The username of the manager, or the ID of one who is not in the report; empty without one. */
  readonly manager: string;
  /** The names of the groups. */
  readonly groups: readonly string[];
  /** The roles by the key of their environment. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
}

/**
 * An attribute that holds roles, such as that of one environment.
 *
 * @example
 * ```ts
 * const rolesIn = ({ title, roles }: RoleEnvironment): string => `${title}: ${roles.map(({ role }) => role).join(', ')}`;
 * ```
 */
export interface RoleEnvironment {
  readonly key: string;
  readonly title: string;
  /** The roles with their holders, the most common one first. */
  readonly roles: readonly RoleCount[];
  /** The number of active users without a role. */
  readonly withoutRole: number;
}

/**
 * The number of users with a role.
 *
 * @example
 * ```ts
 * const holders = ({ active, inactive }: RoleCount): number => active + inactive;
 * ```
 */
export interface RoleCount {
  readonly role: string;
  readonly active: number;
  readonly inactive: number;
}

/**
 * Who has which role, and what a person should look at.
 *
 * @example
 * ```ts
 * const report: RoleReport = await connector.reportRoles();
 * console.log(report.inactiveWithRoles.map(({ userName }) => userName), report.notes);
 * ```
 */
export interface RoleReport {
  readonly users: readonly ReportedUser[];
  /** The number of groups; null if it is not known. */
  readonly groups: number | null;
  readonly environments: readonly RoleEnvironment[];
  readonly inactiveWithRoles: readonly ReportedUser[];
  readonly ownersWithoutManager: readonly ReportedUser[];
  /** Active users in no group; null if the provider does not show who is in a group, or perhaps not everyone. */
  readonly inNoGroup: readonly ReportedUser[] | null;
  /** Why something is not known. */
  readonly notes: readonly string[];
}

/**
 * What a report of roles covers.
 *
 * @example
 * ```ts
 * const options: RoleReportOptions = { filter: 'department eq "Sales"', ownerRoles: ['Environment admin'] };
 * ```
 */
export interface RoleReportOptions {
  readonly filter?: string | undefined;
  /** The roles whose holders need a manager. Default: those with "admin" or "owner" in their names. */
  readonly ownerRoles?: readonly string[] | undefined;
}

/** Reads the directory, and reports who has which role. @throws ConnectorError, also if a list ends early */
export async function reportRoles(
  context: ActionContext,
  { filter, ownerRoles }: RoleReportOptions = {},
): Promise<RoleReport> {
  const { users: definition, groups: groupType } = syncedResources(context.definition);
  const read = createUserReader(definition);
  const found: ReportedUser[] = [];
  const activity = new Activity();
  for await (const page of readDirectory(context, definition, { filter })) {
    for (const user of page) activity.add(user);
    found.push(...page.map(read));
  }
  const { groups, groupCount, notes } = await readGroups(context, groupType);
  // A user without groups is in none if others show theirs.
  const isKnown =
    groups !== undefined && (notes.length === 0 || found.some((user) => user.groups.length > 0));
  const nameOf = new Map(found.map(({ id, userName }) => [id, userName]));
  const users = found.map((user) => ({
    ...user,
    manager: nameOf.get(user.manager) ?? user.manager,
    groups: union(user.groups, groups?.get(foldCase(user.id))),
  }));
  const environments = readEnvironments(definition).map(({ key, title }) => countRoles(key, title, users));
  const holds = (user: ReportedUser, test: (role: string) => boolean): boolean =>
    Object.values(user.roles).flat().some(test);
  return {
    users,
    groups: groupCount,
    environments,
    inactiveWithRoles: users.filter((user) => !user.active && holds(user, grantsAccess)),
    ownersWithoutManager: users.filter(
      (user) => user.active && user.manager === '' && holds(user, (role) => isOwnerRole(role, ownerRoles)),
    ),
    inNoGroup: isKnown ? users.filter((user) => user.active && user.groups.length === 0) : null,
    notes: [
      ...activity.notes,
      ...notes.map((note) => (isKnown || groups === undefined ? note : `${unknownText} ${note}`)),
      ...(ownerRoles ?? [])
        .filter((name) => !users.some((user) => holds(user, (role) => isOwnerRole(role, [name]))))
        .map((name) => `No user has the owner role "${name}". Check its spelling.`),
    ],
  };
}

/** What users show of whether they are active. Whoever does not show it counts as active. */
class Activity {
  #isShown = false;
  #users = 0;
  readonly #unclear: { readonly user: string; readonly active: unknown }[] = [];

  add({ id, userName, active }: Resource): void {
    this.#users += 1;
    if (active !== undefined) this.#isShown = true;
    if (active !== undefined && typeof active !== 'boolean')
      this.#unclear.push({ user: String(userName ?? id), active });
  }

  get notes(): readonly string[] {
    if (this.#users > 0 && !this.#isShown)
      return ['The list does not show who is active: every user counts as active.'];
    const [first] = this.#unclear;
    if (first === undefined) return [];
    const value = JSON.stringify(first.active);
    return [
      `Who is active is not known of ${this.#unclear.length} of ${this.#users} users, who count as active: the value is neither true nor false, such as ${value} of ${first.user}.`,
    ];
  }
}

/** The attributes that hold roles, by the key of their field. */
export function readEnvironments({
  roles,
  fields,
}: ResourceDefinition): readonly { readonly key: string; readonly title: string }[] {
  return roles.map((path) => {
    const field = fields.find(({ attribute }) => attribute === path);
    return { key: field?.key ?? shortPath(path), title: field?.title ?? shortPath(path) };
  });
}

function createUserReader(definition: ResourceDefinition): (user: Resource) => ReportedUser {
  const [groups, manager] = ['groups', 'manager'].map((name) => exportColumn(definition, name));
  const environments = readEnvironments(definition);
  const roles = exportColumns(definition, definition.roles);
  const textsOf = (one: ExportColumn | undefined, user: Resource): readonly string[] =>
    (one?.values(user) ?? []).map(String).filter((text) => text !== '');
  return (user) => ({
    id: user.id,
    userName: String(user.userName ?? ''),
    displayName: displayNameOf(user),
    // RFC 7643 §4.1.1 leaves the default to the provider: only false ends access.
    active: user.active !== false,
    manager: textsOf(manager, user)[0] ?? '',
    groups: textsOf(groups, user),
    roles: Object.fromEntries(
      environments.flatMap(({ key }, at) => {
        const held = textsOf(roles[at], user);
        return held.length === 0 ? [] : [[key, held]];
      }),
    ),
  });
}

/** The name of a user for people: many providers have no `displayName`, but the parts of the name (RFC 7643 §4.1.1). */
function displayNameOf({ displayName, name }: Resource): string {
  const { formatted, givenName, familyName } = isRecord(name) ? name : {};
  const whole = [displayName, formatted].find(isFilled);
  return whole ?? [givenName, familyName].filter(isFilled).join(' ');
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

const unknownText = 'Who is in no group is not known:';

interface ReadGroups {
  /** The names of the groups of each user, by ID in folded case; undefined if they are not known. */
  readonly groups?: ReadonlyMap<string, readonly string[]>;
  readonly groupCount: number | null;
  /** Why groups may have members that are not shown. */
  readonly notes: readonly string[];
}

/** Reads who is in which group. What a user shows of that is no proof: providers omit it. */
async function readGroups(
  context: ActionContext,
  definition: ResourceDefinition | undefined,
): Promise<ReadGroups> {
  if (definition === undefined) return { groupCount: null, notes: ['The manifest declares no groups.'] };
  const groups = new Map<string, string[]>();
  let groupCount = 0;
  const notes: string[] = [];
  const query: DirectoryQuery = { members: true, onNote: (note) => void notes.push(note) };
  try {
    for await (const page of readDirectory({ ...context, onProgress: undefined }, definition, query)) {
      for (const group of page) {
        groupCount += 1;
        // Some providers show the IDs of members in another case.
        for (const id of foldedMemberIds(group) ?? [])
          groups.set(id, [...(groups.get(id) ?? []), String(group.displayName ?? group.id)]);
      }
    }
    return { groups, groupCount, notes };
  } catch (error) {
    if (!(error instanceof ConnectorError) || !hasNoGroups(error)) throw error;
    return { groupCount: null, notes: [`${unknownText} ${error.message}`] };
  }
}

/** Whether the provider does not have groups, or does not show them; any other error is one of the report. */
function hasNoGroups({ code, status }: ConnectorError): boolean {
  return code === 'unsupported' || code === 'forbidden' || status === 404;
}

function union(one: readonly string[], other: readonly string[] = []): readonly string[] {
  return [...new Set([...one, ...other])].sort((a, b) => a.localeCompare(b));
}

function countRoles(key: string, title: string, users: readonly ReportedUser[]): RoleEnvironment {
  const counts = new Map<string, { active: number; inactive: number }>();
  for (const { roles, active } of users)
    for (const role of roles[key] ?? []) {
      const holders = counts.get(role) ?? { active: 0, inactive: 0 };
      holders[active ? 'active' : 'inactive'] += 1;
      counts.set(role, holders);
    }
  return {
    key,
    title,
    roles: [...counts]
      .map(([role, holders]) => ({ role, ...holders }))
      .toSorted((one, other) => other.active - one.active || one.role.localeCompare(other.role)),
    withoutRole: users.filter((user) => user.active && user.roles[key] === undefined).length,
  };
}
