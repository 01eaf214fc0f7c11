import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import type { EventChange, EventSubject, ProvisioningEvent } from '../../../connector/event.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { itemPath, readPath } from '../../../scim/path.ts';
import { modelOf } from '../../../scim/schema/resource-model.ts';
import { formatTime, readTime } from '../../../scim/timestamps.ts';
import { changeFromTo, changeOf, changeTo } from '../../changes.ts';
import { dedupeKey, type EventParts, makeEvent, updateEvents } from '../event-mapping/make-event.ts';
import {
  type PushRequestHead,
  type PushSource,
  type Received,
  type SourceContext,
  settingsAs,
} from '../source.ts';
import {
  accepted,
  createPushReceiver,
  onlyHeader,
  RejectedRequest,
  readJson,
  requireMediaType,
  requirePost,
} from '../webhook-auth/request-checks.ts';
import { activeSecrets, requireSecret, weakSecretOf } from '../webhook-auth/shared-secret.ts';
import { type OktaMeaning, oktaEventTypes, oktaProfileAttributes } from './okta-event-types.ts';
import { type OktaAdministration, openOktaSubscriber } from './okta-subscriber.ts';

interface Settings {
  readonly secret: string;
  readonly previousSecret?: string;
}

const source = 'okta_event_hook';

/**
 * Event hooks of an Okta organization. Okta does not sign: it only sends a secret in `Authorization`. It sends an
 * event at least once, not always in order, and stops after one retry, or immediately after a 4xx.
 */
export const oktaEventHook: PushSource = {
  type: source,
  delivery: 'push',
  usesScimIds: false,
  connects: false,
  open(context, given) {
    const { secret, previousSecret } = settingsAs<Settings>(given);
    const secrets = activeSecrets('secret', secret, previousSecret);
    return createPushReceiver({
      weakSecret: weakSecretOf('secret', secret, 'previousSecret'),
      check(head) {
        if (head.method === 'GET') return void verification(context, head, secrets);
        requirePost(head, 'GET, POST');
        requireSecret(context.platform.crypto, head, secrets, 'plain');
        requireMediaType(head, ['application/json'], true);
      },
      read(request) {
        if (request.method === 'GET') return verification(context, request, secrets);
        return accepted(readEvents(context, readJson(request.body)), 204);
      },
    });
  },
  openSubscriber: ({ platform }, settings) =>
    openOktaSubscriber(platform, settingsAs<OktaAdministration>(settings)),
};

/** The one-time verification request of Okta. The response returns the value in it. */
function verification(
  { platform }: SourceContext,
  request: PushRequestHead,
  secrets: readonly string[],
): Received {
  const challenge = onlyHeader(request, 'x-okta-verification-challenge');
  if (challenge === undefined || !/^[\x20-\x7e]{1,1000}$/.test(challenge)) {
    throw new RejectedRequest('invalid_request', {
      what: 'This URL is for event hooks: a GET must have the header "X-Okta-Verification-Challenge".',
      nextStep: 'Verify the hook in Okta.',
    });
  }
  // It is not documented whether Okta sends the secret here. A wrong one means an incorrect setup.
  if (onlyHeader(request, 'authorization') !== undefined)
    requireSecret(platform.crypto, request, secrets, 'plain');
  return {
    kind: 'accepted',
    events: [],
    reply: {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ verification: challenge }),
    },
  };
}

function readEvents(context: SourceContext, message: unknown): readonly ProvisioningEvent[] {
  const data = isRecord(message) ? message.data : undefined;
  const events = isRecord(data) ? data.events : undefined;
  if (Array.isArray(events)) return events.flatMap((event) => readLogEvent(context, event));
  throw new RejectedRequest('invalid_request', {
    what: 'The message has no "data.events".',
    nextStep: 'Check that the sender is an Okta event hook.',
  });
}

/** The events of one entry of the System Log. An unreadable entry does not block the others. */
function readLogEvent(context: SourceContext, entry: unknown): readonly ProvisioningEvent[] {
  const { definition, platform } = context;
  const { uuid, eventType, published, outcome, target } = isRecord(entry) ? entry : {};
  const mapping = oktaEventTypes.get(String(eventType));
  // A failed operation has changed nothing.
  const isDone = !isRecord(outcome) || outcome.result === undefined || outcome.result === 'SUCCESS';
  if (mapping === undefined || !isDone) return [];
  const targets = Array.isArray(target) ? target.filter(isRecord) : [];
  const subject = targets.find(({ type }) => type === (mapping.resource === 'User' ? 'User' : 'UserGroup'));
  const id = subject?.id;
  const resource = definition.resources[mapping.resource];
  if (subject === undefined || resource === undefined || !isName(id) || !isName(uuid)) {
    platform.log({
      level: 'warn',
      event: 'event_ignored',
      source,
      eventType,
      why: 'it identifies no user or group',
    });
    return [];
  }
  const parts: EventParts = {
    id: uuid,
    source,
    occurredAt: formatTime(readTime(published) ?? platform.now()),
    resource: resource.name,
    subject: subjectOfTarget(subject, id),
    dedupeKeyOf: (type) =>
      type === 'delete' ? dedupeKey(source, resource.name, id, type) : dedupeKey(source, uuid, type),
  };
  switch (mapping.meaning) {
    case 'create':
    case 'delete':
      return [makeEvent(mapping.meaning, parts)];
    case 'activate':
    case 'deactivate':
      return [makeEvent(mapping.meaning, parts, [changeTo('active', mapping.meaning === 'activate')])];
    case 'update':
      return updateEvents(parts, profileChanges(resource, entry), {
        type: 'patch',
        evenWithoutChanges: true,
      });
    case 'join':
    case 'leave':
      return updateEvents(parts, membership(mapping.meaning, targets), {
        type: 'patch',
        evenWithoutChanges: true,
      });
  }
}

function subjectOfTarget(
  { type, alternateId, displayName }: Readonly<Record<string, unknown>>,
  id: string,
): EventSubject {
  // The alternate ID of a user is the login; that of a group is "unknown".
  const known = (value: unknown): string | null => (isName(value) && value !== 'unknown' ? value : null);
  return {
    id,
    externalId: null,
    userName: type === 'User' ? known(alternateId) : null,
    displayName: known(displayName),
  };
}

/** Okta's own flows show the "changed attributes" of an update: if the event names them, they are reported. */
function profileChanges(resource: ResourceDefinition, entry: unknown): readonly EventChange[] {
  // The profile of a group is its name and a description. SCIM has only the name.
  if (resource.name === 'Group') return [changeOf('displayName')];
  const context = isRecord(entry) ? entry.debugContext : undefined;
  const data = isRecord(context) ? context.debugData : undefined;
  const given = isRecord(data) ? data.changedAttributes : undefined;
  const names = Array.isArray(given) ? given.map(String) : typeof given === 'string' ? given.split(',') : [];
  const paths = names
    .map((name) => name.trim().replace(/^profile\./, ''))
    .filter((name) => name !== '')
    .map((name) => readPath(modelOf(resource), oktaProfileAttributes.get(name) ?? name).text);
  return [...new Set(paths)].map(changeOf);
}

function membership(
  meaning: Extract<OktaMeaning, 'join' | 'leave'>,
  targets: readonly Readonly<Record<string, unknown>>[],
): readonly EventChange[] {
  return targets.flatMap(({ type, id, alternateId }) => {
    if (type !== 'User' || !isName(id)) return [];
    const member = { value: id, ...(isName(alternateId) && { display: alternateId }) };
    const path = itemPath('members', id);
    return [meaning === 'join' ? changeFromTo(path, null, member) : changeFromTo(path, member, null)];
  });
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
