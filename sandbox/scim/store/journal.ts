import type { Change, ResourceRecord } from '../resource/resource-record.ts';

/** Stores commits beyond the end of the process. */
export interface Journal {
  /** All resources, in order of creation. */
  load(): Iterable<ResourceRecord>;
  /** Writes all changes of a commit in one transaction; they are durable when it returns. */
  write(changes: readonly Change[]): void;
  close(): void;
}
