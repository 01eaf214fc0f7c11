import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWatchStore } from '../../runtime/node/open-watch-store.ts';
import { approveHold, readHolds } from '../../runtime/watch/release-holds.ts';
import type { WatchStore } from '../../runtime/watch/watch-store.ts';
import { createPollProvider } from '../support/poll-provider.ts';
import { sampleEvent } from '../support/sample-event.ts';
import { fixtureEpochInMs, writeStateOfVersion } from '../support/state-fixtures.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let store: WatchStore;

beforeEach(() => {
  folder = temporaryFolder();
  file = folder.file('watch.state');
});

afterEach(() => {
  store.close();
  folder[Symbol.dispose]();
});

async function migrate(version: 1 | 2 | 3): Promise<void> {
  writeStateOfVersion(version, file);
  // Twice: what is migrated is not migrated again.
  (await openWatchStore(file, { now: () => fixtureEpochInMs })).close();
  store = await openWatchStore(file, { now: () => fixtureEpochInMs });
}

/** What one sink still gets, each with its trigger. */
async function deliverAll(sink?: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for (;;) {
    const entries = await store.undelivered(100, sink);
    if (entries.length === 0) return keys;
    for (const { trigger, text } of entries) keys.push(`${trigger} ${JSON.parse(text).dedupeKey}`);
    await store.acknowledge(
      entries.map(({ position }) => position),
      sink,
    );
  }
}

/** Polls from the state of the fixture: user 2 was deactivated, and that is reported already. */
async function pollOn(): Promise<readonly string[]> {
  const provider = createPollProvider(5);
  provider.platform.advance(60_000);
  provider.change('2', { active: false });
  provider.platform.advance(60_000);
  provider.change('3', { active: false });
  const origin = 'poll/user_deprovisioned';
  const before = await store.cursorOf(origin);
  const { events } = await provider.session.poll('user_deprovisioned', {}, before, {
    pages: store.pagesOf(origin),
  });
  return events.map(({ type, subject }) => `${type} ${subject.id}`);
}

/** Pushes events that the state has seen, and one that it has not. */
async function pushAgain(trigger: string, keys: readonly string[]): Promise<void> {
  const events = [...keys, 'unseen'].map((key) => sampleEvent(key, { source: 'okta_event_hook' }));
  await store.append({ origin: 'okta_event_hook', trigger, events, shouldDeliver: () => true });
}

const reported = 'user_deprovisioned User/2/deactivate/i0000000.2.LqW5MD3zhn';
const leavers = Array.from({ length: 12 }, (_, index) => `leaver ${index + 1}`);

it('migrates a state of version 1: each event arrives once, and the poll goes on', async () => {
  await migrate(1);
  await store.claim('user_deprovisioned');
  expect(await pollOn()).toEqual(['deactivate 3']);
  await pushAgain('user_deprovisioned', ['delivered', 'first']);
  expect(await deliverAll()).toEqual([
    reported,
    ...['first', 'unseen'].map((key) => `user_deprovisioned ${key}`),
  ]);
  expect(await deliverAll()).toEqual([]);
});

it('migrates a state of version 2: each event and each held loss arrives once, and the poll goes on', async () => {
  await migrate(2);
  await store.claim('user_deprovisioned', 'provisioning_event');
  expect(await pollOn()).toEqual(['deactivate 3']);
  await pushAgain('provisioning_event', ['delivered', 'first', 'second', ...leavers]);
  const [hold] = await readHolds(store);
  expect(hold).toMatchObject({ of: 'push/provisioning_event', waiting: 0 });
  expect(hold?.losses.map(({ subject }) => subject.id)).toEqual(leavers.map((_, index) => `u${index + 1}`));
  expect(await approveHold(store, hold?.id ?? '')).toBe(12);
  expect(await deliverAll()).toEqual([
    reported,
    ...['first', 'second', 'unseen', ...leavers].map((key) => `provisioning_event ${key}`),
  ]);
  expect(await deliverAll()).toEqual([]);
  expect(await readHolds(store)).toEqual([]);
});

it('migrates a state of version 3: each sink gets what it does not have, and keeps its lanes', async () => {
  await migrate(3);
  await store.claim('user_deprovisioned', 'provisioning_event');
  await store.claimSinks('flows.example', 'events.jsonl');
  expect(await pollOn()).toEqual(['deactivate 3']);
  await pushAgain('provisioning_event', ['delivered', 'refused', 'behind', 'dead', ...leavers]);
  const message = 'Status 422: ada@example.com is unknown.';
  expect(await store.sinkStates(9)).toMatchObject([
    { sink: 'events.jsonl', undelivered: 1, failing: [], deadLetters: [] },
    {
      sink: 'flows.example',
      undelivered: 4,
      waiting: 2,
      failing: [{ position: 3, failure: { attempts: 3, message } }],
      deadLetters: [{ position: 5, failure: { message } }],
    },
  ]);
  await store.acknowledge([3], 'flows.example');
  expect(await store.release({ positions: [5] })).toBe(1);
  const [hold] = await readHolds(store);
  expect(await approveHold(store, hold?.id ?? '')).toBe(12);
  const pushed = (...keys: readonly string[]) => keys.map((key) => `provisioning_event ${key}`);
  expect(await deliverAll('events.jsonl')).toEqual(pushed('unseen', ...leavers));
  expect(await deliverAll('flows.example')).toEqual([
    reported,
    ...pushed('behind', 'dead', 'unseen', ...leavers),
  ]);
  expect(await store.replay(fixtureEpochInMs, { sink: 'events.jsonl' })).toBe(18);
});

it('migrates to the tables that a new state has', async () => {
  await migrate(2);
  const fresh = folder.file('new.state');
  (await openWatchStore(fresh)).close();
  store.close();
  const tables = (path: string) => {
    const db = new DatabaseSync(path);
    const rows = db
      .prepare("SELECT name, type FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
      .all();
    const columns = rows.map(({ name }) => db.prepare(`PRAGMA table_info(${name})`).all());
    db.close();
    return [rows, columns];
  };
  expect(tables(file)).toEqual(tables(fresh));
  store = await openWatchStore(file);
});
