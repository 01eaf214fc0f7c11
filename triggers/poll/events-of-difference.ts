import { subjectOf } from '../../connector/definition/events.ts';
import type { EventChange, EventType, ProvisioningEvent } from '../../connector/event.ts';
import type { Resource } from '../../connector/resource.ts';
import { separateActivation } from '../changes.ts';
import type { Tracker } from '../snapshot/create-tracker.ts';
import { fingerprint } from '../snapshot/snapshot-text.ts';
import { lastModifiedInMs } from './last-modified.ts';

/** What is known of a resource before and after, as entries of a snapshot; one of them is there. */
export interface Difference {
  readonly id: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** The resource as it is; undefined when it is gone. */
  readonly resource: Resource | undefined;
}

/** What all events of a poll share. */
export interface PollRound {
  /** The kind of resource. */
  readonly resource: string;
  readonly tracker: Tracker;
  readonly source: string;
  /** Put into every dedupe key: no two rounds that follow one another have the same. */
  readonly name: string;
  readonly nowInMs: number;
}

/** The events that a difference makes: one for `active`, and one for all else. */
export function eventsOfDifference(round: PollRound, difference: Difference): readonly ProvisioningEvent[] {
  const { before, after, resource } = difference;
  const event = (type: EventType, changes: readonly EventChange[]): ProvisioningEvent =>
    toEvent(round, difference, type, changes);
  if (after === undefined || resource === undefined)
    return before === undefined ? [] : [event('delete', round.tracker.changesOnDelete(before))];
  const changes = round.tracker.changesBetween(before, after, resource);
  if (before === undefined) return [event('create', changes)];
  // A user whose "active" is absent is active: that it is shown as true from now on changes nothing.
  const real = changes.filter(
    ({ path, from, to }) => path !== 'active' || (from === false) !== (to === false),
  );
  const { activation, others } = separateActivation(real);
  return [
    ...(activation === undefined ? [] : [event(activation.type, [activation.change])]),
    ...(others.length === 0 ? [] : [event('patch', others)]),
  ];
}

function toEvent(
  { resource: name, tracker, source, name: round, nowInMs }: PollRound,
  { id, before, after, resource }: Difference,
  type: EventType,
  changes: readonly EventChange[],
): ProvisioningEvent {
  const dedupeKey = `${name}/${id}/${type}/${round}.${fingerprint(`${before ?? ''}>${after ?? ''}`)}`;
  const time = resource === undefined ? undefined : lastModifiedInMs(resource);
  return {
    id: dedupeKey,
    type,
    occurredAt: new Date(time ?? nowInMs).toISOString(),
    resource: name,
    subject: resource === undefined ? tracker.subjectOf(id, before ?? '') : subjectOf(resource),
    changes,
    data: resource ?? null,
    source,
    cause: null,
    isLate: false,
    dedupeKey,
  };
}
