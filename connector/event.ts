import type { Resource } from './resource.ts';

/**
 * What happened, as RFC 9967 §2.4 names it. `put` occurs only if a source reports a replacement.
 *
 * @example
 * ```ts
 * const removesAccess = (type: EventType): boolean => type === 'deactivate' || type === 'delete';
 * ```
 */
export type EventType = 'create' | 'patch' | 'put' | 'delete' | 'activate' | 'deactivate';

/**
 * One attribute that changed.
 *
 * @example
 * ```ts
 * const roleChange: EventChange = {
 *   path: 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role',
 *   from: 'Analyst',
 *   to: 'Admin',
 *   fromKnown: true,
 *   toKnown: true,
 * };
 * ```
 */
export interface EventChange {
  /** A SCIM path: `displayName`, `urn:…:WorkatoRole:workato_role`; of one member: `members[value eq "2819c223"]`. */
  readonly path: string;
  /** The value before; null when there was none, and when it is not known. */
  readonly from: unknown;
  /** The value after; null when there is none, and when it is not known. */
  readonly to: unknown;
  readonly fromKnown: boolean;
  readonly toKnown: boolean;
}

/**
 * The user or group that an event is about, by every known name.
 *
 * @example
 * ```ts
 * const nameOf = (subject: EventSubject): string => subject.userName ?? subject.displayName ?? subject.id;
 * ```
 */
export interface EventSubject {
  /** The SCIM ID; of a source that knows none, its own id. */
  readonly id: string;
  readonly externalId: string | null;
  /** Of a user. */
  readonly userName: string | null;
  readonly displayName: string | null;
}

/**
 * One provisioning event, whatever its source. Its shape is part of the public contract.
 *
 * @example
 * ```ts
 * async function handle({ type, resource, subject, dedupeKey }: ProvisioningEvent): Promise<void> {
 *   console.log(dedupeKey, type, resource, subject.userName); // … deactivate User ada@example.com
 * }
 * ```
 */
export interface ProvisioningEvent {
  /** The source's own ID of it, such as the `jti` of a security event token; of a poll the dedupeKey. */
  readonly id: string;
  readonly type: EventType;
  /** When it happened, as far as the source says, else when it was seen: ISO 8601, in UTC. */
  readonly occurredAt: string;
  /** The kind of resource: `User` or `Group`. */
  readonly resource: string;
  readonly subject: EventSubject;
  /** What is not what it was. Of `create` and `delete` only a group's members are listed: `data` has the rest. */
  readonly changes: readonly EventChange[];
  /** The resource, no older than the event; null when it was deleted, and when the source does not show it. */
  readonly data: Resource | null;
  /** The way it came: `changed_since` or `snapshot`, which are polls, or the key of a push source. */
  readonly source: string;
  /** What made the change, in the source's own words, such as `scim_auto_sync`; null where it does not say. */
  readonly cause: string | null;
  /** Whether a newer event about the same resource was given before: what this one says may be out of date. */
  readonly isLate: boolean;
  /** The same whenever the same event is given again, and never the same for two. */
  readonly dedupeKey: string;
}
