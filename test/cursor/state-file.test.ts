import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { brotliCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWatchStore, type WatchStoreOptions } from '../../runtime/node/open-watch-store.ts';
import { createDraft, holdStateFile, publishDraft } from '../../runtime/node/state-file.ts';
import type { WatchStore } from '../../runtime/watch/watch-store.ts';
import { failureOf } from '../support/failure-of.ts';
import { kill, killAll, trackProcess } from '../support/kill-harness.ts';
import { nextLine } from '../support/run-cli.ts';
import { sampleEvent } from '../support/sample-event.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const script = new URL('./hold-state.ts', import.meta.url).pathname;
const filler = new URL('./fill-state.ts', import.meta.url).pathname;
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

/** Starts a process that opens the state. */
function startHolder(...args: readonly string[]) {
  return trackProcess(
    spawn(process.execPath, [script, file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
}

/** Does something with the rights of nobody in particular, since root may do everything. */
async function withoutRights<T>(run: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return await run();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

async function inStore<T>(
  use: (store: WatchStore) => Promise<T>,
  options: WatchStoreOptions = {},
): Promise<T> {
  const store = await openWatchStore(file, options);
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

it('creates a state that only its owner can read, and leaves one file when it closes', async () => {
  await inStore((store) => store.append({ origin: 'poll', cursor: 1, events: [sampleEvent('a')] }));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder.path)).toEqual(['watch.state']);
});

it.each([0o644, 0o660, 0o606])('closes a state of mode %o, and its journal, to other users', async (mode) => {
  await inStore((store) => store.claim('user_updated'));
  writeFileSync(`${file}-journal`, '');
  for (const name of [file, `${file}-journal`]) chmodSync(name, mode);
  const release = holdStateFile(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(`${file}-journal`).mode & 0o777).toBe(0o600);
  release();
});

it('closes the target of a symbolic link to other users, and leaves other files as they are', async () => {
  await inStore((store) => store.claim('user_updated'));
  chmodSync(file, 0o644);
  symlinkSync(file, `${file}.soft`);
  (await openWatchStore(`${file}.soft`)).close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(`${file}.text`, 'Dear diary');
  chmodSync(`${file}.text`, 0o644);
  await failureOf(openWatchStore(`${file}.text`));
  expect(statSync(`${file}.text`).mode & 0o777).toBe(0o644);
});

it.runIf(process.geteuid?.() === 0)('refuses a state of another user that others can read', async () => {
  await inStore((store) => store.claim('user_updated'));
  chmodSync(folder.path, 0o755);
  chmodSync(file, 0o666);
  expect(await failureOf(withoutRights(() => openWatchStore(file)))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringMatching(
      /Other users have permissions .* \(mode 666\).*Run "chmod 600" as its owner/,
    ),
  });
});

it('resumes where the last process stopped', async () => {
  await inStore((store) =>
    store.append({
      origin: 'poll',
      cursor: { at: 1 },
      pages: new Map([['p', 'q']]),
      events: [sampleEvent('a')],
    }),
  );
  await inStore(async (store) => {
    expect(await store.cursorOf('poll')).toEqual({ at: 1 });
    expect(await store.pagesOf('poll').read('p')).toBe('q');
    expect(await store.count()).toBe(1);
  });
});

it('reports the process that has it open, and is free as soon as that process ends', async () => {
  const child = startHolder();
  expect(JSON.parse(await nextLine(child.stdout))).toEqual({ opened: true });
  expect(await failureOf(openWatchStore(file))).toMatchObject({
    code: 'conflict',
    message: `Process ${child.pid} has the state file ${file} open. Two watchers on one state would deliver every event twice. Stop that process first, or use another file.`,
  });
  const other = startHolder();
  expect(JSON.parse(await nextLine(other.stdout))).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`Process ${child.pid} has`),
  });
  await kill(child);
  expect(await inStore((store) => store.count())).toBe(0);
});

it('rejects a second open by the same process, even by another path', async () => {
  const store = await openWatchStore(file);
  const error = await failureOf(openWatchStore(`${folder.path}/./watch.state`));
  expect(error.message).toContain(`Process ${process.pid} has the state file`);
  // The attempt has not ended the lock of the first.
  const child = startHolder();
  expect(JSON.parse(await nextLine(child.stdout))).toMatchObject({ code: 'conflict' });
  store.close();
  expect(await inStore((again) => again.count())).toBe(0);
});

it('keeps the state unchanged if the process is killed during a transaction', async () => {
  await inStore((store) =>
    store.append({ origin: 'poll', cursor: 1, pages: new Map([['a', 'one']]), events: [sampleEvent('one')] }),
  );
  const child = startHolder('die-inside-append');
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  await inStore(async (store) => {
    expect(await store.cursorOf('poll')).toBe(1);
    expect(await store.pagesOf('poll').read('a')).toBe('one');
    expect((await store.undelivered(9)).map(({ text }) => JSON.parse(text).dedupeKey)).toEqual(['one']);
  });
});

it('shrinks the file once many events are delivered', async () => {
  await inStore(
    async (store) => {
      const events = Array.from({ length: 2000 }, (_, index) => sampleEvent(`event ${index}`));
      await store.append({ origin: 'poll', cursor: 1, events });
      expect(statSync(file).size).toBeGreaterThan(500_000);
      await store.acknowledge((await store.undelivered(2000)).map(({ position }) => position));
    },
    { mostReplayedEvents: 0 },
  );
  expect(statSync(file).size).toBeLessThan(100_000);
});

it.each([
  ['a text', 'Dear diary, …'],
  ['a short text', 'x'],
])('does not change %s', async (_, content) => {
  writeFileSync(file, content);
  expect(await failureOf(openWatchStore(file))).toMatchObject({
    code: 'invalid_input',
    message: `${file} is not a state file. It was not changed. Use a new file, or one that a watch created.`,
  });
  expect(readFileSync(file, 'utf8')).toBe(content);
});

it("does not change another program's database, or its unfinished transaction", async () => {
  const db = new DatabaseSync(file);
  db.exec('CREATE TABLE invoice (id INTEGER); INSERT INTO invoice VALUES (1)');
  db.close();
  writeFileSync(`${file}-journal`, 'unfinished work');
  const before = readFileSync(file);
  expect(await failureOf(openWatchStore(file))).toMatchObject({ code: 'invalid_input' });
  expect(readFileSync(file)).toEqual(before);
  expect(readFileSync(`${file}-journal`, 'utf8')).toBe('unfinished work');
});

it('refuses an empty file, until it is deleted to start over', async () => {
  writeFileSync(file, '');
  expect(await failureOf(openWatchStore(file))).toMatchObject({
    code: 'invalid_input',
    message: `The state file ${file} is empty. A state never is, so its content may be lost. It was not changed. Restore a backup of it. To start over, delete the file: polls then start over, and undelivered events are lost.`,
  });
  expect(readFileSync(file)).toHaveLength(0);
  unlinkSync(file);
  // A transaction of the deleted state is not undone in the new one.
  writeFileSync(`${file}-journal`, 'unfinished work');
  await inStore((store) => store.append({ origin: 'poll', cursor: 1, events: [] }));
  expect(await inStore((store) => store.cursorOf('poll'))).toBe(1);
  expect(readdirSync(folder.path)).toEqual(['watch.state']);
});

it.each([
  ['deleted', () => unlinkSync(file)],
  ['moved away', () => renameSync(file, `${file}.old`)],
  [
    'replaced by a copy',
    () => {
      copyFileSync(file, `${file}.copy`);
      renameSync(`${file}.copy`, file);
    },
  ],
])('stores nothing in a state that was %s while it is open', async (_, act) => {
  const store = await openWatchStore(file);
  await store.append({ origin: 'poll', cursor: 1, events: [sampleEvent('a')] });
  act();
  for (const change of [
    () => store.append({ origin: 'poll', cursor: 2, events: [] }),
    () => store.acknowledge([1]),
  ])
    expect(await failureOf(change())).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('was deleted or replaced while it was open. Nothing was stored'),
    });
  expect(await store.cursorOf('poll')).toBe(1);
  store.close();
});

it.each([
  ['emptied', 0, 'is empty. A state never is'],
  ['truncated', 4096, 'is damaged: its end is missing'],
])(
  'reports a state that was %s while it is open, and does not promise to resume',
  async (_, length, message) => {
    const store = await openWatchStore(file);
    const pages = new Map([['a', 'x'.repeat(50)]]);
    await store.append({ origin: 'poll', cursor: 'x'.repeat(20_000), pages, events: [sampleEvent('a')] });
    truncateSync(file, length);
    // What SQLite has read before is in its cache: from the size on, it reads what is missing.
    const use = async (): Promise<void> => {
      for (let event = 0; event < 20; event += 1)
        await store.append({ origin: `poll ${event}`, cursor: 'y'.repeat(2000), events: [sampleEvent('b')] });
      store.close();
      await openWatchStore(file);
    };
    expect((await failureOf(use())).message).toContain(message);
  },
);

it('refuses a truncated state, wherever it ends', async () => {
  await inStore((store) => store.append({ origin: 'poll', cursor: 'x'.repeat(3000), events: [] }));
  const whole = readFileSync(file);
  for (const length of [1, 20, 99, 100, 1000, 1024, 1500, 8192, whole.length - 1024, whole.length - 1]) {
    writeFileSync(file, whole.subarray(0, length));
    expect(await failureOf(openWatchStore(file)), `${length} bytes`).toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(/is damaged.*Restore a backup of it, or use a new file/),
    });
    expect(statSync(file).size).toBe(length);
  }
  writeFileSync(file, whole);
  expect(await inStore((store) => store.cursorOf('poll'))).toBe('x'.repeat(3000));
});

it('refuses a state whose tables are missing', async () => {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA application_id = ${0x526f6c65}`);
  db.close();
  expect((await failureOf(openWatchStore(file))).message).toContain('its tables are missing');
});

it.each([2, 4, 6, 7, 9])(
  'opens a state whose creation was killed after %i statements',
  async (statements) => {
    const child = startHolder('die-inside-open', `${statements}`);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    expect(existsSync(file)).toBe(statements >= 7);
    await inStore((store) => store.append({ origin: 'poll', cursor: 1, events: [] }));
    expect(await inStore((store) => store.cursorOf('poll'))).toBe(1);
    expect(readdirSync(folder.path)).toEqual(['watch.state']);
  },
);

it('uses the complete state of a process that was killed before it could rename it', async () => {
  await inStore((store) => store.claim('user_updated'));
  renameSync(file, `${file}-new`);
  await inStore((store) => store.claim('user_updated'));
  expect(readdirSync(folder.path)).toEqual(['watch.state']);
});

it('reports a process that is creating the state, and does not replace a state that another one created', async () => {
  const db = new DatabaseSync(`${file}-new`);
  db.exec('BEGIN EXCLUSIVE');
  expect(await failureOf(openWatchStore(file))).toMatchObject({ code: 'conflict' });
  expect(existsSync(file)).toBe(false);
  db.close();
  const draft = createDraft(file);
  await inStore((store) => store.append({ origin: 'poll', cursor: 1, events: [] }));
  writeFileSync(draft.path, 'a second draft');
  publishDraft(draft, () => undefined);
  expect(await inStore((store) => store.cursorOf('poll'))).toBe(1);
  expect(readdirSync(folder.path)).toEqual(['watch.state']);
});

it('creates the target of a symbolic link, and reports links that lead nowhere', async () => {
  mkdirSync(folder.file('elsewhere'));
  symlinkSync('elsewhere/real.state', file);
  await inStore((store) => store.claim('user_updated'));
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  expect(readdirSync(folder.file('elsewhere'))).toEqual(['real.state']);
  symlinkSync('loop.state', folder.file('loop.state'));
  await expect(openWatchStore(folder.file('loop.state'))).rejects.toThrow('ELOOP');
});

it('migrates a state of version 1, and loses nothing', async () => {
  const db = new DatabaseSync(file);
  db.exec(
    `PRAGMA application_id = ${0x526f6c65};
     CREATE TABLE state (version INTEGER NOT NULL, owner TEXT);
     INSERT INTO state VALUES (1, 'user_updated');
     CREATE TABLE cursor (origin TEXT PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID;
     INSERT INTO cursor VALUES ('poll', '7'), ('security_event_poll', '8');
     CREATE TABLE page (origin TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (origin, name));
     CREATE TABLE outbox (position INTEGER PRIMARY KEY, event TEXT NOT NULL);
     INSERT INTO outbox VALUES (3, '{"dedupeKey":"left"}');
     CREATE TABLE seen (key BLOB PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
     CREATE TABLE newest (resource BLOB PRIMARY KEY, at_in_ms INTEGER NOT NULL) WITHOUT ROWID;`,
  );
  db.prepare('INSERT INTO page VALUES (?, ?, ?)').run('poll', 'User/0', brotliCompressSync('a page'));
  db.close();
  await inStore(async (store) => {
    expect(await failureOf(store.claim('user_provisioned'))).toMatchObject({ code: 'invalid_input' });
    await store.claim('user_updated');
    expect(await store.cursorOf('poll/user_updated')).toBe(7);
    expect(await store.cursorOf('security_event_poll')).toBe(8);
    expect(await store.pagesOf('poll/user_updated').read('User/0')).toBe('a page');
    expect(await store.undelivered(9)).toEqual([
      { position: 3, trigger: 'user_updated', text: '{"dedupeKey":"left"}' },
    ]);
  });
});

it('does not change the state of a later release', async () => {
  await inStore((store) => store.claim('user_updated'));
  const db = new DatabaseSync(file);
  db.exec('UPDATE state SET version = 99');
  db.close();
  const before = readFileSync(file);
  expect(await failureOf(openWatchStore(file))).toMatchObject({
    code: 'invalid_input',
    message: `The state file ${file} has version 99, but this release supports versions up to 5. Use the release that created it, or a newer one.`,
  });
  expect(readFileSync(file)).toEqual(before);
});

it('reports a damaged file', async () => {
  await inStore((store) => store.append({ origin: 'poll', cursor: 'x'.repeat(5000), events: [] }));
  const bytes = readFileSync(file);
  bytes.fill(0xff, 1024);
  writeFileSync(file, bytes);
  expect(await failureOf(openWatchStore(file))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringMatching(/is damaged .*\. Restore a backup of it/),
  });
});

it.each([
  ['a trigger', 'CREATE TRIGGER x AFTER INSERT ON event BEGIN DELETE FROM event; END', 'a foreign part, "x"'],
  ['a view', 'CREATE VIEW y AS SELECT * FROM event', 'a foreign part, "y"'],
  ['an event that is not JSON', "INSERT INTO event (event) VALUES ('not json')", 'event 1 is not JSON'],
])('refuses a state into which another program has put %s', async (_, sql, message) => {
  await inStore((store) => store.claim('user_updated'));
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
  expect(await failureOf(openWatchStore(file))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining(message),
  });
});

it('refuses a name whose file has an unfinished transaction under another, and follows a symbolic link', async () => {
  await inStore((store) => store.append({ origin: 'poll', events: [sampleEvent('a')] }));
  linkSync(file, `${file}.hard`);
  expect(await inStore((store) => store.count())).toBe(1);
  // What a killed watch has left under one name is not undone under the other.
  writeFileSync(`${file}.hard-journal`, 'unfinished work');
  expect((await failureOf(openWatchStore(file))).message).toContain('one of 2 names (hard links)');
  unlinkSync(`${file}.hard-journal`);
  unlinkSync(`${file}.hard`);
  symlinkSync(file, `${file}.soft`);
  const store = await openWatchStore(`${file}.soft`);
  expect(await store.count()).toBe(1);
  expect((await failureOf(openWatchStore(file))).code).toBe('conflict');
  store.close();
});

it('reports a path that is a folder, or whose folder does not exist', async () => {
  mkdirSync(file);
  expect((await failureOf(openWatchStore(file))).message).toContain(
    'is not a regular file. It was not changed.',
  );
  expect(await failureOf(openWatchStore(`${folder.path}/nowhere/watch.state`))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('cannot be created: the folder does not exist'),
  });
});

it('reports missing permissions for the file or its folder', async () => {
  await inStore((store) => store.claim('user_updated'));
  chmodSync(folder.path, 0o755);
  chmodSync(file, 0o000);
  expect(await failureOf(withoutRights(() => openWatchStore(file)))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('cannot be opened'),
  });
  chmodSync(file, 0o666);
  chmodSync(folder.path, 0o555);
  expect(await failureOf(withoutRights(() => openWatchStore(file)))).toMatchObject({
    code: 'invalid_input',
    nextStep: expect.stringContaining('the file and its folder, or use another file.'),
  });
  expect(await failureOf(withoutRights(() => openWatchStore(folder.file('new.state'))))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('cannot be opened'),
  });
  chmodSync(folder.path, 0o755);
  expect(readdirSync(folder.path)).toEqual(['watch.state']);
});

/** Runs a script with a file size limit in kilobytes, as on a full disk. */
function onSmallDisk(kilobytes: number): { error: object; failedAt?: number; kept?: object } {
  // Without the trap the system would kill the process instead of returning an error.
  const command = `trap '' XFSZ; ulimit -f ${kilobytes}; exec "$0" "$@"`;
  const out = execFileSync('bash', ['-c', command, process.execPath, filler, file], { encoding: 'utf8' });
  return JSON.parse(out);
}

it('keeps everything appended before the disk is full, and reports the full disk', async () => {
  const { error, failedAt = 0, kept } = onSmallDisk(40);
  expect(error).toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(
      /^The state file .* cannot be .* start again\. It resumes where it stopped/,
    ),
  });
  expect(failedAt).toBeGreaterThan(3);
  expect(kept).toEqual({ cursor: failedAt - 1, count: failedAt - 1 });
  await inStore(async (store) => {
    expect(await store.cursorOf('poll')).toBe(failedAt - 1);
    expect(await store.count()).toBe(failedAt - 1);
  });
});

it.each([1, 2, 4, 6])('creates the state once the disk has space for it (%i KB)', async (kilobytes) => {
  expect(onSmallDisk(kilobytes).error).toMatchObject({ code: 'unavailable' });
  expect(await inStore((store) => store.count())).toBe(0);
});
