import type { SnapshotPages } from '../poll-result.ts';
import { fingerprint } from './fingerprint.ts';

/** Where the entries of one kind of resource are: in so many pages, a resource in the page of its id. */
export interface SnapshotPlace {
  /** Put before the names of the pages: `User`. */
  readonly name: string;
  /** A power of two. */
  readonly pageCount: number;
  /** How many resources there are in all. */
  readonly size: number;
}

/** The entries of one kind of resource, as they were and as they become. */
export interface Snapshot {
  /** Reads the pages of these ids; of all, when none are given. Entries can be had after that. */
  load(ids?: Iterable<string>): Promise<void>;
  get(id: string): string | undefined;
  set(id: string, entry: string): void;
  remove(id: string): void;
  /** Every id with its entry. Everything must be loaded. */
  entries(): Iterable<readonly [id: string, entry: string]>;
  readonly size: number;
  /** What is to be kept: the pages that are new, by name, and where the entries are now. */
  finish(): Promise<{ readonly place: SnapshotPlace; readonly pages: ReadonlyMap<string, string | null> }>;
}

/** A page has about so many entries: few enough to be rewritten for one change, many enough to be packed well. */
const entriesOfPage = 512;
/** When a page has so many, there are to be more pages. */
const mostOfPage = 2 * entriesOfPage;

/** Opens a snapshot over the pages that were kept. */
export function openSnapshot(kept: SnapshotPages, place: SnapshotPlace): Snapshot {
  const loaded = new Map<number, Map<string, string>>();
  const dirty = new Set<number>();
  const { name } = place;
  let { pageCount, size } = place;

  const pageOf = (id: string): number => pageNumber(id, pageCount);
  const nameOf = (page: number): string => `${name}/${page}`;

  const page = (number: number): Map<string, string> => {
    const found = loaded.get(number);
    if (found === undefined) throw new TypeError(`Page ${number} of ${name} is not loaded`);
    return found;
  };

  const loadPage = async (number: number): Promise<void> => {
    if (loaded.has(number)) return;
    // A snapshot that was never kept has no pages to ask for.
    const text = place.size === 0 ? undefined : await kept.read(nameOf(number));
    loaded.set(number, text === undefined ? new Map() : parsePage(text));
  };

  const loadAll = async (): Promise<void> => {
    for (let number = 0; number < pageCount; number += 1) await loadPage(number);
  };

  const spread = (count: number): void => {
    const all = [...loaded.values()];
    loaded.clear();
    for (let number = 0; number < count; number += 1) {
      loaded.set(number, new Map());
      dirty.add(number);
    }
    pageCount = count;
    for (const entries of all) for (const [id, entry] of entries) page(pageOf(id)).set(id, entry);
  };

  return {
    get size() {
      return size;
    },
    async load(ids) {
      if (ids === undefined) return loadAll();
      for (const id of ids) await loadPage(pageOf(id));
    },
    get: (id) => page(pageOf(id)).get(id),
    set(id, entry) {
      const number = pageOf(id);
      const entries = page(number);
      if (!entries.has(id)) size += 1;
      entries.set(id, entry);
      dirty.add(number);
    },
    remove(id) {
      const number = pageOf(id);
      if (!page(number).delete(id)) return;
      size -= 1;
      dirty.add(number);
    },
    *entries() {
      for (let number = 0; number < pageCount; number += 1) yield* page(number);
    },
    async finish() {
      if (size > pageCount * mostOfPage) {
        await loadAll();
        spread(2 ** Math.ceil(Math.log2(size / entriesOfPage)));
      }
      const pages = [...dirty].map((number) => {
        const entries = page(number);
        return [nameOf(number), entries.size === 0 ? null : printPage(entries)] as const;
      });
      return { place: { name, pageCount, size }, pages: new Map(pages) };
    },
  };
}

function pageNumber(id: string, pageCount: number): number {
  if (pageCount === 1) return 0;
  let hash = 0;
  for (const character of fingerprint(id)) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0;
  return (hash >>> 0) % pageCount;
}

// An id may hold any character, so that it is written as JSON, and the line feed stands between entries alone.
function printPage(entries: ReadonlyMap<string, string>): string {
  return [...entries]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, entry]) => `${JSON.stringify(id)}${entry}`)
    .join('\n');
}

const idPattern = /^"(?:[^"\\]|\\.)*"/;

function parsePage(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of text.split('\n')) {
    const quoted = idPattern.exec(line)?.[0];
    if (quoted === undefined) throw new TypeError('A page of the snapshot is damaged');
    entries.set(JSON.parse(quoted), line.slice(quoted.length));
  }
  return entries;
}
