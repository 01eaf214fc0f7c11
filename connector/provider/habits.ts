import type { LogEntry, Platform } from '../platform.ts';

/** The stable names under which habits of a provider are logged; the sandbox plays each as a quirk. */
export type HabitName =
  // Lists
  | 'total_counts_page'
  | 'start_index_required'
  | 'cursor_required'
  | 'start_index_ignored'
  | 'count_limited'
  | 'order_unstable'
  | 'entries_repeated'
  | 'entry_without_id'
  | 'cursor_expired'
  // Lookups
  | 'filter_rejected'
  | 'filter_ignored'
  | 'unknown_filter_empty'
  | 'absence_not_proved'
  // Changes
  | 'no_patch'
  | 'no_op_patch_rejected'
  | 'members_per_request_limited'
  | 'replace_members_rejected'
  | 'patch_response_not_a_resource'
  | 'patch_response_stale'
  | 'members_not_shown'
  | 'members_cut'
  | 'deactivation_deletes'
  | 'versions_always_stale';

/** The habits that were logged already. */
export interface NoticedHabits {
  noted?: readonly HabitName[];
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
  /** Logs a habit, the first time that it is noticed. */
  notice(habit: HabitName, details?: LogDetails): void;
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
    notice: (habit, details) => noticeHabit(log, noticed, habit, details),
  };
}

/** Logs a habit, unless it was logged already. */
export function noticeHabit(
  log: Platform['log'],
  noticed: NoticedHabits,
  habit: HabitName,
  details: LogDetails = {},
): void {
  if (noticed.noted?.includes(habit) === true) return;
  noticed.noted = [...(noticed.noted ?? []), habit];
  log({ level: 'info', event: 'provider_habit_noticed', habit, ...details });
}
