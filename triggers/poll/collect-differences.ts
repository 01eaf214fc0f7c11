import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { subjectOf } from '../../connector/definition/events.ts';
import type { EventChange, EventSubject, EventType, ProvisioningEvent } from '../../connector/event.ts';
import type { Resource } from '../../connector/resource.ts';
import type { HeldLoss } from '../../connector/safeguard/hold.ts';
import { type Loss, lossesOfEvent } from '../../connector/safeguard/safeguard.ts';
import { lastModifiedInMs, readTime } from '../../scim/timestamps.ts';
import { separateActivation } from '../changes.ts';
import type { Tracker } from '../snapshot/create-tracker.ts';
import type { Snapshot } from '../snapshot/open-snapshot.ts';
import { fingerprint } from '../snapshot/snapshot-text.ts';
import type { Strategy } from './changed-since.ts';
import type { HeldResource } from './hidden-attributes.ts';
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
  #events: (SelectedEvent & { readonly order: number })[] = [];
  #found = 0;
  #idsByFoldedCase: Map<string, string> | undefined;
  /** How the current resources were read. */
  source: Strategy = 'changed_since';
  /** The number of resources that differ from the snapshot. */
  differing = 0;
  /** The differences with a loss, by ID: they are reported once it is decided that they are not held. */
  readonly #losing = new Map<string, LosingDifferences>();
  /** The entries from before this poll of the resources in the events. */
  readonly #before = new Map<string, string | undefined>();
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

  /** In the order in which they were found. */
  get events(): readonly SelectedEvent[] {
    return this.#events
      .toSorted((one, other) => one.order - other.order)
      .map(({ event, triggers }) => ({ event, triggers }));
  }

  /** All losses that are not reported yet. */
  get losses(): readonly Loss[] {
    return [...this.#losing.values()].flatMap(({ losses }) => losses);
  }

  /** Loads what {@link compare} needs to know of these resources. */
  async load(resources: readonly Resource[]): Promise<void> {
    const { snapshot, cursor } = this.#options;
    if (snapshot.isWhole) return;
    await snapshot.load(resources.map(({ id }) => id));
    // A new ID may be one that is known in another case, which can be in any page of the snapshot.
    if (cursor !== undefined && resources.some(({ id }) => !snapshot.has(id))) await snapshot.load();
  }

  /** Whether a known resource has the name that it is known by; undefined if that is not known. */
  hasKnownName(resource: Resource, id = resource.id): boolean | undefined {
    const { tracker, snapshot } = this.#options;
    const known = nameOf(tracker.subjectOf(id, snapshot.get(id) ?? '[]'));
    return known === undefined ? undefined : known === nameOf(subjectOf(resource));
  }

  /** The known ID that differs from a new one in case only: some providers change the case of IDs. */
  otherSpellingOf(id: string): string | undefined {
    const { cursor, snapshot } = this.#options;
    if (cursor === undefined || snapshot.has(id)) return undefined;
    this.#idsByFoldedCase ??= new Map([...snapshot.ids()].map((known) => [known.toLowerCase(), known]));
    const known = this.#idsByFoldedCase.get(id.toLowerCase());
    return known !== undefined && snapshot.has(known) ? known : undefined;
  }

  /** A new ID takes the place of a known one. */
  respell(known: string, id: string): void {
    const { snapshot } = this.#options;
    const entry = snapshot.get(known);
    snapshot.set(known, undefined);
    snapshot.set(id, entry);
    this.#idsByFoldedCase?.set(id.toLowerCase(), id);
    this.respelled.push(id);
  }

  /** Compares a resource with the snapshot. */
  compare(resource: Resource): void {
    const { tracker, snapshot } = this.#options;
    const { id } = resource;
    this.held.delete(id);
    const outside = this.#outside(resource);
    const after = tracker.entryOf(resource, outside, () => snapshot.get(id));
    // Read twice in one poll, it is the same difference.
    if (this.#losing.get(id)?.after === after) return;
    this.#losing.delete(id);
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
    const created = tracker.entryOf(resource, outside, () => undefined);
    this.#record(this.#removal(id), { id, before: undefined, after: created, resource });
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

  /** What would be lost by what is reported if a resource is gone; undefined if nothing is reported. */
  lossesOfRemoval(id: string): readonly Loss[] | undefined {
    const removal = this.#removal(id);
    const events = this.#selected(removal);
    return events.length === 0 ? undefined : this.#lossesOf(removal, events);
  }

  /** Reports the differences with a loss, except those of resources that are held. @returns the losses reported */
  reportLosses(held: readonly HeldLoss[]): readonly Loss[] {
    const heldIds = new Set(held.map(({ subject }) => subject.id));
    const reported: Loss[] = [];
    for (const [id, { losses, found }] of this.#losing) {
      if (heldIds.has(id)) continue;
      if (found === undefined) this.hasMore = true;
      else if (this.#report(found)) reported.push(...losses);
    }
    this.#losing.clear();
    this.#withdraw(held.flatMap(({ after, subject }) => (after === 'deleted' ? [subject.id] : [])));
    return reported;
  }

  /** Withdraws the events about resources that now have the name of one whose deletion is held: they come after it. */
  #withdraw(deleted: readonly string[]): void {
    const { tracker, snapshot } = this.#options;
    const taken = new Set(deleted.flatMap((id) => namesOf(tracker.subjectOf(id, snapshot.get(id) ?? '[]'))));
    const ids = new Set(
      this.#events.flatMap(({ event: { subject } }) =>
        namesOf(subject).some((name) => taken.has(name)) ? subject.id : [],
      ),
    );
    for (const id of ids) snapshot.set(id, this.#before.get(id));
    if (ids.size > 0) this.#events = this.#events.filter(({ event }) => !ids.has(event.subject.id));
  }

  #removal(id: string): Difference {
    return { id, before: this.#options.snapshot.get(id), after: undefined, resource: undefined };
  }

  /** Collects the events of one resource. It is decided later whether those with a loss are held. */
  #record(...differences: readonly [Difference, ...Difference[]]): void {
    const events = differences.map((one) => this.#selected(one));
    const losses = differences.flatMap((one, index) => this.#lossesOf(one, events[index] ?? []));
    this.#found += 1;
    const found = { differences, events: events.flat(), order: this.#found };
    if (losses.length === 0) {
      this.#report(found);
      return;
    }
    // Beyond the limit, the differences are found again by the next poll.
    const fits = this.#losing.size < this.#options.limit;
    const { id } = differences[0];
    const after = differences.at(-1)?.after;
    this.#losing.set(id, { losses, after, found: fits ? found : undefined });
  }

  #lossesOf({ before, after }: Difference, events: readonly SelectedEvent[]): readonly Loss[] {
    const { definition, tracker } = this.#options;
    const membersIn = (entry: string | undefined): number =>
      entry === undefined ? 0 : tracker.membersOf(entry).length;
    const members = () => ({ before: membersIn(before), after: membersIn(after) });
    return events.flatMap(({ event }) => lossesOfEvent(definition, event, members));
  }

  /** Adds the events of differences, and the differences to the snapshot: all or none. @returns whether they fit */
  #report({ differences, events, order }: FoundDifferences): boolean {
    const { limit, snapshot } = this.#options;
    if (events.length > 0 && this.#events.length >= limit) {
      this.hasMore = true;
      return false;
    }
    for (const difference of differences) {
      const { id, before, after } = difference;
      if (this.#isMissed(difference)) this.missed += 1;
      this.differing += 1;
      if (events.length > 0 && !this.#before.has(id)) this.#before.set(id, before);
      snapshot.set(id, after);
    }
    for (const event of events) this.#events.push({ ...event, order });
    return true;
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
function nameOf({
  userName,
  displayName,
}: Pick<EventSubject, 'userName' | 'displayName'>): string | undefined {
  return (userName ?? displayName)?.toLowerCase();
}

/** The names that one resource has at a time. */
function namesOf({ userName, displayName, externalId }: EventSubject): readonly string[] {
  const name = nameOf({ userName, displayName });
  return [
    ...(name === undefined ? [] : [`name/${name}`]),
    ...(externalId === null ? [] : [`externalId/${externalId}`]),
  ];
}

/** The differences of one resource, with their events. */
interface FoundDifferences {
  readonly differences: readonly Difference[];
  readonly events: readonly SelectedEvent[];
  /** When they were found: 1 for the first. */
  readonly order: number;
}

/** The differences of one resource that loses something. */
interface LosingDifferences {
  readonly losses: readonly Loss[];
  /** The snapshot entry of the resource as it is now. */
  readonly after: string | undefined;
  /** Undefined if there are too many for one poll. */
  readonly found: FoundDifferences | undefined;
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
