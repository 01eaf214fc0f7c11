import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import { subjectOf } from '../../../connector/definition/events.ts';
import type { EventSubject, EventType, ProvisioningEvent } from '../../../connector/event.ts';
import type { SourceType } from '../../../connector/manifest/source.zod.ts';
import { createNormalizer } from '../../../connector/provider/normalize.ts';
import type { Resource } from '../../../connector/resource.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { jsonPathOf, setAt } from '../../../scim/path.ts';
import { modelOf } from '../../../scim/schema/resource-model.ts';
import { formatTime, readNumericDate, readTime } from '../../../scim/timestamps.ts';
import { changesBetween, changeTo, memberChanges } from '../../changes.ts';
import { dedupeKey, type EventParts, makeEvent, updateEvents } from '../event-mapping/make-event.ts';
import type { SourceContext } from '../source.ts';
import { rejectionTexts } from '../webhook-auth/rejection-texts.ts';
import { RejectedRequest } from '../webhook-auth/request-checks.ts';

type Values = Readonly<Record<string, unknown>>;

/** An event of the audit log, whichever way it arrived. */
interface AuditEvent {
  readonly id: string;
  /** Such as `team_membership_deleted`. */
  readonly name: string;
  readonly timestamp: unknown;
  readonly workspace: Values;
  readonly user: Values;
  readonly resource: Values;
  readonly details: Values;
}

/** Maps one entry of the audit log. @throws RejectedRequest if it is not an entry */
export type AuditEntryReader = (entry: unknown) => readonly ProvisioningEvent[];

/**
 * Creates the reader of audit log entries. An entry has the same events, with the same keys, from the stream and from
 * the activity log API.
 *
 * @param source the source that reports the events.
 */
export function createAuditEntryReader(context: SourceContext, source: SourceType): AuditEntryReader {
  return (entry) => {
    const given = recordOf(entry);
    // The same stream can contain the job history (docs.workato.com, activity-audit-log-streaming-sample).
    if (given.content === undefined && isId(given.recipe_id)) return [];
    const event = readAuditEvent(given);
    const named = workatoAuditNames.get(event.name);
    return named === undefined ? [] : eventsOf(context, source, event, named);
  };
}

/** The stream wraps an event in `content.attributes`; the activity log API does not, and has other names for two parts. */
function readAuditEvent({ id, content, ...flat }: Values): AuditEvent {
  const attributes = content === undefined ? flat : recordOf(recordOf(content).attributes);
  const name = attributes.event ?? attributes[workatoAuditFields.type];
  if (!isId(id) || typeof name !== 'string') {
    throw new RejectedRequest('invalid_request', {
      what: rejectionTexts.notAnAuditEvent,
      nextStep: 'Check that the sender is the audit log of Workato.',
    });
  }
  return {
    id: String(id),
    name,
    timestamp: attributes.timestamp,
    workspace: recordOf(attributes.team ?? attributes.workspace),
    user: recordOf(attributes.user),
    resource: recordOf(attributes.resource),
    details: recordOf(attributes.details),
  };
}

function eventsOf(
  { definition, platform }: SourceContext,
  source: SourceType,
  { id, name, timestamp, workspace, user, resource: about, details }: AuditEvent,
  { resource: kind, meaning }: WorkatoAuditName,
): readonly ProvisioningEvent[] {
  const named = kind === 'User' ? memberOf(about, user) : about;
  const subjectId = named.id;
  const resource = definition.resources[kind];
  if (resource === undefined || !isId(subjectId)) {
    platform.log({
      level: 'warn',
      event: 'event_ignored',
      source,
      name,
      why: 'it identifies no user or group',
    });
    return [];
  }
  const read = (values: unknown): Resource => readFlat(resource, String(subjectId), recordOf(values));
  const after = read(details[workatoAuditFields.after]);
  const before = read(details[workatoAuditFields.before]);
  const cause = details[workatoAuditFields.source];
  const parts: EventParts = {
    id,
    source,
    occurredAt: formatTime(auditTime(timestamp) ?? platform.now()),
    resource: kind,
    subject: subjectReported(named, meaning === 'delete' ? before : after),
    // A new resource is reported completely; of others, only the changes.
    data: meaning === 'create' && Object.keys(after).length > 1 ? after : null,
    cause: typeof cause === 'string' && cause !== '' ? cause : null,
    dedupeKeyOf: (type) =>
      dedupeKey(workatoAuditKeyPrefix, isId(workspace.id) ? String(workspace.id) : '', id, type),
  };
  if (meaning === 'create') return [makeEvent('create', parts, memberChanges(after))];
  if (meaning === 'delete') return [makeEvent('delete', parts)];
  const changes = changesBetween(resource, before, after);
  if (meaning === 'update')
    return updateEvents(parts, changes, { type: 'patch', evenWithoutChanges: changes.length === 0 });
  const isActive = meaning === 'activate';
  const reported = changes.find(({ path, to }) => path === 'active' && to === isActive);
  return updateEvents(
    parts,
    [reported ?? changeTo('active', isActive), ...changes.filter(({ path }) => path !== 'active')],
    { type: 'patch', evenWithoutChanges: false },
  );
}

/**
 * Flat attributes as a resource: those of an extension are moved into it, whether they are next to the others or
 * under its URI.
 */
function readFlat(resource: ResourceDefinition, id: string, values: Values): Resource {
  const target: Record<string, unknown> = {};
  const model = modelOf(resource);
  for (const [name, value] of Object.entries(values)) {
    if (name === workatoAuditFields.removed) continue;
    const extension = model.extension(name)?.id;
    if (extension !== undefined && isRecord(value)) {
      for (const [inner, one] of Object.entries(value)) setAt(target, [extension, inner], one);
      continue;
    }
    setAt(target, jsonPathOf(model, name), readItems(name, value));
  }
  return createNormalizer(resource)({ ...target, id });
}

// The groups of a member are listed only by name.
function readItems(name: string, value: unknown): unknown {
  if (name !== 'groups' || !Array.isArray(value)) return value;
  return value.map((item) => (typeof item === 'string' ? { display: item } : item));
}

/**
 * The member that an event is about. An accepted invitation has the invitation as its resource: the member is the user
 * who accepted it, known by the address that was invited.
 */
function memberOf(about: Values, user: Values): Values {
  if (about.type === 'MemberInvitation')
    return { id: user.id, name: about.name ?? user.name, email: about.email ?? user.email };
  // The ID of any other resource, such as a grant, is not that of a member.
  return about.type === 'User' ? about : recordOf(about.member);
}

function subjectReported({ name, email }: Values, state: Resource): EventSubject {
  const shown = subjectOf(state);
  return {
    ...shown,
    userName: shown.userName ?? textOf(email),
    displayName: shown.displayName ?? textOf(name),
  };
}

/** The time of an event: text, or the number of seconds or milliseconds since 1970. */
export function auditTime(value: unknown): number | undefined {
  if (typeof value !== 'number') return readTime(value);
  return readNumericDate(value < leastMilliseconds ? value : value / 1000);
}

/** As seconds, it is the year 5138; as milliseconds, 1973. */
const leastMilliseconds = 1e11;

function recordOf(value: unknown): Values {
  return isRecord(value) ? value : {};
}

function isId(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The meaning of an event of Workato's audit log for a member of the workspace, or a group. */
export interface WorkatoAuditName {
  readonly resource: 'User' | 'Group';
  /** `update`: all differences between before and after, including a change of `active`. */
  readonly meaning: Extract<EventType, 'create' | 'delete' | 'activate' | 'deactivate'> | 'update';
}

/**
 * The names of the mapped events, as in `content.attributes.event`. Only the first two are
 * documented (docs.workato.com, "Audit log streaming", and the activity reference): an invitation that was accepted is
 * a new member. All others are assumed, because no public source names them. They are the sandbox's events. If
 * Workato's names differ, correct them here.
 */
export const workatoAuditNames: ReadonlyMap<string, WorkatoAuditName> = new Map<string, WorkatoAuditName>([
  ['team_invitation_accept', { resource: 'User', meaning: 'create' }],
  ['team_membership_deleted', { resource: 'User', meaning: 'delete' }],
  // Assumed.
  ['team_membership_suspended', { resource: 'User', meaning: 'deactivate' }],
  ['team_membership_restored', { resource: 'User', meaning: 'activate' }],
  ['team_membership_role_updated', { resource: 'User', meaning: 'update' }],
  ['team_membership_groups_updated', { resource: 'User', meaning: 'update' }],
  ['team_membership_updated', { resource: 'User', meaning: 'update' }],
  ['user_group_created', { resource: 'Group', meaning: 'create' }],
  ['user_group_updated', { resource: 'Group', meaning: 'update' }],
  ['user_group_deleted', { resource: 'Group', meaning: 'delete' }],
]);

/**
 * The first part of the keys: the same for the stream and the activity log API. It is assumed that both name an event and
 * its workspace by the same IDs.
 */
export const workatoAuditKeyPrefix = 'workato_audit_log';

/**
 * The location of the changes in an event. Documented are `resource`, its `member`, and the existence of `details`; assumed
 * is the content of `details`: `source`, and the attributes `before` and `after`, by SCIM's names, with the roles of an
 * extension next to the others.
 */
export const workatoAuditFields = {
  /** The name of an event in the activity log API: documented is that it is there, assumed is what it is called. */
  type: 'event_type',
  source: 'source',
  before: 'before',
  after: 'after',
  /** Not an attribute, but the state of a manual removal, which is reported as the event itself. */
  removed: 'removed',
} as const;
