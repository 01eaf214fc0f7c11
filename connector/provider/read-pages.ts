import { ConnectorError } from '../errors.ts';
import type { Resource } from '../resource.ts';
import type { TraitName } from '../traits.ts';
import { noticeTrait } from './habits.ts';
import {
  cursorExpired,
  cutShort,
  endless,
  isCountRejected,
  isExpiredCursor,
  isPageRefused,
  isRefusal,
  loop,
} from './list-errors.ts';
import {
  mayBeCut,
  type PagingProbe,
  probeAfterTotal,
  probeCursor,
  probeEnd,
  probeStartIndex,
  requireNoMore,
} from './paging-probe.ts';
import {
  firstPosition,
  type ListPage,
  ListPass,
  limitCount,
  type PagePosition,
  type PageQuery,
  requestPage,
} from './read-list.ts';
import type { PageReader } from './reader.ts';

/** One page: only resources that no earlier page had. */
export interface Page {
  readonly resources: readonly Resource[];
  /** The IDs that the page has several times, with different content. Its resources have the first copy of each. */
  readonly contradictory: readonly string[];
  /** Further copies of resources, which this page or an earlier one had already. */
  readonly repeated: readonly Resource[];
  /** The number of results at the provider, as far as it is known. */
  readonly totalResults: number;
  /** The number of entries that could not be read, such as one without an ID; known on the last page. */
  readonly unreadable: number;
  readonly isLast: boolean;
}

/** How a list is read. */
export interface ReadPagesOptions {
  /**
   * Whether the next two pages are requested while the caller is busy with the last one: faster, and two requests too many
   * for a caller that stops early. Default: no.
   */
  readonly readsAhead?: boolean;
}

/**
 * Reads a list page by page, by index or, if the provider returns cursors, by cursor (RFC 9865).
 *
 * A list that ends before its total, or that loops, is an error: results that were not read must not look like results
 * that do not exist. Habits that hide results are handled and logged once: totals that count the page, a first page
 * that needs `startIndex` or `cursor`, an order that changes between requests, repeated entries, expired cursors.
 *
 * @throws ConnectorError
 */
export async function* readPages(
  reader: PageReader,
  query: PageQuery,
  { readsAhead = false }: ReadPagesOptions = {},
): AsyncGenerator<Page, void, undefined> {
  const reading = new ListReading(reader, query, readsAhead);
  for (;;) {
    const page = await reading.next();
    yield page;
    if (page.isLast) return;
  }
}

/** A list that never ends would otherwise be read until the deadline, if there is one. */
const mostPages = 100_000;
/** Pages in a row that a list by cursor may return without any result: some providers filter after they page. */
const mostEmptyPages = 100;
/** How often a list is started over because its cursor expired. */
const mostRestarts = 3;
/** The time for one question about a quirk: some servers fail with status 500 at a `startIndex` after the end. */
const probeDeadlineInMs = 10_000;

class ListReading {
  readonly #reader: PageReader;
  readonly #query: PageQuery;
  readonly #probe: PagingProbe;
  readonly #ids = new Set<string>();
  readonly #cursors = new Set<string>();
  #sortKeys: readonly string[];
  #sortBy: string | undefined;
  /** Undefined: the provider chooses. */
  #count: number | undefined;
  #position: PagePosition;
  #pass = new ListPass(this.#ids);
  #previous: ListPass | undefined;
  /** The largest total of all passes. */
  #total = 0;
  #prefetched: ListPage | undefined;
  readonly #readsAhead: boolean;
  /** The request of the next page, if it was sent ahead. */
  #upcoming: Promise<ListPage> | undefined;
  /** The request of the page after that, if its position could be predicted. */
  #afterNext: { readonly startIndex: number; readonly page: Promise<ListPage | undefined> } | undefined;
  #pages = 0;
  #stalePages = 0;
  // One page without anything new can come of an insert between two requests; two in a row cannot.
  #staleLimit = 2;
  #restarts = 0;

  constructor(reader: PageReader, query: PageQuery, readsAhead: boolean) {
    this.#readsAhead = readsAhead;
    this.#reader = reader;
    this.#query = query;
    this.#count = limitCount(query.count, reader.habits);
    this.#sortBy = query.sortBy ?? reader.habits.sortBy;
    this.#sortKeys = this.#sortBy === undefined ? reader.sortKeys : [];
    this.#position = firstPosition(reader.habits);
    this.#probe = {
      habits: reader.habits,
      ask: (position, count) => this.#ask(position, count),
      capabilities: reader.capabilities,
      note: (trait, details) => this.#note(trait, details),
    };
  }

  async next(): Promise<Page> {
    const page = this.#prefetched ?? (await (this.#upcoming ?? this.#request()));
    this.#prefetched = undefined;
    this.#upcoming = undefined;
    const resources = this.#pass.take(page, this.#reader.normalize);
    const { contradictory, repeated } = this.#pass;
    const isLast = !(await this.#advance(page, resources.length));
    if (isLast) this.#end();
    const { most, unreadable } = this.#pass;
    const known = this.#ids.size + unreadable;
    if (!isLast && this.#readsAhead && this.#prefetched === undefined) {
      this.#upcoming = this.#request();
      // The next call reports an error; nobody does if the caller stops before.
      this.#upcoming.catch(() => undefined);
      this.#requestAfterNext(page.resources.length);
    }
    return {
      resources,
      contradictory,
      repeated,
      totalResults: isLast ? known : Math.max(most, known),
      unreadable,
      isLast,
    };
  }

  /** Requests the page after the next one, if that has as many entries as the last one, and the list goes on after it. */
  #requestAfterNext(pageLength: number): void {
    const { startIndex } = this.#position;
    if (startIndex === undefined || this.#reader.habits.totalCounts !== 'all') return;
    const position = { startIndex: startIndex + pageLength };
    if (position.startIndex > this.#pass.most) return;
    // What fails is requested again, in its turn.
    this.#afterNext = { ...position, page: this.#get(position).catch(() => undefined) };
  }

  /** The page at the position, which may have been requested before. */
  async #getNext(): Promise<ListPage> {
    const ahead = this.#afterNext;
    this.#afterNext = undefined;
    const page = ahead?.startIndex === this.#position.startIndex ? await ahead?.page : undefined;
    return page ?? this.#get(this.#position);
  }

  async #request(): Promise<ListPage> {
    for (;;) {
      try {
        const page = await this.#getNext();
        // A list that does not go on by cursor may do so by index.
        if (this.#isFirstByCursor() && page.nextCursor === undefined) this.#position = {};
        if (this.#pages > 0 || Object.keys(this.#position).length > 0) return page;
        return await this.#confirmFirst(page);
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        if (isExpiredCursor(error) && this.#position.cursor !== undefined) this.#startOver(error);
        else if (this.#count !== undefined && isCountRejected(error)) await this.#lowerCount(this.#count);
        // Nor were cursors: a provider that rejects them is asked for the list by index.
        else if (this.#isFirstByCursor() && isRefusal(error)) this.#position = {};
        // Sorting was not asked for: a provider that rejects it is asked for the list in another way.
        else if (this.#sortBy !== this.#query.sortBy && isRefusal(error)) this.#sortByNextKey();
        else throw error;
      }
    }
  }

  async #confirmFirst(page: ListPage): Promise<ListPage> {
    if (page.resources.length > 0 || page.nextCursor !== undefined) {
      this.#reader.habits.needsStartIndex = false;
      return page;
    }
    const indexed = await probeStartIndex(this.#probe);
    if (indexed !== undefined) this.#position = { startIndex: 1 };
    return indexed ?? page;
  }

  #get(position: PagePosition, deadlineAtInMs?: number, count = this.#count): Promise<ListPage> {
    const query = { ...this.#query, sortBy: this.#sortBy, count };
    return requestPage(this.#reader, query, position, deadlineAtInMs);
  }

  async #ask(position: PagePosition, count?: number): Promise<ListPage | undefined> {
    try {
      return await this.#get(position, this.#reader.now() + probeDeadlineInMs, count);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (isPageRefused(error)) return undefined;
      if (!error.transient || error.status === undefined) throw error;
      // The provider has answered: it can ask for a longer wait here as at any other page.
      return await this.#get(position, undefined, count);
    }
  }

  /** Moves to the next page. @returns whether there is one */
  async #advance(page: ListPage, fresh: number): Promise<boolean> {
    this.#pages += 1;
    if (this.#pages >= mostPages) throw endless(this.#pages, this.#ids.size);
    this.#stalePages = fresh > 0 ? 0 : this.#stalePages + 1;
    if (page.nextCursor !== undefined || this.#position.cursor !== undefined)
      return this.#advanceByCursor(page);
    if (page.resources.length === 0) return this.#endAtEmptyPage(page);
    if (this.#stalePages >= this.#staleLimit && page.totalResults !== undefined) return this.#readAgain();
    return this.#advanceByIndex(page, fresh);
  }

  /** Whether the list begins by cursor, because that is what is known of the provider. */
  #isFirstByCursor(): boolean {
    return this.#position.cursor === '' && this.#pages === 0;
  }

  #advanceByCursor({ resources, nextCursor }: ListPage): boolean {
    if (nextCursor === undefined) {
      const { counted, fewest } = this.#pass;
      // The total may grow meanwhile, and cursors need not show newcomers, so the smallest total counts.
      if (fewest < Number.POSITIVE_INFINITY && counted < fewest) throw cutShort(counted, fewest);
      return false;
    }
    if (this.#cursors.has(nextCursor)) throw loop(this.#ids.size);
    if (this.#stalePages >= (resources.length === 0 ? mostEmptyPages : this.#staleLimit))
      throw endless(this.#stalePages, this.#ids.size);
    this.#cursors.add(nextCursor);
    this.#position = { cursor: nextCursor };
    return true;
  }

  async #advanceByIndex({ resources, totalResults: total }: ListPage, fresh: number): Promise<boolean> {
    const { habits } = this.#reader;
    const { read, most, counted } = this.#pass;
    if (total !== undefined && total > resources.length) habits.totalCounts ??= 'all';
    // RFC 7644 §3.4.2 requires a total; without a useful one, the list ends where nothing new comes.
    const isUseful = total !== undefined && total >= resources.length && habits.totalCounts !== 'page';
    if (!isUseful) return fresh > 0 && habits.ignoresStartIndex !== true && this.#moveOn();
    if (read < most) return this.#moveOn();
    // A total that is the size of its own page says nothing of the others.
    const stated = total === resources.length ? most : total;
    const isFirstPass = this.#previous === undefined;
    if (counted < most && (isFirstPass || counted < stated)) return this.#readAgain();
    // Entries that left during the pass moved others to a page that had been read already.
    if (isFirstPass && stated < most) return this.#readAgain();
    if (read > resources.length) return this.#pass.isFull && this.#confirmTotal();
    return habits.totalCounts === undefined && this.#confirmEnd();
  }

  /** Full pages end exactly at the total. @returns whether there are more anyway: some totals are too low */
  async #confirmTotal(): Promise<boolean> {
    const next = await probeAfterTotal(this.#probe, this.#pass.read, (id) => this.#ids.has(id));
    this.#prefetched = next;
    return next !== undefined && this.#moveOn();
  }

  #endAtEmptyPage({ totalResults: total = 0 }: ListPage): Promise<boolean> | boolean {
    const { read, most } = this.#pass;
    if (this.#reader.habits.totalCounts === 'page' || most === 0) return this.#requireEnd();
    if (read < total) return this.#readByCursorOr(cutShort(read, total));
    return read < most ? this.#readAgain() : false;
  }

  /** No total says that an empty page is the last: where one followed a full page, the next one is tried. */
  async #requireEnd(): Promise<false> {
    const { startIndex } = this.#position;
    const { read, lastPage } = this.#pass;
    if (startIndex !== undefined && mayBeCut(lastPage, this.#count))
      await requireNoMore(this.#probe, startIndex + lastPage, read);
    return false;
  }

  /** The first page has as many results as the total says. @returns whether there are more anyway */
  async #confirmEnd(): Promise<boolean> {
    const end = await probeEnd(this.#probe, this.#pass.read, this.#count, (id) => this.#ids.has(id));
    switch (end.kind) {
      case 'end':
        return false;
      case 'cursor':
        return this.#begin({ cursor: '' });
      case 'next':
        this.#prefetched = end.page;
        return this.#moveOn();
      case 'larger':
        this.#count = end.count;
        this.#begin({});
        this.#prefetched = end.page;
        return true;
    }
  }

  /** Index paging leads no further: reads the list by cursor, if the provider declares cursors. */
  async #readByCursorOr(error: ConnectorError): Promise<boolean> {
    if (await probeCursor(this.#probe)) return this.#begin({ cursor: '' });
    throw error;
  }

  #moveOn(): boolean {
    this.#position = { startIndex: this.#pass.read + 1 };
    return true;
  }

  /**
   * Reads the list again for the results that slipped through: first as it is, since entries that come or go move
   * others to another page, then sorted, since some providers have no order of their own.
   */
  #readAgain(): Promise<boolean> | boolean {
    const { loops, read, fresh, most } = this.#pass;
    this.#total = Math.max(this.#total, most);
    const isStuck = this.#previous !== undefined || this.#stalePages >= this.#staleLimit;
    if (loops && isStuck) return this.#readByCursorOr(loop(this.#ids.size));
    if (this.#previous === undefined) return this.#begin({ startIndex: 1 });
    if (fresh === 0 && read === most && this.#pass.isEven && this.#pass.isSameAs(this.#previous)) {
      // Twice the same entries in the same order: nothing moved, the list repeats some.
      this.#note('repeats-in-list');
      return false;
    }
    return this.#sortByNextKey();
  }

  #sortByNextKey(): boolean {
    const { habits } = this.#reader;
    const [key, ...others] = this.#sortKeys;
    if (key === undefined && habits.sortBy === undefined) throw cutShort(this.#pass.counted, this.#total);
    habits.sortBy = undefined;
    this.#sortBy = key ?? this.#query.sortBy;
    this.#sortKeys = others;
    return this.#begin({ startIndex: 1 });
  }

  #startOver(cause: ConnectorError): void {
    this.#restarts += 1;
    if (this.#restarts > mostRestarts) throw cursorExpired(this.#restarts, cause);
    this.#note('list-cursor-expires');
    this.#cursors.clear();
    this.#begin(firstPosition(this.#reader.habits));
  }

  /** The provider accepts no such count: sends the largest that it declares, or none. */
  async #lowerCount(rejected: number): Promise<void> {
    const { habits, capabilities } = this.#reader;
    const { maxResults = 0 } = await capabilities();
    habits.largestCount = maxResults < rejected ? maxResults : 0;
    this.#count = limitCount(rejected, habits);
    this.#note('large-count-rejected', { rejected, largest: this.#count });
    // A cursor belongs to the count that it began with.
    if (this.#position.cursor) this.#begin(firstPosition(habits));
  }

  /** Starts the list over; the results read so far stay known. */
  #begin(position: PagePosition): true {
    this.#previous = this.#pass;
    this.#pass = new ListPass(this.#ids);
    // All that was read so far is repeated.
    this.#staleLimit = this.#pages + 2;
    this.#stalePages = 0;
    this.#position = position;
    return true;
  }

  #end(): void {
    const { unreadable, whyUnreadable } = this.#pass;
    if (whyUnreadable !== undefined) {
      if (this.#ids.size === 0) throw whyUnreadable;
      this.#note('list-entry-without-id', { level: 'warn', entries: unreadable, why: whyUnreadable.message });
    }
    if (this.#sortBy === this.#query.sortBy) return;
    this.#reader.habits.sortBy = this.#sortBy;
    this.#note('unstable-order', { sortBy: this.#sortBy });
  }

  /** Logs a trait once. */
  #note(trait: TraitName, details: Readonly<Record<string, unknown>> = {}): void {
    const { endpoint, habits, log } = this.#reader;
    noticeTrait(log, habits, trait, { path: endpoint, ...details });
  }
}
