import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { subjectOf } from '../../connector/definition/events.ts';
import type { EventChange, EventSubject, EventType, ProvisioningEvent } from '../../connector/event.ts';
import type { Resource } from '../../connector/resource.ts';
import { lastModifiedInMs, readTime } from '../../scim/timestamps.ts';
import { separateActivation } from '../changes.ts';
import type { Tracker } from '../snapshot/create-tracker.ts';
import type { Snapshot } from '../snapshot/open-snapshot.ts';
import { fingerprint } from '../snapshot/snapshot-text.ts';
import type { Strategy } from './changed-since.ts';
import type { HeldResource } from './hidden-attributes.ts';
import type { LossEvent } from './mass-change.ts';
import type { ResourceCursor } from './poll-cursor.ts';

/** One of the triggers that a read serves. */
export interface PolledTrigger {
  readonly key: string;
  /** Whether a resource matches the trigger's input; undefined if the resource does not show it. */
  matches(definition: ResourceDefinition, resource: Resource): boolean | undefined;
  /** Whether the trigger reports an event. */
  selects(event: ProvisioningEvent): boolean;
}

/** An event, and the keys of the triggers that report it. */
export interface SelectedEvent {
  readonly event: ProvisioningEvent;
  readonly triggers: readonly string[];
}

/** The options of reporting differences. */
export interface DifferenceOptions {
  readonly definition: ResourceDefinition;
  readonly tracker: Tracker;
  readonly snapshot: Snapshot;
  /** The end of the last poll; undefined for the first. */
  readonly cursor: ResourceCursor | undefined;
  /** Whether the first poll reports existing resources as created. */
  readonly fromBeginning: boolean;
  /** The maximum number of events per poll. */
  readonly limit: number;
  /** Part of every dedupe key, and different in consecutive polls. */
  readonly round: string;
  readonly nowInMs: number;
  /** In the order of their bits in the snapshot. Undefined: a trigger that is no longer polled. */
  readonly triggers: readonly (PolledTrigger | undefined)[];
  /** The triggers that this read has served before; the others report nothing yet. */
  readonly started: ReadonlySet<string>;
}

/** Compares resources with the snapshot, collects the events, and updates the snapshot. */
export class DifferenceCollector {
  readonly #options: DifferenceOptions;
  readonly #events: SelectedEvent[] = [];
  #idsByFoldedCase: Map<string, string> | undefined;
  /** How the current resources were read. */
  source: Strategy = 'changed_since';
  /** The number of resources that differ from the snapshot. */
  differing = 0;
  /** The events that take something away, including those that did not fit. */
  readonly losses: LossEvent[] = [];
  /** The resources that are compared once it is clear whether the attributes that they lack are still shown. */
  readonly held = new Map<string, HeldResource>();
  /** The number of differences that a request for changes would have missed. */
  missed = 0;
  /** Whether there were more events than fit: they are found again by the next poll. */
  hasMore = false;
  /** The IDs whose case has changed. */
  readonly respelled: string[] = [];

  constructor(options: DifferenceOptions) {
    this.#options = options;
  }

  get events(): readonly SelectedEvent[] {
    return this.#events;
  }

  /** Loads what {@link compare} needs to know of these resources. */
  async load(resources: readonly Resource[]): Promise<void> {
    const { snapshot, cursor } = this.#options;
    if (snapshot.isWhole) return;
    await snapshot.load(resources.map(({ id }) => id));
    // A new ID may be one that is known in another case, which can be in any page of the snapshot.
    if (cursor !== undefined && resources.some(({ id }) => !snapshot.has(id))) await snapshot.load();
  }

  /** Compares a resource with the snapshot. */
  compare(resource: Resource): void {
    const { tracker, snapshot } = this.#options;
    const { id } = resource;
    this.held.delete(id);
    if (!snapshot.has(id)) this.#respell(resource);
    const outside = this.#outside(resource);
    const after = tracker.entryOf(resource, outside, () => snapshot.get(id));
    if (snapshot.hasEntry(id, after)) return;
    const before = snapshot.get(id);
    if (before === undefined) {
      this.#record({ id, before, after, resource });
      return;
    }
    if (!this.#isReused(before, resource)) {
      const lost = tracker.lostBetween(before, after);
      const isOpen = [...lost.keys()].some((path) => !tracker.isShown(path));
      if (isOpen) this.held.set(id, { resource, lost });
      else this.#record({ id, before, after, resource });
      return;
    }
    this.#record({ id, before, after: undefined, resource: undefined });
    // Without room for the deletion, both are left to the next poll.
    if (snapshot.get(id) !== undefined) return;
    const created = tracker.entryOf(resource, outside, () => undefined);
    this.#record({ id, before: undefined, after: created, resource });
  }

  /** Compares the resources that were held back. @param hidden the paths of the attributes that keep their values */
  compareHeld(hidden: ReadonlySet<string>): void {
    const { tracker, snapshot } = this.#options;
    for (const [id, { resource, lost }] of this.held) {
      const before = snapshot.get(id);
      const kept = new Set([...lost.keys()].filter((path) => hidden.has(path)));
      const shown = tracker.entryOf(resource, this.#outside(resource), () => before);
      const after =
        before === undefined || kept.size === 0 ? shown : tracker.withValuesOf(before, shown, kept);
      if (after !== before) this.#record({ id, before, after, resource });
    }
    this.held.clear();
  }

  /** Records that a resource is gone. */
  remove(id: string): void {
    this.#record(this.#removal(id));
  }

  /** What the trigger would report if a resource is gone. */
  lossesOfRemoval(id: string): readonly LossEvent[] {
    const removal = this.#removal(id);
    return this.#selected(removal).map(({ event }) => toLoss(event, removal));
  }

  #removal(id: string): Difference {
    return { id, before: this.#options.snapshot.get(id), after: undefined, resource: undefined };
  }

  /** Collects the events of a difference, and adds it to the snapshot: both or neither. */
  #record(difference: Difference): void {
    const { limit, snapshot } = this.#options;
    const events = this.#selected(difference);
    for (const { event } of events) if (takesAway(event)) this.losses.push(toLoss(event, difference));
    if (events.length > 0 && this.#events.length >= limit) {
      this.hasMore = true;
      return;
    }
    if (this.#isMissed(difference)) this.missed += 1;
    this.differing += 1;
    for (const event of events) this.#events.push(event);
    snapshot.set(difference.id, difference.after);
  }

  /** The triggers whose scope filter a resource does not match. */
  #outside(resource: Resource): number {
    let sum = 0;
    const { triggers, definition } = this.#options;
    for (const [index, trigger] of triggers.entries())
      if (trigger?.matches(definition, resource) === false) sum += 2 ** index;
    return sum;
  }

  /** The events of a difference that a trigger reports. */
  #selected(difference: Difference): readonly SelectedEvent[] {
    const { cursor, fromBeginning, definition, round, tracker, nowInMs, triggers, started } = this.#options;
    const { before, after, resource } = difference;
    if (cursor === undefined && !fromBeginning) return [];
    if (before === undefined && this.#wasOverlooked(resource)) return [];
    // A resource that matched before counts too: a deactivated user no longer matches a filter on "active".
    const outside = [before, after].flatMap((entry) =>
      entry === undefined ? [] : [tracker.outsideOf(entry)],
    );
    const asked = triggers.filter(
      (trigger, index) =>
        trigger !== undefined &&
        started.has(trigger.key) &&
        outside.some((sum) => Math.floor(sum / 2 ** index) % 2 === 0),
    );
    if (asked.length === 0) return [];
    const shared = { resource: definition.name, tracker, source: this.source, name: round, nowInMs };
    return eventsOfDifference(shared, difference).flatMap((event) => {
      const keys = asked.flatMap((trigger) => (trigger?.selects(event) === true ? [trigger.key] : []));
      return keys.length === 0 ? [] : [{ event, triggers: keys }];
    });
  }

  /** Whether a resource existed during the first read, whose list can have shifted, and was skipped. */
  #wasOverlooked(resource: Resource | undefined): boolean {
    const since = this.source === 'snapshot' ? (this.#options.cursor?.unconfirmedSinceInMs ?? null) : null;
    const createdAtInMs = readTime(resource?.meta?.created);
    return since !== null && createdAtInMs !== undefined && createdAtInMs < since;
  }

  /** Whether a resource changed without a new timestamp, or before the requested time window. */
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

/** Names compare case-insensitively (RFC 7643 §4.1.1). */
function nameOf({ userName, displayName }: EventSubject): string | undefined {
  return (userName ?? displayName)?.toLowerCase();
}

/** Whether an event takes something away from a user or a group. */
function takesAway({ type, changes }: ProvisioningEvent): boolean {
  return (
    type === 'deactivate' || type === 'delete' || changes.some(({ to }) => !to || Object(to).length === 0)
  );
}

function toLoss({ type, subject, changes }: ProvisioningEvent, { before, after }: Difference): LossEvent {
  return { type, subject, changes, before, after };
}

/** The snapshot entries of a resource before and after; at least one exists. */
interface Difference {
  readonly id: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** The current resource; undefined if it was deleted. */
  readonly resource: Resource | undefined;
}

/** The common data of all events of a poll. */
interface PollRound {
  /** The resource type. */
  readonly resource: string;
  readonly tracker: Tracker;
  readonly source: string;
  /** Part of every dedupe key, and different in consecutive rounds. */
  readonly name: string;
  readonly nowInMs: number;
}

/** The events of a difference: one for `active`, and one for everything else. */
function eventsOfDifference(round: PollRound, difference: Difference): readonly ProvisioningEvent[] {
  const { before, after, resource } = difference;
  const event = (type: EventType, changes: readonly EventChange[]): ProvisioningEvent =>
    toEvent(round, difference, type, changes);
  if (after === undefined || resource === undefined)
    return before === undefined ? [] : [event('delete', round.tracker.changesOnDelete(before))];
  const changes = round.tracker.changesBetween(before, after, resource);
  if (before === undefined) return [event('create', changes)];
  // A user without "active" is active: showing it as true from now on is not a change.
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
