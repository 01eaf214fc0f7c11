import type { JsonObject } from '../../../scim/json.ts';
import type { Change, ResourceRecord } from '../resource/resource-record.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import type { Principal } from './scim-message.ts';

/** All that one request, or one bulk operation, changes. */
export interface Commit {
  readonly operation: 'create' | 'replace' | 'patch' | 'delete';
  /** What the operation names comes first; the groups that lose a deleted member follow. */
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
 * What a layer above the service has to say of its changes. A request that changes nothing commits nothing.
 * A ScimError that a hook throws, but for `afterCommit`, is the response to the client, and nothing is changed.
 */
export interface CommitHooks {
  /** The attributes that a PATCH starts from; those of the record when absent. */
  readonly patchBase?: (record: ResourceRecord) => JsonObject;
  /** What a resource's attributes become, given what the client made of them. */
  readonly settle?: (attributes: JsonObject, settling: Settling) => JsonObject;
  /** Called before anything is written. The changes that it gives are made in the same commit. */
  readonly beforeCommit?: (commit: Commit) => readonly Change[] | undefined;
  /** Called instead when a write leaves the resource as it is. The changes that it gives are made. */
  readonly whenUnchanged?: (record: ResourceRecord, attributes: JsonObject) => readonly Change[] | undefined;
  /** Called once the commit is durable. What it throws does not reach the client. */
  readonly afterCommit?: (commit: Commit) => void;
}
