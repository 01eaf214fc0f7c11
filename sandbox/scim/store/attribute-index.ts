import { isJsonArray, isJsonObject, type Json } from '../../../scim/json.ts';
import type { Attribute } from '../../../scim/schema/attribute.ts';
import type { ResourceRecord } from '../resource/resource-record.ts';
import type { RecordType } from '../schema/record-type.ts';
import { MultiMap } from './multi-map.ts';

/** Finds the resources with a value of one attribute, in constant time. */
export interface AttributeIndex {
  readonly ids: MultiMap;
  /** Moves a resource from its old values to its new ones. */
  update(before: ResourceRecord | undefined, after: ResourceRecord | undefined): void;
}

/** The indexed form of a value: folded if the attribute is case-insensitive. */
export function indexKey(attribute: Attribute, value: Json): string {
  return attribute.caseExact ? String(value) : String(value).toLowerCase();
}

/** Creates the index of an attribute, such as `userName` or `emails.value`. */
export function createAttributeIndex(type: RecordType, path: string): AttributeIndex {
  const [name = '', subName] = path.split('.');
  const attribute = type.attributes.get(name);
  const leaf = subName === undefined ? attribute : attribute?.subAttributes.get(subName);
  if (leaf === undefined) throw new TypeError(`${type.recordType} has no attribute "${path}" to index`);
  const ids = new MultiMap();
  const keysOf = (value: Json | undefined): Iterable<string> => {
    if (value === undefined) return [];
    if (subName === undefined) return [indexKey(leaf, value)];
    const keys = new Set<string>();
    for (const item of isJsonArray(value) ? value : [value]) {
      const one = isJsonObject(item) ? item[leaf.name] : undefined;
      if (one !== undefined) keys.add(indexKey(leaf, one));
    }
    return keys;
  };
  return {
    ids,
    update: (before, after) => {
      const old = before?.attributes[name];
      const next = after?.attributes[name];
      // Versions share unchanged parts, so most updates end here.
      if (before !== undefined && after !== undefined && old === next) return;
      if (before !== undefined) for (const key of keysOf(old)) ids.delete(key, before.id);
      if (after !== undefined) for (const key of keysOf(next)) ids.add(key, after.id);
    },
  };
}
