import type { RecentLosses } from '../../connector/safeguard/safeguard.ts';
import { isSameJson } from '../../scim/json.ts';
import type { SnapshotPages } from '../poll-result.ts';
import { openSnapshot, pageNamesOf, type Snapshot } from '../snapshot/open-snapshot.ts';
import { parseEntry, serializeEntry } from '../snapshot/snapshot-text.ts';
import type { PollCursor, ResourceCursor } from './poll-cursor.ts';

/** The stored state of one read. */
export interface StoredRead {
  /** The trigger that it was created for. */
  readonly owner: string;
  readonly cursor: PollCursor;
  readonly pages: SnapshotPages;
}

/** A state of a read to store. */
export interface ReadChange {
  readonly cursor: PollCursor;
  readonly pages: ReadonlyMap<string, string | null>;
}

/** In place of a trigger that a read no longer serves, so that the bits of the others stay. */
const gone = '';

/**
 * Merges a read into another one, if both know the same of every resource: then none of them has an event that the other
 * one has not, and none is lost or repeated.
 *
 * @returns what to store for `one`; undefined if they know different things.
 */
export async function mergeReads(one: StoredRead, other: StoredRead): Promise<ReadChange | undefined> {
  const resources: Record<string, ResourceCursor> = { ...one.cursor.resources };
  const pages = new Map<string, string | null>();
  for (const [name, theirs] of Object.entries(other.cursor.resources)) {
    const ours = one.cursor.resources[name];
    const added = theirs.triggers ?? [other.owner];
    if (ours === undefined) {
      resources[name] = { ...theirs, triggers: added };
      for (const page of pageNamesOf(theirs)) pages.set(page, (await other.pages.read(page)) ?? null);
      continue;
    }
    const before = ours.triggers ?? [one.owner];
    const triggers = [...before, ...added].filter((key) => key !== gone);
    const merged = mergeCursors(ours, theirs, triggers);
    if (merged === undefined) return undefined;
    const [snapshot, theirSnapshot] = [openSnapshot(one.pages, ours), openSnapshot(other.pages, theirs)];
    const outsideOf = (sum: number, theirSum: number): number =>
      moveBits(sum, before, triggers) + moveBits(theirSum, added, triggers);
    if (!(await mergeSnapshots(snapshot, theirSnapshot, outsideOf))) return undefined;
    const { place, pages: changed } = await snapshot.finish();
    resources[name] = { ...merged, ...place };
    for (const [page, content] of changed) pages.set(page, content);
  }
  return { cursor: { ...one.cursor, resources }, pages };
}

/** Copies the state of a read for some of its triggers. */
export async function copyRead(read: StoredRead, triggers: readonly string[]): Promise<ReadChange> {
  const resources: Record<string, ResourceCursor> = {};
  const pages = new Map<string, string | null>();
  for (const [name, cursor] of Object.entries(read.cursor.resources)) {
    const kept = (cursor.triggers ?? [read.owner]).map((key) => (triggers.includes(key) ? key : gone));
    if (kept.every((key) => key === gone)) continue;
    resources[name] = { ...cursor, triggers: kept };
    for (const page of pageNamesOf(cursor)) pages.set(page, (await read.pages.read(page)) ?? null);
  }
  return { cursor: { ...read.cursor, resources }, pages };
}

/** The cursor of a read without some of its triggers. */
export function leaveRead(cursor: PollCursor, triggers: readonly string[]): PollCursor {
  const resources = Object.entries(cursor.resources).map(([name, { triggers: served, ...rest }]) => {
    const kept = served?.map((key) => (triggers.includes(key) ? gone : key));
    return [name, kept === undefined ? rest : { ...rest, triggers: kept }] as const;
  });
  return { ...cursor, resources: Object.fromEntries(resources) };
}

/** The names of all pages of a read. */
export function pagesOfRead({ resources }: PollCursor): readonly string[] {
  return Object.values(resources).flatMap(pageNamesOf);
}

/** Adds the matches of the other triggers. @returns false if the entries differ in anything else */
async function mergeSnapshots(
  snapshot: Snapshot,
  other: Snapshot,
  outsideOf: (ours: number, theirs: number) => number,
): Promise<boolean> {
  if (snapshot.size !== other.size) return false;
  await Promise.all([snapshot.load(), other.load()]);
  for (const id of [...snapshot.ids()]) {
    const [text, otherText] = [snapshot.get(id), other.has(id) ? other.get(id) : undefined];
    if (text === undefined || otherText === undefined) return false;
    const [ours, theirs] = [parseEntry(text), parseEntry(otherText)];
    if (!isSameJson(ours.cells, theirs.cells)) return false;
    const outside = outsideOf(ours.outside, theirs.outside);
    if (outside !== ours.outside) snapshot.set(id, serializeEntry({ ...ours, outside }));
  }
  return true;
}

/** The sum of bits by the order of some triggers, by the order of others. */
function moveBits(sum: number, from: readonly string[], to: readonly string[]): number {
  return from.reduce(
    (moved, key, index) =>
      key === gone || Math.floor(sum / 2 ** index) % 2 === 0 ? moved : moved + 2 ** to.indexOf(key),
    0,
  );
}

/** What both know; of what they disagree about, what leads to more reading, and to fewer conclusions. */
function mergeCursors(
  one: ResourceCursor,
  other: ResourceCursor,
  triggers: readonly string[],
): ResourceCursor | undefined {
  if (!isSameJson(one.columns, other.columns)) return undefined;
  const known = { ...other, ...one };
  const learned = (key: 'canAskSince' | 'canReadById'): boolean | null =>
    one[key] === null || one[key] === other[key] ? other[key] : other[key] === null ? one[key] : null;
  const most = (key: 'attributesNotShown' | 'noticed') =>
    combine(one[key] ?? {}, other[key] ?? {}, Math.max, { ...one[key], ...other[key] });
  const unreadable = combine(one.unreadable, other.unreadable, Math.min, one.unreadable);
  return {
    ...known,
    triggers,
    sinceInMs:
      one.sinceInMs === null || other.sinceInMs === null ? null : Math.min(one.sinceInMs, other.sinceInMs),
    canAskSince: learned('canAskSince'),
    ...((one.stampsUnreliable === true || other.stampsUnreliable === true) && { stampsUnreliable: true }),
    fullReadAtInMs: Math.min(one.fullReadAtInMs, other.fullReadAtInMs),
    pollsSinceFullRead: Math.max(one.pollsSinceFullRead, other.pollsSinceFullRead),
    cleanFullReads: Math.min(one.cleanFullReads, other.cleanFullReads),
    polledAtInMs: Math.min(one.polledAtInMs, other.polledAtInMs),
    habits: { ...other.habits, ...one.habits },
    canReadById: learned('canReadById'),
    unreadable,
    activeNotShown: [...new Set([...one.activeNotShown, ...other.activeNotShown])],
    recentLosses: moreLosses(one.recentLosses, other.recentLosses),
    attributesNotShown: most('attributesNotShown'),
    noticed: most('noticed'),
    unconfirmedSinceInMs:
      one.unconfirmedSinceInMs === null || other.unconfirmedSinceInMs === null
        ? null
        : Math.max(one.unconfirmedSinceInMs, other.unconfirmedSinceInMs),
  };
}

/** Of each kind, the losses of the read that has reported more of them: the other one has reported the same, or fewer. */
function moreLosses(one: RecentLosses, other: RecentLosses): RecentLosses {
  const count = (losses: RecentLosses, kind: keyof RecentLosses): number =>
    losses[kind]?.reduce((sum, [, number]) => sum + number, 0) ?? 0;
  const kinds = Object.keys({ ...one, ...other }) as (keyof RecentLosses)[];
  return Object.fromEntries(
    kinds.map((kind) => [kind, (count(one, kind) < count(other, kind) ? other : one)[kind]]),
  );
}

/** The counts of the keys of `all`, combined. */
function combine(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
  how: (one: number, other: number) => number,
  all: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.keys(all).map((key) => [key, how(one[key] ?? 0, other[key] ?? 0)]));
}
