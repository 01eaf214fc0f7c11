import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSnapshot, type SnapshotPlace } from '../../../../triggers/snapshot/open-snapshot.ts';
import {
  fingerprint,
  parseEntry,
  serializeEntry,
  shortFingerprint,
} from '../../../../triggers/snapshot/snapshot-text.ts';
import { anyText } from '../../../support/any-text.ts';

describe('a fingerprint', () => {
  // Kept in states forever: another value would make everything look changed. These were made by another
  // implementation of MurmurHash3 over UTF-16LE.
  it.each([
    ['', 'oIstrzPu18'],
    ['a', '5FVqqyCKX5'],
    ['ada@example.com', '6rzOKNX9zT'],
    ['Ä\u{1f600}', 'iTueNMT7or'],
  ])('of %j never changes', (text, expected) => {
    expect(fingerprint(text)).toBe(expected);
  });

  it('has a short form, and differs if one character differs', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, at) => {
        expect(fingerprint(text)).toMatch(/^[\w-]{10}$/);
        expect(shortFingerprint(text)).toBe(fingerprint(text).slice(0, 4));
        const other = `${text.slice(0, at % (text.length + 1))}x${text.slice(at % (text.length + 1))}`;
        expect(fingerprint(other)).not.toBe(fingerprint(text));
      }),
    );
  });

  it('collides about as often as by chance for 30,000 users', () => {
    const seen = new Set<string>();
    const count = 30_000;
    for (let number = 0; number < count; number += 1) seen.add(shortFingerprint(`user-${number}`));
    // By chance 27 of them do (n²/2 over 2²⁴); far more would be a weak hash.
    expect(count - seen.size).toBeLessThan(80);
  });
});

describe('an entry', () => {
  it('is read back unchanged', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 50 }),
        fc.array(fc.oneof(fc.constant(undefined), anyText, fc.boolean(), fc.array(anyText))),
        (outside, cells) => {
          const text = serializeEntry({ outside, cells });
          expect(text).not.toContain('\n');
          const back = parseEntry(text);
          expect(back.outside).toBe(outside);
          expect(cells.map((_, index) => back.cells[index])).toEqual(cells);
          expect(serializeEntry(back)).toBe(text);
        },
      ),
    );
  });
});

describe('a snapshot', () => {
  const empty: SnapshotPlace = { name: 'User', pageCount: 1, size: 0 };

  it('returns what was stored, however it grew, and rewrites only the pages that changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.tuple(anyText, fc.option(anyText.map((text) => JSON.stringify([text]))))), {
          maxLength: 5,
        }),
        fc.integer({ min: 0, max: 3000 }),
        async (rounds, bulk) => {
          const kept = new Map<string, string>();
          const truth = new Map<string, string>();
          let place = empty;
          const first = Array.from({ length: bulk }, (_, number) => [`id-${number}`, `[${number}]`] as const);
          for (const round of [first, ...rounds]) {
            const snapshot = openSnapshot({ read: async (name) => kept.get(name) }, place);
            await snapshot.load(round.map(([id]) => id));
            for (const [id, entry] of round) {
              expect(snapshot.get(id)).toBe(truth.get(id));
              expect(snapshot.hasEntry(id, entry ?? '')).toBe(truth.get(id) === entry);
              snapshot.set(id, entry ?? undefined);
              if (entry === null) truth.delete(id);
              else truth.set(id, entry);
              expect(snapshot.hasEntry(id, entry ?? '')).toBe(entry !== null);
            }
            const finished = await snapshot.finish();
            for (const [name, page] of finished.pages) {
              if (page === null) kept.delete(name);
              else kept.set(name, page);
            }
            ({ place } = finished);
            expect(place.size).toBe(truth.size);
          }
          const snapshot = openSnapshot({ read: async (name) => kept.get(name) }, place);
          await snapshot.load();
          expect(new Map([...snapshot.ids()].map((id) => [id, snapshot.get(id)]))).toEqual(truth);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is refused if a page is lost: its users would be reported as created', async () => {
    const kept = new Map<string, string | null>();
    const open = (place: SnapshotPlace) =>
      openSnapshot({ read: async (name) => kept.get(name) ?? undefined }, place);
    let snapshot = open(empty);
    await snapshot.load();
    for (let number = 0; number < 5_000; number += 1) snapshot.set(`id-${number}`, '["x"]');
    let { place, pages } = await snapshot.finish();
    for (const [name, page] of pages) kept.set(name, page);
    // A page without users is not stored.
    snapshot = open(place);
    await snapshot.load();
    for (const id of [...snapshot.ids()])
      if (kept.get('User/1')?.includes(`${id}`)) snapshot.set(id, undefined);
    ({ place, pages } = await snapshot.finish());
    for (const [name, page] of pages) kept.set(name, page);
    expect(kept.get('User/1')).toBeNull();
    await open(place).load();
    kept.delete('User/0');
    await expect(open(place).load()).rejects.toMatchObject({ code: 'invalid_input', status: undefined });
  });

  it('has more pages for more users, and rewrites one page for one change', async () => {
    const kept = new Map<string, string>();
    let snapshot = openSnapshot({ read: async () => undefined }, empty);
    await snapshot.load();
    for (let number = 0; number < 10_000; number += 1) snapshot.set(`id-${number}`, '["x"]');
    const { place, pages } = await snapshot.finish();
    for (const [name, page] of pages) if (page !== null) kept.set(name, page);
    expect(place).toEqual({ name: 'User', pageCount: 16, size: 10_000 });
    expect(pages.size).toBe(16);

    snapshot = openSnapshot({ read: async (name) => kept.get(name) }, place);
    await snapshot.load(['id-77']);
    snapshot.set('id-77', '["y"]');
    expect((await snapshot.finish()).pages.size).toBe(1);
  });

  it('reports a damaged page', async () => {
    const snapshot = openSnapshot({ read: async () => 'nonsense' }, { ...empty, size: 1 });
    await expect(snapshot.load()).rejects.toThrow('A page of the snapshot is damaged');
  });
});
