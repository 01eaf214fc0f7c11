import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectorError, type LogEntry, type ProvisioningEvent } from '../../../../runtime/index.ts';
import { openWatchStore } from '../../../../runtime/node/open-watch-store.ts';
import { createWebhookHandler } from '../../../../runtime/watch/event-pipeline.ts';
import { createMemoryWatchStore } from '../../../../runtime/watch/memory-watch-store.ts';
import { createOutbox } from '../../../../runtime/watch/outbox.ts';
import {
  approveHold,
  approveHoldOnce,
  discardHold,
  readHolds,
} from '../../../../runtime/watch/release-holds.ts';
import type { OutboxEntry, WatchStore } from '../../../../runtime/watch/watch-store.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { sampleEvent } from '../../../support/sample-event.ts';
import { roleUrn } from '../../../support/scim-urns.ts';
import { type Directory, startDirectory } from '../../../support/start-directory.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const hourInMs = 3_600_000;
let folder: ReturnType<typeof temporaryFolder>;
let directory: Directory;
let store: WatchStore;
let nowInMs: number;

beforeEach(async () => {
  folder = temporaryFolder();
  directory = await startDirectory();
  nowInMs = Date.UTC(2026, 0, 1, 12);
});

afterEach(async () => {
  store.close();
  await directory.close();
  folder[Symbol.dispose]();
});

const kinds: readonly (readonly [string, () => Promise<WatchStore>])[] = [
  ['in memory', async () => createMemoryWatchStore(() => nowInMs)],
  ['in a file', () => openWatchStore(folder.file('watch.state'), { now: () => nowInMs })],
];

/** The events that are delivered, as `type subject`. */
async function delivered(): Promise<readonly string[]> {
  const entries = await store.undelivered(1000);
  return entries.map(({ text }) => {
    const { type, subject }: ProvisioningEvent = JSON.parse(text);
    return `${type} ${subject.id}`;
  });
}

const event = (type: ProvisioningEvent['type'], id: string, more: Partial<ProvisioningEvent> = {}) => ({
  ...sampleEvent(`${type} ${id} ${JSON.stringify(more.changes ?? '')}`),
  type,
  source: 'okta_event_hook',
  subject: { id, externalId: null, userName: `${id}@example.com`, displayName: null },
  data: null,
  changes: [],
  ...more,
});
const deactivations = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => event('deactivate', `u${from + index}`));

describe.each(kinds)('pushed events and a store %s', (_, open) => {
  const warned: LogEntry[] = [];

  beforeEach(async () => {
    warned.length = 0;
    store = await open();
  });

  /** Pushes events for a trigger, in one message. */
  async function push(events: readonly ProvisioningEvent[], input: object = {}): Promise<void> {
    const pipeline = directory.connector.eventPipeline('provisioning_event', input);
    const receiver = {
      checkHead: () => undefined,
      receive: async () => ({ kind: 'accepted', events, reply: { status: 200, headers: {}, body: '' } }),
    };
    const handler = createWebhookHandler(
      'okta_event_hook',
      receiver as never,
      [pipeline],
      createOutbox(store),
      {
        now: () => nowInMs,
        log(entry) {
          if (entry.level === 'warn') warned.push(entry);
        },
      },
    );
    await handler.receive({} as never);
  }

  /** Makes the directory known, as a poll would. */
  const know = (users: number, groups = 0) =>
    store.append({
      origin: 'poll/provisioning_event',
      cursor: { resources: { User: { size: users }, Group: { size: groups } } },
      events: [],
    });

  it('holds all of a directory of 15 in one message, and loses nothing', async () => {
    await know(15);
    await push([...deactivations(1, 15), event('create', 'new')]);
    expect(await delivered()).toEqual(['create new']);
    const [hold] = await readHolds(store);
    expect(hold).toMatchObject({ of: 'push/provisioning_event', waiting: 0, heldSinceInMs: nowInMs });
    expect(hold?.losses).toHaveLength(15);
    expect(hold?.losses[0]).toMatchObject({
      subject: { resource: 'User', id: 'u1', name: 'u1@example.com' },
      before: 'active',
      after: 'inactive',
    });
    expect(warned).toMatchObject([{ event: 'events_held', count: 15, all: 15 }]);
    expect(await approveHold(store, hold?.id ?? '')).toBe(15);
    expect(await delivered()).toEqual([
      'create new',
      ...deactivations(1, 15).map(({ type, subject }) => `${type} ${subject.id}`),
    ]);
    expect(await readHolds(store)).toEqual([]);
  });

  it('holds a storm of single messages from the first that exceeds the limit, for a day', async () => {
    await know(15);
    for (const one of deactivations(1, 15)) await push([one]);
    expect(await delivered()).toHaveLength(8);
    expect((await readHolds(store))[0]?.losses).toHaveLength(7);
    // The 1st, the 2nd, and the 4th.
    expect(warned.filter(({ event }) => event === 'events_held').map(({ all }) => all)).toEqual([1, 2, 4]);
    nowInMs += 25 * hourInMs;
    await push(deactivations(1, 15));
    expect(await delivered()).toHaveLength(8);
  });

  it('holds half as many if it is not known how many there are', async () => {
    for (const one of deactivations(1, 15)) await push([one]);
    expect(await delivered()).toHaveLength(10);
  });

  it('reads the limits in the input', async () => {
    await know(100);
    await push(deactivations(1, 4), { massChangeLimit: 3 });
    expect(await delivered()).toEqual([]);
    await push([event('delete', 'u5'), event('delete', 'u6')], { massChangeLimit: 60 });
    expect(await delivered()).toEqual(['delete u5', 'delete u6']);
  });

  it('lets later events of a held user wait behind, and those of others pass', async () => {
    await know(15);
    await push(deactivations(1, 9));
    await push([
      event('activate', 'u1'),
      event('activate', 'u20'),
      event('deactivate', 'u1', { dedupeKey: 'again' }),
    ]);
    expect(await delivered()).toEqual(['activate u20']);
    const [hold] = await readHolds(store);
    expect(hold).toMatchObject({ waiting: 1 });
    expect(hold?.losses).toHaveLength(10);
    await approveHold(store, hold?.id ?? '');
    const order = (await delivered()).filter((one) => one.endsWith(' u1'));
    expect(order).toEqual(['deactivate u1', 'activate u1', 'deactivate u1']);
  });

  it('approves exactly what an ID names, if more is held since', async () => {
    await know(15);
    await push(deactivations(1, 9));
    const [first] = await readHolds(store);
    await push([event('deactivate', 'u10'), event('deactivate', 'u1', { dedupeKey: 'again' })]);
    const [second] = await readHolds(store);
    expect(second?.id).not.toBe(first?.id);
    expect(await approveHold(store, first?.id ?? '')).toBe(9);
    expect(await delivered()).toHaveLength(9);
    const [left] = await readHolds(store);
    expect(left?.losses.map(({ subject }) => subject.id)).toEqual(['u10', 'u1']);
    expect(await failureOf(approveHold(store, first?.id ?? ''))).toMatchObject({ code: 'not_found' });
    expect(await failureOf(approveHold(store, second?.id ?? ''))).toMatchObject({ code: 'not_found' });
  });

  it('discards what an ID names, and delivers what waited behind it', async () => {
    await know(15);
    await push(deactivations(1, 9));
    await push([event('activate', 'u1')]);
    const [hold] = await readHolds(store);
    expect(await discardHold(store, hold?.id ?? '')).toBe(9);
    expect(await delivered()).toEqual(['activate u1']);
    await push([event('deactivate', 'u12')]);
    expect(await delivered()).toEqual(['activate u1', 'deactivate u12']);
  });

  it.each([
    ['approves', approveHold, 'deactivate u1'],
    ['discards', discardHold, 'activate u1'],
  ])('wakes a watch of the store when the same process %s what is held', async (_, release, first) => {
    await know(15);
    await push(deactivations(1, 9));
    await push([event('activate', 'u1')]);
    const [hold] = await readHolds(store);
    const waiting = createOutbox(store).next(1);
    await release(store, hold?.id ?? '');
    expect(await waiting).toHaveLength(1);
    expect(await delivered()).toContain(first);
  });

  it('counts what two commands at once approve or discard only once', async () => {
    await know(15);
    await push(deactivations(1, 9));
    const [{ id = '' } = {}] = await readHolds(store);
    const results = await Promise.all(
      [approveHold, discardHold, approveHold].map((command) =>
        command(store, id).catch(({ code }) => code as unknown),
      ),
    );
    expect(results).toEqual([9, 'not_found', 'not_found']);
    expect(await delivered()).toHaveLength(9);
  });

  it('does not count approved losses, or a message that repeats', async () => {
    await know(15);
    await push(deactivations(1, 9));
    await push(deactivations(1, 9));
    const [hold] = await readHolds(store);
    expect(hold?.losses).toHaveLength(9);
    await approveHold(store, hold?.id ?? '');
    await push(deactivations(10, 15));
    expect(await delivered()).toHaveLength(15);
  });

  it('holds roles that are lost, members who leave, and deleted groups', async () => {
    await know(15, 6);
    const lost = { from: 'Admin', to: null, fromKnown: true, toKnown: true };
    const role = { path: `${roleUrn}:workato_role`, ...lost };
    await push(Array.from({ length: 9 }, (_, user) => event('patch', `r${user}`, { changes: [role] })));
    const members = Array.from({ length: 26 }, (_, user) => ({
      ...lost,
      path: `members[value eq "${user}"]`,
    }));
    await push([event('patch', 'g1', { resource: 'Group', changes: members })]);
    await push(
      Array.from({ length: 4 }, (_, group) => event('delete', `g${group + 2}`, { resource: 'Group' })),
    );
    expect(await delivered()).toEqual([]);
    const [hold] = await readHolds(store);
    expect(hold?.losses.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: 9 }, () => 'roles'),
      'members',
      ...Array.from({ length: 4 }, () => 'groups'),
    ]);
    expect(hold?.losses[9]).toMatchObject({ count: 26, before: 'members: 26', after: 'without 26' });
  });
});

describe('a watch whose poll is held', () => {
  const watch = (input: object = {}): Promise<unknown> =>
    directory.connector.watch(
      { key: 'provisioning_event', input },
      { store, once: true, sink: ({ type, subject }) => void seen.push(`${type} ${subject.id}`) },
    );
  const seen: string[] = [];

  beforeEach(async () => {
    seen.length = 0;
    store = createMemoryWatchStore();
    for (let number = 1; number <= 15; number += 1) directory.setUser(`u${number}`);
    await watch();
    for (let number = 1; number <= 14; number += 1) directory.setUser(`u${number}`, { active: false });
    directory.setUser('u15', { title: 'Countess' });
  });

  it('delivers the events of others, and then says what is held', async () => {
    expect(await failureOf(watch())).toMatchObject({ code: 'mass_change_blocked' });
    expect(seen).toEqual(['patch u15']);
    expect(await failureOf(watch())).toMatchObject({ code: 'mass_change_blocked' });
    expect(seen).toEqual(['patch u15']);
    const [hold] = await readHolds(store);
    expect(hold).toMatchObject({ of: 'poll/provisioning_event', waiting: 0 });
    expect(hold?.losses).toHaveLength(14);
    // The next poll would find them again.
    expect(await failureOf(discardHold(store, hold?.id ?? ''))).toMatchObject({ code: 'not_found' });
    expect(await approveHold(store, hold?.id ?? '')).toBe(14);
    expect(await readHolds(store)).toEqual([]);
    await watch();
    expect(seen).toHaveLength(15);
    expect(await watch()).toBeUndefined();
    expect(seen).toHaveLength(15);
  });

  it('forgets the hold once the provider is right again, and an approval with it', async () => {
    await failureOf(watch());
    const [hold] = await readHolds(store);
    await approveHold(store, hold?.id ?? '');
    for (let number = 1; number <= 14; number += 1) directory.setUser(`u${number}`, { active: true });
    await watch();
    expect(await readHolds(store)).toEqual([]);
    for (let number = 1; number <= 14; number += 1) directory.setUser(`u${number}`, { active: false });
    expect(await failureOf(watch())).toMatchObject({ code: 'mass_change_blocked' });
    expect((await readHolds(store))[0]?.id).toBe(hold?.id);
  });

  it('does not release the same losses again with an approval that was used', async () => {
    const once = { key: 'a', usedAtInMs: nowInMs, expiresAtInMs: nowInMs + 24 * hourInMs };
    const setAll = (active: boolean): void => {
      for (let number = 1; number <= 14; number += 1) directory.setUser(`u${number}`, { active });
    };
    await failureOf(watch());
    const [{ id = '' } = {}] = await readHolds(store);
    expect(await failureOf(approveHoldOnce(store, 'hold-0000000000000000', once))).toMatchObject({
      code: 'not_found',
    });
    expect(await approveHoldOnce(store, id, once)).toBe(14);
    setAll(true);
    await watch();
    setAll(false);
    await failureOf(watch());
    expect((await readHolds(store))[0]?.id).toBe(id);
    const usedAgain = { ...once, usedAtInMs: nowInMs + 23 * hourInMs };
    expect(await failureOf(approveHoldOnce(store, id, usedAgain))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('This approval was used before.'),
    });
    expect((await readHolds(store))[0]?.losses).toHaveLength(14);
    // Another approval works. It is remembered, and the one that has expired is forgotten.
    const later = nowInMs + 25 * hourInMs;
    expect(await approveHoldOnce(store, id, { key: 'b', usedAtInMs: later, expiresAtInMs: later + 1 })).toBe(
      14,
    );
    expect(await store.pagesOf('safeguard').read('used-approvals')).toBe(`{"b":${later + 1}}`);
  });

  it('notifies a person once, even if the receiver fails at first', async () => {
    const notices: string[] = [];
    let isDown = true;
    const heldSink = {
      async deliver([entry]: readonly OutboxEntry[]) {
        if (isDown) throw new ConnectorError('unavailable', { what: 'down', nextStep: 'wait' });
        notices.push(`${entry?.trigger} ${entry?.text}`);
      },
    };
    const options = { store, once: true, sink: () => undefined, heldSink };
    for (const expected of [0, 1, 1]) {
      const watching = directory.connector.watch('provisioning_event', options);
      expect(await failureOf(watching)).toMatchObject({ code: 'mass_change_blocked' });
      expect(notices).toHaveLength(expected);
      isDown = false;
    }
    const [hold] = await readHolds(store);
    const [trigger, text = ''] = notices[0]?.split(/ (.*)/) ?? [];
    expect(trigger).toBe('safeguard.held');
    expect(JSON.parse(text)).toMatchObject({
      type: 'safeguard.held',
      dedupeKey: `safeguard.held/poll/provisioning_event/${hold?.id}`,
      hold: { id: hold?.id, of: 'poll/provisioning_event', counts: { users: 14 }, waiting: 0 },
    });
    expect(JSON.parse(text).affected).toHaveLength(10);
    expect(JSON.parse(text).affected[0]).toMatchObject({
      kind: 'users',
      before: 'active',
      after: 'inactive',
    });
  });

  it.each([
    ['first', 14],
    ['last', 15],
  ] as const)(
    'approves exactly what the %s error names, if one more user left in between',
    async (which, count) => {
      const idIn = ({ message }: Error): string => /hold-[0-9a-f]{16}/.exec(message)?.[0] ?? '';
      const first = idIn(await failureOf(watch()));
      directory.setUser('u15', { active: false });
      const last = idIn(await failureOf(watch()));
      expect(first).not.toBe(last);
      expect(await approveHold(store, which === 'first' ? first : last)).toBe(count);
    },
  );

  it('accepts an approval from the input as well', async () => {
    const error = await failureOf(watch());
    const approve = /hold-[0-9a-f]{16}/.exec(error.message)?.[0];
    await watch({ approve });
    expect(seen).toHaveLength(15);
    expect(await readHolds(store)).toEqual([]);
  });
});
