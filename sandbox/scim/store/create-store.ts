import type { Change, ResourceRecord } from '../resource/resource-record.ts';
import type { RecordType } from '../schema/record-type.ts';
import { type AttributeIndex, createAttributeIndex } from './attribute-index.ts';
import type { Journal } from './journal.ts';
import type { Store } from './store.ts';

/**
 * Creates a store in memory. With a journal, every commit is written there first, and the
 * journal is loaded at the start.
 */
export function createStore(types: readonly RecordType[], journal?: Journal): Store {
  const byId = new Map<string, ResourceRecord>();
  const lists = new Map<string, ResourceRecord[]>();
  const indexes = new Map<string, Map<string, AttributeIndex>>();
  let sequence = 0;
  for (const type of types) {
    lists.set(type.recordType, []);
    indexes.set(
      type.recordType,
      new Map(type.indexed.map((path) => [path, createAttributeIndex(type, path)])),
    );
  }

  function apply({ before, after }: Change): void {
    const type = (after ?? before)?.type ?? '';
    const list = lists.get(type);
    if (list === undefined) throw new TypeError(`The store knows no resource type "${type}"`);
    if (after === undefined) {
      if (before === undefined) return;
      byId.delete(before.id);
      list.splice(placeOf(list, before.sequence), 1);
    } else {
      byId.set(after.id, after);
      const place = placeOf(list, after.sequence);
      if (before === undefined) list.splice(place, 0, after);
      else list[place] = after;
      if (after.sequence > sequence) sequence = after.sequence;
    }
    for (const index of indexes.get(type)?.values() ?? []) index.update(before, after);
  }

  for (const after of journal?.load() ?? []) apply({ after });

  function indexOf(type: string, path: string): AttributeIndex {
    const index = indexes.get(type)?.get(path);
    if (index === undefined) throw new TypeError(`${type} has no index on "${path}"`);
    return index;
  }

  return {
    get: (id) => byId.get(id),
    list: (type) => lists.get(type) ?? [],
    lookup: (type, path, key) => indexOf(type, path).ids.get(key),
    lookupSize: (type, path, key) => indexOf(type, path).ids.size(key),
    nextSequence: () => {
      sequence += 1;
      return sequence;
    },
    commit: (changes) => {
      journal?.write(changes);
      for (const change of changes) apply(change);
    },
    close: () => journal?.close(),
  };
}

// The list is sorted by sequence number; new resources are last, so the search starts at the end.
function placeOf(list: readonly ResourceRecord[], sequence: number): number {
  const last = list.at(-1);
  if (last === undefined || last.sequence < sequence) return list.length;
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.sequence ?? 0) < sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}
