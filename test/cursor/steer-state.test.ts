import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lossesOfEvent } from '../../connector/safeguard/safeguard.ts';
import { openWatchStore, steerState } from '../../runtime/node/open-watch-store.ts';
import type { StateReport } from '../../runtime/node/steer-state.ts';
import { guardEvents } from '../../runtime/watch/hold-events.ts';
import { createOutbox } from '../../runtime/watch/outbox.ts';
import { readHolds } from '../../runtime/watch/release-holds.ts';
import { defaultSink, type WatchStore } from '../../runtime/watch/watch-store.ts';
import { failureOf } from '../support/failure-of.ts';
import { kill, killAll, trackProcess } from '../support/kill-harness.ts';
import { definition } from '../support/open-test-session.ts';
import { nextLine, runCli } from '../support/run-cli.ts';
import { sampleEvent } from '../support/sample-event.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = folder.file('watch.state');
});

afterEach(async () => {
  await killAll();
  folder[Symbol.dispose]();
});

/** A state with an event that was delivered, one that is refused, and one that waits for it. */
async function openUsedState(): Promise<WatchStore> {
  const store = await openWatchStore(file);
  await store.claim('user_updated');
  await store.append({
    origin: 'poll',
    trigger: 'user_updated',
    events: ['done', 'refused', 'behind'].map((key) => sampleEvent(key)),
  });
  await store.acknowledge([1]);
  await store.recordFailure(defaultSink, 2, {
    ...{ code: 'invalid_input', message: 'Status 422.', attempts: 3, refusedForInMs: 5 },
    ...{ firstFailedAtInMs: 1, lastFailedAtInMs: 2, nextAttemptAtInMs: Date.now() + 900_000 },
  });
  return store;
}

/** A state with a pushed event that waits for its delivery, and 15 that the safeguard holds. */
async function openHeldState(): Promise<WatchStore> {
  const store = await openWatchStore(file);
  await store.claim('user_deprovisioned');
  await pushLeavers(store);
  return store;
}

async function pushLeavers(store: WatchStore): Promise<void> {
  const { resources } = definition;
  const users = Array.from({ length: 15 }, (_, user) => `u${user}`);
  await store.append({
    origin: 'okta_event_hook',
    trigger: 'user_deprovisioned',
    events: [
      sampleEvent('passed'),
      ...users.map((id) =>
        sampleEvent(id, {
          type: 'deactivate',
          subject: { id, externalId: null, userName: `${id}@example.com`, displayName: null },
        }),
      ),
    ],
    admit: guardEvents({
      trigger: 'user_deprovisioned',
      limits: {},
      known: { users: 15 },
      nowInMs: Date.now(),
      lossesOf: (event) => (resources.User === undefined ? [] : lossesOfEvent(resources.User, event)),
      onHeld: () => undefined,
    }),
  });
}

const kinds = [
  ['that a watch has open', async (openState: typeof openUsedState) => (await openState()).close],
  [
    'that is not open',
    async (openState: typeof openUsedState) => {
      (await openState()).close();
      return () => undefined;
    },
  ],
] as const;

describe.each(kinds)('a hold in a state %s', (_, open) => {
  let close: () => void;

  beforeEach(async () => {
    close = await open(openHeldState);
  });

  afterEach(() => close());

  const state = (...args: readonly string[]) => runCli(['state', ...args]);

  async function shownHold(): Promise<{ readonly id: string; readonly losses: readonly object[] }> {
    const { out } = await state('show', file, '--json');
    const { holds } = JSON.parse(out) as StateReport;
    return holds[0] ?? expect.fail('Nothing is held.');
  }

  const undelivered = async (): Promise<number | undefined> => {
    const report = (await steerState(file, { kind: 'show', limit: 9 })) as StateReport;
    return report.sinks[0]?.undelivered;
  };

  it('is shown with everybody, and released by its ID', async () => {
    const { id, losses } = await shownHold();
    expect(losses).toHaveLength(15);
    const { out } = await state('show', file);
    expect(out).toContain(`${id}: 15 losses of push/user_deprovisioned, held since `);
    expect(out.match(/User u\d+@example\.com: active → inactive/g)).toHaveLength(15);
    expect(await undelivered()).toBe(1);
    expect(await state('release', file, '--approve', id)).toMatchObject({
      code: 0,
      out: 'Losses approved, which the watch reports next: 15\n',
    });
    expect(await undelivered()).toBe(16);
    expect(await state('release', file, '--approve', id)).toMatchObject({ code: 4 });
  });

  it('is discarded by its ID, and nothing else is', async () => {
    const { id } = await shownHold();
    expect(await state('skip', file, '--held', 'hold-0000000000000000')).toMatchObject({
      code: 4,
      err: expect.stringContaining('Nothing with the ID hold-0000000000000000 is held.'),
    });
    expect(await state('skip', file, '--held', id, '--all')).toMatchObject({ code: 2 });
    expect(await state('skip', file, '--held', id)).toMatchObject({
      code: 0,
      out: 'Losses discarded: 15\n',
    });
    expect(await undelivered()).toBe(1);
    expect(await steerState(file, { kind: 'show', limit: 9 })).toMatchObject({ holds: [] });
  });
});

it('releases held losses by a signed approval once, whether a watch has the state open or not', async () => {
  const store = await openHeldState();
  const [{ id } = expect.fail('Nothing is held.')] = await readHolds(store);
  const key = Buffer.alloc(32, 7);
  const [approve, by, at] = [id, 'ada@example.com', new Date().toISOString()];
  const message = ['rolecall-approval', approve, by, at].map((one) => JSON.stringify(one)).join('\n');
  const signature = createHmac('sha256', key).update(message).digest('base64');
  const approval = folder.file('approval.json');
  writeFileSync(approval, JSON.stringify({ approve, by, at, signature }));
  const args = ['--approval', approval, '--approval-key-env', 'APPROVAL_KEY'];
  const env = { APPROVAL_KEY: `whsec_${key.toString('base64')}` };
  const release = () => runCli(['state', 'release', file, ...args], { env });
  expect(await release()).toMatchObject({
    code: 0,
    out: 'Losses approved, which the watch reports next: 15\n',
  });
  // The same users lose the same again.
  await pushLeavers(store);
  expect(await readHolds(store)).toMatchObject([{ id }]);
  const refused = { code: 5, err: expect.stringContaining('This approval was used before.') };
  expect(await release()).toMatchObject(refused);
  store.close();
  expect(await release()).toMatchObject(refused);
});

describe.each(kinds)('a state %s', (_, open) => {
  let close: () => void;

  beforeEach(async () => {
    close = await open(openUsedState);
  });

  afterEach(() => close());

  const state = (...args: readonly string[]) => runCli(['state', ...args]);

  it('is shown, and steered event by event', async () => {
    const { code, out } = await state('show', file);
    expect(code).toBe(0);
    expect(out).toContain('2 not delivered, 1 of them wait for a refused event');
    expect(out).toContain('#2 refused: patch User ada@example.com (user_updated), 3 attempts');
    expect(JSON.parse((await state('show', file, '--json')).out)).toMatchObject({
      sinks: [{ sink: 'sink', undelivered: 2, waiting: 1, failing: [{ position: 2 }], deadLetters: [] }],
      holds: [],
    });
    expect(await state('skip', file, '2')).toMatchObject({ code: 0, out: 'Events skipped: 1\n' });
    const report = (await steerState(file, { kind: 'show', limit: 9 })) as StateReport;
    expect(report.sinks).toMatchObject([{ undelivered: 1, waiting: 0, deadLetters: [{ position: 2 }] }]);
    expect(await state('release', file, '--all')).toMatchObject({ code: 0, out: 'Events released: 1\n' });
    expect(await state('replay', file, '--since', '1h', '--json')).toMatchObject({
      code: 0,
      out: '{"replay":1}\n',
    });
    expect(await steerState(file, { kind: 'show', limit: 9 })).toMatchObject({
      sinks: [{ undelivered: 3, failing: [], deadLetters: [] }],
    });
  });

  it('reports what is not there', async () => {
    expect(await state('release', file, '77')).toMatchObject({ code: 4 });
    expect(await state('release', file, '--approve', 'abc')).toMatchObject({
      code: 4,
      err: expect.stringContaining('Nothing with the ID abc is held.'),
    });
    expect(await state('skip', file)).toMatchObject({ code: 2, err: expect.stringContaining('--all') });
    expect(await state('skip', file, 'x')).toMatchObject({ code: 2 });
    expect(await state('replay', file, '--since', '2026-99-99')).toMatchObject({ code: 2 });
    expect(await state('show', `${file}x`)).toMatchObject({ code: 2 });
    expect(existsSync(`${file}x`)).toBe(false);
  });
});

it('wakes a watch that waits, so that released events are delivered at once', async () => {
  const store = await openUsedState();
  const outbox = createOutbox(store);
  const never = new Promise<void>(() => undefined);
  const waiting = outbox.next(9, defaultSink, () => never);
  await steerState(file, { kind: 'skip', selection: { positions: [2] } });
  expect((await waiting)?.map(({ position }) => position)).toEqual([3]);
  store.close();
});

it('lets only its owner steer it, and leaves nothing behind', async () => {
  const store = await openUsedState();
  expect(statSync(`${file}-control`).mode & 0o777).toBe(0o600);
  store.close();
  expect(readdirSync(folder.path)).toEqual(['watch.state']);
});

it('steers a state whose watch was killed, and one that is opened after that', async () => {
  (await openUsedState()).close();
  const script = new URL('./hold-state.ts', import.meta.url).pathname;
  const start = () =>
    trackProcess(spawn(process.execPath, [script, file], { stdio: ['pipe', 'pipe', 'inherit'] }));
  const child = start();
  expect(JSON.parse(await nextLine(child.stdout))).toEqual({ opened: true });
  await kill(child);
  expect(existsSync(`${file}-control`)).toBe(true);
  expect(await steerState(file, { kind: 'show', limit: 9 })).toMatchObject({ sinks: [{ undelivered: 2 }] });
  const next = start();
  expect(JSON.parse(await nextLine(next.stdout))).toEqual({ opened: true });
  expect(await steerState(file, { kind: 'skip', selection: { positions: [2] } })).toBe(1);
  next.stdin?.end();
  await once(next, 'exit');
  expect(readdirSync(folder.path)).toEqual(['watch.state']);
  expect(await steerState(file, { kind: 'show', limit: 9 })).toMatchObject({
    sinks: [{ undelivered: 1, deadLetters: [{ position: 2 }] }],
  });
});

it('does not steer what is no state', async () => {
  writeFileSync(file, 'Dear diary');
  expect(await failureOf(steerState(file, { kind: 'show', limit: 9 }))).toMatchObject({
    code: 'invalid_input',
  });
});
