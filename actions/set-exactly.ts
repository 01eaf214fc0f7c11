import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { foldCase } from '../scim/fold-case.ts';
import { changeMembers, requireMembership } from './change-members.ts';
import { mustRead } from './confirm-change.ts';
import { readMembers } from './list-members.ts';
import type { ActionContext } from './operation.ts';
import { memberIds } from './shown-members.ts';

type Members = readonly { readonly value: string }[];

/** How the members of a group were changed. */
export interface MembersSet {
  readonly id: string;
  readonly added: Members;
  readonly removed: Members;
  /** The number of members that stay. */
  readonly unchanged: number;
  readonly requests: number;
}

/**
 * Adds and removes members until a group has exactly the given ones. Additions come first, so that no one loses access
 * who keeps it. A group whose members are not shown, or perhaps not all of them, is not changed.
 *
 * @throws ConnectorError `unsupported` if the members cannot be compared; `provider_fault` if a success is not shown
 */
export async function setExactly(
  context: ActionContext,
  definition: ResourceDefinition,
  groupId: string,
  { ids, chunkSize }: { readonly ids: readonly string[]; readonly chunkSize: number },
): Promise<MembersSet> {
  const { group, isWhole } = await readMembers(context, definition, groupId, errorTexts.membersNotComparable);
  const held = byFoldedId(memberIds(group));
  if (!isWhole)
    throw new ConnectorError('unsupported', fillError(errorTexts.membersMaybeCut, { count: held.size }));
  const wanted = byFoldedId(ids);
  const added = [...wanted].flatMap(([folded, id]) => (held.has(folded) ? [] : [id]));
  const removed = [...held].flatMap(([folded, id]) => (wanted.has(folded) ? [] : [id]));
  const how = { chunkSize, isReadAfterwards: true };
  const requests =
    (await changeMembers(context, definition, groupId, { change: 'add', ids: added, ...how })) +
    (await changeMembers(context, definition, groupId, { change: 'remove', ids: removed, ...how }));
  if (requests > 0) {
    const current = await mustRead(context, definition, groupId);
    // Some providers replace all members by the added ones.
    await requireMembership(context, definition, current, 'add', [...wanted.values()]);
    await requireMembership(context, definition, current, 'remove', removed);
  }
  return {
    id: groupId,
    added: added.map((value) => ({ value })),
    removed: removed.map((value) => ({ value })),
    unchanged: held.size - removed.length,
    requests,
  };
}

/** IDs by their folded form: some providers show them in another case. */
function byFoldedId(ids: Iterable<string> = []): ReadonlyMap<string, string> {
  return new Map([...ids].map((id) => [foldCase(id), id]));
}
