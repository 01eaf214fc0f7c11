/**
 * How one provider pages the lists of one resource type, as far as Rolecall noticed. It is plain JSON, so that a cursor
 * can carry it from one poll to the next.
 */
export interface ListHabits {
  /** What `totalResults` counts: all results, as RFC 7644 §3.4.2 says, or only those on the page. */
  totalCounts?: 'all' | 'page';
  /** Whether the first page comes only to a request that has `startIndex`. */
  needsStartIndex?: boolean;
  /** Whether pages after the first come only to a request that has `cursor` (RFC 9865). */
  needsCursor?: boolean;
  /** Whether every request returns the first page, whatever its `startIndex`. */
  ignoresStartIndex?: boolean;
  /** The attribute to sort by, because the order changes from request to request without `sortBy`. */
  sortBy?: string | undefined;
  /** The quirks that were logged. */
  noted?: readonly HabitName[];
}

/** The stable names under which quirks are logged. */
export type HabitName =
  | 'total_counts_page'
  | 'start_index_required'
  | 'cursor_required'
  | 'start_index_ignored'
  | 'order_unstable'
  | 'entries_repeated'
  | 'entry_without_id'
  | 'cursor_expired';
