import type { Change } from '../resource/resource-record.ts';
import type { Principal } from './scim-message.ts';

/** All that one request, or one bulk operation, changes. */
export interface Commit {
  readonly operation: 'create' | 'replace' | 'patch' | 'delete';
  /** What the operation names comes first; the groups that lose a deleted member follow. */
  readonly changes: readonly Change[];
  readonly principal: Principal;
}

/** What a layer above the service sees of its changes. A request that changes nothing commits nothing. */
export interface CommitHooks {
  /**
   * Called before anything is written. A ScimError that it throws is the answer to the client, and nothing
   * is changed.
   */
  readonly beforeCommit?: (commit: Commit) => void;
  /** Called once the commit is durable. What it throws does not reach the client. */
  readonly afterCommit?: (commit: Commit) => void;
}
