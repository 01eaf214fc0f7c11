import type { Change, ResourceRecord } from '../resource/resource-record.ts';

/** What is read of a store to show a resource. */
export type ReadableStore = Pick<Store, 'get' | 'lookup'>;

/** Where a service keeps its resources. All calls are synchronous, so a commit is atomic by itself. */
export interface Store {
  /** The resource with that ID, of whatever type. */
  get(id: string): ResourceRecord | undefined;
  /** All resources of a type in the order of their creation. A later commit may change this very array. */
  list(type: string): readonly ResourceRecord[];
  /** The IDs of the resources of a type whose indexed attribute has the value; see {@link indexKey} for its form. */
  lookup(type: string, path: string, key: string): Iterable<string>;
  /** How many IDs {@link Store.lookup} would give. */
  lookupSize(type: string, path: string, key: string): number;
  /** The next place in the order of creation. */
  nextSequence(): number;
  /** Creates all changes, or none: they are durable, where the store is, before any of them can be read. */
  commit(changes: readonly Change[]): void;
  close(): void;
}
