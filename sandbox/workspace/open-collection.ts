import type { JsonObject } from '../../scim/json.ts';
import { compileAttributes } from '../../scim/schema/attribute.ts';
import type { Change, ResourceRecord } from '../scim/resource/resource-record.ts';
import type { RecordType } from '../scim/schema/record-type.ts';
import type { Store } from '../scim/store/store.ts';

/** Values of one type, stored as records. Every method returns a change to be committed together with others. */
export interface Collection<T extends JsonObject> {
  get(id: string): T | undefined;
  /** All values in order of creation. */
  list(): readonly Entry<T>[];
  /** The first values in order of creation, up to a limit. */
  first(limit: number): readonly Entry<T>[];
  /** The number of values. */
  size(): number;
  /** The values with a given text in an indexed attribute. */
  find(attribute: string, text: string): readonly Entry<T>[];
  /** Sets a value. A commit can contain only one change per ID. */
  put(id: string, value: T): Change;
  /** Removes a value. No change if it does not exist. */
  drop(id: string): readonly Change[];
}

/** A value with its ID. */
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
  // IDs are unique across all types of the store.
  const recordId = (id: string): string => `${recordType}:${id}`;
  // put() created the records, so their attributes are a T.
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
