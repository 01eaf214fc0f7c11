import type {
  ConnectorDefinition,
  ResourceDefinition,
  TriggerDefinition,
} from '../../../connector/definition/definition.ts';
import { subjectOf } from '../../../connector/definition/events.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import type { Resource } from '../../../connector/resource.ts';
import { prepareTrigger } from '../../../runtime/prepare.ts';
import { formatTime, readTime } from '../../../scim/timestamps.ts';
import { createScopeFilter } from '../../../triggers/select/event-selector.ts';
import { dedupeKey } from '../../../triggers/sources/event-mapping/make-event.ts';
import { searchOf } from '../../kit/find-resources.ts';
import { readFields } from '../../kit/flat-form.ts';
import type { FormData } from '../form/read-form.ts';
import { polledBy, polledFields } from '../polled-by.ts';
import type { ZapierSession } from './zapier-session.ts';

/** The maximum number of events that a poll returns: Zapier limits its size to some megabytes. */
const mostEvents = 1000;

/**
 * Polls once for a trigger: reads every resource, and returns the newest ones as events. Their IDs are stable, so that
 * Zapier recognizes those of earlier polls.
 *
 * @throws ConnectorError
 */
export async function pollOnce(
  definition: ConnectorDefinition,
  trigger: TriggerDefinition,
  { session, signal }: ZapierSession,
  data: FormData,
): Promise<readonly ProvisioningEvent[]> {
  const [name = ''] = trigger.detect.resources;
  const resource = definition.resources[name];
  if (resource === undefined) throw new TypeError(`There is no resource ${name}`);
  const input = readFields(polledFields(trigger), data);
  if (polledBy(trigger) === 'created')
    return newest(resource, await readCreated(session, trigger, input, signal), 'created');
  return newest(
    resource,
    await readModified(definition, resource, trigger, session, input, signal),
    'lastModified',
  );
}

/** Every resource, as the first poll of a watch reports it that includes existing ones. */
async function readCreated(
  session: ZapierSession['session'],
  { key }: TriggerDefinition,
  input: FormData,
  signal: AbortSignal,
): Promise<readonly ProvisioningEvent[]> {
  const events: ProvisioningEvent[] = [];
  const poll = session.preparePoll(key, { ...input, startFrom: 'beginning', strategy: 'snapshot' });
  let cursor: unknown;
  for (let more = true; more; ) {
    const polled = await poll(cursor, { signal });
    events.push(...polled.events);
    ({ cursor, more } = polled);
  }
  return events.map((event) => withKey(event, dedupeKey('created', event.resource, event.subject.id)));
}

/**
 * Every resource in scope that was changed after it was created, with the time of its last change. What changed is unknown.
 */
async function readModified(
  definition: ConnectorDefinition,
  resource: ResourceDefinition,
  { key, detect }: TriggerDefinition,
  session: ZapierSession['session'],
  given: FormData,
  signal: AbortSignal,
): Promise<readonly ProvisioningEvent[]> {
  const [type = 'patch'] = detect.types;
  const search = searchOf(definition.actions, resource);
  if (search === undefined) throw new TypeError(`No action lists ${resource.name}`);
  const { trigger, input } = prepareTrigger(definition, key, given);
  const scope = await createScopeFilter({ ...session.contextOf({ signal }), pollPreset: {} }, trigger, input);
  const events: ProvisioningEvent[] = [];
  for await (const { resources } of session.runSearch(search.key, {}, { signal })) {
    for (const data of resources) {
      const { created, lastModified } = data.meta ?? {};
      const changedAtInMs = readTime(lastModified);
      if (changedAtInMs === undefined) throw undated(resource);
      if (changedAtInMs === readTime(created) || scope.fits(resource, data) === false) continue;
      const event: ProvisioningEvent = {
        id: '',
        type,
        occurredAt: formatTime(changedAtInMs),
        resource: resource.name,
        subject: subjectOf(data),
        changes: [],
        data,
        source: 'changed_since',
        cause: null,
        isLate: false,
        dedupeKey: '',
      };
      events.push(withKey(event, dedupeKey('modified', resource.name, data.id, formatTime(changedAtInMs))));
    }
  }
  return events;
}

function withKey(event: ProvisioningEvent, key: string): ProvisioningEvent {
  return { ...event, id: key, dedupeKey: key };
}

/** The newest first, as Zapier expects. Without times, a part of them could be the wrong one. */
function newest(
  resource: ResourceDefinition,
  events: readonly ProvisioningEvent[],
  stamp: 'created' | 'lastModified',
): readonly ProvisioningEvent[] {
  const timeOf = ({ data }: ProvisioningEvent): number | undefined =>
    readTime((data as Resource | null)?.meta?.[stamp]);
  if (events.length > mostEvents && events.some((event) => timeOf(event) === undefined))
    throw undated(resource);
  return events.toSorted((one, other) => (timeOf(other) ?? 0) - (timeOf(one) ?? 0)).slice(0, mostEvents);
}

function undated({ endpoint }: ResourceDefinition): ConnectorError {
  return new ConnectorError('unsupported', {
    what: `The provider does not say when each of ${endpoint} was created and changed.`,
    nextStep: 'Use the instant trigger, which a Rolecall service feeds.',
  });
}
