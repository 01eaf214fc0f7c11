import type { JsonObject } from '../../scim/json.ts';
import { compileAttributes } from '../../scim/schema/attribute.ts';
import type { Change, ResourceRecord } from '../scim/resource/resource-record.ts';
import type { RecordType } from '../scim/schema/record-type.ts';
import type { Store } from '../scim/store/store.ts';

/** Values of one kind, kept as records of the store. Every change is one to be committed, together with others. */
export interface Collection<T extends JsonObject> {
  get(id: string): T | undefined;
  /** All values in the order of their creation. */
  list(): readonly Entry<T>[];
  /** The first values in the order of their creation, at most so many. */
  first(limit: number): readonly Entry<T>[];
  /** How many values there are. */
  size(): number;
  /** The values that have a text in an indexed attribute. */
  find(attribute: string, text: string): readonly Entry<T>[];
  /** Sets a value. A commit can hold one change to each id only. */
  put(id: string, value: T): Change;
  /** Takes a value away: no change when there is none. */
  drop(id: string): readonly Change[];
}

/** A value with its id. */
export interface Entry<T extends JsonObject> {
  readonly id: string;
  readonly value: T;
}

/** Describes the records of a collection to the store. */
export function defineRecords(recordType: string, indexed: readonly string[] = []): RecordType {
  const attributes = indexed.map((name) => ({ name, type: 'string', caseExact: true }) as const);
  return { recordType, attributes: compileAttributes(attributes), indexed };
}

/** Opens the collection of a type of records. */
export function openCollection<T extends JsonObject>(
  store: Store,
  { recordType }: RecordType,
  now: () => Date,
): Collection<T> {
  // Ids are unique over all types of the store.
  const recordId = (id: string): string => `${recordType}:${id}`;
  // The records were made by put(), so their attributes are a T.
  const entryOf = ({ id, attributes }: ResourceRecord): Entry<T> => ({
    id: id.slice(recordType.length + 1),
    value: attributes as T,
  });
  return {
    get: (id) => store.get(recordId(id))?.attributes as T | undefined,
    list: () => store.list(recordType).map(entryOf),
    first: (limit) => store.list(recordType).slice(0, limit).map(entryOf),
    size: () => store.list(recordType).length,
    find: (attribute, text) =>
      [...store.lookup(recordType, attribute, text)].flatMap((id) => {
        const record = store.get(id);
        return record === undefined ? [] : [entryOf(record)];
      }),
    put: (id, value) => {
      const before = store.get(recordId(id));
      const lastModified = now().toISOString();
      if (before !== undefined) {
        return { before, after: { ...before, version: before.version + 1, lastModified, attributes: value } };
      }
      const sequence = store.nextSequence();
      return {
        after: {
          id: recordId(id),
          type: recordType,
          sequence,
          version: 1,
          created: lastModified,
          lastModified,
          attributes: value,
        },
      };
    },
    drop: (id) => {
      const before = store.get(recordId(id));
      return before === undefined ? [] : [{ before }];
    },
  };
}
