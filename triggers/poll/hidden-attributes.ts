import type { Resource } from '../../connector/resource.ts';
import { lastModifiedInMs } from '../../scim/timestamps.ts';
import type { Tracker } from '../snapshot/create-tracker.ts';
import { clockToleranceInMs, type FullReadReason, type ResourceLog } from './changed-since.ts';
import type { ResourceCursor } from './poll-cursor.ts';

/** A resource that lacks attributes that it had, while no other resource has shown them yet. */
export interface HeldResource {
  readonly resource: Resource;
  /** The number of lost values, by the path of the attribute. */
  readonly lost: ReadonlyMap<string, number>;
}

/** Without timestamps, an attribute must be gone from this many resources, or from both resources of two. */
const fewestResources = 3;
/** Where timestamps say that nothing was modified, this many lost values are enough. */
const fewestValues = 2;

/** The options of judging attributes that no resource shows. */
export interface HiddenAttributesOptions {
  readonly cursor: ResourceCursor | undefined;
  readonly lookBackInMs: number;
  /** The number of known resources. */
  readonly known: number;
}

/**
 * Decides whether an attribute that vanished from all resources at once was removed, or is no longer shown to this
 * token. A hidden attribute keeps its last known values until a resource shows it again.
 */
export class HiddenAttributes {
  readonly #tracker: Tracker;
  readonly #known: number;
  /** From when on a timestamp means that the resource may have been modified since the last poll; undefined if unknown. */
  readonly #modifiedFromInMs: number | undefined;
  /** The number of resources whose values were hidden at the last poll, by the path of the attribute. */
  readonly before: Readonly<Record<string, number>>;
  /** The same for this poll, if it reads everything. */
  readonly now: Record<string, number> = {};

  constructor(tracker: Tracker, { cursor, lookBackInMs, known }: HiddenAttributesOptions) {
    this.#tracker = tracker;
    this.#known = known;
    this.before = cursor?.attributesNotShown ?? {};
    const polledAtInMs = cursor?.stampsUnreliable === true ? undefined : cursor?.polledAtInMs;
    if (polledAtInMs !== undefined && polledAtInMs < Number.MAX_SAFE_INTEGER)
      this.#modifiedFromInMs = polledAtInMs - Math.max(lookBackInMs, clockToleranceInMs);
  }

  /** A read of changes proves nothing about the resources that it does not show. @returns the reason for a full read */
  reasonToReadAll(held: readonly HeldResource[]): FullReadReason | undefined {
    if (Object.keys(this.before).some((path) => this.#tracker.isShown(path))) return 'attributes_reappeared';
    const isNew = held.some(({ lost }) =>
      [...lost.keys()].some((path) => !this.#tracker.isShown(path) && !Object.hasOwn(this.before, path)),
    );
    return isNew ? 'attributes_vanished' : undefined;
  }

  /** Judges the resources that a full read held back. @returns the paths of the attributes that are hidden */
  judge(held: readonly HeldResource[]): ReadonlySet<string> {
    for (const path of new Set(held.flatMap(({ lost }) => [...lost.keys()]))) {
      const losers = held.filter(({ lost }) => lost.has(path));
      if (!this.#tracker.isShown(path) && this.#isHidden(path, losers))
        this.now[path] = (this.now[path] ?? 0) + losers.length;
    }
    return new Set(Object.keys(this.now));
  }

  /** Logs each attribute once while it is hidden. */
  report(log: ResourceLog): void {
    for (const [attribute, count] of Object.entries(this.now))
      if (!Object.hasOwn(this.before, attribute)) log('warn', 'attribute_not_shown', { attribute, count });
  }

  #isHidden(path: string, losers: readonly HeldResource[]): boolean {
    if (Object.hasOwn(this.before, path) || Object.hasOwn(this.now, path)) return true;
    const isStamped = losers.every(({ resource }) => lastModifiedInMs(resource) !== undefined);
    if (this.#modifiedFromInMs === undefined || !isStamped)
      return losers.length >= Math.min(fewestResources, Math.max(2, this.#known));
    const values = losers.reduce((sum, { lost }) => sum + (lost.get(path) ?? 0), 0);
    return values >= fewestValues && !this.#areMostModified(losers);
  }

  /** Whether the timestamps explain the loss: most of the resources may have been modified since the last poll. */
  #areMostModified(losers: readonly HeldResource[]): boolean {
    const fromInMs = this.#modifiedFromInMs ?? 0;
    const modified = losers.filter(({ resource }) => (lastModifiedInMs(resource) ?? 0) >= fromInMs);
    return modified.length * 2 > losers.length;
  }
}
