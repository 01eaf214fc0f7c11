import type { Filter } from '../../scim/filter/filter.ts';
import { parsePath } from '../../scim/filter/parse-filter.ts';
import { isJsonArray, isJsonObject, type Json, memberOf } from '../../scim/json.ts';
import type { IncomingOperation } from '../../scim/patch/read-patch.ts';

/** The effect of one PATCH operation on the members of a group. */
export interface MemberChange {
  /** `removeAll`: a removal without members. */
  readonly kind: 'add' | 'remove' | 'replace' | 'removeAll';
  /** The members that it names. */
  readonly ids: readonly string[];
}

/** The membership changes of a PATCH, in order. */
export function memberChanges(operations: readonly IncomingOperation[]): readonly MemberChange[] {
  return operations.flatMap(({ op, path, value }): MemberChange[] => {
    if (path === undefined) {
      const members = isJsonObject(value) ? memberOf(value, 'members') : undefined;
      return members === undefined ? [] : [{ kind: op, ids: memberIds(members) }];
    }
    const target = readMemberPath(path);
    if (target === undefined) return [];
    if (target.filter !== undefined) return [{ kind: op, ids: comparedIds(target.filter) }];
    const ids = memberIds(value);
    return [op === 'remove' && ids.length === 0 ? { kind: 'removeAll', ids } : { kind: op, ids }];
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

function readMemberPath(path: string): { readonly filter?: Filter } | undefined {
  try {
    const parsed = parsePath(path, { unquotedStrings: true });
    return parsed.attribute.toLowerCase() === 'members' ? parsed : undefined;
  } catch {
    return undefined;
  }
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
