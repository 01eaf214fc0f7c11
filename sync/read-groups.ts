import { readById } from '../actions/look-up.ts';
import type { ActionContext } from '../actions/operation.ts';
import { hidesMembers, memberIds } from '../actions/shown-members.ts';
import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts } from '../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import { readPages } from '../connector/provider/read-pages.ts';
import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import { listSome } from '../schemas/list-some.ts';
import { foldCase } from '../scim/fold-case.ts';
import type { DesiredState } from './desired.ts';
import { GroupIndex, type ManagedGroup } from './plan-memberships.ts';
import type { PlanOptions } from './plan-options.ts';
import { planTexts } from './plan-texts.ts';

/** The groups that a plan needs. */
export interface SyncedGroups {
  readonly index: GroupIndex;
  /** The groups whose memberships are set. */
  readonly managed: readonly ManagedGroup[];
  /** The members of the group that owns users. */
  readonly ownerIds: ReadonlySet<string>;
  /** What a person should know of them. */
  readonly notes: readonly string[];
}

/** Results per page: some providers list groups with their members nevertheless. */
const pageSize = 100;

/**
 * Reads the groups that a desired state names, with their members. No request is sent if it names none.
 *
 * @throws ConnectorError `invalid_input` for an option that names no group, `unsupported` if members are not shown
 */
export async function readSyncedGroups(
  context: ActionContext,
  definition: ResourceDefinition | undefined,
  { users }: Pick<DesiredState, 'users'>,
  { groups: scope = 'named', ownedBy, createGroups = false }: PlanOptions,
): Promise<SyncedGroups> {
  const ownerName = ownedBy !== undefined && 'group' in ownedBy ? ownedBy.group : undefined;
  const named = namesIn(users, ownerName);
  const isNeeded = named.size > 0 || scope === 'all' || (Array.isArray(scope) && scope.length > 0);
  if (!isNeeded) return { index: new GroupIndex([]), managed: [], ownerIds: new Set(), notes: [] };
  if (definition === undefined)
    throw new ConnectorError('unsupported', {
      ...errorTexts.noGroupType,
    });
  const listed: ManagedGroup[] = [];
  // A group can have thousands of members, and each group that matters is read by itself.
  const query = { count: pageSize, excludedAttributes: ['members'] };
  for await (const page of readPages(context.reader(definition, context.signal), query))
    listed.push(...page.resources.map((group) => asManaged(group, new Set())));
  const known = new GroupIndex(listed);
  assertKnown(known, scope, ownerName, createGroups);
  const wanted = new Set<ManagedGroup>(scope === 'all' ? listed : []);
  for (const name of [...named.values(), ...(Array.isArray(scope) ? scope : [])]) {
    const found = known.find(name);
    if (found !== undefined) wanted.add(found);
  }
  const concurrency = context.client.connection.concurrency;
  const shared = createSharedIds();
  const read = await mapConcurrently([...wanted], concurrency, ({ id = '' }) =>
    readGroup(context, definition, id, shared),
  );
  const missing = createGroups
    ? [...named.values()].filter(
        (name) => known.problemOf(name) !== undefined && known.find(name) === undefined,
      )
    : [];
  const created = missing.map((displayName): ManagedGroup => ({ displayName, memberIds: new Set() }));
  const full = new Map(
    read.flatMap((group) => (group?.id === undefined ? [] : [[group.id, group] as const])),
  );
  const unread = [...wanted].filter(({ id = '' }) => !full.has(id));
  const unclear = [...full.values()].filter(({ hasUnknownMembers }) => hasUnknownMembers === true);
  const readable = listed.filter((group) => !unread.includes(group));
  const all = [...readable.map((group) => full.get(group.id ?? '') ?? group), ...created];
  const index = new GroupIndex(all);
  return {
    index,
    managed: [...full.values(), ...created],
    ownerIds: (ownerName === undefined ? undefined : index.find(ownerName))?.memberIds ?? new Set(),
    notes: [
      ...([...full.values()].every(({ memberIds: { size } }) => size === 0) &&
      (await hidesAll(context, definition, full))
        ? [planTexts.hiddenMembers]
        : []),
      ...groupNote(planTexts.unreadableGroups, unread),
      ...groupNote(planTexts.membersWithoutId, unclear),
    ],
  };
}

/** A note about groups; none without groups. */
function groupNote(text: string, groups: readonly ManagedGroup[]): readonly string[] {
  if (groups.length === 0) return [];
  return [fill(text, { groups: listSome(groups.map(({ displayName }) => displayName)) })];
}

/** The names of groups in the desired state, by their folded form. */
function namesIn(users: DesiredState['users'], ownerName: string | undefined): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const all = [
    ...users.flatMap(({ groups = [] }) => groups),
    ...(ownerName === undefined ? [] : [ownerName]),
  ];
  for (const name of all) if (!names.has(foldCase(name))) names.set(foldCase(name), name);
  return names;
}

/** @throws ConnectorError `invalid_input` if an option names a group that cannot be used */
function assertKnown(
  groups: GroupIndex,
  scope: PlanOptions['groups'],
  ownerName: string | undefined,
  createGroups: boolean,
): void {
  const problems = (Array.isArray(scope) ? scope : []).flatMap((name) => {
    const message = groups.problemOf(name);
    return message === undefined
      ? []
      : [{ path: 'groups', message: fill(planTexts.unusableGroup, { reason: message }) }];
  });
  const ofOwner = ownerName === undefined || createGroups ? undefined : groups.problemOf(ownerName);
  if (ofOwner !== undefined)
    problems.push({ path: 'ownedBy.group', message: fill(planTexts.noOwnerGroup, { reason: ofOwner }) });
  if (problems.length > 0) throw invalidInput(problems);
}

/** Lists may omit members, so that each group is read by itself; undefined for one that cannot be read. */
async function readGroup(
  context: ActionContext,
  definition: ResourceDefinition,
  id: string,
  shared: (id: string) => string,
): Promise<ManagedGroup | undefined> {
  const group = await readById(context, definition, id);
  if (group === undefined) return undefined;
  const ids = memberIds(group);
  const hasUnknownMembers = ids === undefined && Array.isArray(group.members);
  // Some providers show an ID in another case than in a list.
  return { ...asManaged({ ...group, id }, new Set([...(ids ?? [])].map(shared))), hasUnknownMembers };
}

/** Returns one text for equal IDs: in a large directory, each user is a member of many groups. */
function createSharedIds(): (id: string) => string {
  const ids = new Map<string, string>();
  return (id) => {
    const known = ids.get(id);
    if (known === undefined) ids.set(id, id);
    return known ?? id;
  };
}

/** Whether no group of the list shows members either. */
function hidesAll(
  context: ActionContext,
  definition: ResourceDefinition,
  groups: ReadonlyMap<string, ManagedGroup>,
): Promise<boolean> {
  const [id] = groups.keys();
  return id === undefined ? Promise.resolve(false) : hidesMembers(context, definition, { id });
}

function asManaged({ id, displayName, externalId }: Resource, memberIds: ReadonlySet<string>): ManagedGroup {
  return {
    id,
    displayName: typeof displayName === 'string' ? displayName : id,
    ...(typeof externalId === 'string' && { externalId }),
    memberIds,
  };
}
