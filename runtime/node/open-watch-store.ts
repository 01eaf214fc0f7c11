import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { ConnectorError } from '../../connector/errors.ts';
import {
  defaultSink,
  mostReplayedEvents,
  replayWindowInDays,
  type WatchStore,
} from '../watch/watch-store.ts';
import { sleep } from './sleep.ts';
import { createSqliteWatchStore, eventRow } from './sqlite-watch-store.ts';
import type { StateCipher } from './state-cipher.ts';
import { encryptNewState, encryptState, needsEncryption, openCipher } from './state-encryption.ts';
import { damagedState, isBusy, stateError, stateInUse, stateOfLaterVersion } from './state-error.ts';
import {
  createCopy,
  createDraft,
  discardCopy,
  holdStateFile,
  publishCopy,
  publishDraft,
  readStateHeader,
  stateApplicationId,
  stateExists,
} from './state-file.ts';
import { readStateKey } from './state-key.ts';
import { acceptStateCommands, runStateCommand, type StateCommand, sendStateCommand } from './steer-state.ts';

/** What each version of the file adds to the previous one; opening brings a file to the last of them. */
const migrations: readonly string[] = [
  `CREATE TABLE state (version INTEGER NOT NULL, owner TEXT);
   INSERT INTO state VALUES (0, NULL);
   CREATE TABLE cursor (origin TEXT PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE page (origin TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (origin, name));
   CREATE TABLE outbox (position INTEGER PRIMARY KEY, event TEXT NOT NULL);
   CREATE TABLE seen (key BLOB PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE newest (resource BLOB PRIMARY KEY, at_in_ms INTEGER NOT NULL) WITHOUT ROWID;`,
  // A state can serve several triggers: each event names its own, and each trigger has its own poll.
  `CREATE TABLE owner (trigger_key TEXT PRIMARY KEY) WITHOUT ROWID;
   INSERT INTO owner SELECT owner FROM state WHERE owner IS NOT NULL;
   ALTER TABLE state DROP COLUMN owner;
   ALTER TABLE outbox ADD COLUMN trigger_key TEXT;
   UPDATE outbox SET trigger_key = (SELECT trigger_key FROM owner);
   UPDATE cursor SET origin = 'poll/' || (SELECT trigger_key FROM owner)
     WHERE origin = 'poll' AND EXISTS (SELECT * FROM owner);
   UPDATE page SET origin = 'poll/' || (SELECT trigger_key FROM owner)
     WHERE origin = 'poll' AND EXISTS (SELECT * FROM owner);`,
  // Several sinks: each event has a delivery to each of them.
  `CREATE TABLE event (position INTEGER PRIMARY KEY AUTOINCREMENT, trigger_key TEXT, event NOT NULL);
   INSERT INTO event SELECT position, trigger_key, event FROM outbox;
   DROP TABLE outbox;
   CREATE TABLE sink (name TEXT PRIMARY KEY) WITHOUT ROWID;
   INSERT INTO sink VALUES ('${defaultSink}');
   CREATE TABLE delivery (sink TEXT NOT NULL, position INTEGER NOT NULL, state TEXT NOT NULL,
     at_in_ms INTEGER NOT NULL, PRIMARY KEY (sink, position)) WITHOUT ROWID;
   CREATE INDEX delivery_by_state ON delivery (sink, state, position);
   CREATE INDEX delivery_by_position ON delivery (position);
   INSERT INTO delivery SELECT '${defaultSink}', position, 'ready', 0 FROM event;
   CREATE TABLE failure (sink TEXT NOT NULL, position INTEGER NOT NULL, code TEXT NOT NULL, message NOT NULL,
     attempts INTEGER NOT NULL, first_failed_at_in_ms INTEGER NOT NULL, last_failed_at_in_ms INTEGER NOT NULL,
     refused_for_in_ms INTEGER NOT NULL, next_attempt_at_in_ms INTEGER NOT NULL,
     PRIMARY KEY (sink, position)) WITHOUT ROWID;
   CREATE TABLE lane_key (key BLOB NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (key, position)) WITHOUT ROWID;
   CREATE INDEX lane_key_by_position ON lane_key (position);`,
  // Encryption at rest. An encrypted state has one row. A later version migrates only what is not sealed.
  'CREATE TABLE encryption (salt BLOB NOT NULL, lookup_key BLOB NOT NULL);',
  // A sink can receive some of the events only, as JSON. Without a selection, it receives all of them.
  'ALTER TABLE sink ADD COLUMN selection TEXT;',
];

/**
 * Options of {@link openWatchStore}.
 *
 * @example
 * ```ts
 * const options: WatchStoreOptions = { replayWindowInMs: 30 * 86_400_000, mostReplayedEvents: 100_000 };
 * const store = await openWatchStore('leavers.state', options);
 * ```
 */
export interface WatchStoreOptions {
  /** Returns the time, in milliseconds since 1970. Default: the system clock. */
  readonly now?: (() => number) | undefined;
  /** How long a delivered event is kept for a replay, in milliseconds. Default: 7 days. */
  readonly replayWindowInMs?: number | undefined;
  /** The largest number of delivered events that are kept for a replay; 0 keeps none. Default: 10,000. */
  readonly mostReplayedEvents?: number | undefined;
  /**
   * The key of an encrypted state: 32 random bytes, in base64 or hexadecimal. A new state is encrypted with it. Default:
   * the state is not encrypted.
   */
  readonly key?: string | undefined;
}

/**
 * Opens a file as the state of a watch, and locks it until it is closed. Each change is on disk when its promise
 * resolves, so that it survives `kill -9` and a loss of power.
 *
 * @param file - the path of the file, which is created if it does not exist
 * @throws ConnectorError `conflict` if another process has it open, `invalid_input` if it is another kind of file, or if
 *   the key is not the one of the state
 *
 * @example
 * ```ts
 * const store = await openWatchStore('leavers.state');
 * for await (const { subject } of connector.triggers.user_deprovisioned.watch({}, { store })) {
 *   console.log(subject.userName);
 * }
 * ```
 */
export async function openWatchStore(file: string, options: WatchStoreOptions = {}): Promise<WatchStore> {
  let endCommands = (): void => undefined;
  const store = await openState(file, options, () => endCommands());
  endCommands = acceptStateCommands(file, async (command) => {
    const result = await runStateCommand(store, command);
    store.steered();
    return result;
  });
  return store;
}

/**
 * Runs a command on a state: in the process that has it open, or else in this one. It has an effect entirely or not at
 * all, even if either process is killed.
 *
 * @param key the key of an encrypted state. The process that has it open needs none
 * @throws ConnectorError `invalid_input` if there is no such file, or if the key is not the one of the state, `not_found`
 *   if nothing is what the command names, `conflict` if another process has the state open and cannot be steered
 */
export async function steerState(file: string, command: StateCommand, key?: string): Promise<unknown> {
  assertExists(file);
  for (let attempt = 1; ; attempt += 1) {
    const reply = await sendStateCommand(file, command);
    if (reply !== undefined) return reply.result;
    try {
      const store = await openState(file, { key });
      try {
        return await runStateCommand(store, command);
      } finally {
        store.close();
      }
    } catch (error) {
      // A watch that has just opened the state does not listen yet.
      const isInUse = error instanceof ConnectorError && error.code === 'conflict';
      if (!isInUse || attempt === steeringAttempts) throw error;
      await sleep(steeringWaitInMs);
    }
  }
}

const steeringAttempts = 5;
const steeringWaitInMs = 200;

/**
 * Encrypts a state that no process has open, or encrypts it with another key. If the process is killed, the state is as
 * before, or encrypted with the new key. No file has anything of the old contents afterwards.
 *
 * @param oldKey the key of the state, if it is encrypted
 * @returns whether the state was not encrypted with the new key before
 * @throws ConnectorError `conflict` if another process has it open, `invalid_input` if there is no such file, or if the old
 *   key is not the one of the state
 */
export async function encryptStateFile(file: string, newKey: string, oldKey?: string): Promise<boolean> {
  const key = readStateKey(newKey, 'The new key');
  const previous = oldKey === undefined ? undefined : readStateKey(oldKey, 'The key');
  assertExists(file);
  const { DatabaseSync } = await import('node:sqlite');
  const connect = (path: string): DatabaseSync => new DatabaseSync(resolve(path));
  const release = holdStateFile(file);
  try {
    const { db, result: isNeeded } = openDatabase(connect, file, {
      run: (open) => needsEncryption(open, file, key, previous),
    });
    db.close();
    if (isNeeded) replaceState(connect, file, (open) => encryptState(open, file, key, previous));
    return isNeeded;
  } finally {
    release();
  }
}

/**
 * Replaces a state by a changed copy, in one step: the rename. Changed in place, the file would keep parts of what was
 * deleted from it earlier, until the next VACUUM.
 */
function replaceState(
  connect: (path: string) => DatabaseSync,
  file: string,
  change: (db: DatabaseSync) => void,
): void {
  const copy = createCopy(file);
  let original: DatabaseSync | undefined;
  let changed: DatabaseSync | undefined;
  try {
    original = connect(file);
    // It is only locked, and not written, so that it has no journal: closed later, it would delete that of the copy.
    original.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
    original.prepare('VACUUM INTO ?').run(copy.path);
    changed = connect(copy.path);
    changed.exec('PRAGMA synchronous = FULL; BEGIN EXCLUSIVE');
    change(changed);
    // VACUUM also writes to the disk what "VACUUM INTO" has left to the operating system.
    changed.exec('COMMIT; VACUUM');
    changed.close();
    publishCopy(copy, () => original?.close());
  } catch (error) {
    for (const db of [changed, original]) if (db?.isOpen) db.close();
    discardCopy(copy);
    throw isBusy(error) ? stateInUse(file, readStateHeader(file)?.processId) : stateError(error, copy.path);
  }
}

/** @throws ConnectorError `invalid_input` */
function assertExists(file: string): void {
  if (existsSync(file)) return;
  throw new ConnectorError('invalid_input', {
    what: `There is no state file ${file}.`,
    nextStep: 'Pass the file that the watch has as its --state.',
  });
}

async function openState(
  file: string,
  options: WatchStoreOptions,
  onClose: () => void = () => undefined,
): Promise<WatchStore> {
  // Loaded only here: without a state in a file, SQLite is not needed, and its warning not shown.
  const { DatabaseSync } = await import('node:sqlite');
  const connect = (path: string): DatabaseSync => new DatabaseSync(resolve(path));
  const key = options.key === undefined ? undefined : readStateKey(options.key, 'The key of the state');
  if (!stateExists(file)) createState(connect, file, key);
  const release = holdStateFile(file);
  try {
    const { db, result: cipher } = openDatabase(connect, file, {
      run(open) {
        const found = openCipher(open, file, key);
        assertReadable(open, file, found);
        return found;
      },
    });
    return createSqliteWatchStore(db, {
      ...{ file, cipher },
      now: options.now ?? Date.now,
      replayWindowInMs: options.replayWindowInMs ?? replayWindowInDays * 86_400_000,
      mostReplayedEvents: options.mostReplayedEvents ?? mostReplayedEvents,
      release() {
        onClose();
        release();
      },
    });
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Creates a state under another name, and renames it once it is complete: a process that is killed before that leaves
 * no empty state, so an empty file is one that was emptied. Other processes are locked out meanwhile.
 */
function createState(
  connect: (path: string) => DatabaseSync,
  file: string,
  key: Uint8Array | undefined,
): void {
  const draft = createDraft(file);
  let db: DatabaseSync | undefined;
  try {
    db = connect(draft.path);
    db.exec('PRAGMA synchronous = FULL; PRAGMA page_size = 1024; BEGIN EXCLUSIVE');
    // One that a killed process left is either empty or complete.
    const isNew = !hasTables(db);
    if (isNew) db.exec(`PRAGMA application_id = ${stateApplicationId}; ${migrations[0]}`);
    migrate(db, draft.path);
    if (isNew && key !== undefined) encryptNewState(db, key);
    db.exec('COMMIT; BEGIN IMMEDIATE');
    publishDraft(draft, () => db?.close());
  } catch (error) {
    if (db?.isOpen) db.close();
    throw isBusy(error)
      ? stateInUse(file, readStateHeader(draft.path)?.processId)
      : stateError(error, draft.path);
  }
}

/** Opens a state, and runs something in the transaction that opens it: if that fails, the state is unchanged. */
function openDatabase<T>(
  connect: (path: string) => DatabaseSync,
  file: string,
  { run }: { run(db: DatabaseSync): T },
): { readonly db: DatabaseSync; readonly result: T } {
  let db: DatabaseSync | undefined;
  try {
    db = connect(file);
    // With locking_mode EXCLUSIVE, a transaction's lock is held after it, and the operating system releases it when
    // the process ends, however it ends. The journal mode is SQLite's default, DELETE: closed, the state is one file.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL;');
    // This also undoes the transaction of a process that was killed.
    db.exec('BEGIN EXCLUSIVE');
    assertWhole(db, file);
    migrate(db, file);
    const result = run(db);
    // Processes that are locked out can still read the header: it says which process to stop.
    db.exec(`PRAGMA user_version = ${process.pid}`);
    db.exec('COMMIT');
    return { db, result };
  } catch (error) {
    db?.close();
    throw isBusy(error) ? stateInUse(file, readStateHeader(file)?.processId) : stateError(error, file);
  }
}

/** Refuses a state that was truncated, even if only unused space is lost. @throws ConnectorError `invalid_input` */
function assertWhole(db: DatabaseSync, file: string): void {
  const pages = Number(db.prepare('PRAGMA page_count').get()?.page_count);
  const pageBytes = Number(db.prepare('PRAGMA page_size').get()?.page_size);
  if (statSync(file).size < pages * pageBytes) throw damagedState(file, 'its end is missing');
  if (!hasTables(db)) throw damagedState(file, 'its tables are missing');
}

function hasTables(db: DatabaseSync): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined;
}

function migrate(db: DatabaseSync, file: string): void {
  const found = Number(db.prepare('SELECT version FROM state').get()?.version);
  if (found > migrations.length) throw stateOfLaterVersion(file, found, migrations.length);
  // The first one creates a state, of version 0 until all have run.
  for (const sql of migrations.slice(Math.max(found, 1))) db.exec(sql);
  if (found < migrations.length) db.prepare('UPDATE state SET version = ?').run(migrations.length);
  assertOwn(db, file);
}

/** Refuses a part that another program has put into a state. @throws ConnectorError `invalid_input` */
function assertOwn(db: DatabaseSync, file: string): void {
  const foreign = db
    .prepare("SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'view') LIMIT 1")
    .get();
  if (foreign !== undefined) throw damagedState(file, `it has a foreign part, "${foreign.name}"`);
}

/** Refuses a state with an event that could not be delivered. @throws ConnectorError `invalid_input` */
function assertReadable(db: DatabaseSync, file: string, cipher: StateCipher): void {
  for (const row of db.prepare('SELECT * FROM event').iterate()) {
    try {
      JSON.parse(cipher.openText(eventRow(row), row.event));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw damagedState(file, `event ${row.position} is not JSON`);
    }
  }
}
