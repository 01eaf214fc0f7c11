import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { errorTexts } from '../../connector/error-texts.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import { mapConcurrently } from '../../connector/map-concurrently.ts';
import { findById } from '../../connector/provider/look-up.ts';
import { type PageReader, readPages } from '../../connector/provider/read-pages.ts';
import type { Resource } from '../../connector/resource.ts';
import type { SnapshotPages } from '../poll-result.ts';
import { createTracker, type Tracker } from '../snapshot/create-tracker.ts';
import { openSnapshot, type Snapshot } from '../snapshot/open-snapshot.ts';
import type { TriggerContext } from '../trigger-context.ts';
import { type Difference, eventsOfDifference } from './events-of-difference.ts';
import {
  type ClockedClient,
  isRefusal,
  lastModifiedInMs,
  sinceFilter,
  understandsSince,
  watchClock,
} from './last-modified.ts';
import { massChangeBlocked, massChangeLimit } from './mass-change.ts';
import type { ResourceCursor } from './poll-cursor.ts';

/** How a poll finds out what has changed. */
export type Strategy = 'changed_since' | 'snapshot';

/** What a poll of one kind of resource is told. */
export interface ResourcePollOptions {
  readonly context: TriggerContext;
  readonly definition: ResourceDefinition;
  /** Where the last poll stopped; undefined at the first. */
  readonly cursor: ResourceCursor | undefined;
  readonly pages: SnapshotPages;
  /** Undefined: whichever the provider can do without anything being missed. */
  readonly strategy: Strategy | undefined;
  /** Whether the trigger is about deletions. */
  readonly needsDeletions: boolean;
  /** Whether those who are there at the first poll count as just created. */
  readonly fromBeginning: boolean;
  readonly massChangeLimit: number | undefined;
  /** How many to ask for in one request; undefined: as many as at the first poll. */
  readonly pageSize: number | undefined;
  /** The most events that are given at once. */
  readonly limit: number;
  /** Put into every dedupe key: no two polls that follow one another have the same. */
  readonly round: string;
  /** Whether a resource is one that the trigger is asked about; undefined where it does not show it. */
  fits(resource: Resource | null): boolean | undefined;
  /** Whether an event is one that the trigger starts with. */
  selects(event: ProvisioningEvent): boolean;
}

/** What a poll of one kind of resource gives. */
export interface ResourcePollResult {
  readonly events: readonly ProvisioningEvent[];
  readonly cursor: ResourceCursor;
  readonly pages: ReadonlyMap<string, string | null>;
  /** Whether there were more events than the limit: those are found again by the next poll. */
  readonly more: boolean;
}

/** So many are asked for in one request, unless the provider, or the input, says otherwise. */
const largestPage = 1000;
/**
 * What was stamped so long before it could be read is still found: the next poll asks from the newest stamp, or, where
 * that is as new, from so long before this poll began.
 */
const overlapInMs = 2_000;
/** `Date` counts whole seconds: a stamp that is so much ahead of it is not yet from the future. */
const clockToleranceInMs = 1_500;

/** Looks once at one kind of resource. @throws ConnectorError, and then nothing has changed. */
export function pollResource(options: ResourcePollOptions): Promise<ResourcePollResult> {
  return new ResourcePoll(options).run();
}

/** Why everything was read. */
type FullReadReason =
  | 'first_poll'
  | 'strategy'
  | 'filter_untried'
  | 'filter_refused'
  | 'nobody_found'
  | 'clock_set_back';

class ResourcePoll {
  readonly #options: ResourcePollOptions;
  readonly #clock: ClockedClient;
  readonly #reader: PageReader;
  readonly #tracker: Tracker;
  readonly #snapshot: Snapshot;
  readonly #limit: number;
  readonly #known: number;
  readonly #startedAtInMs: number;
  readonly #events: ProvisioningEvent[] = [];
  #pageSize = 0;
  #source: Strategy = 'changed_since';
  #pages = 0;
  #leaving = 0;
  #differing = 0;
  #more = false;
  #firstAnsweredAtInMs: number | undefined;
  #newestInMs: number | undefined;
  #isStamped = true;

  constructor(options: ResourcePollOptions) {
    const { context, definition, cursor, pages } = options;
    const reader = context.reader(definition, context.signal);
    this.#options = options;
    this.#clock = watchClock(reader.client);
    this.#reader = { ...reader, client: this.#clock.client };
    this.#tracker = createTracker(definition, cursor?.columns);
    this.#snapshot = openSnapshot(pages, cursor ?? { name: definition.name, pageCount: 1, size: 0 });
    this.#known = this.#snapshot.size;
    this.#limit = massChangeLimit(options.massChangeLimit, this.#known);
    this.#startedAtInMs = context.platform.now();
  }

  async run(): Promise<ResourcePollResult> {
    const { cursor, pageSize, context } = this.#options;
    this.#pageSize = pageSize ?? cursor?.pageSize ?? (await pageSizeOf(context));
    let canAskSince = cursor?.canAskSince ?? null;
    let why: FullReadReason | undefined;
    if (cursor === undefined) why = 'first_poll';
    else if (this.#strategy(canAskSince) === 'snapshot') why = 'strategy';
    else why = await this.#readChanged(cursor);
    if (why === 'filter_refused') canAskSince = false;
    if (why !== undefined) {
      await this.#readAll();
      canAskSince = await this.#trySince(canAskSince);
    }
    this.#guard(this.#leaving);
    this.#tell(canAskSince, why);
    const { place, pages } = await this.#snapshot.finish();
    return {
      events: this.#events,
      cursor: {
        ...place,
        columns: this.#tracker.columns(),
        sinceInMs: this.#sinceInMs(why !== undefined) ?? null,
        canAskSince,
        pageSize: cursor?.pageSize ?? this.#pageSize,
        unconfirmedSinceInMs: this.#unconfirmedSinceInMs(why !== undefined),
      },
      pages,
      more: this.#more,
    };
  }

  /** @throws ConnectorError `unsupported` when a strategy is asked for that the provider cannot do. */
  #strategy(canAskSince: boolean | null): Strategy {
    const { strategy, needsDeletions } = this.#options;
    if (strategy === 'changed_since' && canAskSince === false) {
      throw new ConnectorError('unsupported', errorTexts.modifiedDateUnsupported);
    }
    if (strategy !== undefined) return strategy;
    return needsDeletions || canAskSince === false ? 'snapshot' : 'changed_since';
  }

  /** Reads what has changed. Gives the reason why everything has to be read instead, if there is one. */
  async #readChanged({ sinceInMs, canAskSince }: ResourceCursor): Promise<FullReadReason | undefined> {
    if (sinceInMs === null || canAskSince !== true) return 'filter_untried';
    const filter = sinceFilter(sinceInMs);
    let found = 0;
    try {
      for await (const page of readPages(this.#reader, { filter, count: this.#pageSize })) {
        this.#pages += 1;
        this.#firstAnsweredAtInMs ??= this.#clock.answeredAtInMs();
        found += page.resources.length;
        await this.#snapshot.load(page.resources.map(({ id }) => id));
        await this.#compareAll(page.resources);
      }
    } catch (error) {
      if (error instanceof ConnectorError && isRefusal(error)) return 'filter_refused';
      throw error;
    }
    // "ge" includes the newest who is known: an answer with nobody says that the filter, or the newest, is gone.
    if (found === 0) return 'nobody_found';
    const nowInMs = this.#clock.answeredAtInMs();
    // A clock that was set back stamps changes with times that lie before the newest.
    if (nowInMs !== undefined && nowInMs + clockToleranceInMs < sinceInMs) return 'clock_set_back';
    return undefined;
  }

  async #readAll(): Promise<void> {
    this.#source = 'snapshot';
    this.#newestInMs = undefined;
    this.#pages = 0;
    await this.#snapshot.load();
    const seen = new Set<string>();
    for await (const page of readPages(this.#reader, { count: this.#pageSize })) {
      this.#pages += 1;
      this.#firstAnsweredAtInMs ??= this.#clock.answeredAtInMs();
      for (const { id } of page.resources) seen.add(id);
      await this.#compareAll(page.resources);
    }
    await this.#lookForMissing([...this.#snapshot.ids()].filter((id) => !seen.has(id)));
  }

  /** Compares the resources of a page. A list may leave members out: whose are gone is asked for by id. */
  async #compareAll(resources: readonly Resource[]): Promise<void> {
    const bare = resources.filter((resource) => this.#lacksMembers(resource));
    const whole = bare.length === 0 ? undefined : await this.#readWhole(bare);
    for (const resource of resources) this.#compare(whole?.get(resource.id) ?? resource);
  }

  /** Fetches resources by ID; those that are gone meanwhile are omitted. */
  async #readWhole(resources: readonly Resource[]): Promise<ReadonlyMap<string, Resource>> {
    const { concurrency } = this.#reader.client.connection;
    const found = await mapConcurrently(resources, concurrency, ({ id }) => this.#readById(id));
    return new Map(found.flatMap((one) => (one === undefined ? [] : [[one.id, one] as const])));
  }

  #lacksMembers({ id, members }: Resource): boolean {
    if (members !== undefined || !this.#options.definition.retainedAttributes.includes('members'))
      return false;
    const before = this.#snapshot.get(id);
    return before !== undefined && this.#tracker.changesOnDelete(before).length > 0;
  }

  /** Compares a resource with what is known of it, and keeps what follows. */
  #compare(resource: Resource): void {
    this.#noteTime(resource);
    const { id, active } = resource;
    if (active !== undefined && typeof active !== 'boolean')
      this.#log('warn', 'active_value_invalid', { id, active });
    const fits = this.#options.fits(resource) !== false;
    const after = this.#tracker.entryOf(resource, fits, () => this.#snapshot.get(id));
    if (!this.#snapshot.hasEntry(id, after))
      this.#settle({ id, before: this.#snapshot.get(id), after, resource });
  }

  /** Gives the events of a difference, and takes it into the snapshot; both, or neither. */
  #settle(difference: Difference): void {
    const { id, after } = difference;
    const events = this.#selected(difference);
    this.#leaving += events.filter(isAccessRemoval).length;
    if (events.length > 0 && this.#events.length >= this.#options.limit) {
      this.#more = true;
      return;
    }
    this.#differing += 1;
    this.#events.push(...events);
    this.#snapshot.set(id, after);
  }

  /** The events of a difference that the trigger starts with. */
  #selected(difference: Difference): readonly ProvisioningEvent[] {
    const { cursor, fromBeginning, definition, round, selects } = this.#options;
    const { before, after, resource } = difference;
    if (cursor === undefined && !fromBeginning) return [];
    if (before === undefined && this.#wasOverlooked(resource)) return [];
    // Who fitted before counts too: it is the deactivated whom a filter on "active" no longer fits.
    const isAsked = [before, after].some((entry) => entry !== undefined && this.#tracker.matched(entry));
    if (!isAsked) return [];
    const shared = {
      resource: definition.name,
      tracker: this.#tracker,
      source: this.#source,
      name: round,
      nowInMs: this.#startedAtInMs,
    };
    return eventsOfDifference(shared, difference).filter(selects);
  }

  /** Whether somebody was there already when a first read, whose list may have shifted, passed over them. */
  #wasOverlooked(resource: Resource | undefined): boolean {
    const { cursor } = this.#options;
    const since = this.#source === 'snapshot' ? (cursor?.unconfirmedSinceInMs ?? null) : null;
    return since !== null && Date.parse(resource?.meta?.created ?? '') < since;
  }

  #unconfirmedSinceInMs(isAll: boolean): number | null {
    const { cursor, fromBeginning } = this.#options;
    if (cursor !== undefined) return isAll ? null : cursor.unconfirmedSinceInMs;
    return this.#pages > 1 && !fromBeginning ? (this.#firstAnsweredAtInMs ?? this.#startedAtInMs) : null;
  }

  /** Nobody who is missing is taken for deleted before the provider, asked by id, has said so. */
  async #lookForMissing(missing: readonly string[]): Promise<void> {
    if (missing.length === 0) return;
    // URLs resolve "." and ".." away, so that nobody of that id can be asked for.
    const losses = missing
      .filter((id) => !/^\.{1,2}$/.test(id))
      .map(
        (id): Difference => ({ id, before: this.#snapshot.get(id), after: undefined, resource: undefined }),
      );
    const reported = losses.filter((loss) => this.#selected(loss).length > 0);
    this.#guard(this.#leaving + reported.length);
    // Those who are not reported are not worth a request each, should the list have been cut short.
    const asked = losses.length > this.#limit ? reported : losses;
    if (asked.length < losses.length)
      this.#log('warn', 'missing_users_not_verified', { missing: losses.length - asked.length });
    const { concurrency } = this.#reader.client.connection;
    const found = await mapConcurrently(asked, concurrency, ({ id }) => this.#readById(id));
    for (const [index, loss] of asked.entries()) {
      const resource = found[index];
      if (resource === undefined) this.#settle(loss);
      else this.#compare(resource);
    }
  }

  // The list has just been read, so that the service is there, and a 404 is about the resource.
  #readById(id: string): Promise<Resource | undefined> {
    return findById(this.#reader, this.#options.definition, id);
  }

  /** @throws ConnectorError `mass_change_blocked` when so many may not lose access at once. */
  #guard(leaving: number): void {
    if (leaving > this.#limit)
      throw massChangeBlocked(this.#options.definition, leaving, this.#known, this.#limit);
  }

  #noteTime(resource: Resource): void {
    const time = lastModifiedInMs(resource);
    if (time === undefined) {
      this.#isStamped = false;
      return;
    }
    const nowInMs = this.#clock.answeredAtInMs();
    // A stamp from the future would hide all that is changed until then.
    if (nowInMs !== undefined && time > nowInMs + clockToleranceInMs) return;
    this.#newestInMs = Math.max(this.#newestInMs ?? time, time);
  }

  /** What the next poll asks from. */
  #sinceInMs(isAll: boolean): number | undefined {
    const before = this.#options.cursor?.sinceInMs ?? undefined;
    // Those who had no room are found again only if they are asked for again.
    if (this.#more) return isAll ? undefined : before;
    // A list of several pages may shift without a trace. It is read once more from the same time, until nothing differs.
    if (!isAll && this.#pages > 1 && this.#differing > 0) return before;
    if (this.#newestInMs === undefined) return isAll ? undefined : before;
    const settledInMs = (this.#firstAnsweredAtInMs ?? this.#newestInMs) - overlapInMs;
    const since = Math.min(this.#newestInMs, settledInMs);
    return isAll || before === undefined ? since : Math.max(before, since);
  }

  /** Tries the filter, when everybody has been read and it could be of use. */
  async #trySince(known: boolean | null): Promise<boolean | null> {
    if (known === false || !this.#isStamped) return this.#isStamped ? known : false;
    const isOfUse = this.#strategy(known) === 'changed_since';
    if (!isOfUse || this.#newestInMs === undefined) return known;
    const understands = (await understandsSince(this.#reader, this.#newestInMs)) ?? null;
    this.#strategy(understands);
    return understands;
  }

  #tell(canAskSince: boolean | null, why: FullReadReason | undefined): void {
    if (why === 'first_poll')
      this.#log('info', 'poll_strategy_chosen', { strategy: this.#strategy(canAskSince), canAskSince });
    this.#log('info', 'poll_done', {
      read: this.#source,
      ...(why !== undefined && { why }),
      pages: this.#pages,
      known: this.#snapshot.size,
      differing: this.#differing,
      events: this.#events.length,
    });
  }

  #log(level: 'info' | 'warn', event: string, details: Record<string, unknown>): void {
    this.#options.context.platform.log({ level, event, resource: this.#options.definition.name, ...details });
  }
}

async function pageSizeOf(context: TriggerContext): Promise<number> {
  const { maxResults = largestPage } = await context.capabilities();
  return Math.min(maxResults, largestPage);
}

function isAccessRemoval({ type }: ProvisioningEvent): boolean {
  return type === 'deactivate' || type === 'delete';
}
