import { errorTexts } from '../../connector/error-texts.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { ScimClient } from '../../connector/http/scim-client.ts';
import type { PollPreset } from '../../connector/provider/habits.ts';
import type { PageReader } from '../../connector/provider/reader.ts';
import type { Resource } from '../../connector/resource.ts';
import { lastModifiedInMs } from '../../scim/timestamps.ts';
import type { ResourceCursor } from './poll-cursor.ts';
import { understandsSince } from './since-filter.ts';

/** How a poll detects changes: it requests those since a time, or it reads and compares everything. */
export type Strategy = 'changed_since' | 'snapshot';

/** Logs an entry about the resource type. */
export type ResourceLog = (
  level: 'debug' | 'info' | 'warn',
  event: string,
  details: Record<string, unknown>,
) => void;

/** The reason for a full read. */
export type FullReadReason =
  | 'first_poll'
  | 'trigger_added'
  | 'strategy'
  | 'scheduled'
  | 'filter_untried'
  | 'filter_refused'
  | 'nobody_found'
  | 'nobody_known'
  | 'account_changed'
  | 'clock_set_back'
  | 'losses_held'
  | 'attributes_vanished'
  | 'attributes_reappeared';

/** The inputs of the strategy decision. */
export interface StrategyOptions {
  /** The strategy in the input; undefined for the automatic choice. */
  readonly strategy: Strategy | undefined;
  /** Whether the trigger reports deletions, which only a full read shows. */
  readonly needsDeletions: boolean;
  /** The time between full reads under the automatic strategy. */
  readonly fullReadIntervalInMs: number;
  /** Whether the read serves a trigger that it has not served before, which starts from a complete list. */
  readonly hasNewTrigger: boolean;
  /** Whether the provider names another account than at the last poll. */
  readonly isOtherAccount: boolean;
}

/** Decides how a resource type is read, by the input and by what is known of the provider. */
export class ReadStrategy {
  readonly #options: StrategyOptions;
  readonly #cursor: ResourceCursor | undefined;
  #canAskSince: boolean | null;
  #stampsUnreliable: boolean;

  /** @param preset what the profile of the provider says */
  constructor(options: StrategyOptions, cursor: ResourceCursor | undefined, preset: PollPreset = {}) {
    this.#options = options;
    this.#cursor = cursor;
    this.#canAskSince = preset.canAskSince ?? cursor?.canAskSince ?? null;
    this.#stampsUnreliable = preset.stampsUnreliable ?? cursor?.stampsUnreliable ?? false;
  }

  /** What the next poll has to know. */
  get known(): Pick<ResourceCursor, 'canAskSince' | 'stampsUnreliable'> {
    return {
      canAskSince: this.#canAskSince,
      ...(this.#stampsUnreliable && { stampsUnreliable: true }),
    };
  }

  /** Chooses the strategy. @throws ConnectorError `unsupported` if the input asks for what the provider cannot do. */
  choose(): Strategy {
    const { strategy, needsDeletions } = this.#options;
    if (strategy === 'changed_since' && this.#canAskSince === false)
      throw new ConnectorError('unsupported', errorTexts.modifiedDateUnsupported);
    if (strategy !== undefined) return strategy;
    return needsDeletions || this.#canAskSince === false || this.#stampsUnreliable
      ? 'snapshot'
      : 'changed_since';
  }

  /** The reason for a full read without requesting changes first; undefined to request them. */
  reasonToReadAll(nowInMs: number): FullReadReason | undefined {
    const { strategy, fullReadIntervalInMs, hasNewTrigger, isOtherAccount } = this.#options;
    const cursor = this.#cursor;
    if (cursor === undefined) return 'first_poll';
    if (isOtherAccount) return 'account_changed';
    if (hasNewTrigger) return 'trigger_added';
    if (this.choose() === 'snapshot') return 'strategy';
    if (cursor.sinceInMs === null || cursor.canAskSince !== true) return 'filter_untried';
    if (cursor.heldByFullRead === true) return 'losses_held';
    const isDue = strategy === undefined && isFullReadDue(cursor, nowInMs, fullReadIntervalInMs);
    return isDue ? 'scheduled' : undefined;
  }

  /** Logs the choice of the first poll, and what it cannot see. */
  report(log: ResourceLog): void {
    const { strategy, needsDeletions } = this.#options;
    log('info', 'poll_strategy_chosen', { strategy: this.choose(), canAskSince: this.#canAskSince });
    if (strategy !== 'changed_since') return;
    log(needsDeletions ? 'warn' : 'info', 'full_reads_disabled', {
      message:
        'The input sets the strategy to changed_since, so polls make no full reads. Deletions, and changes that do not move meta.lastModified, are not detected.',
    });
  }

  /** The provider rejected the filter on `meta.lastModified`. */
  noteRefusal(): void {
    this.#canAskSince = false;
  }

  /** A scheduled full read found changes that the timestamps do not show: only full reads can be relied on. */
  distrustStamps(): void {
    this.#stampsUnreliable = true;
  }

  /** Tries the filter on `meta.lastModified` after a full read, if it could be of use. */
  async probe(reader: PageReader, { isStamped, newestInMs }: ChangeWindow): Promise<void> {
    if (!isStamped) this.#canAskSince = false;
    if (this.#canAskSince === false || newestInMs === undefined || this.choose() !== 'changed_since') return;
    this.#canAskSince = (await understandsSince(reader, newestInMs)) ?? null;
  }
}

/** The maximum number of polls between full reads before only the time decides. */
const mostPollsBetween = 64;

/**
 * Whether a full read is due although the provider can be asked for changes: timestamps may stand still, and changes may
 * become visible later than the look-back. Trust is earned: a full read follows after 1, 2, 4, … polls as long as none
 * of them finds a missed change, and then once per interval.
 */
function isFullReadDue(
  { fullReadAtInMs, pollsSinceFullRead, cleanFullReads }: ResourceCursor,
  nowInMs: number,
  intervalInMs: number,
): boolean {
  const sinceInMs = nowInMs - fullReadAtInMs;
  // A clock that was set back must not put the next full read off.
  if (sinceInMs < 0 || sinceInMs >= intervalInMs) return true;
  const polls = 2 ** cleanFullReads;
  return polls <= mostPollsBetween && pollsSinceFullRead >= polls;
}

/** `Date` has whole seconds: a timestamp that is ahead of it by no more than this is not from the future. */
export const clockToleranceInMs = 1_500;
/** The `Date` header has no fractions of a second. */
const dateResolutionInMs = 1_000;

/** A client that notes the provider's time, as its responses state it. */
export interface ClockedClient {
  readonly client: ScimClient;
  /** The time of the last response, in milliseconds since 1970; undefined if the provider does not state one. */
  answeredAtInMs(): number | undefined;
  /** The latest time, by the provider's clock, at which the last response can have been sent. */
  latestInMs(): number;
}

/** Records the `Date` headers of a client's responses. @param now our own time */
export function watchClock(client: ScimClient, now: () => number): ClockedClient {
  let answeredAtInMs: number | undefined;
  let receivedAtInMs = now();
  return {
    client: {
      connection: client.connection,
      async send(request) {
        const answer = await client.send(request);
        const time = Date.parse(answer.headers.date ?? '');
        if (!Number.isNaN(time)) answeredAtInMs = time;
        receivedAtInMs = now();
        return answer;
      },
    },
    answeredAtInMs: () => answeredAtInMs,
    latestInMs() {
      if (answeredAtInMs === undefined) return receivedAtInMs;
      const latestInMs = answeredAtInMs + dateResolutionInMs;
      // If both clocks can show the same time, ours is more precise.
      return receivedAtInMs >= answeredAtInMs && receivedAtInMs < latestInMs ? receivedAtInMs : latestInMs;
    },
  };
}

/** What the next time window depends on, apart from the timestamps. */
export interface WindowRead {
  readonly isFullRead: boolean;
  /** Whether the next poll has to read the same resources again. */
  readonly isRepeated: boolean;
  readonly lookBackInMs: number;
}

/** The time window of the next poll, by the provider's clock. */
export class ChangeWindow {
  readonly #clock: ClockedClient;
  #firstAnsweredAtInMs: number | undefined;
  #newestInMs: number | undefined;
  #isStamped = true;

  constructor(clock: ClockedClient) {
    this.#clock = clock;
  }

  /** When the provider answered first; undefined if it does not state a time. */
  get firstAnsweredAtInMs(): number | undefined {
    return this.#firstAnsweredAtInMs;
  }

  /** The newest timestamp; undefined before the first timestamp. */
  get newestInMs(): number | undefined {
    return this.#newestInMs;
  }

  /** Whether every resource has a timestamp. */
  get isStamped(): boolean {
    return this.#isStamped;
  }

  /** Resets the timestamps, because everything is read again. */
  reset(): void {
    this.#newestInMs = undefined;
  }

  noteResponse(): void {
    this.#firstAnsweredAtInMs ??= this.#clock.answeredAtInMs();
  }

  noteResource(resource: Resource): void {
    const time = lastModifiedInMs(resource);
    if (time === undefined) {
      this.#isStamped = false;
      return;
    }
    const nowInMs = this.#clock.answeredAtInMs();
    // A timestamp in the future would hide all changes until then.
    if (nowInMs !== undefined && time > nowInMs + clockToleranceInMs) return;
    this.#newestInMs = Math.max(this.#newestInMs ?? time, time);
  }

  /**
   * From when the next poll requests changes: from the newest timestamp, or, if that is newer, from as long before this
   * poll as changes may take to become visible. Undefined if there is no timestamp.
   */
  #sinceInMs(lookBackInMs: number): number | undefined {
    if (this.#newestInMs === undefined) return undefined;
    return Math.min(this.#newestInMs, (this.#firstAnsweredAtInMs ?? this.#newestInMs) - lookBackInMs);
  }

  /** From when the next poll requests changes. @param before from when this one did */
  nextSinceInMs(before: number | undefined, read: WindowRead): number | undefined {
    const { isFullRead, isRepeated, lookBackInMs } = read;
    // A user that this read omitted is found again only if it is requested again.
    if (isRepeated) return isFullRead ? undefined : before;
    const since = this.#sinceInMs(lookBackInMs);
    if (since === undefined) return isFullRead ? undefined : before;
    return isFullRead || before === undefined ? since : Math.max(before, since);
  }
}
