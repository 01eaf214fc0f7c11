import type { JsonObject } from '../../../scim/json.ts';

/**
 * A stored resource: the attributes from clients, in the schemas' spelling and types. Derived attributes
 * (`schemas`, `meta`, a user's `groups`, a member's `$ref`) are added when it is shown. Records never change:
 * a new version is a new record that shares the unchanged parts.
 */
export interface ResourceRecord {
  readonly id: string;
  /** The record type of its resource type. */
  readonly type: string;
  /** The sequence number in order of creation, across all types. */
  readonly sequence: number;
  /** The number of the version, from 1. */
  readonly version: number;
  /** ISO 8601 in UTC. */
  readonly created: string;
  /** ISO 8601 in UTC. */
  readonly lastModified: string;
  /** Attributes by name; those of an extension are in an object under its URI. */
  readonly attributes: JsonObject;
}

/** The change of one resource in a commit: without `before` if it was created, without `after` if it was deleted. */
export interface Change {
  readonly before?: ResourceRecord;
  readonly after?: ResourceRecord;
}
