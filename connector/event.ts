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

/** Every {@link EventType}. */
export const eventTypes = [
  'create',
  'patch',
  'put',
  'delete',
  'activate',
  'deactivate',
] as const satisfies readonly EventType[];

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
  /** The previous value; null if the attribute had no value, or if it is unknown. */
  readonly from: unknown;
  /** The new value; null if the attribute has no value, or if it is unknown. */
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
  /** The SCIM ID, or the source's own ID if it has no SCIM IDs. */
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
  /** The source's own ID of the event, such as the `jti` of a security event token; for a poll, the dedupeKey. */
  readonly id: string;
  readonly type: EventType;
  /** The time of the change, or of its detection if the source does not report it: ISO 8601, in UTC. */
  readonly occurredAt: string;
  /** The resource type: `User` or `Group`. */
  readonly resource: string;
  readonly subject: EventSubject;
  /** The changed attributes. For `create` and `delete`, only a group's members: `data` has the rest. */
  readonly changes: readonly EventChange[];
  /** The resource at the time of the event or later; null if it was deleted, or if the source does not include it. */
  readonly data: Resource | null;
  /** The origin: `changed_since` or `snapshot` for polls, or the key of a push source. */
  readonly source: string;
  /** The cause of the change, in the source's own terms, such as `scim_auto_sync`; null if unknown. */
  readonly cause: string | null;
  /** Whether a newer event about the same resource was delivered before: this one can be out of date. */
  readonly isLate: boolean;
  /** The same in every delivery of an event, and unique to it. */
  readonly dedupeKey: string;
}
