import { isRecord } from '../../schemas/is-record.ts';
import { ConnectorError } from '../errors.ts';
import type { LogEntry, Platform } from '../platform.ts';
import type { Resource } from '../resource.ts';
import type { Capabilities } from './capabilities.ts';
import type { HabitName, ListHabits } from './list-habits.ts';
import type { Normalizer } from './normalize.ts';
import type { ListPage } from './read-list.ts';
import { type PageEndpoint, type PagePosition, type PageQuery, requestPage } from './request-page.ts';

/** Everything that {@link readPages} needs to read the lists of one resource type. */
export interface PageReader extends PageEndpoint {
  readonly normalize: Normalizer;
  /** The attributes to sort by when the order of a list is unstable, the best one first. */
  readonly sortKeys: readonly string[];
  /** What is known of the provider's lists; reading adds to it. */
  readonly habits: ListHabits;
  readonly log: Platform['log'];
  /** Reads what the provider declares, once per connection. */
  capabilities(): Promise<Capabilities>;
  /** The time, in milliseconds since 1970. */
  now(): number;
}

/** One page: only resources that no earlier page had. */
export interface Page {
  readonly resources: readonly Resource[];
  /** The number of results at the provider, as far as it is known. */
  readonly totalResults: number;
  readonly isLast: boolean;
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
): AsyncGenerator<Page, void, undefined> {
  const reading = new ListReading(reader, query);
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
/** The largest `count` that is tried when a provider ignores `startIndex`. */
const largestCount = 10_000;
/** The limits that providers set to a page, other than multiples of 50. */
const usualLimits: readonly number[] = [20, 25];
/** The time for one question about a habit: some servers fail with status 500 at a `startIndex` after the end. */
const probeDeadlineInMs = 10_000;

/** One reading of the list from its beginning. */
interface Pass {
  /** The IDs in the order of their entries, to recognize an order that changes. */
  readonly order: string[];
  /** The IDs of the first page. */
  firstPage: readonly string[] | undefined;
  /** Whether the first page came again in the place of a later one. */
  loops: boolean;
  /** The entries read, repeated ones and those without an ID included. */
  read: number;
  /** The entries that add nothing: repeats within one response, and those without an ID. */
  surplus: number;
  /** The results that no earlier pass had. */
  fresh: number;
  /** The largest total stated. */
  most: number;
  /** The smallest total stated. */
  fewest: number;
}

class ListReading {
  readonly #reader: PageReader;
  readonly #query: PageQuery;
  readonly #ids = new Set<string>();
  readonly #cursors = new Set<string>();
  #sortKeys: readonly string[];
  #sortBy: string | undefined;
  #count: number;
  #position: PagePosition;
  #pass = newPass();
  #passes = 1;
  /** The largest total of all passes. */
  #total = 0;
  #previousOrder: readonly string[] = [];
  #prefetched: ListPage | undefined;
  #pages = 0;
  #stalePages = 0;
  #staleLimit = 2;
  #restarts = 0;
  #unreadable: ConnectorError | undefined;

  constructor(reader: PageReader, query: PageQuery) {
    this.#reader = reader;
    this.#query = query;
    this.#count = query.count;
    this.#sortBy = query.sortBy ?? reader.habits.sortBy;
    this.#sortKeys = this.#sortBy === undefined ? reader.sortKeys : [];
    this.#position = firstPosition(reader.habits);
  }

  async next(): Promise<Page> {
    const page = this.#prefetched ?? (await this.#request());
    this.#prefetched = undefined;
    const resources = this.#take(page);
    const isLast = !(await this.#advance(page, resources.length));
    if (isLast) this.#end();
    const known = this.#ids.size;
    return { resources, totalResults: isLast ? known : Math.max(this.#pass.most, known), isLast };
  }

  async #request(): Promise<ListPage> {
    for (;;) {
      try {
        const page = await this.#get(this.#position);
        return this.#pages === 0 && Object.keys(this.#position).length === 0
          ? await this.#confirmFirst(page)
          : page;
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        if (isExpiredCursor(error) && this.#position.cursor !== undefined) this.#startOver(error);
        // Sorting was not asked for: a provider that refuses it is asked for the list in another way.
        else if (this.#sortBy !== this.#query.sortBy && isRefusal(error)) this.#sortByNextKey();
        else throw error;
      }
    }
  }

  #get(position: PagePosition, deadlineAtInMs?: number, count = this.#count): Promise<ListPage> {
    return requestPage(
      this.#reader,
      { ...this.#query, sortBy: this.#sortBy, count },
      position,
      deadlineAtInMs,
    );
  }

  /** Asks a question about a habit; undefined if the provider refuses or fails to answer it. */
  async #probe(position: PagePosition, count?: number): Promise<ListPage | undefined> {
    try {
      return await this.#get(position, this.#reader.now() + probeDeadlineInMs, count);
    } catch (error) {
      if (error instanceof ConnectorError && (isRefusal(error) || refusals.has(error.status ?? 0)))
        return undefined;
      throw error;
    }
  }

  /** Some providers return an empty list to everybody who does not send `startIndex`. */
  async #confirmFirst(page: ListPage): Promise<ListPage> {
    const { habits } = this.#reader;
    if (page.resources.length > 0 || page.nextCursor !== undefined) habits.needsStartIndex = false;
    if (habits.needsStartIndex === false) return page;
    const asked = await this.#probe({ startIndex: 1 });
    if (asked === undefined || asked.resources.length === 0) return page;
    habits.needsStartIndex = true;
    this.#position = { startIndex: 1 };
    this.#note('start_index_required');
    return asked;
  }

  /** Counts the entries of a page, and returns the resources that no page had before. */
  #take({ resources: entries, totalResults }: ListPage): readonly Resource[] {
    const pass = this.#pass;
    const fresh: Resource[] = [];
    const inResponse = new Set<string>();
    const start = pass.order.length;
    for (const entry of entries) {
      const resource = this.#normalize(entry);
      if (resource === undefined || inResponse.has(resource.id)) {
        pass.surplus += 1;
        continue;
      }
      inResponse.add(resource.id);
      pass.order.push(resource.id);
      if (this.#ids.has(resource.id)) continue;
      this.#ids.add(resource.id);
      fresh.push(resource);
    }
    const ids = pass.order.slice(start);
    if (pass.firstPage !== undefined && ids.length > 0) pass.loops ||= isSame(ids, pass.firstPage);
    pass.firstPage ??= ids;
    pass.read += entries.length;
    pass.fresh += fresh.length;
    pass.most = Math.max(pass.most, totalResults ?? 0);
    pass.fewest = Math.min(pass.fewest, totalResults ?? Number.POSITIVE_INFINITY);
    return fresh;
  }

  /** One entry that cannot be read holds up no other; a list of nothing else is an error. */
  #normalize(entry: unknown): Resource | undefined {
    try {
      return this.#reader.normalize(entry);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      this.#unreadable = error;
      return undefined;
    }
  }

  #end(): void {
    if (this.#unreadable !== undefined) {
      if (this.#ids.size === 0) throw this.#unreadable;
      this.#note('entry_without_id', { level: 'warn', why: this.#unreadable.message });
    }
    if (this.#sortBy !== undefined && this.#sortBy !== this.#query.sortBy) {
      this.#reader.habits.sortBy = this.#sortBy;
      this.#note('order_unstable', { sortBy: this.#sortBy });
    }
  }

  /** Moves to the next page. @returns whether there is one */
  async #advance(page: ListPage, fresh: number): Promise<boolean> {
    this.#pages += 1;
    if (this.#pages >= mostPages) throw endless(this.#pages, this.#ids.size);
    this.#stalePages = fresh > 0 ? 0 : this.#stalePages + 1;
    const isByCursor = page.nextCursor !== undefined || this.#position.cursor !== undefined;
    if (isByCursor) return this.#advanceByCursor(page);
    if (page.resources.length === 0) return this.#endAtEmptyPage(page);
    if (this.#stalePages >= this.#staleLimit && page.totalResults !== undefined) return this.#readAgain();
    return this.#advanceByIndex(page, fresh);
  }

  #advanceByCursor({ resources, nextCursor }: ListPage): boolean {
    if (nextCursor === undefined) {
      // The total may grow meanwhile, and cursors need not show newcomers, so the smallest total counts.
      const counted = this.#counted();
      if (counted < this.#pass.fewest && this.#pass.fewest < Number.POSITIVE_INFINITY)
        throw cutShort(counted, this.#pass.fewest);
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
    const pass = this.#pass;
    if (total !== undefined && total > resources.length) habits.totalCounts ??= 'all';
    // RFC 7644 §3.4.2 requires a total; without a useful one, the list ends where nothing new comes.
    const isUseful = total !== undefined && total >= resources.length && habits.totalCounts !== 'page';
    if (!isUseful) return fresh > 0 && habits.ignoresStartIndex !== true && this.#moveOn();
    if (pass.read < pass.most) return this.#moveOn();
    // A total that is the size of its own page says nothing of the others.
    const stated = total === resources.length ? pass.most : total;
    const counted = this.#counted();
    if (counted < pass.most && (this.#passes === 1 || counted < stated)) return this.#readAgain();
    // Entries that left during the pass moved others to a page that had been read already.
    if (this.#passes === 1 && stated < pass.most) return this.#readAgain();
    if (pass.read > resources.length || habits.totalCounts !== undefined) return false;
    return habits.ignoresStartIndex === true ? this.#widen(resources.length) : this.#confirmEnd();
  }

  #endAtEmptyPage({ totalResults: total = 0 }: ListPage): Promise<boolean> | boolean {
    const { read, most } = this.#pass;
    if (this.#reader.habits.totalCounts === 'page' || most === 0) return false;
    if (read < total) return this.#byCursorOr(cutShort(read, total));
    return read < most ? this.#readAgain() : false;
  }

  /**
   * The total equals the size of the page. Either everything came, or the total counts the page: one request for more
   * decides it, once per connection.
   */
  async #confirmEnd(): Promise<boolean> {
    const { habits } = this.#reader;
    const { read } = this.#pass;
    const page = await this.#probe({ startIndex: read + 1 });
    if (page === undefined || (page.resources.length === 0 && (page.totalResults ?? 0) >= read)) {
      habits.totalCounts = 'all';
      return false;
    }
    if (page.resources.some((entry) => !this.#ids.has(idOf(entry)))) {
      habits.totalCounts = 'page';
      this.#note('total_counts_page');
      this.#position = { startIndex: read + 1 };
      this.#prefetched = page;
      return true;
    }
    if (await this.#switchToCursor()) return true;
    if (page.resources.length === 0) return false;
    return this.#widen(read);
  }

  /**
   * The provider ignores `startIndex`. Its first page has everything, unless it is cut at `count`, or at the provider's
   * own limit, which is then a round number.
   */
  async #widen(size: number): Promise<boolean> {
    const { habits } = this.#reader;
    habits.ignoresStartIndex = true;
    this.#note('start_index_ignored', { level: 'warn', results: size });
    const larger = Math.min(this.#count * 10, largestCount);
    if (size === this.#count && larger > size) {
      const page = await this.#probe({}, larger);
      if (page !== undefined && page.resources.length > size) {
        this.#count = larger;
        this.#pass = newPass();
        this.#position = {};
        this.#prefetched = page;
        return true;
      }
    }
    const mayBeCut = size === this.#count || usualLimits.includes(size) || size % 50 === 0;
    if (!mayBeCut || size < 2) return false;
    const fewer = await this.#probe({}, size - 1);
    // Whoever ignores `count` as well returns everything at once.
    if (fewer === undefined || fewer.resources.length >= size) return false;
    throw new ConnectorError('provider_fault', {
      what: `The list may be cut short: the provider returned ${size} results, and the same ones to a request for the next page.`,
      nextStep:
        'Narrow the search so that it has fewer results, and ask the provider how its lists are paged.',
    });
  }

  /** Pages by index lead no further: the list is read by cursor, if the provider declares cursors. */
  async #byCursorOr(error: ConnectorError): Promise<boolean> {
    if (await this.#switchToCursor()) return true;
    throw error;
  }

  async #switchToCursor(): Promise<boolean> {
    const { habits } = this.#reader;
    if (habits.needsCursor !== undefined) return false;
    habits.needsCursor = (await this.#reader.capabilities()).hasCursors;
    if (!habits.needsCursor) return false;
    this.#note('cursor_required');
    this.#begin({ cursor: '' });
    return true;
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
    const { order, loops: isLoop, read, fresh, most } = this.#pass;
    this.#total = Math.max(this.#total, most);
    const isStuck = this.#passes > 1 || this.#stalePages >= this.#staleLimit;
    if (isLoop && isStuck) return this.#byCursorOr(loop(this.#ids.size));
    if (this.#passes === 1) this.#begin({ startIndex: 1 });
    else if (fresh === 0 && read === most && isSame(order, this.#previousOrder)) {
      // Twice the same entries in the same order: nothing moved, the list repeats some.
      this.#note('entries_repeated');
      return false;
    } else this.#sortByNextKey();
    return true;
  }

  #sortByNextKey(): void {
    const [key, ...others] = this.#sortKeys;
    if (key === undefined && this.#reader.habits.sortBy === undefined)
      throw cutShort(this.#counted(), this.#total);
    this.#reader.habits.sortBy = undefined;
    this.#sortBy = key ?? this.#query.sortBy;
    this.#sortKeys = others;
    this.#begin({ startIndex: 1 });
  }

  #startOver(cause: ConnectorError): void {
    this.#restarts += 1;
    if (this.#restarts > mostRestarts) {
      throw new ConnectorError('unavailable', {
        what: `The cursor of the list expired ${this.#restarts} times before the list was read.`,
        nextStep: 'Try again later with a larger page size, and ask the provider how long cursors are valid.',
        cause,
      });
    }
    this.#note('cursor_expired');
    this.#cursors.clear();
    this.#begin(firstPosition(this.#reader.habits));
  }

  /** Starts the list over; the results read so far stay known. */
  #begin(position: PagePosition): void {
    this.#previousOrder = this.#pass.order;
    this.#pass = newPass();
    this.#passes += 1;
    // All of what was read so far comes again.
    this.#stalePages = 0;
    this.#staleLimit = this.#pages + 2;
    this.#position = position;
  }

  #counted(): number {
    return this.#ids.size + this.#pass.surplus;
  }

  /** Logs a habit once. */
  #note(habit: HabitName, details: Partial<LogEntry> = {}): void {
    const { endpoint, habits, log } = this.#reader;
    if (habits.noted?.includes(habit) === true) return;
    habits.noted = [...(habits.noted ?? []), habit];
    log({ level: 'info', event: 'provider_habit_noticed', habit, path: endpoint, ...details });
  }
}

function newPass(): Pass {
  return {
    order: [],
    firstPage: undefined,
    loops: false,
    read: 0,
    surplus: 0,
    fresh: 0,
    most: 0,
    fewest: Number.POSITIVE_INFINITY,
  };
}

function firstPosition({ needsCursor, needsStartIndex }: ListHabits): PagePosition {
  if (needsCursor === true) return { cursor: '' };
  return needsStartIndex === true ? { startIndex: 1 } : {};
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}

function idOf(entry: unknown): string {
  return isRecord(entry) ? String(entry.id) : '';
}

/** RFC 9865 §3: the provider no longer knows the cursor, and the list has to be started over. */
function isExpiredCursor({ scimType }: ConnectorError): boolean {
  return scimType === 'expiredCursor' || scimType === 'invalidCursor';
}

/** Further statuses with which providers refuse a page that they do not have. */
const refusals: ReadonlySet<number> = new Set([404, 500]);

function isRefusal({ code }: ConnectorError): boolean {
  return code === 'invalid_input' || code === 'unsupported';
}

function cutShort(read: number, total: number): ConnectorError {
  return new ConnectorError('provider_fault', {
    what: `The list was cut short: the provider counts ${total} results, but returned ${read}.`,
    nextStep: 'Try again; if this continues, use a smaller page size, and ask the provider.',
  });
}

function loop(read: number): ConnectorError {
  return new ConnectorError('provider_fault', {
    what: `Pagination loop: the provider returned the same page again after ${read} results.`,
    nextStep: narrow,
  });
}

function endless(pages: number, read: number): ConnectorError {
  return new ConnectorError('provider_fault', {
    what: `Endless list: after ${read} results, the provider returned ${pages} pages without an end.`,
    nextStep: narrow,
  });
}

const narrow = 'Narrow the search so that it fits into fewer pages, and ask the provider.';
