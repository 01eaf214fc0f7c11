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
import { chunkSize, findShownMember, mayBeCut, memberIds } from './change-members.ts';
import { mustRead } from './confirm-change.ts';
import { findTarget, readById } from './look-up.ts';
import { type ActionContext, namedResource, type OperationHandler, resourceOf } from './operation.ts';

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

/** The groups of one user. */
export const listGroups: OperationHandler<'list_groups'> = {
  type: 'list_groups',
  async run(context, action, input) {
    const definition = resourceOf(context, action);
    const { id } = await findTarget(context, definition, input);
    const user = await mustRead(context, definition, id);
    const groups = namedResource(context, action.operation.groups);
    return { id: user.id, ...(await findGroupsOf(context, definition, user, groups)) };
  },
};

const path = 'members.value';

/**
 * Finds the groups of a user who was read by ID. A user without `groups` may be in none, or the provider may not show
 * them, so that "none" rests on a filter that is known to work, on another user who shows groups, or on every group.
 *
 * @throws ConnectorError `unsupported` if nothing proves which groups the user is in
 */
export async function findGroupsOf(
  context: ActionContext,
  users: ResourceDefinition,
  user: Resource,
  groups: ResourceDefinition,
): Promise<GroupsOfUser> {
  const shown = groupsShownBy(user);
  if (shown.length > 0) {
    context.habits.showsMembers.add(users.name);
    return { groups: shown, evidence: 'user' };
  }
  if (context.habits.showsMembers.has(users.name)) return { groups: [], evidence: 'user' };
  const found = await findByFilter(context, groups, user.id);
  if (found !== undefined) return { groups: found.map(asGroupOfUser), evidence: 'filter' };
  if (await showsGroups(context, users)) return { groups: [], evidence: 'user' };
  const listed = await findInList(context, users, groups, user.id);
  return { groups: listed.map(asGroupOfUser), evidence: 'list' };
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
  const first = await readPages(context.reader(users, context.signal), { count: chunkSize }).next();
  const isShown = first.done !== true && first.value.resources.some((user) => groupsShownBy(user).length > 0);
  if (isShown) context.habits.showsMembers.add(users.name);
  return isShown;
}

/** The groups with a member, by a filter; undefined if the filter of the provider proves nothing. */
async function findByFilter(
  context: ActionContext,
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
  const known = found.length > 0 ? undefined : await findShownMember(context, groups);
  if (found.length === 0 && known === undefined) return undefined;
  const isFound =
    known === undefined ||
    (await askForMember(reader, known.member))?.some(({ id }) => isSameId(id, known.groupId)) === true;
  const isProved = isFound && (await askForMember(reader, unusedValue(reader)))?.length === 0;
  filterWorks.set(key, isProved);
  return isProved ? found : undefined;
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
  users: ResourceDefinition,
  groups: ResourceDefinition,
  member: string,
): Promise<readonly Resource[]> {
  const found: Resource[] = [];
  const others: Resource[] = [];
  const has = (group: Resource): boolean =>
    [...(memberIds(group) ?? [])].some((one) => isSameId(one, member));
  for await (const page of readPages(context.reader(groups, context.signal), { count: chunkSize })) {
    for (const group of page.resources) (has(group) ? found : others).push(group);
    if (page.unreadable > 0)
      throw unproved(users, fill(errorParts.groupsUnreadable, { count: page.unreadable }));
  }
  const sizeOf = (group: Resource): number => memberIds(group)?.size ?? 0;
  const isListed = [...found, ...others].some((group) => sizeOf(group) > 0);
  const unclear = others.filter((group) => !isListed || mayBeCut(sizeOf(group)));
  const { concurrency } = context.client.connection;
  const read = await mapConcurrently(unclear, concurrency, async ({ id }) => readById(context, groups, id));
  const current = read.filter((group) => group !== undefined);
  const joined = current.filter(has);
  if (!isListed && current.length > 0 && current.every((group) => sizeOf(group) === 0)) {
    context.habits.notice('members-never-shown');
    throw unproved(users, errorParts.membersNotShown);
  }
  const cut = current.find((group) => !has(group) && mayBeCut(sizeOf(group)));
  if (cut !== undefined)
    throw unproved(users, fill(errorParts.membersMayBeCut, { id: cut.id, count: sizeOf(cut) }));
  return [...found, ...joined];
}

function unproved({ title }: ResourceDefinition, reason: string): ConnectorError {
  return new ConnectorError(
    'unsupported',
    fillError(errorTexts.groupsUnproved, { resource: title.toLowerCase(), reason }),
  );
}
