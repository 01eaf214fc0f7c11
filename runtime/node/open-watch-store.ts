import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { claimTriggers, deduplicate, type EventMemory } from '../watch/outbox.ts';
import { deduplicationWindowInDays, type HoldPages, type WatchStore } from '../watch/watch-store.ts';
import { isBusy, stateError, stateInUse, stateOfLaterVersion } from './state-error.ts';
import { holdStateFile, readStateHeader, stateApplicationId } from './state-file.ts';

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
];

const dayInMs = 86_400_000;
/** With fewer unused pages, a file is not worth shrinking. */
const sparePages = 64;

/**
 * Opens a file as the state of a watch, and locks it until it is closed. Each change is on disk when its promise
 * resolves, so that it survives `kill -9` and a loss of power.
 *
 * @param file - the path of the file, which is created if it does not exist
 * @param now - returns the time, in milliseconds since 1970. Default: the system clock
 * @throws ConnectorError `conflict` if another process has it open, `invalid_input` if it is another kind of file
 *
 * @example
 * ```ts
 * const store = await openWatchStore('leavers.state');
 * for await (const { subject } of connector.triggers.user_deprovisioned.watch({}, { store })) {
 *   console.log(subject.userName);
 * }
 * ```
 */
export async function openWatchStore(file: string, now: () => number = Date.now): Promise<WatchStore> {
  // Loaded only here: without a state in a file, SQLite is not needed, and its warning not shown.
  const { DatabaseSync } = await import('node:sqlite');
  const release = holdStateFile(file);
  try {
    const db = openDatabase(() => new DatabaseSync(file), file);
    return createStore(db, file, now, release);
  } catch (error) {
    release();
    throw error;
  }
}

function openDatabase(connect: () => DatabaseSync, file: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = connect();
    // With locking_mode EXCLUSIVE, a transaction's lock is held after it, and the operating system releases it when
    // the process ends, however it ends. The journal mode is SQLite's default, DELETE: closed, the state is one file.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA page_size = 1024;');
    // Creating a state is one transaction: a process that is killed during it leaves an empty file.
    db.exec('BEGIN EXCLUSIVE');
    migrate(db, file);
    // Processes that are locked out can still read the header: it says which process to stop.
    db.exec(`PRAGMA user_version = ${process.pid}`);
    db.exec('COMMIT');
    return db;
  } catch (error) {
    db?.close();
    throw isBusy(error) ? stateInUse(file, readStateHeader(file)?.processId) : stateError(error, file);
  }
}

function migrate(db: DatabaseSync, file: string): void {
  const isNew = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count === 0;
  if (isNew) db.exec(`PRAGMA application_id = ${stateApplicationId}`);
  const found = isNew ? 0 : Number(db.prepare('SELECT version FROM state').get()?.version);
  if (found > migrations.length) throw stateOfLaterVersion(file, found, migrations.length);
  for (const sql of migrations.slice(found)) db.exec(sql);
  if (found < migrations.length) db.prepare('UPDATE state SET version = ?').run(migrations.length);
}

function createStore(db: DatabaseSync, file: string, now: () => number, release: () => void): WatchStore {
  const readOwners = db.prepare('SELECT trigger_key FROM owner');
  const addOwner = db.prepare('INSERT OR IGNORE INTO owner VALUES (?)');
  const readCursor = db.prepare('SELECT cursor FROM cursor WHERE origin = ?');
  const setCursor = db.prepare('INSERT OR REPLACE INTO cursor VALUES (?, ?)');
  const readPage = db.prepare('SELECT content FROM page WHERE origin = ? AND name = ?');
  const setPage = db.prepare('INSERT OR REPLACE INTO page VALUES (?, ?, ?)');
  const dropPage = db.prepare('DELETE FROM page WHERE origin = ? AND name = ?');
  const addEvent = db.prepare('INSERT INTO outbox (event, trigger_key) VALUES (?, ?)');
  const readEvents = db.prepare('SELECT position, event, trigger_key FROM outbox ORDER BY position LIMIT ?');
  const countEvents = db.prepare('SELECT count(*) AS count FROM outbox');
  const dropEvents = db.prepare('DELETE FROM outbox WHERE position <= ?');
  const memory = createMemory(db, () => Math.floor(now() / dayInMs));

  const heldPages: HoldPages = {
    read(name) {
      const content = readPage.get('safeguard', name)?.content;
      return content instanceof Uint8Array ? brotliDecompressSync(content).toString() : undefined;
    },
    write(name, content) {
      if (content === null) dropPage.run('safeguard', name);
      else setPage.run('safeguard', name, pack(content));
    },
  };

  const guard = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw stateError(error, file);
    }
  };
  /** Runs one transaction. */
  const step = (run: () => unknown): void =>
    guard(() => {
      db.exec('BEGIN');
      try {
        run();
        db.exec('COMMIT');
      } catch (error) {
        rollBack(db);
        throw error;
      }
    });

  return {
    async claim(...triggers) {
      step(() => {
        const owners = readOwners.all().map(({ trigger_key: owner }) => String(owner));
        for (const owner of claimTriggers(owners, triggers)) if (!owners.includes(owner)) addOwner.run(owner);
      });
    },
    async cursorOf(origin) {
      const text = guard(() => readCursor.get(origin)?.cursor);
      return typeof text === 'string' ? JSON.parse(text) : undefined;
    },
    pagesOf: (origin) => ({
      async read(name) {
        const content = guard(() => readPage.get(origin, name)?.content);
        return content instanceof Uint8Array ? brotliDecompressSync(content).toString() : undefined;
      },
    }),
    async append(...batches) {
      step(() => {
        memory.prune();
        for (const batch of batches) {
          const { origin, trigger = null, cursor, pages = new Map<string, string | null>() } = batch;
          if (cursor !== undefined) setCursor.run(origin, JSON.stringify(cursor));
          for (const [name, content] of pages) {
            if (content === null) dropPage.run(origin, name);
            else setPage.run(origin, name, pack(content));
          }
          const fresh = deduplicate(batch, memory);
          for (const event of batch.admit?.(fresh, heldPages) ?? fresh)
            addEvent.run(JSON.stringify(event), trigger);
        }
      });
    },
    async undelivered(limit) {
      return guard(() => readEvents.all(limit)).map(({ position, event, trigger_key: trigger }) => ({
        position: Number(position),
        trigger: typeof trigger === 'string' ? trigger : undefined,
        text: String(event),
      }));
    },
    async count() {
      return Number(guard(() => countEvents.get()?.count));
    },
    async acknowledge(upTo) {
      step(() => dropEvents.run(upTo));
      if (guard(() => readEvents.get(1) === undefined)) shrink(db);
    },
    close() {
      db.close();
      release();
    },
  };
}

function createMemory(db: DatabaseSync, today: () => number): EventMemory & { prune(): void } {
  const readKey = db.prepare('SELECT day FROM seen WHERE key = ?');
  const addKey = db.prepare('INSERT INTO seen VALUES (?, ?)');
  const readNewest = db.prepare('SELECT at_in_ms FROM newest WHERE resource = ?');
  const setNewest = db.prepare('INSERT OR REPLACE INTO newest VALUES (?, ?)');
  const dropKeys = db.prepare('DELETE FROM seen WHERE day < ?');
  const dropNewest = db.prepare('DELETE FROM newest WHERE at_in_ms < ?');
  let prunedOnDay: number | undefined;
  return {
    hasSeen: (dedupeKey) => readKey.get(digest(dedupeKey)) !== undefined,
    markSeen: (dedupeKey) => void addKey.run(digest(dedupeKey), today()),
    newestAtInMs(resource) {
      const atInMs = readNewest.get(digest(resource))?.at_in_ms;
      return atInMs === undefined ? undefined : Number(atInMs);
    },
    setNewest: (resource, atInMs) => void setNewest.run(digest(resource), atInMs),
    prune() {
      const day = today();
      if (prunedOnDay === day) return;
      dropKeys.run(day - deduplicationWindowInDays);
      dropNewest.run((day - deduplicationWindowInDays) * dayInMs);
      prunedOnDay = day;
    },
  };
}

/** Sixteen bytes represent a name of any length: a state stays small, and two names do not collide by chance. */
function digest(name: string): Uint8Array {
  return createHash('sha256').update(name).digest().subarray(0, 16);
}

/** Compresses a page. A higher quality takes ten times as long, and saves one byte in a hundred. */
function pack(content: string): Uint8Array {
  return brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}

/** Creates a file small again that is mostly empty: a first poll may have put a whole directory into the outbox. */
function shrink(db: DatabaseSync): void {
  const free = Number(db.prepare('PRAGMA freelist_count').get()?.freelist_count);
  const all = Number(db.prepare('PRAGMA page_count').get()?.page_count);
  if (free < sparePages || free < all / 2) return;
  try {
    db.exec('VACUUM');
  } catch {
    // VACUUM needs space for a copy. Without it, the file stays large, and works as before.
  }
}

// After some errors, such as a full disk, SQLite has already rolled back, and ROLLBACK fails.
function rollBack(db: DatabaseSync): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // The error to report is the previous one.
  }
}
