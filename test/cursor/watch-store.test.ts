import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProvisioningEvent } from '../../connector/event.ts';
import { openWatchStore } from '../../runtime/node/open-watch-store.ts';
import { createMemoryWatchStore } from '../../runtime/watch/memory-watch-store.ts';
import {
  type DeliveryFailure,
  deduplicationWindowInDays,
  defaultSink,
  replayWindowInDays,
  type SinkState,
  type WatchStore,
} from '../../runtime/watch/watch-store.ts';
import { failureOf } from '../support/failure-of.ts';
import { seededRandom } from '../support/random-changes.ts';
import { sampleEvent } from '../support/sample-event.ts';
import { stateKey } from '../support/state-fixtures.ts';
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
  ['in a file', () => openWatchStore(folder.file('watch.state'), { now })],
  ['in an encrypted file', () => openWatchStore(folder.file('encrypted.state'), { now, key: stateKey })],
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

  async function acknowledgeFirst(count: number): Promise<void> {
    await store.acknowledge((await store.undelivered(count)).map(({ position }) => position));
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
    await store.acknowledge([first?.position ?? 0, second?.position ?? 0]);
    expect(await keysOf()).toEqual(['b', 'd']);
    expect(await store.count()).toBe(2);
    await acknowledgeFirst(2);
    await store.append({ origin: 'poll', events: [sampleEvent('e')] });
    expect(await keysOf()).toEqual(['e']);
  });

  it('adds, changes, and removes sinks with a batch, and keeps the lanes of the others', async () => {
    const failure: DeliveryFailure = {
      ...{ code: 'unavailable', message: 'It is down.', attempts: 1, refusedForInMs: 0 },
      ...{ firstFailedAtInMs: 0, lastFailedAtInMs: 0, nextAttemptAtInMs: 0 },
    };
    const keysFor = async (sink: string) =>
      (await store.undelivered(9, sink)).map(({ text }) => JSON.parse(text).dedupeKey);
    const sinks = new Map([['subscription/a', { types: ['delete' as const] }]]);
    await store.append({ origin: 'subscriptions', events: [sampleEvent('one')], sinks });
    await store.append({
      origin: 'poll',
      events: [sampleEvent('two', { type: 'delete' }), sampleEvent('three')],
    });
    expect([await keysFor(defaultSink), await keysFor('subscription/a')]).toEqual([
      ['one', 'two', 'three'],
      ['two'],
    ]);
    const [first] = await store.undelivered(1);
    await store.recordFailure(defaultSink, first?.position ?? 0, failure);
    await store.append({ origin: 'subscriptions', events: [], sinks: new Map([['subscription/a', {}]]) });
    await store.append({ origin: 'poll', events: [sampleEvent('four')] });
    expect(await keysFor('subscription/a')).toEqual(['two', 'four']);
    await store.append({ origin: 'subscriptions', events: [], sinks: new Map([['subscription/a', null]]) });
    expect(
      (await store.sinkStates(9)).map(({ sink, undelivered, waiting }) => [sink, undelivered, waiting]),
    ).toEqual([[defaultSink, 4, 3]]);
    await store.acknowledge([first?.position ?? 0]);
    expect(await keysFor(defaultSink)).toEqual(['two', 'three', 'four']);
  });

  it('stores no event that no sink selects, and does not let the only sink go with its events', async () => {
    await store.append({ origin: 'poll', events: [sampleEvent('one')] });
    expect(await failureOf(store.claimSinks())).toMatchObject({ code: 'invalid_input' });
    await acknowledgeFirst(1);
    await store.claimSinks();
    await store.append({ origin: 'poll', events: [sampleEvent('two')] });
    expect([await store.count(), await store.sinkStates(9)]).toEqual([0, []]);
  });

  it('keeps a repeated event once, even after it was acknowledged', async () => {
    await store.append({ origin: 'workos', events: [sampleEvent('a'), sampleEvent('a')], shouldDeliver });
    await store.append({ origin: 'workos', events: [sampleEvent('a'), sampleEvent('b')], shouldDeliver });
    expect(await keysOf()).toEqual(['a', 'b']);
    await acknowledgeFirst(2);
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

  const about = (id: string, key: string, parts: Partial<ProvisioningEvent> = {}): ProvisioningEvent =>
    sampleEvent(key, {
      subject: { id, externalId: null, userName: `${id}@example.com`, displayName: null },
      ...parts,
    });
  const failureAt = (nextAttemptAtInMs: number): DeliveryFailure => ({
    ...{ code: 'unavailable', message: 'The receiver is down.', attempts: 1, refusedForInMs: 0 },
    ...{ firstFailedAtInMs: nowInMs, lastFailedAtInMs: nowInMs, nextAttemptAtInMs },
  });
  const positionOf = async (key: string): Promise<number> => {
    const states = await store.sinkStates(100);
    const all = [...(await store.undelivered(100)), ...states.flatMap(({ failing }) => failing)];
    return all.find(({ text }) => JSON.parse(text).dedupeKey === key)?.position ?? 0;
  };
  const firstOf = ([state]: readonly SinkState[]): unknown =>
    state?.firstUndelivered && JSON.parse(state.firstUndelivered.text).dedupeKey;
  const fail = async (key: string): Promise<void> =>
    store.recordFailure(defaultSink, await positionOf(key), failureAt(nowInMs));

  it('holds up the later events of the user whose delivery fails, and no others', async () => {
    await store.append({
      origin: 'poll',
      events: ['a1', 'b1', 'a2', 'b2'].map((key) => about(key[0] ?? '', key)),
    });
    await fail('a1');
    await store.append({ origin: 'poll', events: [about('a', 'a3'), about('c', 'c1')] });
    expect(await keysOf()).toEqual(['b1', 'b2', 'c1']);
    expect(await store.count()).toBe(6);
    expect(await store.sinkStates(9)).toMatchObject([
      { sink: 'sink', undelivered: 6, waiting: 2, deadLetterCount: 0, deadLetters: [] },
    ]);
    // The first event waits longest, whether it is ready or not.
    expect(firstOf(await store.sinkStates(0))).toBe('a1');
    await store.acknowledge([await positionOf('a1')]);
    expect(firstOf(await store.sinkStates(0))).toBe('b1');
    expect(await keysOf()).toEqual(['b1', 'a2', 'b2', 'a3', 'c1']);
  });

  const named = (id: string, userName: string) => ({
    subject: { id, externalId: null, userName, displayName: null },
  });
  const member = (id: string) => ({
    ...{ path: `members[value eq "${id}"]`, from: null, to: { value: id }, fromKnown: true, toKnown: true },
  });
  const rename = {
    path: 'userName',
    from: 'a@example.com',
    to: 'z@example.com',
    fromKnown: true,
    toKnown: true,
  };
  const inOrder: readonly (readonly [string, ProvisioningEvent, ProvisioningEvent])[] = [
    [
      'a deletion and a creation under the same name',
      about('a', '1', { type: 'delete' }),
      sampleEvent('2', named('n', 'A@example.com')),
    ],
    [
      'a renamed user and a new one with the old name',
      about('a', '1', { changes: [rename], ...named('a', 'z@example.com') }),
      sampleEvent('2', named('n', 'a@example.com')),
    ],
    ['an ID in another case', about('a', '1'), about('A', '2', named('A', 'else@example.com'))],
    [
      'a user and a membership',
      about('a', '1'),
      about('g', '2', { resource: 'Group', changes: [member('a')] }),
    ],
    [
      'a group and its members',
      about('g', '1', { resource: 'Group', changes: [member('b"\\\\'), member('a')] }),
      about('a', '2'),
    ],
    [
      'a whole list of members',
      about('g', '1', {
        resource: 'Group',
        changes: [{ ...member('x'), path: 'members', to: [{ value: 'a' }] }],
      }),
      about('a', '2'),
    ],
  ];

  it.each(inOrder)('keeps the order of %s', async (_, first, second) => {
    await store.append({
      origin: 'poll',
      events: [first, second, about('other', '3'), about('g2', '4', { resource: 'Group' })],
    });
    await fail('1');
    expect(await keysOf()).toEqual(['3', '4']);
  });

  it('makes events wait for those that wait, and lets each go when nothing before it fails', async () => {
    const group = about('g', 'g1', { resource: 'Group', changes: [member('a'), member('b')] });
    await store.append({
      origin: 'poll',
      events: [about('a', 'a1'), about('b', 'b1'), group, about('b', 'b2')],
    });
    await fail('a1');
    expect(await keysOf()).toEqual(['b1']);
    await fail('b1');
    expect(await keysOf()).toEqual([]);
    await store.acknowledge([await positionOf('a1')]);
    expect(await keysOf()).toEqual([]);
    await store.moveToDeadLetters(defaultSink, await positionOf('b1'));
    expect(await keysOf()).toEqual(['g1', 'b2']);
  });

  it('returns the failing delivery that is due first', async () => {
    await store.append({ origin: 'poll', events: [about('a', 'a1'), about('b', 'b1')] });
    const [a, b] = await store.undelivered(2);
    await store.recordFailure(defaultSink, a?.position ?? 0, failureAt(nowInMs + 2));
    await store.recordFailure(defaultSink, b?.position ?? 0, failureAt(nowInMs + 1));
    expect(await store.nextFailing(defaultSink)).toEqual({
      ...b,
      sink: 'sink',
      failure: failureAt(nowInMs + 1),
    });
    nowInMs += 10;
    expect(await store.release({ only: 'failing' })).toBe(2);
    expect((await store.nextFailing(defaultSink))?.failure.nextAttemptAtInMs).toBe(nowInMs);
  });

  it('keeps dead letters until they are released or discarded', async () => {
    await store.append({ origin: 'poll', events: [about('a', 'a1'), about('a', 'a2'), about('b', 'b1')] });
    await fail('a1');
    const position = await positionOf('a1');
    await store.moveToDeadLetters(defaultSink, position);
    await store.acknowledge((await store.undelivered(9)).map((entry) => entry.position));
    expect(await store.count()).toBe(0);
    expect(await store.sinkStates(9)).toMatchObject([
      { deadLetters: [{ position, failure: { attempts: 1 } }] },
    ]);
    expect(await store.sinkStates(0)).toMatchObject([
      { firstUndelivered: undefined, deadLetterCount: 1, deadLetters: [] },
    ]);
    expect(await store.release({ positions: [position] })).toBe(1);
    expect(await keysOf()).toEqual(['a1']);
    expect(await store.skip({ positions: [position] })).toBe(1);
    expect(await store.sinkStates(9)).toMatchObject([
      { undelivered: 0, deadLetters: [{ failure: { code: 'skipped' } }] },
    ]);
    expect(await store.skip({ only: 'dead_letters' })).toBe(1);
    expect(await store.sinkStates(9)).toMatchObject([{ undelivered: 0, deadLetters: [] }]);
  });

  it('puts a dead letter before the event of the same user that fails, and those behind it', async () => {
    await store.append({
      origin: 'poll',
      events: ['a1', 'a2', 'a3', 'b1'].map((key) => about(key[0] ?? '', key)),
    });
    await fail('a1');
    const first = await positionOf('a1');
    await store.moveToDeadLetters(defaultSink, first);
    await fail('a2');
    await fail('b1');
    expect(await keysOf()).toEqual([]);
    expect(await store.release({})).toBe(3);
    expect(await keysOf()).toEqual(['a1', 'a2', 'a3']);
    expect(await store.sinkStates(9)).toMatchObject([{ undelivered: 4, waiting: 0, deadLetterCount: 0 }]);
    await fail('a1');
    expect(await keysOf()).toEqual([]);
    await store.acknowledge([first]);
    expect(await keysOf()).toEqual(['a2', 'a3']);
  });

  it('leaves what a command has decided while a delivery was attempted', async () => {
    await store.append({ origin: 'poll', events: ['a1', 'a2', 'a3'].map((key) => about('a', key)) });
    const [one = 0, two = 0] = (await store.undelivered(9)).map(({ position }) => position);
    await store.skip({ positions: [one] });
    await store.recordFailure(defaultSink, one, failureAt(nowInMs));
    expect(await store.sinkStates(9)).toMatchObject([
      { failing: [], deadLetters: [{ failure: { code: 'skipped' } }] },
    ]);
    await store.release({ positions: [one] });
    // It was being attempted when an earlier one took its place again.
    await store.recordFailure(defaultSink, two, failureAt(nowInMs));
    expect(await keysOf()).toEqual(['a1', 'a2', 'a3']);
    await store.skip({ positions: [one] });
    await store.skip({ positions: [one] });
    await store.recordFailure(defaultSink, one, failureAt(nowInMs));
    await store.moveToDeadLetters(defaultSink, one);
    await store.acknowledge([one]);
    expect(await keysOf()).toEqual(['a2', 'a3']);
    expect(await store.sinkStates(9)).toMatchObject([{ undelivered: 2, failing: [], deadLetters: [] }]);
  });

  it('replays dead letters that were given up since a time', async () => {
    await store.append({ origin: 'poll', events: [about('a', 'a1'), about('b', 'b1')] });
    for (const key of ['a1', 'b1']) {
      await fail(key);
      await store.moveToDeadLetters(defaultSink, await positionOf(key));
      nowInMs += 60_000;
    }
    expect(await store.replay(nowInMs - 60_000, {})).toBe(1);
    expect(await keysOf()).toEqual(['b1']);
    expect(await store.sinkStates(0)).toMatchObject([{ undelivered: 1, deadLetterCount: 1 }]);
  });

  it('has a place for each sink, and an event until each has it', async () => {
    await store.append({ origin: 'poll', events: [about('a', 'before')] });
    // The sink without a name is replaced: its events go to both.
    await store.claimSinks('audit', 'flows');
    await store.append({ origin: 'poll', events: [about('b', 'after')] });
    const keysFor = async (sink: string) =>
      (await store.undelivered(9, sink)).map(({ text }) => JSON.parse(text).dedupeKey);
    expect(await keysFor('audit')).toEqual(['before', 'after']);
    await store.acknowledge(
      (await store.undelivered(9, 'audit')).map(({ position }) => position),
      'audit',
    );
    expect(await keysFor('audit')).toEqual([]);
    expect(await keysFor('flows')).toEqual(['before', 'after']);
    expect(await store.count()).toBe(2);
    expect(await failureOf(store.claimSinks('audit'))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('undelivered events for the sink "flows"'),
    });
    // One that is added later starts with the next event.
    await store.claimSinks('audit', 'flows', 'late');
    expect(await keysFor('late')).toEqual([]);
    await store.skip({ sink: 'flows' });
    await store.claimSinks('audit');
    expect((await store.sinkStates(9)).map(({ sink }) => sink)).toEqual(['audit']);
  });
});

it('lets all kinds of store agree on which events are ready, whatever fails', async () => {
  const stores = await Promise.all(kinds.map(([, open]) => open()));
  const random = seededRandom(7);
  const draw = (count: number): number => Math.floor(random() * count);
  const people = ['a', 'b', 'c', 'd'];
  const draft = (number: number): ProvisioningEvent => {
    const [id = '', other = ''] = [people[draw(4)], people[draw(4)]];
    const change = {
      path: `members[value eq "${other}"]`,
      from: null,
      to: { value: other },
      fromKnown: true,
      toKnown: true,
    };
    const subject = { id, externalId: null, userName: `${other}@example.com`, displayName: null };
    return random() < 0.3
      ? sampleEvent(`${number}`, {
          resource: 'Group',
          subject: { ...subject, userName: null },
          changes: [change],
        })
      : sampleEvent(`${number}`, { subject });
  };
  const look = async (store: WatchStore) => [
    await store.undelivered(99),
    await store.sinkStates(99),
    await store.count(),
  ];
  for (let step = 0; step < 150; step += 1) {
    const [ready, event] = [(await stores[0]?.undelivered(99)) ?? [], draft(step)];
    const { failing = [], deadLetters = [] } = (await stores[0]?.sinkStates(99))?.[0] ?? {};
    // A command can have given up, or discarded, what is being attempted.
    const known = [...ready, ...failing, ...deadLetters, { position: step }];
    const chosen = known[draw(known.length)]?.position ?? 0;
    const dead = deadLetters.map(({ position }) => position).filter(() => random() < 0.3);
    const what = draw(9);
    nowInMs += 1000;
    for (const store of stores) {
      if (what <= 2) await store.append({ origin: 'poll', events: [event] });
      else if (what === 3) await store.acknowledge([chosen]);
      else if (what === 4)
        await store.recordFailure(defaultSink, chosen, {
          code: 'unavailable',
          message: 'It is down.',
          attempts: 1,
          firstFailedAtInMs: nowInMs,
          lastFailedAtInMs: nowInMs,
          refusedForInMs: 0,
          nextAttemptAtInMs: nowInMs,
        });
      else if (what === 5 && failing.length > 0)
        await store.moveToDeadLetters(defaultSink, failing[0]?.position ?? 0);
      else if (what === 6) await store.skip({ positions: [chosen] });
      else if (what === 7) await store.release({ positions: dead });
      else if (what === 8) await store.replay(nowInMs - 30_000, { positions: dead });
    }
    const [one, ...others] = await Promise.all(stores.map(look));
    for (const other of others) expect(other).toEqual(one);
  }
  for (const store of stores) store.close();
});

it('replays what was acknowledged since a time, in order, as long as it is kept', async () => {
  const store = await openWatchStore(folder.file('watch.state'), { now, mostReplayedEvents: 3 });
  const acknowledgeAll = async (): Promise<void> =>
    store.acknowledge((await store.undelivered(99)).map(({ position }) => position));
  const texts = async () => (await store.undelivered(99)).map(({ text }) => text);
  await store.append({ origin: 'poll', events: [sampleEvent('a')] });
  await acknowledgeAll();
  nowInMs += 60_000;
  await store.append({ origin: 'poll', events: [sampleEvent('b'), sampleEvent('c')] });
  const before = await texts();
  await acknowledgeAll();
  await store.append({ origin: 'poll', events: [sampleEvent('d')] });
  expect(await store.replay(nowInMs, {})).toBe(2);
  expect(await texts()).toEqual([...before, JSON.stringify(sampleEvent('d'))]);
  await acknowledgeAll();
  // Kept for a week.
  nowInMs += replayWindowInDays * dayInMs + 1;
  for (let event = 0; event < 500; event += 1) await store.append({ origin: 'poll', events: [] });
  await store.append({ origin: 'poll', events: [sampleEvent('e')] });
  await acknowledgeAll();
  expect(await store.replay(0, {})).toBeLessThanOrEqual(5);
  store.close();
});
