import { fingerprintNumber } from './fingerprint.ts';
import { parsePage, serializePage } from './page-text.ts';

/** One page of a snapshot. It is held as it was kept, so that a large directory fits into little memory. */
export interface SnapshotPage {
  readonly size: number;
  /** Whether anything is not as it was kept. */
  readonly isChanged: boolean;
  get(id: string): string | undefined;
  /** Whether the entry of an id is this one. To be preferred to `get`, which has to read the page. */
  hasEntry(id: string, entry: string): boolean;
  has(id: string): boolean;
  /** Undefined takes the entry out. */
  set(id: string, entry: string | undefined): void;
  ids(): Iterable<string>;
  /** Every id with its entry, as they are now. */
  entries(): ReadonlyMap<string, string>;
  /** The page as it is to be kept; null when it has no entries. */
  print(): string | null;
}

const askedOften = 3;

/** Opens a page that was kept; undefined for one that is new. */
export function openPage(text: string | undefined): SnapshotPage {
  // Of an entry that is as it was kept, 53 bits tell whether another is the same.
  const marks = new Map<string, number>();
  const changed = new Map<string, string | undefined>();
  if (text !== undefined) for (const [id, entry] of parsePage(text)) marks.set(id, fingerprintNumber(entry));
  let size = marks.size;
  let asked = 0;
  let parsed: ReadonlyMap<string, string> | undefined;

  /** The entries as they were kept. A page that is asked for often is read once, and then takes room. */
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
