import type { LogEntry, Platform } from '../platform.ts';
import type { TraitName } from '../traits.ts';

/** The traits that were logged already, or that the profile states. */
export interface NoticedHabits {
  noted?: readonly TraitName[];
}

/**
 * How one provider pages the lists of one resource type, as far as Rolecall noticed. It is plain JSON, so that a cursor
 * can carry it from one poll to the next.
 */
export interface ListHabits extends NoticedHabits {
  /** What `totalResults` counts: all results, as RFC 7644 §3.4.2 says, or only those on the page. */
  totalCounts?: 'all' | 'page';
  /** Whether the first page comes only to a request that has `startIndex`. */
  needsStartIndex?: boolean;
  /** Whether pages after the first come only to a request that has `cursor` (RFC 9865). */
  needsCursor?: boolean;
  /** Whether every request returns the first page, whatever its `startIndex`. */
  ignoresStartIndex?: boolean;
  /** The largest `count` that is sent, because a larger one was rejected; 0: requests have none. */
  largestCount?: number;
  /** The attribute to sort by, because the order changes from request to request without `sortBy`. */
  sortBy?: string | undefined;
}

/** What one connection has noticed of how its provider takes changes and lookups. */
export interface ChangeHabits {
  /** The resource types whose PATCH is rejected, so that their changes go by GET and PUT. */
  readonly withoutPatch: Set<string>;
  /** The largest number of members that one request was seen to take; undefined until a larger one was rejected. */
  membersPerRequest: number | undefined;
  /** The resource types of which some resource was seen with members, so that one without them has none. */
  readonly showsMembers: Set<string>;
  /** Whether a filter on an attribute finds what it should, by `Users/userName`; undefined until it was tried. */
  readonly filterWorks: Map<string, boolean>;
  /** Logs a trait, the first time that it is noticed. */
  notice(trait: TraitName, details?: LogDetails): void;
}

type LogDetails = Readonly<Record<string, unknown>> & { readonly level?: LogEntry['level'] };

/** Starts without any assumption about the provider. */
export function createChangeHabits(log: Platform['log']): ChangeHabits {
  const noticed: NoticedHabits = {};
  return {
    withoutPatch: new Set(),
    membersPerRequest: undefined,
    showsMembers: new Set(),
    filterWorks: new Map(),
    notice: (trait, details) => noticeTrait(log, noticed, trait, details),
  };
}

/** Logs a trait of the provider, unless it was logged already. */
export function noticeTrait(
  log: Platform['log'],
  noticed: NoticedHabits,
  trait: TraitName,
  details: LogDetails = {},
): void {
  if (noticed.noted?.includes(trait) === true) return;
  noticed.noted = [...(noticed.noted ?? []), trait];
  log({ level: 'info', event: 'provider_habit_noticed', trait, ...details });
}
