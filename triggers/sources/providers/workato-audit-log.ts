import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import { subjectOf } from '../../../connector/definition/events.ts';
import type { EventSubject, EventType, ProvisioningEvent } from '../../../connector/event.ts';
import { createNormalizer } from '../../../connector/provider/normalize.ts';
import type { Resource } from '../../../connector/resource.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { jsonPathOf, setAt } from '../../../scim/path.ts';
import { modelOf } from '../../../scim/schema/resource-model.ts';
import { formatTime, readNumericDate, readTime } from '../../../scim/timestamps.ts';
import { changesBetween, changeTo, memberChanges } from '../../changes.ts';
import { dedupeKey, type EventParts, makeEvent, updateEvents } from '../event-mapping/make-event.ts';
import { type PushSource, type SourceContext, settingsAs } from '../source.ts';
import { readJson } from '../webhook-auth/read-json.ts';
import { rejectionTexts } from '../webhook-auth/rejection-texts.ts';
import {
  accepted,
  createPushReceiver,
  RejectedRequest,
  requirePost,
} from '../webhook-auth/request-checks.ts';
import { activeSecrets, requireSecret, weakSecretOf } from '../webhook-auth/shared-secret.ts';

interface Settings {
  readonly bearerToken: string;
  readonly previousBearerToken?: string;
}

const source = 'workato_audit_log';

/** The audit log of a Workato workspace, streamed to a REST endpoint: one event at a time. */
export const workatoAuditLog: PushSource = {
  type: source,
  delivery: 'push',
  // Workato uses its own numbers for members.
  usesScimIds: false,
  open(context, given) {
    const settings = settingsAs<Settings>(given);
    const tokens = activeSecrets('bearerToken', settings.bearerToken, settings.previousBearerToken);
    return createPushReceiver({
      weakSecret: weakSecretOf('bearerToken', settings.bearerToken, 'previousBearerToken'),
      check(head) {
        requirePost(head);
        // Workato is configured with a header: some administrators include "Bearer", some do not.
        requireSecret(context.platform.crypto, head, tokens, 'either');
      },
      read(request) {
        const message = readJson(request.body);
        const entries: readonly unknown[] = Array.isArray(message) ? message : [message];
        return accepted(
          entries.flatMap((entry) => readEntry(context, entry)),
          200,
        );
      },
    });
  },
};

type Values = Readonly<Record<string, unknown>>;

function readEntry(context: SourceContext, entry: unknown): readonly ProvisioningEvent[] {
  const { id, content, recipe_id: recipeId } = isRecord(entry) ? entry : {};
  // The same stream can contain the job history (docs.workato.com, activity-audit-log-streaming-sample).
  if (content === undefined && isId(recipeId)) return [];
  const attributes = recordOf(recordOf(content).attributes);
  if (!isId(id) || typeof attributes.event !== 'string') {
    throw new RejectedRequest('invalid_request', {
      what: rejectionTexts.notAnAuditEvent,
      nextStep: 'Check that the sender is the audit log streaming of Workato.',
    });
  }
  const named = workatoAuditNames.get(attributes.event);
  return named === undefined ? [] : eventsOf(context, String(id), attributes, named);
}

function eventsOf(
  { definition, platform }: SourceContext,
  id: string,
  attributes: Values,
  { resource: kind, meaning }: WorkatoAuditName,
): readonly ProvisioningEvent[] {
  const about = recordOf(attributes.resource);
  const named = kind === 'User' ? memberOf(about, recordOf(attributes.user)) : about;
  const subjectId = named.id;
  const resource = definition.resources[kind];
  if (resource === undefined || !isId(subjectId)) {
    platform.log({
      level: 'warn',
      event: 'event_ignored',
      source,
      name: attributes.event,
      why: 'it identifies no user or group',
    });
    return [];
  }
  const details = recordOf(attributes.details);
  const read = (values: unknown): Resource => readFlat(resource, String(subjectId), recordOf(values));
  const after = read(details[workatoAuditFields.after]);
  const before = read(details[workatoAuditFields.before]);
  const cause = details[workatoAuditFields.source];
  const workspace = recordOf(attributes.team).id;
  const parts: EventParts = {
    id,
    source,
    occurredAt: formatTime(timeOf(attributes.timestamp) ?? platform.now()),
    resource: kind,
    subject: subjectReported(named, meaning === 'delete' ? before : after),
    // A new resource is reported completely; of others, only the changes.
    data: meaning === 'create' && Object.keys(after).length > 1 ? after : null,
    cause: typeof cause === 'string' && cause !== '' ? cause : null,
    dedupeKeyOf: (type) => dedupeKey(source, isId(workspace) ? String(workspace) : '', id, type),
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

/** A time as text, or as the number of seconds or milliseconds since 1970. */
function timeOf(value: unknown): number | undefined {
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
 * The location of the changes in an event. Documented are `resource`, its `member`, and the existence of `details`; assumed
 * is the content of `details`: `source`, and the attributes `before` and `after`, by SCIM's names, with the roles of an
 * extension next to the others.
 */
export const workatoAuditFields = {
  source: 'source',
  before: 'before',
  after: 'after',
  /** Not an attribute, but the state of a manual removal, which is reported as the event itself. */
  removed: 'removed',
} as const;
