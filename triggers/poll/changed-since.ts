import { errorTexts } from '../../connector/error-texts.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { ScimClient } from '../../connector/http/scim-client.ts';
import { readList } from '../../connector/provider/read-list.ts';
import type { PageReader } from '../../connector/provider/read-pages.ts';
import type { Resource } from '../../connector/resource.ts';
import { lastModifiedInMs } from '../../scim/timestamps.ts';
import type { ResourceCursor } from './poll-cursor.ts';

/** How a poll detects changes: it requests those since a time, or it reads and compares everything. */
export type Strategy = 'changed_since' | 'snapshot';

/** The reason for a full read. */
export type FullReadReason =
  | 'first_poll'
  | 'strategy'
  | 'scheduled'
  | 'filter_untried'
  | 'filter_refused'
  | 'nobody_found'
  | 'clock_set_back';

/** The inputs of the strategy decision. */
export interface StrategyOptions {
  /** The strategy in the input; undefined for the automatic choice. */
  readonly strategy: Strategy | undefined;
  /** Whether the trigger reports deletions, which only a full read shows. */
  readonly needsDeletions: boolean;
}

/** The provider's known capability. */
export type StrategyFacts = Pick<ResourceCursor, 'canAskSince' | 'stampsUnreliable'>;

/** Chooses the strategy. @throws ConnectorError `unsupported` if the input asks for what the provider cannot do. */
export function chooseStrategy(
  { strategy, needsDeletions }: StrategyOptions,
  { canAskSince, stampsUnreliable }: StrategyFacts,
): Strategy {
  if (strategy === 'changed_since' && canAskSince === false) {
    throw new ConnectorError('unsupported', errorTexts.modifiedDateUnsupported);
  }
  if (strategy !== undefined) return strategy;
  return needsDeletions || canAskSince === false || stampsUnreliable === true ? 'snapshot' : 'changed_since';
}

/** The maximum number of polls between full reads before only the time decides. */
const mostPollsBetween = 64;

/**
 * Whether a full read is due although the provider can be asked for changes: timestamps may stand still, and changes may
 * become visible later than the look-back. Trust is earned: a full read follows after 1, 2, 4, … polls as long as none
 * of them finds a missed change, and then once per interval.
 */
export function isFullReadDue(
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

/** No provider is that far ahead of its own stamps. */
const farAheadInMs = 366 * 24 * 3_600_000;

/** The filter for what was changed at a time or later. */
export function sinceFilter(timeInMs: number): string {
  return `meta.lastModified ge "${new Date(timeInMs).toISOString()}"`;
}

/**
 * Tests whether a provider understands a filter on `meta.lastModified`: one resource was changed at `newestInMs`, and
 * none a year from now. Some providers ignore the filter, and some return an empty list. Undefined if it could
 * not be tried now.
 */
export async function understandsSince(reader: PageReader, newestInMs: number): Promise<boolean | undefined> {
  try {
    const [some, nobody] = [await ask(reader, newestInMs), await ask(reader, newestInMs + farAheadInMs)];
    return some > 0 && nobody === 0;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return isRefusal(error) ? false : undefined;
  }
}

/** The maximum response time: some providers return status 500 for a filter, which would be retried for minutes. */
const deadlineInMs = 10_000;

async function ask({ client, endpoint, now, signal }: PageReader, timeInMs: number): Promise<number> {
  const answer = await client.send({
    method: 'GET',
    path: endpoint,
    query: { filter: sinceFilter(timeInMs), count: '1' },
    deadlineAtInMs: now() + deadlineInMs,
    signal,
  });
  return readList(answer.body).resources.length;
}

/** Whether the provider does not support the filter: it rejects it, or it fails. */
export function isRefusal({ code, status }: ConnectorError): boolean {
  return code === 'invalid_input' || code === 'unsupported' || code === 'not_found' || status === 500;
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

  /** The newest timestamp; undefined if there is none. */
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
  sinceInMs(lookBackInMs: number): number | undefined {
    if (this.#newestInMs === undefined) return undefined;
    return Math.min(this.#newestInMs, (this.#firstAnsweredAtInMs ?? this.#newestInMs) - lookBackInMs);
  }
}
