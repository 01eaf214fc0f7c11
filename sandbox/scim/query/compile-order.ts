import { parsePath } from '../../../scim/filter/parse-filter.ts';
import type { AttributeReader } from '../../../scim/filter/typed-scope.ts';
import { isJsonArray, isJsonObject } from '../../../scim/json.ts';
import { resolvePath } from '../../../scim/path.ts';
import { isPrimary } from '../../../scim/resource/normalize-items.ts';
import { badRequest } from '../../../scim/scim-error.ts';
import type { ResourceRecord } from '../resource/resource-record.ts';
import type { ResourceType } from '../schema/resource-type.ts';

/** The sort key of a resource: a folded string or a number; null if it has no value. */
export type SortKey = string | number | null;

/** A resource and its position in an order. */
export interface Placed {
  readonly key: SortKey;
  readonly sequence: number;
}

/** Compares two positions. Equal keys are in order of creation, so the order is total and pagination is stable. */
export type Order = (left: Placed, right: Placed) => number;

/** Reads the sort key of a resource of a type. */
export type SortKeyReader = (record: ResourceRecord) => SortKey;

/** RFC 7644 §3.4.2.3: a missing value is last when ascending and first when descending. */
export const ascending: Order = (left, right) =>
  left.key === right.key ? left.sequence - right.sequence : compareKeys(left.key, right.key);

/** The reverse of {@link ascending} for keys; equal keys are still in order of creation. */
export const descending: Order = (left, right) =>
  left.key === right.key ? left.sequence - right.sequence : compareKeys(right.key, left.key);

/**
 * Compiles `sortBy` for a resource type. A multi-valued attribute is sorted by its primary value, or else its
 * first; strings by code unit, folded if the attribute is case-insensitive (RFC 7644 §3.4.2.3).
 *
 * @throws ScimError `invalidPath` if it is not an attribute path, or names an attribute without an order.
 */
export function compileSortKey(
  type: ResourceType,
  sortBy: string,
  read: AttributeReader<ResourceRecord>,
): SortKeyReader {
  const resolved = resolvePath(type, readPath(sortBy));
  if (resolved === undefined) return () => null;
  const { attribute, extension } = resolved;
  const leaf = resolved.subAttribute ?? attribute.subAttributes.get('value') ?? attribute;
  if (leaf.type === 'complex') {
    throw badRequest('invalidPath', `"${attribute.label}" is complex: sort by one of its sub-attributes.`);
  }
  return (record) => {
    const whole = read(record, attribute.name, extension?.id);
    const item = isJsonArray(whole) ? (whole.find(isPrimary) ?? whole[0]) : whole;
    const value = leaf === attribute ? item : isJsonObject(item) ? item[leaf.name] : undefined;
    if (value === undefined || value === null) return null;
    if (leaf.type === 'dateTime') return Date.parse(String(value));
    if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
    return leaf.caseExact ? String(value) : String(value).toLowerCase();
  };
}

function compareKeys(left: SortKey, right: SortKey): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  return left < right ? -1 : left > right ? 1 : 0;
}

function readPath(sortBy: string) {
  try {
    return parsePath(sortBy);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'not a path';
    throw badRequest('invalidPath', `"sortBy" is not an attribute path. ${why}.`);
  }
}
