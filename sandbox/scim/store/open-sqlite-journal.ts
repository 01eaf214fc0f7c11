import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import type { ResourceRecord } from '../resource/resource-record.ts';
import type { Journal } from './journal.ts';

const schemaVersion = 1;

/**
 * Opens a SQLite file as a journal that only its owner can read, and keeps it locked until it is closed.
 *
 * @throws Error if another process has it open, or a later release of Rolecall wrote it.
 */
export async function openSqliteJournal(dbFile: string): Promise<Journal> {
  // Loaded only here: a sandbox in memory needs no SQLite, and prints no warning about an experimental module.
  const { DatabaseSync } = await import('node:sqlite');
  if (!existsSync(dbFile)) closeSync(openSync(dbFile, 'a', ownerOnly));
  const db = new DatabaseSync(dbFile);
  try {
    // With locking_mode EXCLUSIVE, the lock of the next transaction is kept. A WAL commit is in the
    // file when write() returns, so it survives kill -9. NORMAL omits the fsync that protects only
    // against power failures.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    db.exec('BEGIN EXCLUSIVE');
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    if (tables.length > 0 && !tables.some(({ name }) => name === 'rolecall')) {
      throw new Error(
        `${dbFile} is another application's database: use a new file, or one that a sandbox created`,
      );
    }
    db.exec('CREATE TABLE IF NOT EXISTS rolecall (schema_version INTEGER NOT NULL)');
    db.exec(
      'CREATE TABLE IF NOT EXISTS resource (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL, record TEXT NOT NULL)',
    );
    const found = db.prepare('SELECT schema_version AS version FROM rolecall').get()?.version;
    if (found === undefined) db.prepare('INSERT INTO rolecall VALUES (?)').run(schemaVersion);
    else if (found !== schemaVersion) {
      throw new Error(`${dbFile} has schema version ${found}; this release reads version ${schemaVersion}`);
    }
    db.exec('COMMIT');
    // An earlier release created the file readable by everyone.
    for (const name of filesOf(dbFile)) if (existsSync(name)) chmodSync(name, ownerOnly);
  } catch (error) {
    db.close();
    if (isBusy(error)) throw new Error(`${dbFile} is in use by another process`, { cause: error });
    throw error;
  }
  const begin = db.prepare('BEGIN');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const put = db.prepare('INSERT OR REPLACE INTO resource (sequence, id, record) VALUES (?, ?, ?)');
  const drop = db.prepare('DELETE FROM resource WHERE sequence = ?');
  const all = db.prepare('SELECT record FROM resource ORDER BY sequence');
  return {
    *load() {
      // The file is locked and versioned, so its records are trusted.
      for (const row of all.iterate()) yield JSON.parse(String(row.record)) as ResourceRecord;
    },
    write(changes) {
      begin.run();
      try {
        for (const { before, after } of changes) {
          if (after !== undefined) put.run(after.sequence, after.id, JSON.stringify(after));
          else if (before !== undefined) drop.run(before.sequence);
        }
        commit.run();
      } catch (error) {
        rollback.run();
        throw error;
      }
    },
    close: () => db.close(),
  };
}

// The file contains private keys. SQLite creates its side files with the same permissions.
const ownerOnly = 0o600;

function filesOf(dbFile: string): readonly string[] {
  return [dbFile, `${dbFile}-wal`, `${dbFile}-shm`];
}

// SQLITE_BUSY is result code 5; node:sqlite returns it as `errcode`.
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}
