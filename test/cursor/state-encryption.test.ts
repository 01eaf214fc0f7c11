import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encryptStateFile, openWatchStore, steerState } from '../../runtime/node/open-watch-store.ts';
import { approveHold, readHolds } from '../../runtime/watch/release-holds.ts';
import type { WatchStore } from '../../runtime/watch/watch-store.ts';
import { failureOf } from '../support/failure-of.ts';
import { runCli } from '../support/run-cli.ts';
import { sampleEvent } from '../support/sample-event.ts';
import { fixtureEpochInMs, otherStateKey, stateKey, writeStateOfVersion } from '../support/state-fixtures.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const killer = new URL('./encrypt-state.ts', import.meta.url).pathname;
const now = (): number => fixtureEpochInMs;
let folder: ReturnType<typeof temporaryFolder>;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = folder.file('watch.state');
});

afterEach(() => folder[Symbol.dispose]());

async function inStore<T>(key: string | undefined, use: (store: WatchStore) => Promise<T>): Promise<T> {
  const store = await openWatchStore(file, { now, key });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

/** Everything that a state of version 3 has, as its readers see it. */
async function readAll(store: WatchStore): Promise<unknown> {
  const shouldDeliver = (): boolean => true;
  const seen = ['delivered', 'refused', 'leaver 1'].map((key) => sampleEvent(key));
  const before = await store.count();
  await store.append({
    origin: 'okta_event_hook',
    trigger: 'provisioning_event',
    events: seen,
    shouldDeliver,
  });
  return {
    holds: await readHolds(store),
    sinks: await store.sinkStates(99),
    ready: await store.undelivered(99, 'flows.example'),
    cursor: await store.cursorOf('poll/user_deprovisioned'),
    page: await store.pagesOf('poll/user_deprovisioned').read('User/0'),
    repeats: (await store.count()) - before,
  };
}

// The names and IDs of users, also within the names of pages.
const personal = ['ada@example.com', 'grace@example.com', 'user-2', 'User/u1', 'push/'];

/** What of the known personal data is in the state and in every file next to it. */
function plainIn(): readonly string[] {
  const files = readdirSync(folder.path).filter((name) => /^watch\.state(-journal|-copy.*)?$/.test(name));
  const content = files.map((name) => readFileSync(folder.file(name), 'latin1')).join('\n');
  return personal.filter((text) => content.includes(text));
}

it('stores nothing about people in plain text', async () => {
  await inStore(stateKey, async (store) => {
    await store.claim('user_updated');
    await store.append({
      origin: 'poll',
      trigger: 'user_updated',
      cursor: { newest: 'grace@example.com' },
      pages: new Map([['push/of/User/u1', 'u12@example.com']]),
      events: [sampleEvent('a'), sampleEvent('b')],
      shouldDeliver: () => true,
    });
    await store.recordFailure('sink', 1, {
      ...{ code: 'invalid_input', message: 'ada@example.com is unknown', attempts: 1, refusedForInMs: 0 },
      ...{ firstFailedAtInMs: 1, lastFailedAtInMs: 1, nextAttemptAtInMs: 1 },
    });
    // The state is open, so that its journal is there, too.
    expect(existsSync(`${file}-journal`)).toBe(true);
    expect(plainIn()).toEqual([]);
  });
  expect(plainIn()).toEqual([]);
  // The same text under the same key looks different each time.
  const db = new DatabaseSync(file);
  const cells = db
    .prepare('SELECT event FROM event')
    .all()
    .map(({ event }) => event);
  db.close();
  expect(cells).toHaveLength(2);
  expect(cells[0]).not.toEqual(cells[1]);
});

it('encrypts a plain state with all that it has, and leaves no plain text behind', async () => {
  writeStateOfVersion(3, file);
  const plain = await inStore(undefined, readAll);
  expect(plainIn()).toEqual(personal);
  expect(await encryptStateFile(file, stateKey)).toBe(true);
  expect(plainIn()).toEqual([]);
  expect(await inStore(stateKey, readAll)).toEqual(plain);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder.path)).toEqual(['watch.state']);
  await inStore(stateKey, async (store) => {
    await store.acknowledge([3], 'flows.example');
    const ready = await store.undelivered(9, 'flows.example');
    expect(ready.map(({ position }) => position)).toEqual([1, 4]);
    const [hold] = await readHolds(store);
    expect(await approveHold(store, hold?.id ?? '')).toBe(12);
    expect(await store.replay(0, { sink: 'events.jsonl' })).toBe(5);
  });
});

it('changes the key, repeats what was done already, and refuses the old key from then on', async () => {
  writeStateOfVersion(3, file);
  const plain = await inStore(undefined, readAll);
  await encryptStateFile(file, stateKey);
  expect(await encryptStateFile(file, stateKey)).toBe(false);
  expect(await encryptStateFile(file, otherStateKey, stateKey)).toBe(true);
  expect(await encryptStateFile(file, otherStateKey, stateKey)).toBe(false);
  expect(await inStore(otherStateKey, readAll)).toEqual(plain);
  expect((await failureOf(openWatchStore(file, { key: stateKey }))).message).toContain('is not the one');
});

const rekey = 'rolecall state rekey';
it.each([
  [
    'is opened without its key',
    true,
    undefined,
    /is encrypted\. It was not changed\. Pass its key\. .*ROLECALL_STATE_KEY/,
  ],
  [
    'is opened with another key',
    true,
    otherStateKey,
    /is not the one that .* Pass the right key\..*only a new file helps/,
  ],
  [
    'is plain, and is opened with a key',
    false,
    stateKey,
    /is not encrypted, .*"rolecall state encrypt .*watch\.state"/,
  ],
  [
    'is opened with a password',
    true,
    'correct horse battery staple',
    /must be 32 bytes .*openssl rand -base64 32/,
  ],
  [
    'is opened with a key that is too short',
    true,
    Buffer.from('too short').toString('base64'),
    /must be 32 bytes/,
  ],
])('does not change a state that %s', async (_, isEncrypted, key, message) => {
  writeStateOfVersion(3, file);
  if (isEncrypted) await encryptStateFile(file, stateKey);
  const before = readFileSync(file);
  const error = await failureOf(openWatchStore(file, { key }));
  expect(error).toMatchObject({ code: 'invalid_input', message: expect.stringMatching(message) });
  expect(error.message).not.toContain(key ?? stateKey);
  expect(readFileSync(file)).toEqual(before);
});

it('does not encrypt a state without its key, or a plain one as if it were encrypted', async () => {
  writeStateOfVersion(3, file);
  expect((await failureOf(encryptStateFile(file, stateKey, otherStateKey))).message).toContain(
    'is not encrypted',
  );
  await encryptStateFile(file, stateKey);
  const before = readFileSync(file);
  expect((await failureOf(encryptStateFile(file, otherStateKey))).message).toContain(rekey);
  expect((await failureOf(encryptStateFile(file, 'ab'.repeat(32), otherStateKey))).message).toContain(
    'is not the one',
  );
  expect(readFileSync(file)).toEqual(before);
  const store = await openWatchStore(file, { key: stateKey });
  expect(await failureOf(encryptStateFile(file, otherStateKey, stateKey))).toMatchObject({
    code: 'conflict',
  });
  store.close();
  expect(await failureOf(encryptStateFile(`${file}x`, stateKey))).toMatchObject({ code: 'invalid_input' });
});

describe('a state that someone has written to without its key', () => {
  const changes = [
    [
      'swapped two events',
      'UPDATE event SET event = (SELECT event FROM event WHERE position = 7 - outside.position) FROM event AS outside WHERE event.position = outside.position AND event.position IN (3, 4)',
    ],
    [
      'given an event to another trigger',
      "UPDATE event SET trigger_key = 'user_deprovisioned' WHERE position = 3",
    ],
    [
      'changed a byte',
      "UPDATE event SET event = CAST(substr(event, 1, length(event) - 1) || X'00' AS BLOB) WHERE position = 3",
    ],
    ['put a plain event in', "UPDATE event SET event = '{}' WHERE position = 3"],
  ] as const;

  it.each(changes)('is refused if they have %s', async (_, sql) => {
    writeStateOfVersion(3, file);
    await encryptStateFile(file, stateKey);
    const db = new DatabaseSync(file);
    db.exec(sql);
    db.close();
    expect(await failureOf(openWatchStore(file, { key: stateKey }))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(
        'is damaged: a value in its table "event" was changed, or belongs to another row',
      ),
    });
  });

  it('reports a page, a cursor, or a message that is not in its row when it is read', async () => {
    writeStateOfVersion(3, file);
    await encryptStateFile(file, stateKey);
    const db = new DatabaseSync(file);
    db.exec('UPDATE page SET content = (SELECT content FROM page LIMIT 1)');
    db.exec('UPDATE cursor SET cursor = (SELECT content FROM page LIMIT 1)');
    db.exec('UPDATE failure SET message = (SELECT message FROM failure ORDER BY position DESC LIMIT 1)');
    db.close();
    await inStore(stateKey, async (store) => {
      for (const [table, read] of [
        ['page', () => readHolds(store)],
        ['cursor', () => store.cursorOf('poll/user_deprovisioned')],
        ['failure', () => store.sinkStates(9)],
      ] as const)
        expect((await failureOf(read())).message).toContain(`a value in its table "${table}" was changed`);
    });
  });
});

it('has the old or the new state, wherever a process is killed that encrypts it', async () => {
  writeStateOfVersion(3, file);
  const plain = await inStore(undefined, readAll);
  copyFileSync(file, folder.file('original'));
  const steps = Number(execFileSync(process.execPath, [killer, file, stateKey], { encoding: 'utf8' }));
  expect(steps).toBeGreaterThan(60);
  for (const step of [5, 20, 50, steps - 1, steps]) {
    copyFileSync(folder.file('original'), file);
    const { signal } = spawnSync(process.execPath, [killer, file, stateKey, `${step}`]);
    expect(signal).toBe('SIGKILL');
    const isNew = step === steps;
    if (isNew) expect(plainIn()).toEqual([]);
    expect(await inStore(isNew ? stateKey : undefined, readAll)).toEqual(plain);
    // The command can be repeated, and then leaves nothing of what the first one left.
    expect(await encryptStateFile(file, stateKey)).toBe(!isNew);
    expect(await inStore(stateKey, readAll)).toEqual(plain);
    expect(readdirSync(folder.path).toSorted()).toEqual(['original', 'watch.state']);
  }
});

it('keeps a link to a state, and refuses to encrypt one of several names', async () => {
  writeStateOfVersion(3, file);
  symlinkSync(file, `${file}.soft`);
  expect(await encryptStateFile(`${file}.soft`, stateKey)).toBe(true);
  expect(lstatSync(`${file}.soft`).isSymbolicLink()).toBe(true);
  expect(await inStore(stateKey, (store) => store.count())).toBe(3);
  linkSync(file, `${file}.hard`);
  expect((await failureOf(encryptStateFile(file, otherStateKey, stateKey))).message).toContain(
    'has 2 names (hard links)',
  );
  expect(await inStore(stateKey, (store) => store.count())).toBe(3);
});

describe('rolecall state', () => {
  const env = (more: Record<string, string> = {}) => ({ env: { ROLECALL_STATE_KEY: stateKey, ...more } });

  it('encrypts, shows, steers, and rekeys a state, with keys from variables and files', async () => {
    writeStateOfVersion(3, file);
    expect(await runCli(['state', 'encrypt', file])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/ROLECALL_STATE_KEY is not set\. .*openssl rand -base64 32/),
    });
    expect(await runCli(['state', 'encrypt', file], env())).toMatchObject({
      code: 0,
      out: `Encrypted: ${file}\n`,
    });
    expect(await runCli(['state', 'show', file])).toMatchObject({
      code: 2,
      err: expect.stringContaining('is encrypted. It was not changed. Pass its key.'),
    });
    const keyFile = folder.file('key');
    writeFileSync(keyFile, `${stateKey}\n`);
    const shown = await runCli(['state', 'show', file], { env: { ROLECALL_STATE_KEY_FILE: keyFile } });
    expect(shown).toMatchObject({
      code: 0,
      out: expect.stringContaining('Status 422: ada@example.com is unknown.'),
    });
    expect(await runCli(['state', 'skip', file, '3'], env())).toMatchObject({
      code: 0,
      out: 'Events skipped: 1\n',
    });
    const rekeyed = await runCli(['state', 'rekey', file], env({ ROLECALL_STATE_NEW_KEY: otherStateKey }));
    expect(rekeyed).toMatchObject({ code: 0, out: `Encrypted: ${file}\n` });
    const replay = ['state', 'replay', file, '--since', '2026-01-01T00:00:00Z'];
    expect(await runCli(replay, { env: { ROLECALL_STATE_KEY: otherStateKey } })).toMatchObject({ code: 0 });
  });

  it('refuses an empty variable, two keys, and a file that it cannot read', async () => {
    writeStateOfVersion(3, file);
    const cases = [
      [{ ROLECALL_STATE_KEY: ' ' }, 'ROLECALL_STATE_KEY is empty.'],
      [{ ROLECALL_STATE_KEY: stateKey, ROLECALL_STATE_KEY_FILE: file }, 'are both set. Unset one of them.'],
      [{ ROLECALL_STATE_KEY_FILE: `${file}.key` }, 'cannot be read'],
    ] as const;
    for (const [variables, message] of cases)
      expect(await runCli(['state', 'show', file], { env: variables })).toMatchObject({
        code: 2,
        err: expect.stringContaining(message),
      });
  });

  it('steers a state that a watch has open without the key', async () => {
    const store = await openWatchStore(file, { key: stateKey });
    expect(await steerState(file, { kind: 'show', limit: 9 })).toMatchObject({ sinks: [{ undelivered: 0 }] });
    store.close();
  });
});
