import type { Filter } from '../../scim/filter/filter.ts';
import { isJsonArray, isJsonObject, type Json, memberOf } from '../../scim/json.ts';
import { flattenOperation } from '../../scim/patch/flatten-patch.ts';
import type { IncomingOperation } from '../../scim/patch/read-patch.ts';
import type { ResourceModel } from '../../scim/schema/resource-model.ts';

/** The effect of one PATCH operation on the members of a group. */
export interface MemberChange {
  /** `removeAll`: a removal without members. */
  readonly kind: 'add' | 'remove' | 'replace' | 'removeAll';
  /** The members that it names. */
  readonly ids: readonly string[];
}

/** The membership changes of a PATCH of a group, in order. */
export function memberChanges(
  group: ResourceModel,
  operations: readonly IncomingOperation[],
): readonly MemberChange[] {
  const flat = operations.flatMap((operation) => flattenOperation(group, operation) ?? []);
  return flat
    .filter(({ path }) => path.attribute === 'members')
    .map(({ op, path, value }): MemberChange => {
      const ids = path.filter === undefined ? memberIds(value as Json | undefined) : comparedIds(path.filter);
      const namesNone = path.filter === undefined && ids.length === 0;
      return { kind: op === 'remove' && namesNone ? 'removeAll' : op, ids };
    });
}

/** The IDs of the members in a value, in any form that clients send. */
export function memberIds(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  if (isJsonArray(value)) return value.flatMap(memberIds);
  if (!isJsonObject(value)) return [];
  const nested = memberOf(value, 'members');
  if (nested !== undefined) return memberIds(nested);
  return typeof value.value === 'string' ? [value.value] : [];
}

function comparedIds(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(comparedIds);
    case 'compare':
      return filter.operator === 'eq' && typeof filter.value === 'string' ? [filter.value] : [];
    default:
      return [];
  }
}
