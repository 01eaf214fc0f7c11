import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWatchStore } from '../../runtime/node/open-watch-store.ts';
import { createMemoryWatchStore } from '../../runtime/watch/memory-watch-store.ts';
import { deduplicationWindowInDays, type WatchStore } from '../../runtime/watch/watch-store.ts';
import { failureOf } from '../support/failure-of.ts';
import { sampleEvent } from '../support/sample-event.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// What every store promises.
const dayInMs = 86_400_000;
let folder: ReturnType<typeof temporaryFolder>;
let nowInMs: number;
const now = (): number => nowInMs;

beforeEach(() => {
  folder = temporaryFolder();
  nowInMs = Date.UTC(2026, 0, 1);
});

afterEach(() => folder[Symbol.dispose]());

const kinds: readonly (readonly [string, () => Promise<WatchStore>])[] = [
  ['in memory', async () => createMemoryWatchStore(now)],
  ['in a file', () => openWatchStore(folder.file('watch.state'), now)],
];

describe.each(kinds)('a store %s', (_, open) => {
  let store: WatchStore;
  const shouldDeliver = (): boolean => true;

  beforeEach(async () => {
    store = await open();
  });

  afterEach(() => store.close());

  async function keysOf(limit = 100): Promise<readonly string[]> {
    return (await store.undelivered(limit)).map(({ text }) => JSON.parse(text).dedupeKey);
  }

  it('is empty at first', async () => {
    expect(await store.cursorOf('poll')).toBeUndefined();
    expect(await store.pagesOf('poll').read('User/0')).toBeUndefined();
    expect(await store.undelivered(1)).toEqual([]);
    expect(await store.count()).toBe(0);
  });

  it('stores a cursor and pages per origin, and leaves omitted ones unchanged', async () => {
    await store.append({
      origin: 'poll',
      cursor: { version: 1, big: 2 ** 53 },
      pages: new Map([
        ['a', 'ä\n'.repeat(500)],
        ['b', ''],
      ]),
      events: [],
    });
    await store.append({ origin: 'other', cursor: 'x', pages: new Map([['a', 'other']]), events: [] });
    await store.append({ origin: 'poll', pages: new Map([['b', null]]), events: [] });
    expect(await store.cursorOf('poll')).toEqual({ version: 1, big: 2 ** 53 });
    expect(await store.pagesOf('poll').read('a')).toBe('ä\n'.repeat(500));
    expect(await store.pagesOf('poll').read('b')).toBeUndefined();
    expect(await store.cursorOf('other')).toBe('x');
    expect(await store.pagesOf('other').read('a')).toBe('other');
  });

  it('returns events in order and unchanged until they are acknowledged', async () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((key) => sampleEvent(key));
    if (!a || !b || !c || !d) throw new Error('four events');
    await store.append({ origin: 'poll', events: [c, a] });
    await store.append({ origin: 'workos', events: [b, d] });
    expect(await keysOf()).toEqual(['c', 'a', 'b', 'd']);
    const [first, second] = await store.undelivered(2);
    expect(await store.undelivered(2)).toEqual([first, second]);
    expect(first?.text).toBe(JSON.stringify(c));
    await store.acknowledge(second?.position ?? 0);
    expect(await keysOf()).toEqual(['b', 'd']);
    expect(await store.count()).toBe(2);
    await store.acknowledge((await store.undelivered(2)).at(-1)?.position ?? 0);
    await store.append({ origin: 'poll', events: [sampleEvent('e')] });
    expect(await keysOf()).toEqual(['e']);
  });

  it('keeps a repeated event once, even after it was acknowledged', async () => {
    await store.append({ origin: 'workos', events: [sampleEvent('a'), sampleEvent('a')], shouldDeliver });
    await store.append({ origin: 'workos', events: [sampleEvent('a'), sampleEvent('b')], shouldDeliver });
    expect(await keysOf()).toEqual(['a', 'b']);
    await store.acknowledge((await store.undelivered(2)).at(-1)?.position ?? 0);
    await store.append({ origin: 'workos', events: [sampleEvent('b'), sampleEvent('a')], shouldDeliver });
    expect(await keysOf()).toEqual([]);
  });

  it('does not deduplicate polled events, which are always new', async () => {
    await store.append({ origin: 'poll', events: [sampleEvent('a')] });
    await store.append({ origin: 'poll', events: [sampleEvent('a')] });
    expect(await keysOf()).toEqual(['a', 'a']);
  });

  it('forgets a key after the deduplication window', async () => {
    await store.append({ origin: 'workos', events: [sampleEvent('a')], shouldDeliver });
    nowInMs += deduplicationWindowInDays * dayInMs;
    await store.append({ origin: 'workos', events: [sampleEvent('a')], shouldDeliver });
    expect(await keysOf()).toEqual(['a']);
    nowInMs += 2 * dayInMs;
    await store.append({ origin: 'workos', events: [sampleEvent('a')], shouldDeliver });
    expect(await keysOf()).toEqual(['a', 'a']);
  });

  it('marks an event as late if a newer one about the same resource came before', async () => {
    const at = (second: number, id = 'ada') => ({
      occurredAt: new Date(nowInMs + second * 1000).toISOString(),
      subject: { id, externalId: null, userName: null, displayName: null },
    });
    const late = async () =>
      (await store.undelivered(100)).map(({ text }) => JSON.parse(text)).filter(({ isLate }) => isLate);
    await store.append({
      origin: 'workos',
      events: [sampleEvent('1', at(1)), sampleEvent('3', at(3)), sampleEvent('bob', at(0, 'bob'))],
      shouldDeliver,
    });
    await store.append({ origin: 'workos', events: [sampleEvent('3 too', at(3))], shouldDeliver });
    expect(await late()).toEqual([]);
    await store.append({ origin: 'okta_event_hook', events: [sampleEvent('2', at(2))], shouldDeliver });
    expect(await late()).toMatchObject([{ dedupeKey: '2' }]);
  });

  it('lets events that are not delivered make older ones late', async () => {
    const at = (second: number) => ({ occurredAt: new Date(nowInMs + second * 1000).toISOString() });
    const wantsOdd = ({ dedupeKey }: { dedupeKey: string }): boolean => Number(dedupeKey) % 2 === 1;
    await store.append({ origin: 'workos', events: [sampleEvent('2', at(2))], shouldDeliver: wantsOdd });
    await store.append({ origin: 'workos', events: [sampleEvent('1', at(1))], shouldDeliver: wantsOdd });
    expect((await store.undelivered(9)).map(({ text }) => JSON.parse(text))).toMatchObject([
      { dedupeKey: '1', isLate: true },
    ]);
  });

  it('accepts an event without a readable time', async () => {
    await store.append({
      origin: 'workos',
      events: [sampleEvent('a', { occurredAt: 'soon' })],
      shouldDeliver,
    });
    await store.append({ origin: 'workos', events: [sampleEvent('b')], shouldDeliver });
    expect(await keysOf()).toEqual(['a', 'b']);
  });

  it('rejects the claim of another trigger', async () => {
    await store.claim('user_deprovisioned');
    await store.claim('user_deprovisioned');
    expect(await failureOf(store.claim('user_provisioned'))).toMatchObject({
      code: 'invalid_input',
      message:
        'The state belongs to the trigger "user_deprovisioned", not to "user_provisioned". Use a separate state for each trigger.',
    });
  });

  it('accepts further triggers, and rejects a claim that leaves one out', async () => {
    await store.claim('user_provisioned');
    await store.claim('user_deprovisioned', 'user_provisioned');
    await store.claim('user_provisioned', 'user_deprovisioned', 'user_updated');
    expect(await failureOf(store.claim('user_provisioned', 'user_updated'))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('"user_deprovisioned", not to "user_provisioned" and "user_updated"'),
    });
  });

  it('deduplicates per trigger, and stores the trigger of each event', async () => {
    const at = (second: number) => ({ occurredAt: new Date(nowInMs + second * 1000).toISOString() });
    const batch = { origin: 'workos', events: [sampleEvent('1', at(1)), sampleEvent('2', at(2))] };
    const batches = ['a', 'b'].map((trigger) => ({ ...batch, trigger, shouldDeliver }));
    await store.append(...batches);
    await store.append(...batches);
    const entries = await store.undelivered(9);
    expect(entries.map(({ trigger, text }) => [trigger, JSON.parse(text)])).toMatchObject([
      ['a', { dedupeKey: '1', isLate: false }],
      ['a', { dedupeKey: '2', isLate: false }],
      ['b', { dedupeKey: '1', isLate: false }],
      ['b', { dedupeKey: '2', isLate: false }],
    ]);
  });

  it('stores none of several batches if one of them cannot be stored', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const broken = { ...sampleEvent('b'), data: cyclic as never };
    const appending = store.append(
      { origin: 'workos', trigger: 'a', cursor: 1, events: [sampleEvent('a')] },
      { origin: 'workos', trigger: 'b', cursor: 1, events: [broken] },
    );
    await expect(appending).rejects.toThrow(/circular/i);
    expect(await store.cursorOf('workos')).toBeUndefined();
    expect(await keysOf()).toEqual([]);
  });

  it('stores nothing of a batch that it cannot store entirely', async () => {
    await store.append({ origin: 'poll', cursor: 1, pages: new Map([['a', 'one']]), events: [] });
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const broken = { ...sampleEvent('b'), data: cyclic as never };
    await expect(
      store.append({
        origin: 'poll',
        cursor: 2,
        pages: new Map([['a', 'two']]),
        events: [sampleEvent('a'), broken],
      }),
    ).rejects.toThrow(/circular/i);
    expect(await store.cursorOf('poll')).toBe(1);
    expect(await store.pagesOf('poll').read('a')).toBe('one');
    expect(await keysOf()).toEqual([]);
    await store.append({ origin: 'poll', cursor: 3, events: [sampleEvent('c')] });
    expect(await keysOf()).toEqual(['c']);
  });
});
