import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorParts, errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import { askFilter, isFilterRejected, unusedValue } from '../connector/provider/ask-filter.ts';
import { formatEqualities } from '../connector/provider/equality-filter.ts';
import { isSameId } from '../connector/provider/look-up.ts';
import { readPages } from '../connector/provider/read-pages.ts';
import type { LookupReader } from '../connector/provider/reader.ts';
import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import { isRecord } from '../schemas/is-record.ts';
import { chunkSize } from './change-members.ts';
import { mustRead } from './confirm-change.ts';
import { findTarget, readById } from './look-up.ts';
import { type ActionContext, namedResource, type OperationHandler, resourceOf } from './operation.ts';
import { findShownMember, mayBeCut, memberIds } from './shown-members.ts';

/** A group that a user is in, as SCIM has it in a user's `groups` (RFC 7643 §4.1.2). */
export interface GroupOfUser {
  readonly value: string;
  readonly display?: string;
  /** `indirect`: the user is in it because a group of the user is. */
  readonly type?: string;
}

/** The groups of a user, and what shows them: the user's own `groups`, a filter by member, or the list of all groups. */
export interface GroupsOfUser {
  readonly groups: readonly GroupOfUser[];
  readonly evidence: 'user' | 'filter' | 'list';
}

/** The groups that show a user, and those that may have the user without showing it. */
export interface GroupSearch extends GroupsOfUser {
  readonly unproved?: UnprovedGroups;
}

/** Groups of which nothing proves whether a user is in them. */
export interface UnprovedGroups {
  readonly groups: readonly GroupOfUser[];
  /** The number of groups in the list that cannot be read, so that nobody can be removed from them. */
  readonly unreadable: number;
  /** Why nothing proves it, as a clause. */
  readonly reason: string;
}

/** The groups of one user. */
export const listGroups: OperationHandler<'list_groups'> = {
  type: 'list_groups',
  async run(context, action, input) {
    const definition = resourceOf(context, action);
    const { id } = await findTarget(context, definition, input);
    const user = await mustRead(context, definition, id);
    const resource = namedResource(context, action.operation.groups);
    const { groups, evidence, unproved } = await findGroupsOf(context, definition, user, resource);
    if (unproved !== undefined) throw groupsUnproved(definition, unproved);
    return { id: user.id, groups, evidence };
  },
};

const path = 'members.value';

/**
 * Finds the groups of a user who was read by ID. A user without `groups` may be in none, or the provider may not show
 * them, so that "none" rests on a filter that is known to work, on another user who shows groups, or on every group.
 */
export async function findGroupsOf(
  context: ActionContext,
  users: ResourceDefinition,
  user: Resource,
  groups: ResourceDefinition,
): Promise<GroupSearch> {
  const shown = groupsShownBy(user);
  if (shown.length > 0) {
    context.habits.showsMembers.add(users.name);
    return { groups: shown, evidence: 'user' };
  }
  if (context.habits.showsMembers.has(users.name)) return { groups: [], evidence: 'user' };
  const found = await findByFilter(context, users, groups, user.id);
  if (found !== undefined) return { groups: found.map(asGroupOfUser), evidence: 'filter' };
  if (await showsGroups(context, users)) return { groups: [], evidence: 'user' };
  return findInList(context, groups, user.id);
}

/** The groups that a user shows. */
function groupsShownBy(user: Resource): readonly GroupOfUser[] {
  const groups: readonly unknown[] = Array.isArray(user.groups) ? user.groups : [];
  return groups.flatMap((group) => {
    if (typeof group === 'string') return [{ value: group }];
    if (!isRecord(group) || typeof group.value !== 'string') return [];
    const { value, display, type } = group;
    return [
      {
        value,
        ...(typeof display === 'string' && { display }),
        ...(typeof type === 'string' && { type }),
      },
    ];
  });
}

function asGroupOfUser({ id, displayName }: Resource): GroupOfUser {
  return { value: id, ...(typeof displayName === 'string' && { display: displayName }), type: 'direct' };
}

/** Whether any of the first users of the list shows groups, so that one without them has none. */
async function showsGroups(context: ActionContext, users: ResourceDefinition): Promise<boolean> {
  const isShown = (await firstOf(context, users)).some((user) => groupsShownBy(user).length > 0);
  if (isShown) context.habits.showsMembers.add(users.name);
  return isShown;
}

async function firstOf(context: ActionContext, definition: ResourceDefinition): Promise<readonly Resource[]> {
  const first = await readPages(context.reader(definition, context.signal), { count: chunkSize }).next();
  return first.done === true ? [] : first.value.resources;
}

/** The groups with a member, by a filter; undefined if the filter of the provider proves nothing. */
async function findByFilter(
  context: ActionContext,
  users: ResourceDefinition,
  groups: ResourceDefinition,
  member: string,
): Promise<readonly Resource[] | undefined> {
  const { filterWorks } = context.habits;
  const key = `${groups.name}/${path}`;
  const works = filterWorks.get(key);
  if (works === false) return undefined;
  const reader = context.reader(groups, context.signal);
  const found = await askForMember(reader, member);
  if (found === undefined || works === true) return found;
  // Providers that do not know the attribute return no group, or every group.
  const known =
    found.length > 0
      ? undefined
      : ((await findShownMember(context, groups)) ?? (await findFilteredMember(context, users, reader)));
  if (found.length === 0 && known === undefined) return undefined;
  const isFound =
    known === undefined ||
    (await askForMember(reader, known.member))?.some(({ id }) => isSameId(id, known.groupId)) === true;
  const isProved = isFound && (await askForMember(reader, unusedValue(reader)))?.length === 0;
  filterWorks.set(key, isProved);
  return isProved ? found : undefined;
}

/** How many users are looked for by a filter, at a provider that shows neither groups of users nor members of groups. */
const mostAskedFor = 10;

/** One of the first users whom the filter finds in a group: then it can find, where nothing else shows a member. */
async function findFilteredMember(
  context: ActionContext,
  users: ResourceDefinition,
  reader: LookupReader,
): Promise<{ readonly groupId: string; readonly member: string } | undefined> {
  for (const { id } of (await firstOf(context, users)).slice(0, mostAskedFor)) {
    const [group] = (await askForMember(reader, id)) ?? [];
    if (group !== undefined) return { groupId: group.id, member: id };
  }
  return undefined;
}

/** What a filter by member returns; undefined if the provider rejects it, or does not return all that it announces. */
async function askForMember(reader: LookupReader, value: string): Promise<readonly Resource[] | undefined> {
  // Groups can have thousands of members.
  const projection = { excludedAttributes: ['members'] };
  try {
    const answer = await askFilter(reader, { path, value }, projection);
    if (!answer.isShort) return answer.all;
    const filter = formatEqualities([{ path, value }]);
    const all: Resource[] = [];
    for await (const page of readPages(reader, { filter, count: chunkSize, ...projection }))
      all.push(...page.resources);
    return all;
  } catch (error) {
    const isList = error instanceof ConnectorError && error.code === 'provider_fault' && error.status !== 404;
    if (isList || isFilterRejected(error)) return undefined;
    throw error;
  }
}

/** The groups with a member, out of all groups. Those whose members the list does not show are read by ID. */
async function findInList(
  context: ActionContext,
  groups: ResourceDefinition,
  member: string,
): Promise<GroupSearch> {
  const listed: Resource[] = [];
  let unreadable = 0;
  for await (const page of readPages(context.reader(groups, context.signal), { count: chunkSize })) {
    listed.push(...page.resources);
    unreadable = page.unreadable;
  }
  const has = (group: Resource): boolean =>
    [...(memberIds(group) ?? [])].some((one) => isSameId(one, member));
  const sizeOf = (group: Resource): number => memberIds(group)?.size ?? 0;
  const showsMembers = listed.some((group) => sizeOf(group) > 0);
  if (showsMembers) context.habits.showsMembers.add(groups.name);
  const unclear = listed.filter((group) => !has(group) && (!showsMembers || mayBeCut(sizeOf(group))));
  const { concurrency } = context.client.connection;
  const read = await mapConcurrently(unclear, concurrency, async ({ id }) => readById(context, groups, id));
  const current = read.filter((group) => group !== undefined);
  const found = [...listed.filter(has), ...current.filter(has)].map(asGroupOfUser);
  // Groups that were seen with members may all have become empty since.
  const isHidden =
    !context.habits.showsMembers.has(groups.name) &&
    current.length > 0 &&
    current.every((group) => sizeOf(group) === 0);
  if (isHidden) context.habits.notice('members-never-shown');
  const open = isHidden ? current : current.filter((group) => !has(group) && mayBeCut(sizeOf(group)));
  const [first] = open;
  const reason =
    unreadable > 0
      ? fill(errorParts.groupsUnreadable, { count: unreadable })
      : isHidden
        ? errorParts.membersNotShown
        : first !== undefined && fill(errorParts.membersMayBeCut, { id: first.id, count: sizeOf(first) });
  return {
    groups: found,
    evidence: 'list',
    ...(reason !== false && { unproved: { groups: open.map(asGroupOfUser), unreadable, reason } }),
  };
}

/** The error for groups of which nothing proves whether a user is in them. */
export function groupsUnproved(
  { title }: ResourceDefinition,
  { reason }: Pick<UnprovedGroups, 'reason'>,
): ConnectorError {
  return new ConnectorError(
    'unsupported',
    fillError(errorTexts.groupsUnproved, { resource: title.toLowerCase(), reason }),
  );
}
