import type { Change, ResourceRecord } from '../resource/resource-record.ts';
import type { RecordType } from '../schema/record-type.ts';
import { type AttributeIndex, createAttributeIndex } from './attribute-index.ts';
import type { ReadableStore } from './store.ts';

/** The store as of the commit of these changes, for records that describe them in the same commit. */
export function storeAfter(
  store: ReadableStore,
  types: readonly RecordType[],
  changes: readonly Change[],
): ReadableStore {
  const changed = new Map<string, ResourceRecord | undefined>();
  for (const { before, after } of changes) {
    const record = after ?? before;
    if (record !== undefined) changed.set(record.id, after);
  }
  function indexOf(recordType: string, path: string): AttributeIndex {
    const type = types.find((candidate) => candidate.recordType === recordType);
    if (type === undefined) throw new TypeError(`There is no type ${recordType} to look up`);
    const index = createAttributeIndex(type, path);
    for (const record of changed.values()) if (record?.type === recordType) index.update(undefined, record);
    return index;
  }
  return {
    get: (id) => (changed.has(id) ? changed.get(id) : store.get(id)),
    lookup: (recordType, path, key) => {
      const same = [...store.lookup(recordType, path, key)].filter((id) => !changed.has(id));
      return [...same, ...indexOf(recordType, path).ids.get(key)];
    },
  };
}
