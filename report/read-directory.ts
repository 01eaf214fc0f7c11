import { readById } from '../actions/look-up.ts';
import type { ActionContext, ActionOf } from '../actions/operation.ts';
import { searchPages } from '../actions/search.ts';
import { hidesMembers, mayBeCut, memberIds } from '../actions/shown-members.ts';
import type { ActionDefinition, ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import type { Resource } from '../connector/resource.ts';

/** What is read of a resource type. */
export interface DirectoryQuery {
  readonly filter?: string | undefined;
  /** Whether members are needed: lists omit them, or show some of them, so that each group is read by itself. */
  readonly members?: boolean | undefined;
  /** Called at the end with what may be missing, as a sentence. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/**
 * Reads every resource of a type, page by page, so that a large directory is never completely in memory. A list that ends
 * early, or that has entries that cannot be read, is an error: whoever it omits would look like someone who is not there.
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
  for await (const page of searchPages(context, searchOf(context, definition), { filter })) {
    const resources = members ? await readEach(context, definition, page.resources) : page.resources;
    if (members) {
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
  // A limit of the provider is also the size of the largest group.
  if (mayBeCut(largest.size)) onNote?.(membersMayBeCut(largest));
}

/** Lists can omit members. A group that was deleted meanwhile is omitted. */
async function readEach(
  context: ActionContext,
  definition: ResourceDefinition,
  groups: readonly Resource[],
): Promise<readonly Resource[]> {
  const { concurrency } = context.client.connection;
  const found = await mapConcurrently(groups, concurrency, async ({ id }) =>
    id === undefined ? undefined : await readById(context, definition, id),
  );
  return found.flatMap((group) => group ?? []);
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
