import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWatchStore, steerState } from '../../runtime/node/open-watch-store.ts';
import type { StateReport } from '../../runtime/node/steer-state.ts';
import { createOutbox } from '../../runtime/watch/outbox.ts';
import { defaultSink, type WatchStore } from '../../runtime/watch/watch-store.ts';
import { failureOf } from '../support/failure-of.ts';
import { kill, killAll, trackProcess } from '../support/kill-harness.ts';
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

const kinds = [
  ['that a watch has open', async () => (await openUsedState()).close],
  [
    'that is not open',
    async () => {
      (await openUsedState()).close();
      return () => undefined;
    },
  ],
] as const;

describe.each(kinds)('a state %s', (_, open) => {
  let close: () => void;

  beforeEach(async () => {
    close = await open();
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
