import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { subjectOf } from '../../connector/definition/events.ts';
import type { EventChange, EventSubject, EventType, ProvisioningEvent } from '../../connector/event.ts';
import type { Resource } from '../../connector/resource.ts';
import { readTime } from '../../scim/timestamps.ts';
import { separateActivation } from '../changes.ts';
import type { Tracker } from '../snapshot/create-tracker.ts';
import type { Snapshot } from '../snapshot/open-snapshot.ts';
import { fingerprint } from '../snapshot/snapshot-text.ts';
import { lastModifiedInMs, type Strategy } from './changed-since.ts';
import type { ResourceCursor } from './poll-cursor.ts';

/** What a poll reports differences with. */
export interface DifferenceOptions {
  readonly definition: ResourceDefinition;
  readonly tracker: Tracker;
  readonly snapshot: Snapshot;
  /** Where the last poll stopped; undefined at the first. */
  readonly cursor: ResourceCursor | undefined;
  /** Whether the first poll reports existing resources as created. */
  readonly fromBeginning: boolean;
  /** The most events that are returned at once. */
  readonly limit: number;
  /** Put into every dedupe key: no two polls in a row have the same. */
  readonly round: string;
  readonly nowInMs: number;
  /** Whether the trigger's input is about a resource; undefined if the resource does not show it. */
  matches(resource: Resource | null): boolean | undefined;
  /** Whether an event is one that the trigger reports. */
  selects(event: ProvisioningEvent): boolean;
}

/** Compares resources with the snapshot, collects the events, and updates the snapshot. */
export class DifferenceCollector {
  readonly #options: DifferenceOptions;
  readonly #events: ProvisioningEvent[] = [];
  #idsByFoldedCase: Map<string, string> | undefined;
  /** How the resources at hand were read. */
  source: Strategy = 'changed_since';
  /** How many resources differ from the snapshot. */
  differing = 0;
  /** How many deactivations and deletions there are, those included that had no room. */
  removals = 0;
  /** How many of the differences a request for changes would not have shown. */
  missed = 0;
  /** Whether there were more events than fit: they are found again by the next poll. */
  hasMore = false;
  /** The IDs that are spelled in another case than before. */
  readonly respelled: string[] = [];

  constructor(options: DifferenceOptions) {
    this.#options = options;
  }

  get events(): readonly ProvisioningEvent[] {
    return this.#events;
  }

  /** Loads what {@link compare} needs to know of these resources. */
  async load(resources: readonly Resource[]): Promise<void> {
    const { snapshot, cursor } = this.#options;
    await snapshot.load(resources.map(({ id }) => id));
    // A new ID may be one that is known in another case, which can be in any page of the snapshot.
    if (cursor !== undefined && resources.some(({ id }) => !snapshot.has(id))) await snapshot.load();
  }

  /** Compares a resource with the snapshot. */
  compare(resource: Resource): void {
    const { tracker, snapshot, matches } = this.#options;
    const { id } = resource;
    if (!snapshot.has(id)) this.#respell(resource);
    const isMatched = matches(resource) !== false;
    const after = tracker.entryOf(resource, isMatched, () => snapshot.get(id));
    if (snapshot.hasEntry(id, after)) return;
    const before = snapshot.get(id);
    if (before === undefined || !this.#isReused(before, resource)) {
      this.#record({ id, before, after, resource });
      return;
    }
    this.#record({ id, before, after: undefined, resource: undefined });
    // Without room for the deletion, both are left to the next poll.
    if (snapshot.get(id) !== undefined) return;
    const created = tracker.entryOf(resource, isMatched, () => undefined);
    this.#record({ id, before: undefined, after: created, resource });
  }

  /** Records that a resource is gone. */
  remove(id: string): void {
    this.#record(this.#removal(id));
  }

  /** Whether the trigger would report that a resource is gone. */
  reportsRemoval(id: string): boolean {
    return this.#selected(this.#removal(id)).length > 0;
  }

  #removal(id: string): Difference {
    return { id, before: this.#options.snapshot.get(id), after: undefined, resource: undefined };
  }

  /** Collects the events of a difference, and takes it into the snapshot: both, or neither. */
  #record(difference: Difference): void {
    const { limit, snapshot } = this.#options;
    const events = this.#selected(difference);
    this.removals += events.filter(isAccessRemoval).length;
    if (events.length > 0 && this.#events.length >= limit) {
      this.hasMore = true;
      return;
    }
    if (this.#isMissed(difference)) this.missed += 1;
    this.differing += 1;
    for (const event of events) this.#events.push(event);
    snapshot.set(difference.id, difference.after);
  }

  /** The events of a difference that the trigger reports. */
  #selected(difference: Difference): readonly ProvisioningEvent[] {
    const { cursor, fromBeginning, definition, round, selects, tracker, nowInMs } = this.#options;
    const { before, after, resource } = difference;
    if (cursor === undefined && !fromBeginning) return [];
    if (before === undefined && this.#wasOverlooked(resource)) return [];
    // A resource that matched before counts too: a deactivated user no longer matches a filter on "active".
    const isAsked = [before, after].some((entry) => entry !== undefined && tracker.matched(entry));
    if (!isAsked) return [];
    const shared = { resource: definition.name, tracker, source: this.source, name: round, nowInMs };
    return eventsOfDifference(shared, difference).filter(selects);
  }

  /** Whether a resource existed when the first read, whose list may have shifted, passed over it. */
  #wasOverlooked(resource: Resource | undefined): boolean {
    const since = this.source === 'snapshot' ? (this.#options.cursor?.unconfirmedSinceInMs ?? null) : null;
    const createdAtInMs = readTime(resource?.meta?.created);
    return since !== null && createdAtInMs !== undefined && createdAtInMs < since;
  }

  /** Whether a resource changed, but not its timestamp, or so long ago that nobody asks for it any more. */
  #isMissed({ before, after, resource }: Difference): boolean {
    const { cursor, tracker } = this.#options;
    const sinceInMs = cursor?.sinceInMs ?? null;
    if (this.source === 'changed_since' || sinceInMs === null) return false;
    if (after === undefined || resource === undefined) return false;
    const changedAtInMs = lastModifiedInMs(resource);
    if (changedAtInMs === undefined || changedAtInMs >= sinceInMs) return false;
    if (before === undefined) return !this.#wasOverlooked(resource);
    return tracker.changesBetween(before, after, resource).length > 0;
  }

  /**
   * Some providers change the case of IDs. A new ID that differs from a known one in case only, with the same name,
   * takes its place.
   */
  #respell(resource: Resource): void {
    const { cursor, snapshot, tracker } = this.#options;
    if (cursor === undefined) return;
    this.#idsByFoldedCase ??= new Map([...snapshot.ids()].map((id) => [id.toLowerCase(), id]));
    const known = this.#idsByFoldedCase.get(resource.id.toLowerCase());
    const entry = known === undefined ? undefined : snapshot.get(known);
    if (known === undefined || entry === undefined) return;
    const name = nameOf(subjectOf(resource));
    if (name === undefined || name !== nameOf(tracker.subjectOf(known, entry))) return;
    snapshot.set(known, undefined);
    snapshot.set(resource.id, entry);
    this.#idsByFoldedCase.set(resource.id.toLowerCase(), resource.id);
    this.respelled.push(resource.id);
  }

  /**
   * Whether the ID now belongs to another resource: it has another name, and was created after the last poll. Where the
   * provider does not show that, another external ID says the same.
   */
  #isReused(before: string, resource: Resource): boolean {
    const { cursor, tracker } = this.#options;
    const old = tracker.subjectOf(resource.id, before);
    const now = subjectOf(resource);
    if (nameOf(old) === nameOf(now)) return false;
    if (old.externalId !== null && old.externalId === now.externalId) return false;
    const createdAtInMs = readTime(resource.meta?.created);
    if (createdAtInMs === undefined || cursor === undefined)
      return old.externalId !== null && now.externalId !== null;
    return createdAtInMs > cursor.polledAtInMs;
  }
}

/** Names compare without regard to case (RFC 7643 §4.1.1). */
function nameOf({ userName, displayName }: EventSubject): string | undefined {
  return (userName ?? displayName)?.toLowerCase();
}

function isAccessRemoval({ type }: ProvisioningEvent): boolean {
  return type === 'deactivate' || type === 'delete';
}

/** What is known of a resource before and after, as entries of a snapshot; one of them is there. */
interface Difference {
  readonly id: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** The resource as it is; undefined when it is gone. */
  readonly resource: Resource | undefined;
}

/** What all events of a poll share. */
interface PollRound {
  /** The kind of resource. */
  readonly resource: string;
  readonly tracker: Tracker;
  readonly source: string;
  /** Put into every dedupe key: no two rounds that follow one another have the same. */
  readonly name: string;
  readonly nowInMs: number;
}

/** The events that a difference makes: one for `active`, and one for all else. */
function eventsOfDifference(round: PollRound, difference: Difference): readonly ProvisioningEvent[] {
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
