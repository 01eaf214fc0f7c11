import { invalidInput } from '../../connector/errors.ts';
import type { SnapshotPages } from '../poll-result.ts';
import { fingerprintNumber, parsePage, serializePage } from './snapshot-text.ts';

/** The location of the entries of one resource type: the number of pages; the ID determines the page of a resource. */
export interface SnapshotPlace {
  /** The prefix of page names: `User`. */
  readonly name: string;
  /** A power of two. */
  readonly pageCount: number;
  /** The total number of resources. */
  readonly size: number;
}

/** The entries of one resource type, with their changes. */
export interface Snapshot {
  /** Loads the pages of these IDs. Default: all. Entries are available after that. */
  load(ids?: Iterable<string>): Promise<void>;
  /** Whether all pages are loaded. */
  readonly isWhole: boolean;
  get(id: string): string | undefined;
  has(id: string): boolean;
  /** Whether the entry of an ID equals this one. Faster than `get`. */
  hasEntry(id: string, entry: string): boolean;
  /** Undefined removes the entry. */
  set(id: string, entry: string | undefined): void;
  /** All IDs. Everything must be loaded. */
  ids(): Iterable<string>;
  readonly size: number;
  /** The data to store: the new pages, by name, and the current location of the entries. */
  finish(): Promise<{ readonly place: SnapshotPlace; readonly pages: ReadonlyMap<string, string | null> }>;
}

/** The approximate number of entries per page: few enough to rewrite for one change, many enough to compress well. */
const entriesOfPage = 1024;
/** The number of entries above which the pages are split. */
const mostOfPage = 2 * entriesOfPage;

/** Opens a snapshot over stored pages. */
export function openSnapshot(kept: SnapshotPages, place: SnapshotPlace): Snapshot {
  const loaded = new Map<number, SnapshotPage>();
  const { name } = place;

  // Questions about one ID come in a row.
  let lastId: string | undefined;
  let lastPage: SnapshotPage | undefined;
  const page = (id: string): SnapshotPage => {
    if (id === lastId && lastPage !== undefined) return lastPage;
    const found = loaded.get(pageNumber(id, place.pageCount));
    if (found === undefined) throw new TypeError(`The page of ${id} is not loaded`);
    lastId = id;
    lastPage = found;
    return found;
  };

  let found = 0;
  let hasEmptyPage = false;
  const loadPage = async (number: number): Promise<void> => {
    if (loaded.has(number)) return;
    // A snapshot that was never stored has no pages to load.
    const text = place.size === 0 ? undefined : await kept.read(nameOf(name, number));
    const page = openPage(text);
    loaded.set(number, page);
    found += page.size;
    hasEmptyPage ||= text === undefined;
  };

  const loadAll = async (): Promise<void> => {
    for (let number = 0; number < place.pageCount; number += 1) await loadPage(number);
    // Those on a lost page would be reported as created, and their deletion never.
    if (hasEmptyPage && found < place.size)
      throw invalidInput([{ path: 'cursor', message: pagesMissing(place, found) }]);
  };

  let size = place.size;

  /** Redistributes the entries over the required number of pages. */
  const spread = (pageCount: number): Map<number, SnapshotPage> => {
    const pages = new Map(Array.from({ length: pageCount }, (_, number) => [number, openPage(undefined)]));
    for (const one of loaded.values())
      for (const [id, entry] of one.entries()) pages.get(pageNumber(id, pageCount))?.set(id, entry);
    return pages;
  };

  return {
    get size() {
      return size;
    },
    get isWhole() {
      return loaded.size === place.pageCount;
    },
    async load(ids) {
      if (ids === undefined) return loadAll();
      for (const id of ids) await loadPage(pageNumber(id, place.pageCount));
    },
    get: (id) => page(id).get(id),
    has: (id) => page(id).has(id),
    hasEntry: (id, entry) => page(id).hasEntry(id, entry),
    set(id, entry) {
      const one = page(id);
      const before = one.size;
      one.set(id, entry);
      size += one.size - before;
    },
    *ids() {
      for (const one of loaded.values()) yield* one.ids();
    },
    async finish() {
      let { pageCount } = place;
      let all = loaded;
      if (size > pageCount * mostOfPage) {
        await loadAll();
        pageCount = 2 ** Math.ceil(Math.log2(size / entriesOfPage));
        all = spread(pageCount);
      }
      const pages = [...all]
        .filter(([, one]) => one.isChanged)
        .map(([number, one]) => [nameOf(name, number), one.print()] as const);
      return { place: { name, pageCount, size }, pages: new Map(pages) };
    },
  };
}

function pagesMissing({ name, size }: SnapshotPlace, found: number): string {
  return `belongs to a snapshot of which pages are missing (${found} of ${size} resources of the type ${name} are left): pass the pages that were stored with it, or omit it to start over`;
}

/** The names of all pages of a snapshot. */
export function pageNamesOf({ name, pageCount }: SnapshotPlace): readonly string[] {
  return Array.from({ length: pageCount }, (_, number) => nameOf(name, number));
}

function nameOf(name: string, number: number): string {
  return `${name}/${number}`;
}

function pageNumber(id: string, pageCount: number): number {
  return pageCount === 1 ? 0 : fingerprintNumber(id) % pageCount;
}

/** One page of a snapshot. It stays in its stored form, so that a large directory fits into little memory. */
interface SnapshotPage {
  readonly size: number;
  /** Whether anything differs from the stored form. */
  readonly isChanged: boolean;
  get(id: string): string | undefined;
  /** Whether the entry of an ID equals this one. Faster than `get`, which must parse the page. */
  hasEntry(id: string, entry: string): boolean;
  has(id: string): boolean;
  /** Undefined removes the entry. */
  set(id: string, entry: string | undefined): void;
  ids(): Iterable<string>;
  /** All IDs with their current entries. */
  entries(): ReadonlyMap<string, string>;
  /** The page in its stored form; null if it has no entries. */
  print(): string | null;
}

const askedOften = 3;

/** Opens a stored page; undefined for a new one. */
function openPage(text: string | undefined): SnapshotPage {
  // For an unchanged entry, 53 bits determine whether another is equal.
  const marks = new Map<string, number>();
  const changed = new Map<string, string | undefined>();
  if (text !== undefined) for (const [id, entry] of parsePage(text)) marks.set(id, fingerprintNumber(entry));
  let size = marks.size;
  let asked = 0;
  let parsed: ReadonlyMap<string, string> | undefined;

  /** The entries in the stored form. A page with frequent access is parsed once, and then uses memory. */
  const keptEntries = (): ReadonlyMap<string, string> => {
    asked += 1;
    const all = parsed ?? (text === undefined ? new Map<string, string>() : parsePage(text));
    if (asked >= askedOften) parsed = all;
    return all;
  };

  const has = (id: string): boolean => (changed.has(id) ? changed.get(id) !== undefined : marks.has(id));

  const entries = (): Map<string, string> => {
    const all = new Map(keptEntries());
    for (const [id, entry] of changed) {
      if (entry === undefined) all.delete(id);
      else all.set(id, entry);
    }
    return all;
  };

  return {
    get size() {
      return size;
    },
    get isChanged() {
      return changed.size > 0;
    },
    has,
    get(id) {
      if (changed.has(id)) return changed.get(id);
      return marks.has(id) ? keptEntries().get(id) : undefined;
    },
    hasEntry: (id, entry) =>
      changed.has(id) ? changed.get(id) === entry : marks.get(id) === fingerprintNumber(entry),
    set(id, entry) {
      if (has(id)) size -= 1;
      if (entry !== undefined) size += 1;
      changed.set(id, entry);
    },
    *ids() {
      for (const id of marks.keys()) if (!changed.has(id)) yield id;
      for (const [id, entry] of changed) if (entry !== undefined) yield id;
    },
    entries,
    print() {
      const all = entries();
      return all.size === 0 ? null : serializePage(all);
    },
  };
}
