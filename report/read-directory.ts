import { readById } from '../actions/look-up.ts';
import type { ActionContext, ActionOf } from '../actions/operation.ts';
import { searchPages } from '../actions/search.ts';
import { hidesMembers, mayBeCut, memberIds } from '../actions/shown-members.ts';
import type { ActionDefinition, ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import type { Resource } from '../connector/resource.ts';
import { listSome } from '../schemas/list-some.ts';

/** What is read of a resource type. */
export interface DirectoryQuery {
  readonly filter?: string | undefined;
  /** Whether members are needed: lists omit them, or show some of them, so that each group is read by itself. */
  readonly members?: boolean | undefined;
  /** Called at the end with each thing that may be missing, as a sentence. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/**
 * Reads every resource of a type, page by page, so that a large directory is never completely in memory. A list that ends
 * early, or that has entries that cannot be read, is an error: an omitted user would look like a deleted one.
 *
 * @throws ConnectorError
 */
export async function* readDirectory(
  context: ActionContext,
  definition: ResourceDefinition,
  { filter, members = false, onNote }: DirectoryQuery = {},
): AsyncGenerator<readonly Resource[], void, undefined> {
  let read = 0;
  let first: Resource | undefined;
  let largest = { group: 'none', size: 0 };
  const unread: Resource[] = [];
  const withoutIds: Resource[] = [];
  for await (const page of searchPages(context, searchOf(context, definition), { filter })) {
    const resources = members ? await readEach(context, definition, page.resources, unread) : page.resources;
    if (members) {
      withoutIds.push(...resources.filter(hasMembersWithoutId));
      first ??= resources[0];
      for (const group of resources) {
        const { size = 0 } = memberIds(group) ?? {};
        if (size > largest.size) largest = { group: String(group.displayName ?? group.id), size };
      }
    }
    read += resources.length;
    context.onProgress?.({ done: read, total: Math.max(read, page.totalResults) });
    yield resources;
    if (page.truncated) throw listCutShort(page.totalResults - read, page.totalResults);
  }
  // Only groups without any member can be those of a provider that shows none.
  if (first !== undefined && largest.size === 0 && (await hidesMembers(context, definition, first)))
    throw membersHidden();
  if (unread.length > 0) onNote?.(listedOnly(unread));
  if (withoutIds.length > 0) onNote?.(membersWithoutId(withoutIds));
  // A limit of the provider is also the size of the largest group.
  if (mayBeCut(largest.size)) onNote?.(membersMayBeCut(largest));
}

/**
 * Lists can omit members. A group that cannot be read was deleted meanwhile, or the provider hides it.
 *
 * @param unread - gets the groups that cannot be read
 */
async function readEach(
  context: ActionContext,
  definition: ResourceDefinition,
  groups: readonly Resource[],
  unread: Resource[],
): Promise<readonly Resource[]> {
  const { concurrency } = context.client.connection;
  const found = await mapConcurrently(groups, concurrency, ({ id }) => readById(context, definition, id));
  unread.push(...groups.filter((_, at) => found[at] === undefined));
  return found.flatMap((group) => group ?? []);
}

function hasMembersWithoutId(group: Resource): boolean {
  return Array.isArray(group.members) && memberIds(group) === undefined;
}

function searchOf(
  { definition: { actions } }: ActionContext,
  { name, title }: ResourceDefinition,
): ActionOf<'search'> {
  const action = actions.find(
    (one: ActionDefinition): one is ActionOf<'search'> =>
      one.operation.type === 'search' && one.operation.resource === name,
  );
  if (action !== undefined) return action;
  throw new ConnectorError('unsupported', {
    what: `The manifest declares no action that lists resources of the type ${title}.`,
    nextStep: 'Declare one in the manifest.',
  });
}

function listCutShort(missing: number, total: number): ConnectorError {
  return new ConnectorError('provider_fault', {
    what: `${missing} of ${total} results are missing: the provider listed them in a form that cannot be read.`,
    nextStep: 'Contact the provider, or leave them out with a filter.',
  });
}

function membersHidden(): ConnectorError {
  return new ConnectorError('unsupported', {
    what: 'The provider shows the members of no group, so that an empty list would not mean that a group is empty.',
    nextStep: 'Use the provider itself to see who is in a group.',
  });
}

function membersMayBeCut({ group, size }: { readonly group: string; readonly size: number }): string {
  return `The largest group, ${group}, shows exactly ${size} members. That can be a limit of the provider: groups may have members that are not shown.`;
}

function listedOnly(groups: readonly Resource[]): string {
  return `The provider lists ${namesOf(groups)}, but returns nothing for the ID. Groups that are hidden, or were deleted meanwhile, are omitted.`;
}

function membersWithoutId(groups: readonly Resource[]): string {
  return `The members of ${namesOf(groups)} are not known: some are shown without an ID.`;
}

function namesOf(groups: readonly Resource[]): string {
  return listSome(groups.map(({ id, displayName }) => String(displayName ?? id)));
}
