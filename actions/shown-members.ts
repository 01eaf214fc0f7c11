import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import { askFilter, unusedValue } from '../connector/provider/ask-filter.ts';
import { readPages } from '../connector/provider/read-pages.ts';
import type { Resource } from '../connector/resource.ts';
import { foldCase } from '../scim/fold-case.ts';
import { itemValue } from '../scim/patch/outcome.ts';
import { readById } from './look-up.ts';
import type { ActionContext } from './operation.ts';

/** How many groups a page has where only the first ones are of interest. */
const pageSize = 100;

/**
 * The IDs of the members that a group shows; undefined when it does not show any list of members, or not the ID of each.
 */
export function memberIds(group: Readonly<Record<string, unknown>>): ReadonlySet<string> | undefined {
  const { members } = group;
  if (!Array.isArray(members) || members.some((member) => itemValue(member) === undefined)) return undefined;
  return new Set(members.map(idOf));
}

/** The same in folded case, for comparisons: some providers show the IDs of members in another case. */
export function foldedMemberIds(group: Readonly<Record<string, unknown>>): ReadonlySet<string> | undefined {
  const ids = memberIds(group);
  return ids && new Set([...ids].map(foldCase));
}

/** Remembers that a provider shows members, if a group has some. */
export function noteShownMembers(
  { habits }: ActionContext,
  definition: ResourceDefinition,
  group: Resource,
): void {
  if ((memberIds(group)?.size ?? 0) > 0) habits.showsMembers.add(definition.name);
}

/** Whether a group looks without members because its provider shows none: no other group has any either. */
export async function hidesMembers(
  context: ActionContext,
  definition: ResourceDefinition,
  group: Resource,
): Promise<boolean> {
  const { size = 0 } = memberIds(group) ?? {};
  if (size > 0 || (await showsMembers(context, definition, group))) return false;
  context.habits.notice('members-never-shown');
  return true;
}

/** Whether a filter finds a group by a member that the group does not show: some providers show only the first 100. */
export async function hasHiddenMember(
  context: ActionContext,
  definition: ResourceDefinition,
  { id }: Resource,
  member: string,
): Promise<boolean> {
  const reader = context.reader(definition, context.signal);
  const finds = async (value: string): Promise<boolean> => {
    const { all } = await askFilter(
      reader,
      { path: 'members.value', value },
      { excludedAttributes: ['members'] },
    );
    return all.some((group) => group.id === id);
  };
  try {
    // A provider that ignores the filter finds the group by a member that nobody is, too.
    if (!(await finds(member)) || (await finds(unusedValue(reader)))) return false;
  } catch (error) {
    // No answer is no proof, and the missing member is the error to report.
    if (error instanceof ConnectorError) return false;
    throw error;
  }
  context.habits.notice('members-cut-at-100');
  return true;
}

/** Whether any of the first groups shows members, next to one that does not. */
async function showsMembers(
  context: ActionContext,
  definition: ResourceDefinition,
  group: Resource,
): Promise<boolean> {
  return (
    context.habits.showsMembers.has(definition.name) ||
    (await findShownMember(context, definition, group)) !== undefined
  );
}

/** How many groups are read by ID to find one with members, at a provider whose list shows none. */
const mostReadById = 5;

/**
 * A member of one of the first groups of the list; undefined if none of them shows any.
 *
 * @param empty - a group that was read without members
 */
export async function findShownMember(
  context: ActionContext,
  definition: ResourceDefinition,
  empty?: Resource,
): Promise<{ readonly groupId: string; readonly member: string } | undefined> {
  const pages = readPages(context.reader(definition, context.signal), { count: pageSize });
  const first = await pages.next();
  const listed = first.done === true ? [] : first.value.resources;
  const withMembers = (group: Resource | undefined): boolean =>
    group !== undefined && (memberIds(group)?.size ?? 0) > 0;
  let group = listed.find(withMembers);
  // Lists can hide the members that a group shows when it is read by ID.
  for (const { id } of listed.filter((one) => one.id !== empty?.id).slice(0, mostReadById)) {
    if (group !== undefined) break;
    const read = await readById(context, definition, id);
    if (withMembers(read)) group = read;
  }
  if (group === undefined) return undefined;
  // Groups that are all without members may get some, so that only the proof is kept.
  context.habits.showsMembers.add(definition.name);
  const [member = ''] = memberIds(group) ?? [];
  return { groupId: group.id, member };
}

/** Whether a number of members can be a limit of the provider, which is a round number. */
export function mayBeCut(size: number): boolean {
  return size > 0 && size % 50 === 0;
}

/** Whether a group of the list shows more members than a number, which is then no limit of the provider. */
export async function showsMore(
  context: ActionContext,
  definition: ResourceDefinition,
  size: number,
): Promise<boolean> {
  const first = await readPages(context.reader(definition, context.signal), { count: pageSize }).next();
  const groups = first.done === true ? [] : first.value.resources;
  return groups.some((group) => (memberIds(group)?.size ?? 0) > size);
}

/** The ID of a member, however the provider shows it. */
export function idOf(member: unknown): string {
  return String(itemValue(member));
}
