import type { Change, ResourceRecord } from '../resource/resource-record.ts';

/** The part of a store that representations need. */
export type ReadableStore = Pick<Store, 'get' | 'lookup'>;

/** The resources of a service. All calls are synchronous, so a commit is atomic. */
export interface Store {
  /** The resource with that ID, of any type. */
  get(id: string): ResourceRecord | undefined;
  /** All resources of a type in order of creation. A later commit can change this array. */
  list(type: string): readonly ResourceRecord[];
  /** The IDs of the resources of a type with a value in the indexed attribute; see {@link indexKey} for its form. */
  lookup(type: string, path: string, key: string): Iterable<string>;
  /** The number of IDs that {@link Store.lookup} would return. */
  lookupSize(type: string, path: string, key: string): number;
  /** The next sequence number. */
  nextSequence(): number;
  /** Commits all changes or none. If the store is durable, they are durable before they can be read. */
  commit(changes: readonly Change[]): void;
  close(): void;
}
