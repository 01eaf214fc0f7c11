import { isRecord } from '../../schemas/is-record.ts';
import { errorTexts, fillError } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';
import type { TraitName } from '../traits.ts';
import type { Capabilities } from './capabilities.ts';
import type { ListHabits } from './habits.ts';
import type { ListPage, PagePosition } from './read-list.ts';

/** What a probe needs: the requests, what is known of the provider, and where to write it down. */
export interface PagingProbe {
  readonly habits: ListHabits;
  /** Requests a page; undefined if the provider rejects the request or fails at it. @throws ConnectorError */
  ask(position: PagePosition, count?: number): Promise<ListPage | undefined>;
  /** Reads what the provider declares, once per connection. */
  capabilities(): Promise<Capabilities>;
  /** Logs a trait, once. */
  note(trait: TraitName, details?: Readonly<Record<string, unknown>>): void;
}

/** The limits that providers set to a page, other than multiples of 50. */
const usualLimits: readonly number[] = [20, 25];
/** The largest `count` that is tried when a provider ignores `startIndex`. */
const largestCount = 10_000;

/**
 * The first page is empty: some providers return nothing to a request without `startIndex`.
 *
 * @returns the first page, if `startIndex` brings one
 */
export async function probeStartIndex({ habits, ask, note }: PagingProbe): Promise<ListPage | undefined> {
  if (habits.needsStartIndex === false) return undefined;
  const page = await ask({ startIndex: 1 });
  if (page === undefined || page.resources.length === 0) return undefined;
  habits.needsStartIndex = true;
  note('start-index-required');
  return page;
}

/**
 * The page after full pages that end exactly at the total, which RFC 7644 §3.4.2 does not require to be exact.
 *
 * @returns undefined if the list has ended
 */
export async function probeAfterTotal(
  { habits, ask, note }: PagingProbe,
  read: number,
  isKnown: (id: string) => boolean,
): Promise<ListPage | undefined> {
  if (read <= (habits.believedTotal ?? 0)) return undefined;
  const page = await ask({ startIndex: read + 1 });
  if (page === undefined || page.resources.every((entry) => isKnown(idOf(entry)))) {
    habits.believedTotal = read;
    return undefined;
  }
  // A larger total counts someone who was added meanwhile.
  if ((page.totalResults ?? 0) <= read) {
    habits.totalCounts = 'page';
    note('totals-count-page', { total: read });
  }
  return page;
}

/** How a list goes on after a first page whose size is its total. */
export type ListEnd =
  | { readonly kind: 'end' }
  /** By the next page. */
  | { readonly kind: 'next'; readonly page: ListPage }
  /** By cursor, from the beginning. */
  | { readonly kind: 'cursor' }
  /** By a first page with a larger count. */
  | { readonly kind: 'larger'; readonly page: ListPage; readonly count: number };

/**
 * The total equals the size of the first page. Either everything came, or the total counts the page.
 *
 * @param read - the number of entries on the page
 * @param count - the number that was requested, if one was
 * @throws ConnectorError `provider_fault` when the page may be cut
 */
export async function probeEnd(
  probe: PagingProbe,
  read: number,
  count: number | undefined,
  isKnown: (id: string) => boolean,
): Promise<ListEnd> {
  if (probe.habits.ignoresStartIndex !== true) {
    const next = await probeNextPage(probe, read, isKnown);
    if (next === 'end') return { kind: 'end' };
    if (next === 'rejected') return probeRejectedPage(probe, read, count);
    if (typeof next !== 'string') return { kind: 'next', page: next };
    if (await probeCursor(probe)) return { kind: 'cursor' };
    if (next === 'empty') {
      if (mayBeCut(read, count)) await requireNoMore(probe, 2 * read + 1, read);
      return { kind: 'end' };
    }
  }
  const larger = await probeLargerPage(probe, read, count);
  return larger === undefined ? { kind: 'end' } : { kind: 'larger', ...larger };
}

/**
 * Asks for more, once per connection.
 *
 * @returns the next page; or that the list has ended, that the request was rejected, or that index paging leads no further
 */
async function probeNextPage(
  { habits, ask, note }: PagingProbe,
  read: number,
  isKnown: (id: string) => boolean,
): Promise<ListPage | 'end' | 'rejected' | 'empty' | 'repeated'> {
  const page = await ask({ startIndex: read + 1 });
  if (page === undefined) return 'rejected';
  if (page.resources.length === 0 && (page.totalResults ?? 0) >= read) {
    habits.totalCounts = 'all';
    return 'end';
  }
  if (page.resources.length === 0) return 'empty';
  if (page.resources.every((entry) => isKnown(idOf(entry)))) return 'repeated';
  habits.totalCounts = 'page';
  note('totals-count-page');
  return page;
}

/**
 * The next page was rejected: some providers answer 400 or 500 after the last one. A page of one entry shows what the total
 * counts, and with it whether the first page had everything.
 *
 * @throws ConnectorError `provider_fault` when the page may be cut
 */
async function probeRejectedPage(
  probe: PagingProbe,
  size: number,
  count: number | undefined,
): Promise<ListEnd> {
  const { habits, ask } = probe;
  const one = mayBeCut(size, count) ? await ask({}, 1) : undefined;
  if (one?.resources.length !== 1 || one.totalResults !== 1) {
    if (one?.resources.length === 1 && one.totalResults !== undefined) habits.totalCounts = 'all';
    return { kind: 'end' };
  }
  if (await probeCursor(probe)) return { kind: 'cursor' };
  throw new ConnectorError('provider_fault', fillError(errorTexts.listPageRejected, { size }));
}

/**
 * Requires that an empty page, which no total explains, is the last one.
 *
 * @param startIndex - where the page after it would begin
 * @throws ConnectorError `provider_fault` when there are results
 */
export async function requireNoMore(
  { ask }: Pick<PagingProbe, 'ask'>,
  startIndex: number,
  read: number,
): Promise<void> {
  const page = await ask({ startIndex });
  if (page !== undefined && page.resources.length > 0)
    throw new ConnectorError('provider_fault', fillError(errorTexts.listHasGap, { read }));
}

/** Whether a page can be cut: at the count, or at a limit of the provider, which is then a usual or a round number. */
export function mayBeCut(size: number, count: number | undefined): boolean {
  return size > 1 && (size === count || usualLimits.includes(size) || size % 50 === 0);
}

/** Whether the list is to be read by cursor, since index paging leads no further. Asked once per connection. */
export async function probeCursor({ habits, capabilities, note }: PagingProbe): Promise<boolean> {
  if (habits.needsCursor !== undefined) return false;
  habits.needsCursor = (await capabilities()).hasCursors;
  if (habits.needsCursor) note('cursor-only-paging');
  return habits.needsCursor;
}

/**
 * The provider ignores `startIndex`. Its first page has everything, unless it is cut at `count`, or at the provider's
 * own limit, which is then a round number.
 *
 * @returns a larger first page, if there is one
 * @throws ConnectorError `provider_fault` when the page may be cut
 */
async function probeLargerPage(
  { habits, ask, note }: PagingProbe,
  size: number,
  count: number | undefined,
): Promise<{ readonly page: ListPage; readonly count: number } | undefined> {
  habits.ignoresStartIndex = true;
  note('start-index-ignored', { level: 'warn', results: size });
  const larger = Math.min(size * 10, largestCount);
  if (size === count && larger > size) {
    const page = await ask({}, larger);
    if (page !== undefined && page.resources.length > size) return { page, count: larger };
  }
  if (!mayBeCut(size, count)) return undefined;
  const smaller = await ask({}, size - 1);
  // A provider that ignores `count` as well returns everything at once.
  if (smaller === undefined || smaller.resources.length >= size) return undefined;
  throw new ConnectorError('provider_fault', fillError(errorTexts.listMaybeCutShort, { size }));
}

function idOf(entry: unknown): string {
  return isRecord(entry) ? String(entry.id) : '';
}
