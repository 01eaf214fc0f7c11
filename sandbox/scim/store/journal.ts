import type { Change, ResourceRecord } from '../resource/resource-record.ts';

/** Keeps commits over the end of the process. */
export interface Journal {
  /** All resources, in the order of their creation. */
  load(): Iterable<ResourceRecord>;
  /** Writes all changes of a commit in one transaction; they are durable when it returns. */
  write(changes: readonly Change[]): void;
  close(): void;
}
