import { errorTexts } from '../../connector/error-texts.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { ResourceCursor } from './poll-cursor.ts';

/** How a poll detects changes: it requests those since a time, or it reads and compares everything. */
export type Strategy = 'changed_since' | 'snapshot';

/** Why everything is read. */
export type FullReadReason =
  | 'first_poll'
  | 'strategy'
  | 'scheduled'
  | 'filter_untried'
  | 'filter_refused'
  | 'nobody_found'
  | 'clock_set_back';

/** What decides about the strategy. */
export interface StrategyOptions {
  /** The strategy that the input asks for; undefined for the automatic choice. */
  readonly strategy: Strategy | undefined;
  /** Whether the trigger reports deletions, which only a full read shows. */
  readonly needsDeletions: boolean;
}

/** What is known of the provider. */
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

/** Up to so many polls pass between full reads before only the time decides. */
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
