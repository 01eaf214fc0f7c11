import { ConnectorError } from '../../connector/errors.ts';
import type { PageQuery } from '../../connector/provider/read-list.ts';
import { type Page, readPages } from '../../connector/provider/read-pages.ts';
import type { Resource } from '../../connector/resource.ts';
import { type HeldLosses, holdLosses, toHeldLoss } from '../../connector/safeguard/hold.ts';
import { type Loss, lossLimit, Safeguard } from '../../connector/safeguard/safeguard.ts';
import type { TriggerContext } from '../trigger-context.ts';
import { clockToleranceInMs, type FullReadReason, type ResourceLog } from './changed-since.ts';
import type { SelectedEvent } from './collect-differences.ts';
import { mostActiveReads } from './hidden-active.ts';
import { directoryHeld, fewestReplaced } from './mass-change.ts';
import { openResourcePoll, type ResourcePollOptions, type ResourcePollParts } from './open-resource-poll.ts';
import type { ResourceCursor } from './poll-cursor.ts';
import { isRefusal, sinceFilter } from './since-filter.ts';

/** The result of polling one resource type. */
export interface ResourcePollResult {
  readonly events: readonly SelectedEvent[];
  readonly cursor: ResourceCursor;
  readonly pages: ReadonlyMap<string, string | null>;
  /** Whether there were more events than the limit: they are found again by the next poll. */
  readonly more: boolean;
  /** Whether the list was read completely, so that the snapshot now has everything. */
  readonly isComplete: boolean;
  /** The losses that are held: they are found again by the next poll. */
  readonly held: HeldLosses;
}

/** The number of results per request, unless the provider or the input says otherwise. */
const largestPage = 1000;
/** The number of listed resources that are read by ID to find out whether a 404 proves anything. */
const mostListedReads = 3;
/** The number of resources in the log of one problem. */
const mostLogged = 5;

/** Polls one resource type. @throws ConnectorError or DirectoryHeld, and then nothing has changed. */
export function pollResource(options: ResourcePollOptions): Promise<ResourcePollResult> {
  return new ResourcePoll(options, options.context.platform.now()).run();
}

class ResourcePoll {
  readonly #options: ResourcePollOptions;
  readonly #log: ResourceLog;
  readonly #parts: ResourcePollParts;
  /** The maximum number of resources that can be gone. */
  readonly #limit: number;
  readonly #safeguard: Safeguard;
  /** The missing resources that are held, and not looked up. */
  #heldMissing: readonly Loss[] = [];
  #isDirectoryApproved = false;
  /** The IDs that a read of changes has found, and that were not known before this poll. */
  readonly #strangers = new Set<string>();
  readonly #known: number;
  readonly #startedAtInMs: number;
  /** The IDs of the first listed resources. */
  readonly #listed: string[] = [];
  /** The values of `active` that could not be understood, by the ID of the user. */
  readonly #activeInvalid = new Map<string, unknown>();
  /** The IDs of the missing resources of which it is open whether they are gone. */
  #notVerified: readonly string[] = [];
  #pageSize = 0;
  #pages = 0;

  constructor(options: ResourcePollOptions, startedAtInMs: number) {
    this.#options = options;
    const { context, definition } = options;
    this.#log = (level, event, details) =>
      context.platform.log({ level, event, resource: definition.name, ...details });
    this.#parts = openResourcePoll(options, startedAtInMs, this.#log);
    this.#startedAtInMs = startedAtInMs;
    this.#known = this.#parts.snapshot.size;
    this.#limit = lossLimit('users', this.#known, options.limits);
    this.#safeguard = new Safeguard({
      limits: options.limits,
      recent: options.cursor?.recentLosses,
      nowInMs: startedAtInMs,
      known: this.#known,
      countMembers: () => this.#countMembers(),
      isApproved: (loss) => this.#isApproved(loss),
    });
  }

  async run(): Promise<ResourcePollResult> {
    const { cursor, pageSize, context } = this.#options;
    const { strategy, differences, snapshot, reader, window } = this.#parts;
    this.#pageSize = pageSize ?? cursor?.pageSize ?? (await pageSizeOf(context));
    const why =
      strategy.reasonToReadAll(this.#startedAtInMs) ?? (cursor && (await this.#readChanged(cursor)));
    if (why === 'filter_refused') strategy.noteRefusal();
    if (why !== undefined) {
      await this.#readAll();
      if (why === 'scheduled') this.#judgeStamps();
      await strategy.probe(reader, window);
      // An input that asks for what the provider cannot do is an error.
      strategy.choose();
    }
    const held = await this.#holdLosses();
    const recentLosses = await this.#safeguard.recentWith(differences.reportLosses(held.losses));
    const noticed = this.#report(why, held);
    const { place, pages } = await snapshot.finish();
    return {
      events: differences.events,
      cursor: { ...place, ...this.#nextCursor(why, held), noticed, recentLosses },
      pages,
      more: differences.hasMore,
      isComplete: why !== undefined && !differences.hasMore && held.losses.length === 0,
      held,
    };
  }

  /** Reads the changes. @returns the reason for a full read instead, if there is one */
  async #readChanged({ sinceInMs }: ResourceCursor): Promise<FullReadReason | undefined> {
    const filter = sinceFilter(sinceInMs ?? 0);
    const { differences } = this.#parts;
    let found = 0;
    let hasFamiliar = false;
    try {
      for await (const { resources, contradictory } of this.#readPages({ filter })) {
        found += resources.length;
        await differences.load(resources);
        for (const resource of resources) {
          if (this.#isFamiliar(resource)) hasFamiliar = true;
          else this.#strangers.add(resource.id);
        }
        await this.#compareAll(resources, contradictory);
      }
    } catch (error) {
      if (error instanceof ConnectorError && isRefusal(error)) return 'filter_refused';
      throw error;
    }
    // "ge" includes the newest known resource: an empty response means that the filter, or the newest, is gone.
    if (found === 0) return 'nobody_found';
    // For the same reason, one of them is known, unless this is the directory of another tenant.
    if (!hasFamiliar) return 'nobody_known';
    const nowInMs = this.#parts.clock.answeredAtInMs();
    // A clock that was set back stamps changes with times before the newest timestamp.
    if (nowInMs !== undefined && nowInMs + clockToleranceInMs < (sinceInMs ?? 0)) return 'clock_set_back';
    return this.#compareHeld();
  }

  /** Compares what a read of changes held back. @returns the reason for a full read, if only that can decide */
  #compareHeld(): FullReadReason | undefined {
    const { differences, hidden } = this.#parts;
    const before = Object.keys(hidden.before);
    if (differences.held.size === 0 && before.length === 0) return undefined;
    const reason = hidden.reasonToReadAll([...differences.held.values()]);
    if (reason === undefined) differences.compareHeld(new Set(before));
    return reason;
  }

  /** Compares what a full read held back. */
  #judgeHeld(): void {
    const { differences, hidden } = this.#parts;
    if (differences.held.size > 0) differences.compareHeld(hidden.judge([...differences.held.values()]));
  }

  async #readAll(): Promise<void> {
    const { differences, window, snapshot } = this.#parts;
    differences.source = 'snapshot';
    differences.held.clear();
    window.reset();
    this.#pages = 0;
    await snapshot.load();
    const seen = new Set<string>();
    let hasFamiliar = false;
    let isChecked = this.#options.cursor?.canReadById === true;
    for await (const { resources, contradictory } of this.#readPages({})) {
      for (const resource of resources) {
        seen.add(resource.id);
        if (this.#listed.length < mostListedReads) this.#listed.push(resource.id);
        hasFamiliar ||= this.#isFamiliar(resource);
      }
      if (!isChecked && resources.length > 0) {
        await this.#checkList(resources);
        isChecked = true;
      }
      await this.#compareAll(resources, contradictory);
    }
    if (!hasFamiliar && differences.respelled.length === 0)
      this.#guardDirectory(
        [...snapshot.ids()].filter((id) => !seen.has(id)),
        seen.size,
      );
    this.#judgeHeld();
    await this.#verifyMissing([...snapshot.ids()].filter((id) => !seen.has(id)));
    this.#judgeHeld();
  }

  /**
   * Whether a resource was known before this poll. In another account, its name has to be the same, too: many providers
   * number their users, so that the IDs of two accounts are the same.
   */
  #isFamiliar(resource: Resource): boolean {
    const { snapshot, differences } = this.#parts;
    if (!snapshot.has(resource.id) || this.#strangers.has(resource.id)) return false;
    return !this.#options.isOtherAccount || differences.hasKnownName(resource) !== false;
  }

  async *#readPages(query: Partial<PageQuery>): AsyncGenerator<Page, void, undefined> {
    const { reader, window } = this.#parts;
    for await (const page of readPages(reader, { ...query, count: this.#pageSize })) {
      this.#pages += 1;
      window.noteResponse();
      yield page;
    }
  }

  /** Compares a listed resource with the same one read by ID, and logs attributes that the list does not show. */
  async #checkList(listed: readonly Resource[]): Promise<void> {
    const { missing, tracker } = this.#parts;
    const sample = listed.reduce((one, other) => (sizeOf(other) > sizeOf(one) ? other : one));
    const shown = await missing.readListed(sample.id);
    if (shown === undefined) return;
    const listedPaths = new Set(tracker.pathsIn(sample));
    const hidden = tracker.pathsIn(shown).filter((path) => !listedPaths.has(path) && path !== 'members');
    if (hidden.length > 0) this.#log('warn', 'attributes_not_listed', { attributes: hidden });
  }

  /** @param contradictory the IDs that the list has several times, with different content */
  async #compareAll(all: readonly Resource[], contradictory: readonly string[]): Promise<void> {
    const { differences, members, active, window, byId } = this.#parts;
    const listed = contradictory.length === 0 ? all : await byId.replaceContradictory(all, contradictory);
    await differences.load(listed);
    const withMembers = (await members?.complete(listed)) ?? listed;
    const lost = withMembers.filter((one) => one.active === undefined && this.#wasActiveKnown(one.id));
    const resources = lost.length === 0 ? withMembers : await active.complete(withMembers, lost);
    await this.#respell(resources);
    for (const resource of resources) {
      window.noteResource(resource);
      if (resource.active !== undefined && typeof resource.active !== 'boolean')
        this.#activeInvalid.set(resource.id, resource.active);
      differences.compare(resource);
    }
  }

  /** Finds known IDs in another case. If the name is another one, too, the provider says whose ID it is. */
  async #respell(resources: readonly Resource[]): Promise<void> {
    const { differences, byId } = this.#parts;
    for (const resource of resources) {
      const known = differences.otherSpellingOf(resource.id);
      if (known === undefined) continue;
      if (differences.hasKnownName(resource, known) !== true) {
        const shown = await byId.read(known);
        if (shown.kind !== 'found' || shown.spelledId !== resource.id) continue;
      }
      differences.respell(known, resource.id);
    }
  }

  #wasActiveKnown(id: string): boolean {
    const { snapshot, tracker } = this.#parts;
    const entry = snapshot.has(id) ? snapshot.get(id) : undefined;
    return entry !== undefined && tracker.pathsOf(entry).includes('active');
  }

  /** A missing resource counts as deleted only if a request by ID confirms it. */
  async #verifyMissing(all: readonly string[]): Promise<void> {
    const { missing, differences, window } = this.#parts;
    const { needsDeletions, cursor } = this.#options;
    const [listed] = this.#listed;
    if (all.length === 0) {
      const isWanted = needsDeletions && cursor?.unknownIdStatus === undefined;
      if (isWanted && listed !== undefined) await missing.learnUnknownId(listed);
      return;
    }
    // URLs resolve "." and "..", so a resource with such an ID cannot be requested.
    const ids = all.filter((id) => !/^\.{1,2}$/.test(id));
    const losses = new Map(
      ids.flatMap((id) => {
        const ofOne = differences.lossesOfRemoval(id);
        return ofOne === undefined ? [] : [[id, ofOne] as const];
      }),
    );
    const missed = [...losses.values()].flat();
    const excess = await this.#safeguard.excessOf([...differences.losses, ...missed]);
    // Nobody is looked up whose loss would be held.
    const isHeld = (loss: Loss): boolean => excess.some(({ kind }) => kind === loss.kind);
    this.#heldMissing = missed.filter((loss) => isHeld(loss) && !this.#isApproved(loss));
    const held = new Set(this.#heldMissing.map(({ subject }) => subject.id));
    // Removals that are not reported do not need a request each, in case the list was truncated.
    const asked = (ids.length > this.#limit ? ids.filter((id) => losses.has(id)) : ids).filter(
      (id) => !held.has(id),
    );
    const absences = await missing.verify(asked, this.#listed);
    const open = new Set(all.filter((id) => !held.has(id)));
    for (const [id, absence] of absences) {
      open.delete(id);
      if (absence.kind === 'gone') {
        differences.remove(id);
      } else {
        window.noteResource(absence.resource);
        differences.compare(absence.resource);
      }
    }
    this.#notVerified = [...open];
  }

  /** Decides which losses are held. */
  async #holdLosses(): Promise<HeldLosses> {
    const losses = [...this.#parts.differences.losses, ...this.#heldMissing];
    const excess = losses.length === 0 ? [] : await this.#safeguard.excessOf(losses);
    if (excess.length === 0) return { losses: [], reasons: [] };
    const { title } = this.#options.definition;
    return holdLosses(
      losses.filter((loss) => !this.#isApproved(loss)),
      excess,
      () => title,
    );
  }

  #isApproved(loss: Loss): boolean {
    const { approved } = this.#options;
    return this.#isDirectoryApproved || (approved.size > 0 && approved.has(toHeldLoss(loss).key));
  }

  async #countMembers(): Promise<number> {
    const { snapshot, tracker } = this.#parts;
    await snapshot.load();
    let count = 0;
    for (const id of snapshot.ids()) count += tracker.membersOf(snapshot.get(id) ?? '[]').length;
    return count;
  }

  /** @throws DirectoryHeld if the whole directory is gone or replaced by another one, unless that was approved */
  #guardDirectory(gone: readonly string[], listed: number): void {
    const { definition, limits, approved, isOtherAccount } = this.#options;
    const isExpected =
      this.#known < fewestReplaced(definition, listed) || this.#known <= (limits.number ?? 0);
    if (this.#known === 0 || (isExpected && !isOtherAccount)) return;
    const held = directoryHeld(definition, gone, listed);
    if (held.losses.some(({ key }) => !approved.has(key))) throw held;
    this.#isDirectoryApproved = true;
  }

  #judgeStamps(): void {
    const { differences, strategy } = this.#parts;
    if (differences.missed === 0) return;
    strategy.distrustStamps();
    this.#log('warn', 'last_modified_unreliable', { missed: differences.missed });
  }

  #nextCursor(
    why: FullReadReason | undefined,
    { losses: held }: HeldLosses,
  ): Omit<ResourceCursor, 'name' | 'pageCount' | 'size' | 'recentLosses'> {
    const { cursor, lookBackInMs } = this.#options;
    const { strategy, tracker, window, clock, habits, members, missing, byId, active, hidden } = this.#parts;
    const isFullRead = why !== undefined;
    const isRepeated = this.#isRepeated(isFullRead) || held.length > 0;
    // A read of changes says nothing about the resources that it does not show.
    const before = isFullRead ? undefined : cursor;
    const activeNotShown = new Set([...(before?.activeNotShown ?? []), ...active.notShown]);
    const attributesNotShown = isFullRead ? hidden.now : hidden.before;
    return {
      columns: tracker.columns(),
      sinceInMs:
        window.nextSinceInMs(cursor?.sinceInMs ?? undefined, { isFullRead, isRepeated, lookBackInMs }) ??
        null,
      ...strategy.known,
      fullReadAtInMs: isFullRead || cursor === undefined ? this.#startedAtInMs : cursor.fullReadAtInMs,
      pollsSinceFullRead: isFullRead || cursor === undefined ? 0 : cursor.pollsSinceFullRead + 1,
      cleanFullReads: (cursor?.cleanFullReads ?? 0) + (why === 'scheduled' ? 1 : 0),
      polledAtInMs: clock.latestInMs(),
      habits: { ...habits },
      ...members?.known,
      canReadById: missing.canReadById,
      ...(missing.unknownIdStatus !== undefined && { unknownIdStatus: missing.unknownIdStatus }),
      unreadable: { ...before?.unreadable, ...byId.unreadable },
      activeNotShown: [...activeNotShown].slice(0, mostActiveReads),
      ...(Object.keys(attributesNotShown).length > 0 && { attributesNotShown }),
      ...(isFullRead && held.length > 0 && { heldByFullRead: true as const }),
      pageSize: cursor?.pageSize ?? this.#pageSize,
      unconfirmedSinceInMs: this.#unconfirmedSinceInMs(isFullRead),
    };
  }

  #unconfirmedSinceInMs(isFullRead: boolean): number | null {
    const { cursor, fromBeginning } = this.#options;
    if (cursor !== undefined) return isFullRead ? null : cursor.unconfirmedSinceInMs;
    return this.#pages > 1 && !fromBeginning
      ? (this.#parts.window.firstAnsweredAtInMs ?? this.#startedAtInMs)
      : null;
  }

  /** Whether the next poll has to request the same resources again. */
  #isRepeated(isFullRead: boolean): boolean {
    const { hasMore, differing } = this.#parts.differences;
    // A list of several pages can shift without a trace. It is read again from the same time, until nothing differs.
    return hasMore || (!isFullRead && this.#pages > 1 && differing > 0);
  }

  /** Logs what was found. @returns the number of resources with a lasting problem, by its name in the log */
  #report(why: FullReadReason | undefined, { losses: held }: HeldLosses): Readonly<Record<string, number>> {
    const { strategy, differences, members, active, hidden, snapshot } = this.#parts;
    const { source, differing, events, respelled } = differences;
    members?.report();
    if (respelled.length > 0)
      this.#log('info', 'id_case_changed', { ids: respelled.slice(0, mostLogged), count: respelled.length });
    if (Object.keys(hidden.now).length > 0) hidden.report(this.#log);
    if (why === 'first_poll') strategy.report(this.#log);
    const counts = {
      active_value_invalid: this.#activeInvalid.size,
      active_not_shown: active.notShown.length,
      missing_users_not_verified: this.#notVerified.length,
      losses_held: held.length,
    };
    // A lasting problem is logged once, and again when more resources have it.
    const before: Readonly<Record<string, number>> = this.#options.cursor?.noticed ?? {};
    const isNew = (name: keyof typeof counts): boolean => counts[name] > (before[name] ?? 0);
    if (isNew('active_value_invalid')) {
      for (const [id, value] of [...this.#activeInvalid].slice(0, mostLogged))
        this.#log('warn', 'active_value_invalid', { id, active: value });
    }
    if (isNew('active_not_shown')) this.#warn('active_not_shown', active.notShown);
    if (isNew('missing_users_not_verified')) this.#warn('missing_users_not_verified', this.#notVerified);
    if (isNew('losses_held')) this.#warn('losses_held', [...new Set(held.map(({ subject }) => subject.id))]);
    this.#log('debug', 'poll_done', {
      read: source,
      ...(why !== undefined && { why }),
      pages: this.#pages,
      known: snapshot.size,
      differing,
      events: events.length,
      ...(held.length > 0 && { held: held.length }),
    });
    const noticed = Object.entries(counts).map(([name, count]) => [
      name,
      why === undefined ? Math.max(count, before[name] ?? 0) : count,
    ]);
    return Object.fromEntries(noticed.filter(([, count]) => count !== 0));
  }

  #warn(event: string, ids: readonly string[]): void {
    this.#log('warn', event, { ids: ids.slice(0, mostLogged), count: ids.length });
  }
}

async function pageSizeOf(context: TriggerContext): Promise<number> {
  const { maxResults = largestPage } = await context.capabilities();
  return Math.min(maxResults, largestPage);
}

function sizeOf({ members }: Resource): number {
  return Array.isArray(members) ? members.length : 0;
}
