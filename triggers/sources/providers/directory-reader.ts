import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import { subjectOf } from '../../../connector/definition/events.ts';
import type { EventChange, ProvisioningEvent } from '../../../connector/event.ts';
import type { SourceType } from '../../../connector/manifest/source.zod.ts';
import { createNormalizer, type Normalizer } from '../../../connector/provider/normalize.ts';
import type { Resource } from '../../../connector/resource.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { itemPath } from '../../../scim/path.ts';
import { formatTime } from '../../../scim/timestamps.ts';
import { changeFromTo } from '../../changes.ts';
import { dedupeKey, type EventParts, makeEvent, updateEvents } from '../event-mapping/make-event.ts';
import type { SourceContext } from '../source.ts';
import { RejectedRequest } from '../webhook-auth/request-checks.ts';

/** The JSON content of a message. */
export type Values = Readonly<Record<string, unknown>>;

/** A product in front of identity providers, which reports users and groups in its own terms. */
export interface DirectorySync {
  readonly source: SourceType;
  /** The first part of the keys: the same for every source of the product. */
  readonly keyPrefix: string;
  /** Its users and groups as SCIM resources. Empty attributes can be omitted, but not the ID. */
  readonly toScim: Readonly<
    Record<'User' | 'Group', (resource: ResourceDefinition, shown: Values) => Values>
  >;
  /** The user and the group of a membership message. */
  pairOf(data: Values): { readonly group: unknown; readonly user: unknown };
  /** The known changes of an update. */
  changesOf(update: DirectoryUpdate): DirectoryChanges;
}

/** A user or group that was updated. */
export interface DirectoryUpdate {
  readonly resource: ResourceDefinition;
  /** In the product's own format. */
  readonly shown: Values;
  /** As a SCIM resource. */
  readonly state: Resource;
  /** Reads another state of the same resource. */
  readonly read: (shown: Values) => Resource;
}

/** The changes of an update. */
export interface DirectoryChanges {
  readonly changes: readonly EventChange[];
  /** Whether it is reported even without known changes. */
  readonly evenWithoutChanges: boolean;
}

/** One message, without its subject. */
export interface DirectoryMessage {
  readonly id: string;
  /** `user.created`, `group.user_added`, … Other values are not events. */
  readonly name: string;
  readonly occurredAtInMs: number;
  readonly data: Values;
}

/** Reads messages. @throws RejectedRequest for a message without a subject */
export type DirectoryReader = (message: DirectoryMessage) => readonly ProvisioningEvent[];

/** Creates the reader of one product's messages. */
export function createDirectoryReader({ definition }: SourceContext, sync: DirectorySync): DirectoryReader {
  const normalizers = new Map<string, Normalizer>();
  const { source, keyPrefix } = sync;

  const update = (kind: 'User' | 'Group', shown: unknown): DirectoryUpdate => {
    const resource = definition.resources[kind];
    if (resource === undefined || !isRecord(shown)) throw withoutSubject(kind);
    const normalize = normalizers.get(kind) ?? createNormalizer(resource);
    normalizers.set(kind, normalize);
    const read = (values: Values): Resource => {
      const scim = sync.toScim[kind](resource, values);
      if (typeof scim.id !== 'string' || scim.id === '') throw withoutSubject(kind);
      return normalize(scim);
    };
    return { resource, shown, state: read(shown), read };
  };

  const partsOf = ({ id, occurredAtInMs }: DirectoryMessage, { resource, state }: DirectoryUpdate) =>
    ({
      id,
      source,
      occurredAt: formatTime(occurredAtInMs),
      resource: resource.name,
      subject: subjectOf(state),
      data: state,
      dedupeKeyOf: (type) => dedupeKey(keyPrefix, id, type),
    }) satisfies EventParts;

  return (message) => {
    const [, subject, verb = ''] = /^(user|group)\.(\w+)$/.exec(message.name) ?? [];
    const kind = subject === 'user' ? 'User' : 'Group';
    if (subject === 'group' && (verb === 'user_added' || verb === 'user_removed')) {
      const pair = sync.pairOf(message.data);
      const group = update('Group', pair.group);
      const { state: user } = update('User', pair.user);
      return [makeEvent('patch', partsOf(message, group), [membership(user, verb === 'user_added')])];
    }
    if (!['created', 'updated', 'deleted'].includes(verb)) return [];
    const updated = update(kind, message.data);
    const parts = partsOf(message, updated);
    if (verb === 'created') return [makeEvent('create', parts)];
    if (verb === 'deleted') return [makeEvent('delete', parts)];
    const { changes, evenWithoutChanges } = sync.changesOf(updated);
    return updateEvents(parts, changes, { type: 'patch', evenWithoutChanges });
  };
}

function membership({ id, userName, displayName }: Resource, hasJoined: boolean): EventChange {
  const display = displayName ?? userName;
  const member = { value: id, ...(typeof display === 'string' && { display }) };
  const path = itemPath('members', id);
  return hasJoined ? changeFromTo(path, null, member) : changeFromTo(path, member, null);
}

function withoutSubject(kind: string): RejectedRequest {
  return new RejectedRequest('invalid_request', {
    what: `The message does not identify a ${kind.toLowerCase()}.`,
    nextStep: 'Check that the sender is configured for this source. If it is, contact the sender.',
  });
}

/** Attributes of the record at the provider, not of the user, or reported better elsewhere. */
const left: ReadonlySet<string> = new Set(['id', 'meta', 'groups', 'password']);

/**
 * The user in the identity provider's own data, if a source forwards it and it is SCIM; an empty object if it is
 * something else, such as a directory's own format.
 *
 * @param schema the URI of the schema of users.
 */
export function rawUser(raw: unknown, schema: string): Readonly<Record<string, unknown>> {
  if (!isRecord(raw)) return {};
  const schemas: readonly unknown[] = Array.isArray(raw.schemas) ? raw.schemas : [];
  const isScim = schemas.some((one) => String(one).toLowerCase() === schema.toLowerCase());
  return isScim ? Object.fromEntries(Object.entries(raw).filter(([name]) => !left.has(name))) : {};
}

/** The entries with a value: a source without one sends null, an empty string, or nothing. */
export function withoutEmpty(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );
}
