import type { JsonObject } from '../../../scim/json.ts';
import type { Change, ResourceRecord } from '../resource/resource-record.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import type { Principal } from './scim-message.ts';

/** All changes of one request, or of one bulk operation. */
export interface Commit {
  readonly operation: 'create' | 'replace' | 'patch' | 'delete';
  /** The target of the operation comes first, followed by the groups that lose a deleted member. */
  readonly changes: readonly Change[];
  readonly principal: Principal;
}

/** A resource that is about to be written. */
export interface Settling {
  readonly type: ResourceType;
  readonly operation: 'create' | 'replace' | 'patch';
  /** Absent for a create. */
  readonly before?: ResourceRecord;
}

/**
 * The hooks of a layer above the service. A request that changes nothing commits nothing.
 * A ScimError from any hook except `afterCommit` is the response to the client, and nothing is changed.
 */
export interface CommitHooks {
  /** The attributes that a PATCH starts from. Default: those of the record. */
  readonly patchBase?: (record: ResourceRecord) => JsonObject;
  /** Transforms the attributes that the client's change results in. */
  readonly settle?: (attributes: JsonObject, settling: Settling) => JsonObject;
  /** Called before anything is written. The returned changes are part of the same commit. */
  readonly beforeCommit?: (commit: Commit) => readonly Change[] | undefined;
  /** Called instead if a write does not change the resource. The returned changes are committed. */
  readonly whenUnchanged?: (record: ResourceRecord, attributes: JsonObject) => readonly Change[] | undefined;
  /** Called once the commit is durable. Its errors do not reach the client. */
  readonly afterCommit?: (commit: Commit) => void;
}
