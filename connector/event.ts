import type { Resource } from './resource.ts';

/** What happened, in RFC 9967's words (§2.4). `put` stands only where a source says that it was one. */
export type EventType = 'create' | 'patch' | 'put' | 'delete' | 'activate' | 'deactivate';

/** One attribute that is not what it was. */
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

/** Whom or what an event is about, by every name that is known. */
export interface EventSubject {
  /** The SCIM id; of a source that knows none, its own id. */
  readonly id: string;
  readonly externalId: string | null;
  /** Of a user. */
  readonly userName: string | null;
  readonly displayName: string | null;
}

/** One provisioning event, whichever way it came. Its form is part of the public contract. */
export interface ProvisioningEvent {
  /** The source's own id of it, such as the `jti` of a security event token; of a poll the dedupeKey. */
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
