import { ConnectorError } from '../../connector/errors.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import type { ListHabits } from '../../connector/provider/list-habits.ts';
import type { PageQuery } from '../../connector/provider/read-list.ts';
import { type PageReader, readPages } from '../../connector/provider/read-pages.ts';
import type { Resource } from '../../connector/resource.ts';
import type { SnapshotPages } from '../poll-result.ts';
import { createTracker, type Tracker } from '../snapshot/create-tracker.ts';
import { openSnapshot, type Snapshot } from '../snapshot/open-snapshot.ts';
import type { TriggerContext } from '../trigger-context.ts';
import { ByIdReader } from './by-id-reader.ts';
import {
  ChangeWindow,
  type ClockedClient,
  chooseStrategy,
  clockToleranceInMs,
  type FullReadReason,
  isFullReadDue,
  isRefusal,
  type Strategy,
  type StrategyOptions,
  sinceFilter,
  understandsSince,
  watchClock,
} from './changed-since.ts';
import { DifferenceCollector, type DifferenceOptions } from './collect-differences.ts';
import { GroupMembers } from './group-members.ts';
import { directoryReplaced, fewestReplaced, massChangeBlocked, massChangeLimit } from './mass-change.ts';
import type { ResourceCursor } from './poll-cursor.ts';

/** The options of polling one resource type. */
export interface ResourcePollOptions
  extends StrategyOptions,
    Pick<
      DifferenceOptions,
      'definition' | 'cursor' | 'fromBeginning' | 'limit' | 'round' | 'matches' | 'selects'
    > {
  readonly context: TriggerContext;
  readonly pages: SnapshotPages;
  readonly massChangeLimit: number | undefined;
  /** The time between full reads under the automatic strategy. */
  readonly fullReadIntervalInMs: number;
  /** How long before the last poll changes are requested again. */
  readonly lookBackInMs: number;
  /** The number of results per request; undefined: as at the first poll. */
  readonly pageSize: number | undefined;
}

/** The result of polling one resource type. */
export interface ResourcePollResult {
  readonly events: readonly ProvisioningEvent[];
  readonly cursor: ResourceCursor;
  readonly pages: ReadonlyMap<string, string | null>;
  /** Whether there were more events than the limit: they are found again by the next poll. */
  readonly more: boolean;
}

/** The number of results per request, unless the provider or the input says otherwise. */
const largestPage = 1000;
/** The number of users per poll that are read by ID because the list no longer shows `active`. */
const mostActiveReads = 20;

/** Polls one resource type. @throws ConnectorError, and then nothing has changed. */
export function pollResource(options: ResourcePollOptions): Promise<ResourcePollResult> {
  return new ResourcePoll(options).run();
}

class ResourcePoll {
  readonly #options: ResourcePollOptions;
  readonly #clock: ClockedClient;
  readonly #reader: PageReader;
  readonly #habits: ListHabits;
  readonly #tracker: Tracker;
  readonly #snapshot: Snapshot;
  readonly #window: ChangeWindow;
  readonly #byId: ByIdReader;
  /** Undefined if the resource type has no members. */
  readonly #members: GroupMembers | undefined;
  readonly #differences: DifferenceCollector;
  readonly #limit: number;
  readonly #known: number;
  readonly #startedAtInMs: number;
  readonly #activeNotShown: string[] = [];
  #canAskSince: boolean | null;
  #stampsUnreliable: boolean;
  #canReadById: boolean | null;
  #pageSize = 0;
  #pages = 0;

  constructor(options: ResourcePollOptions) {
    const { context, definition, cursor, pages } = options;
    const reader = context.reader(definition, context.signal);
    const log = context.platform.log;
    this.#options = options;
    this.#clock = watchClock(reader.client, context.platform.now);
    this.#habits = Object.assign(reader.habits, cursor?.habits, reader.habits);
    this.#reader = { ...reader, client: this.#clock.client };
    this.#tracker = createTracker(definition, cursor?.columns);
    this.#snapshot = openSnapshot(pages, cursor ?? { name: definition.name, pageCount: 1, size: 0 });
    this.#window = new ChangeWindow(this.#clock);
    this.#byId = new ByIdReader(this.#reader, definition, context.platform, cursor?.unreadable ?? {});
    if (definition.retainedAttributes.includes('members'))
      this.#members = new GroupMembers(this.#byId, log, cursor?.membersShownIn, (id) => this.#hadMembers(id));
    this.#known = this.#snapshot.size;
    this.#limit = massChangeLimit(options.massChangeLimit, this.#known);
    this.#startedAtInMs = context.platform.now();
    this.#canAskSince = cursor?.canAskSince ?? null;
    this.#stampsUnreliable = cursor?.stampsUnreliable ?? false;
    this.#canReadById = cursor?.canReadById ?? null;
    this.#differences = new DifferenceCollector({
      ...options,
      tracker: this.#tracker,
      snapshot: this.#snapshot,
      nowInMs: this.#startedAtInMs,
    });
  }

  async run(): Promise<ResourcePollResult> {
    const { cursor, pageSize, context } = this.#options;
    this.#pageSize = pageSize ?? cursor?.pageSize ?? (await pageSizeOf(context));
    const why = this.#reasonToReadAll() ?? (cursor && (await this.#readChanged(cursor)));
    if (why === 'filter_refused') this.#canAskSince = false;
    if (why !== undefined) {
      await this.#readAll();
      if (why === 'scheduled') this.#judgeStamps();
      this.#canAskSince = await this.#probeSince();
      // An input that asks for what the provider cannot do is an error.
      this.#strategy();
    }
    this.#guard(this.#differences.removals);
    this.#report(why);
    const { place, pages } = await this.#snapshot.finish();
    return {
      events: this.#differences.events,
      cursor: { ...place, ...this.#nextCursor(why) },
      pages,
      more: this.#differences.hasMore,
    };
  }

  /** The reason for a full read without requesting changes first; undefined to request them. */
  #reasonToReadAll(): FullReadReason | undefined {
    const { cursor, strategy, fullReadIntervalInMs } = this.#options;
    if (cursor === undefined) return 'first_poll';
    if (this.#strategy() === 'snapshot') return 'strategy';
    if (cursor.sinceInMs === null || cursor.canAskSince !== true) return 'filter_untried';
    const isDue = strategy === undefined && isFullReadDue(cursor, this.#startedAtInMs, fullReadIntervalInMs);
    return isDue ? 'scheduled' : undefined;
  }

  #strategy(): Strategy {
    return chooseStrategy(this.#options, {
      canAskSince: this.#canAskSince,
      stampsUnreliable: this.#stampsUnreliable,
    });
  }

  /** Reads the changes. @returns the reason for a full read instead, if there is one */
  async #readChanged({ sinceInMs }: ResourceCursor): Promise<FullReadReason | undefined> {
    const filter = sinceFilter(sinceInMs ?? 0);
    let found = 0;
    try {
      for await (const resources of this.#readPages({ filter })) {
        found += resources.length;
        await this.#compareAll(resources);
      }
    } catch (error) {
      if (error instanceof ConnectorError && isRefusal(error)) return 'filter_refused';
      throw error;
    }
    // "ge" includes the newest known resource: an empty response means that the filter, or the newest, is gone.
    if (found === 0) return 'nobody_found';
    const nowInMs = this.#clock.answeredAtInMs();
    // A clock that was set back stamps changes with times before the newest timestamp.
    return nowInMs !== undefined && nowInMs + clockToleranceInMs < (sinceInMs ?? 0)
      ? 'clock_set_back'
      : undefined;
  }

  async #readAll(): Promise<void> {
    this.#differences.source = 'snapshot';
    this.#window.reset();
    this.#pages = 0;
    await this.#snapshot.load();
    const seen = new Set<string>();
    let hasFamiliar = false;
    let isChecked = this.#canReadById === true;
    for await (const resources of this.#readPages({})) {
      for (const { id } of resources) {
        seen.add(id);
        hasFamiliar ||= this.#snapshot.has(id);
      }
      if (!isChecked && resources.length > 0) {
        await this.#checkList(resources);
        isChecked = true;
      }
      await this.#compareAll(resources);
    }
    this.#guardDirectory(seen.size, hasFamiliar || this.#differences.respelled.length > 0);
    await this.#verifyMissing([...this.#snapshot.ids()].filter((id) => !seen.has(id)));
  }

  async *#readPages(query: Partial<PageQuery>): AsyncGenerator<readonly Resource[], void, undefined> {
    for await (const { resources } of readPages(this.#reader, { ...query, count: this.#pageSize })) {
      this.#pages += 1;
      this.#window.noteResponse();
      yield resources;
    }
  }

  /** Compares a listed resource with the same one read by ID, and logs attributes that the list does not show. */
  async #checkList(listed: readonly Resource[]): Promise<void> {
    const sample = listed.reduce((one, other) => (sizeOf(other) > sizeOf(one) ? other : one));
    const result = await this.#byId.read(sample.id);
    if (result.kind === 'absent' && this.#canReadById === null)
      this.#log('warn', 'listed_resource_not_readable', { id: sample.id });
    if (result.kind !== 'unreadable') this.#canReadById = result.kind === 'found';
    if (result.kind !== 'found') return;
    const pathsOf = (resource: Resource): readonly string[] =>
      this.#tracker.pathsOf(this.#tracker.entryOf(resource, true, () => undefined));
    const listedPaths = new Set(pathsOf(sample));
    const hidden = pathsOf(result.resource).filter((path) => !listedPaths.has(path) && path !== 'members');
    if (hidden.length > 0) this.#log('warn', 'attributes_not_listed', { attributes: hidden });
  }

  async #compareAll(listed: readonly Resource[]): Promise<void> {
    await this.#differences.load(listed);
    const resources = await this.#completeActive((await this.#members?.complete(listed)) ?? listed);
    for (const resource of resources) {
      this.#window.noteResource(resource);
      const { id, active } = resource;
      if (active !== undefined && typeof active !== 'boolean')
        this.#log('warn', 'active_value_invalid', { id, active });
      this.#differences.compare(resource);
    }
  }

  /** A user whose `active` disappeared from the list may have been deactivated: reading by ID may show it. */
  async #completeActive(listed: readonly Resource[]): Promise<readonly Resource[]> {
    const lost = listed.filter(({ id, active }) => active === undefined && this.#wasActiveKnown(id));
    if (lost.length === 0) return listed;
    const before = new Set(this.#options.cursor?.activeNotShown);
    const asked = lost.filter(({ id }) => !before.has(id)).slice(0, mostActiveReads);
    const results = await this.#byId.readAll(asked.map(({ id }) => id));
    const shown = new Map<string, Resource>();
    for (const result of results) {
      if (result.kind === 'found' && result.resource.active !== undefined)
        shown.set(result.resource.id, result.resource);
    }
    for (const { id } of lost) if (!shown.has(id)) this.#activeNotShown.push(id);
    return listed.map((resource) => shown.get(resource.id) ?? resource);
  }

  #wasActiveKnown(id: string): boolean {
    const entry = this.#snapshot.has(id) ? this.#snapshot.get(id) : undefined;
    return entry !== undefined && this.#tracker.pathsOf(entry).includes('active');
  }

  #hadMembers(id: string): boolean | undefined {
    const entry = this.#snapshot.has(id) ? this.#snapshot.get(id) : undefined;
    return entry === undefined ? undefined : this.#tracker.changesOnDelete(entry).length > 0;
  }

  /** A missing resource counts as deleted only if a request by ID confirms it. */
  async #verifyMissing(missing: readonly string[]): Promise<void> {
    if (missing.length === 0) return;
    // URLs resolve "." and "..", so a resource with such an ID cannot be requested.
    const ids = missing.filter((id) => !/^\.{1,2}$/.test(id));
    const reported = ids.filter((id) => this.#differences.reportsRemoval(id));
    this.#guard(this.#differences.removals + reported.length);
    // Removals that are not reported do not need a request each, in case the list was truncated.
    const worthwhile = ids.length > this.#limit ? reported : ids;
    // If not even a listed resource can be read by ID, a 404 proves nothing.
    const asked = this.#canReadById === false ? [] : worthwhile;
    if (asked.length < ids.length)
      this.#log('warn', 'missing_users_not_verified', { missing: ids.length - asked.length });
    const results = await this.#byId.readAll(asked);
    for (const [index, id] of asked.entries()) {
      const result = results[index];
      const isGone =
        result?.kind === 'absent' ||
        (result?.kind === 'unreadable' && (await this.#byId.isUnknown(id, result.status)));
      if (isGone) this.#differences.remove(id);
      if (result?.kind !== 'found') continue;
      this.#window.noteResource(result.resource);
      this.#differences.compare(result.resource);
    }
  }

  /** @throws ConnectorError `mass_change_blocked` if more users than the limit would lose access at once */
  #guard(removals: number): void {
    if (removals > this.#limit)
      throw massChangeBlocked(this.#options.definition, removals, this.#known, this.#limit);
  }

  /** @throws ConnectorError `mass_change_blocked` if the whole directory is gone or replaced by another one */
  #guardDirectory(listed: number, hasFamiliar: boolean): void {
    const { definition, massChangeLimit: approved = 0 } = this.#options;
    const isReplaced = !hasFamiliar && this.#known >= fewestReplaced(definition, listed);
    if (isReplaced && this.#known > approved) throw directoryReplaced(definition, this.#known, listed);
  }

  /** A scheduled full read found changes that the timestamps do not show: only full reads can be relied on. */
  #judgeStamps(): void {
    const { missed } = this.#differences;
    if (missed === 0) return;
    this.#stampsUnreliable = true;
    this.#log('warn', 'last_modified_unreliable', { missed });
  }

  /** Tries the filter on `meta.lastModified` after a full read, if it could be of use. */
  async #probeSince(): Promise<boolean | null> {
    const { isStamped, newestInMs } = this.#window;
    if (!isStamped) return false;
    if (this.#canAskSince === false || newestInMs === undefined || this.#strategy() !== 'changed_since')
      return this.#canAskSince;
    return (await understandsSince(this.#reader, newestInMs)) ?? null;
  }

  #nextCursor(why: FullReadReason | undefined): Omit<ResourceCursor, 'name' | 'pageCount' | 'size'> {
    const { cursor } = this.#options;
    const isFullRead = why !== undefined;
    const shownIn = this.#members?.shownIn;
    return {
      columns: this.#tracker.columns(),
      sinceInMs: this.#nextSinceInMs(isFullRead) ?? null,
      canAskSince: this.#canAskSince,
      ...(this.#stampsUnreliable && { stampsUnreliable: true }),
      fullReadAtInMs: isFullRead || cursor === undefined ? this.#startedAtInMs : cursor.fullReadAtInMs,
      pollsSinceFullRead: isFullRead || cursor === undefined ? 0 : cursor.pollsSinceFullRead + 1,
      cleanFullReads: (cursor?.cleanFullReads ?? 0) + (why === 'scheduled' ? 1 : 0),
      polledAtInMs: this.#clock.latestInMs(),
      habits: { ...this.#habits },
      ...(shownIn !== undefined && { membersShownIn: shownIn }),
      canReadById: this.#canReadById,
      unreadable: this.#byId.unreadable,
      activeNotShown: this.#activeNotShown.slice(0, mostActiveReads),
      pageSize: cursor?.pageSize ?? this.#pageSize,
      unconfirmedSinceInMs: this.#unconfirmedSinceInMs(isFullRead),
    };
  }

  #unconfirmedSinceInMs(isFullRead: boolean): number | null {
    const { cursor, fromBeginning } = this.#options;
    if (cursor !== undefined) return isFullRead ? null : cursor.unconfirmedSinceInMs;
    return this.#pages > 1 && !fromBeginning
      ? (this.#window.firstAnsweredAtInMs ?? this.#startedAtInMs)
      : null;
  }

  /** The start time of the next poll. */
  #nextSinceInMs(isFullRead: boolean): number | undefined {
    const before = this.#options.cursor?.sinceInMs ?? undefined;
    const { hasMore, differing } = this.#differences;
    // Events that did not fit are found again only if their resources are requested again.
    if (hasMore) return isFullRead ? undefined : before;
    // A list of several pages can shift without a trace. It is read again from the same time, until nothing differs.
    if (!isFullRead && this.#pages > 1 && differing > 0) return before;
    const since = this.#window.sinceInMs(this.#options.lookBackInMs);
    if (since === undefined) return isFullRead ? undefined : before;
    return isFullRead || before === undefined ? since : Math.max(before, since);
  }

  #report(why: FullReadReason | undefined): void {
    const { cursor } = this.#options;
    const { source, differing, events, respelled } = this.#differences;
    this.#members?.report();
    if (respelled.length > 0)
      this.#log('info', 'id_case_changed', { ids: respelled.slice(0, 5), count: respelled.length });
    const known = new Set(cursor?.activeNotShown);
    const lost = this.#activeNotShown.filter((id) => !known.has(id));
    if (lost.length > 0) this.#log('warn', 'active_not_shown', { ids: lost.slice(0, 5), count: lost.length });
    if (why === 'first_poll') {
      const canAskSince = this.#canAskSince;
      this.#log('info', 'poll_strategy_chosen', { strategy: this.#strategy(), canAskSince });
    }
    this.#log('info', 'poll_done', {
      read: source,
      ...(why !== undefined && { why }),
      pages: this.#pages,
      known: this.#snapshot.size,
      differing,
      events: events.length,
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

function sizeOf({ members }: Resource): number {
  return Array.isArray(members) ? members.length : 0;
}
