import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { type ErrorText, errorTexts } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { isSameId } from '../connector/provider/look-up.ts';
import type { Resource } from '../connector/resource.ts';
import { isRecord } from '../schemas/is-record.ts';
import { mustRead } from './confirm-change.ts';
import { findTarget } from './look-up.ts';
import { type ActionContext, type OperationHandler, resourceOf } from './operation.ts';
import { hidesMembers, mayBeCut, memberIds, showsMore } from './shown-members.ts';

/** The members of one group. */
export const listMembers: OperationHandler<'list_members'> = {
  type: 'list_members',
  async run(context, action, input) {
    const definition = resourceOf(context, action);
    const { id } = await findTarget(context, definition, input);
    const { group, isWhole } = await readMembers(context, definition, id);
    return { id: group.id, members: membersOf(group), truncated: !isWhole };
  },
};

/** A group with its members. */
export interface GroupWithMembers {
  readonly group: Resource;
  /** False if the provider may show only some of the members. */
  readonly isWhole: boolean;
}

/**
 * Reads a group that shows its members.
 *
 * @throws ConnectorError `not_found`; `unsupported` if the provider does not show the members of any group, so that one
 * without members may have some
 */
export async function readMembers(
  context: ActionContext,
  definition: ResourceDefinition,
  id: string,
  whenHidden: ErrorText = errorTexts.membersHidden,
): Promise<GroupWithMembers> {
  const group = await mustRead(context, definition, id);
  const ids = memberIds(group);
  const { size = 0 } = ids ?? {};
  const isUnidentified = ids === undefined && Array.isArray(group.members);
  if (isUnidentified || (size === 0 && (await hidesMembers(context, definition, group))))
    throw new ConnectorError('unsupported', whenHidden);
  return { group, isWhole: !mayBeCut(size) || (await showsMore(context, definition, size)) };
}

/** The members of a group as they are shown: their IDs, and names where the provider shows them. */
function membersOf(group: Resource): readonly object[] {
  const members: readonly unknown[] = Array.isArray(group.members) ? group.members : [];
  const shown = members.map((member) => {
    const { value, display, type } = isRecord(member) ? member : { value: member };
    return {
      value: String(value),
      ...(typeof display === 'string' && { display }),
      ...(typeof type === 'string' && { type }),
    };
  });
  return shown.filter(({ value }, index) => shown.findIndex((one) => isSameId(one.value, value)) === index);
}
