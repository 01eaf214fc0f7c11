import type { JsonObject } from '../../../scim/json.ts';

/**
 * A resource as it is stored: what clients wrote, in the schemas' spelling and types. What the service derives
 * (`schemas`, `meta`, a user's `groups`, a member's `$ref`) is added when it is shown. Records never change:
 * a new version is a new record that shares what stayed the same.
 */
export interface ResourceRecord {
  readonly id: string;
  /** The record type of its resource type. */
  readonly type: string;
  /** The place in the order of creation, over all types. */
  readonly sequence: number;
  /** Counts the changes, from 1. */
  readonly version: number;
  /** ISO 8601 in UTC. */
  readonly created: string;
  /** ISO 8601 in UTC. */
  readonly lastModified: string;
  /** Attributes by name; those of an extension stand in an object under its URI. */
  readonly attributes: JsonObject;
}

/** One resource's part in a commit: no `before` when it was created, no `after` when it was deleted. */
export interface Change {
  readonly before?: ResourceRecord;
  readonly after?: ResourceRecord;
}
