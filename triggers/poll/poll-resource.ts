import { ConnectorError } from '../../connector/errors.ts';
import type { PageQuery } from '../../connector/provider/read-list.ts';
import { readPages } from '../../connector/provider/read-pages.ts';
import type { Resource } from '../../connector/resource.ts';
import { harmlessLosses, type LossLimits, lossLimit } from '../../connector/safeguard/safeguard.ts';
import type { TriggerContext } from '../trigger-context.ts';
import { clockToleranceInMs, type FullReadReason, type ResourceLog } from './changed-since.ts';
import type { SelectedEvent } from './collect-differences.ts';
import { mostActiveReads } from './hidden-active.ts';
import { directoryReplaced, fewestReplaced, guardMassChange, type LossEvent } from './mass-change.ts';
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
}

/** The number of results per request, unless the provider or the input says otherwise. */
const largestPage = 1000;
/** The number of listed resources that are read by ID to find out whether a 404 proves anything. */
const mostListedReads = 3;
/** The number of resources in the log of one problem. */
const mostLogged = 5;

/** Polls one resource type. @throws ConnectorError, and then nothing has changed. */
export function pollResource(options: ResourcePollOptions): Promise<ResourcePollResult> {
  return new ResourcePoll(options, options.context.platform.now()).run();
}

class ResourcePoll {
  readonly #options: ResourcePollOptions;
  readonly #log: ResourceLog;
  readonly #parts: ResourcePollParts;
  /** The maximum number of resources that can be gone. */
  readonly #limit: number;
  readonly #limits: LossLimits;
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
    this.#limits = { number: options.massChangeLimit };
    this.#limit = lossLimit('users', this.#known, this.#limits);
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
    await this.#guard(differences.losses);
    const noticed = this.#report(why);
    const { place, pages } = await snapshot.finish();
    return {
      events: differences.events,
      cursor: { ...place, ...this.#nextCursor(why), noticed },
      pages,
      more: differences.hasMore,
      isComplete: why !== undefined && !differences.hasMore,
    };
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
    for await (const resources of this.#readPages({})) {
      for (const { id } of resources) {
        seen.add(id);
        if (this.#listed.length < mostListedReads) this.#listed.push(id);
        hasFamiliar ||= snapshot.has(id);
      }
      if (!isChecked && resources.length > 0) {
        await this.#checkList(resources);
        isChecked = true;
      }
      await this.#compareAll(resources);
    }
    this.#guardDirectory(seen.size, hasFamiliar || differences.respelled.length > 0);
    this.#judgeHeld();
    await this.#verifyMissing([...snapshot.ids()].filter((id) => !seen.has(id)));
    this.#judgeHeld();
  }

  async *#readPages(query: Partial<PageQuery>): AsyncGenerator<readonly Resource[], void, undefined> {
    const { reader, window } = this.#parts;
    for await (const { resources } of readPages(reader, { ...query, count: this.#pageSize })) {
      this.#pages += 1;
      window.noteResponse();
      yield resources;
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

  async #compareAll(listed: readonly Resource[]): Promise<void> {
    const { differences, members, active, window } = this.#parts;
    await differences.load(listed);
    const withMembers = (await members?.complete(listed)) ?? listed;
    const lost = withMembers.filter((one) => one.active === undefined && this.#wasActiveKnown(one.id));
    const resources = lost.length === 0 ? withMembers : await active.complete(withMembers, lost);
    for (const resource of resources) {
      window.noteResource(resource);
      if (resource.active !== undefined && typeof resource.active !== 'boolean')
        this.#activeInvalid.set(resource.id, resource.active);
      differences.compare(resource);
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
    const losses = new Map(ids.map((id) => [id, differences.lossesOfRemoval(id)]));
    const reported = ids.filter((id) => losses.get(id)?.length !== 0);
    await this.#guard([...differences.losses, ...[...losses.values()].flat()]);
    // Removals that are not reported do not need a request each, in case the list was truncated.
    const asked = ids.length > this.#limit ? reported : ids;
    const absences = await missing.verify(asked, this.#listed);
    const open = new Set(all);
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

  /** @throws ConnectorError `mass_change_blocked` if more is lost at once than the limits allow */
  async #guard(losses: readonly LossEvent[]): Promise<void> {
    if (losses.length > 0 && this.#mayExceed(losses))
      await guardMassChange(
        {
          ...this.#options,
          ...this.#parts,
          limits: this.#limits,
          known: this.#known,
          nowInMs: this.#startedAtInMs,
        },
        losses,
      );
  }

  /** Whether the losses, of which one can be of several members, may exceed a limit. */
  #mayExceed(losses: readonly LossEvent[]): boolean {
    return (
      losses.reduce((sum, { changes }) => sum + Math.max(1, changes.length), 0) > harmlessLosses(this.#limits)
    );
  }

  /** @throws ConnectorError `mass_change_blocked` if the whole directory is gone or replaced by another one */
  #guardDirectory(listed: number, hasFamiliar: boolean): void {
    const { definition, massChangeLimit: approved = 0 } = this.#options;
    const isReplaced = !hasFamiliar && this.#known >= fewestReplaced(definition, listed);
    if (isReplaced && this.#known > approved) throw directoryReplaced(definition, this.#known, listed);
  }

  #judgeStamps(): void {
    const { differences, strategy } = this.#parts;
    if (differences.missed === 0) return;
    strategy.distrustStamps();
    this.#log('warn', 'last_modified_unreliable', { missed: differences.missed });
  }

  #nextCursor(why: FullReadReason | undefined): Omit<ResourceCursor, 'name' | 'pageCount' | 'size'> {
    const { cursor, lookBackInMs } = this.#options;
    const { strategy, tracker, window, clock, habits, members, missing, byId, active, hidden } = this.#parts;
    const isFullRead = why !== undefined;
    const shownIn = members?.shownIn;
    const isRepeated = this.#isRepeated(isFullRead);
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
      ...(shownIn !== undefined && { membersShownIn: shownIn }),
      canReadById: missing.canReadById,
      ...(missing.unknownIdStatus !== undefined && { unknownIdStatus: missing.unknownIdStatus }),
      unreadable: { ...before?.unreadable, ...byId.unreadable },
      activeNotShown: [...activeNotShown].slice(0, mostActiveReads),
      ...(Object.keys(attributesNotShown).length > 0 && { attributesNotShown }),
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
  #report(why: FullReadReason | undefined): Readonly<Record<string, number>> {
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
    this.#log('info', 'poll_done', {
      read: source,
      ...(why !== undefined && { why }),
      pages: this.#pages,
      known: snapshot.size,
      differing,
      events: events.length,
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
