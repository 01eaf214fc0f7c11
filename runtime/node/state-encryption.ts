import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { failureRow } from './sqlite-failures.ts';
import { laneDigest, storedLaneKeys } from './sqlite-lanes.ts';
import { cursorRow, digestOf, eventRow, pageRow, plainCipher } from './sqlite-watch-store.ts';
import {
  createEncryption,
  type OpenEncryption,
  openEncryption,
  type StateCipher,
  type StateEncryption,
} from './state-cipher.ts';
import { stateHasOtherKey, stateIsEncrypted, stateIsPlain, wrongStateKey } from './state-error.ts';

/**
 * The cipher of an open state.
 *
 * @throws ConnectorError `invalid_input` if the key is not the one of the state, or if only one of them has a key
 */
export function openCipher(db: DatabaseSync, file: string, key: Uint8Array | undefined): StateCipher {
  const encryption = readEncryption(db);
  if (encryption === undefined) {
    if (key !== undefined) throw stateIsPlain(file);
    return plainCipher;
  }
  if (key === undefined) throw stateIsEncrypted(file);
  const opened = openEncryption(key, encryption);
  if (opened === undefined) throw wrongStateKey(file);
  return opened.cipher;
}

/** Makes a state without contents an encrypted one. */
export function encryptNewState(db: DatabaseSync, key: Uint8Array): void {
  writeEncryption(db, createEncryption(key));
}

/**
 * Whether a state is not encrypted with the new key yet: a command that was killed after its last step can be repeated.
 *
 * @param oldKey the key of the state, if it is encrypted
 * @throws ConnectorError `invalid_input` if the old key is not the one of the state
 */
export function needsEncryption(
  db: DatabaseSync,
  file: string,
  newKey: Uint8Array,
  oldKey: Uint8Array | undefined,
): boolean {
  const encryption = readEncryption(db);
  if (encryption !== undefined && openEncryption(newKey, encryption) !== undefined) return false;
  if (encryption !== undefined && oldKey === undefined) throw stateHasOtherKey(file);
  openCipher(db, file, oldKey);
  return true;
}

/**
 * Encrypts a state, or encrypts it with another key. It is a part of a transaction.
 *
 * @param oldKey the key of the state, if it is encrypted
 * @throws ConnectorError `invalid_input` if the old key is not the one of the state
 */
export function encryptState(
  db: DatabaseSync,
  file: string,
  newKey: Uint8Array,
  oldKey: Uint8Array | undefined,
): void {
  const encryption = readEncryption(db);
  const before = encryption && oldKey && openEncryption(oldKey, encryption);
  if (encryption !== undefined && before === undefined) throw wrongStateKey(file);
  const after = createEncryption(newKey, before?.lookupKey);
  writeEncryption(db, after);
  sealValues(db, before?.cipher ?? plainCipher, after.cipher, nameWith(before, after));
  if (before === undefined) digestKeys(db, after.cipher);
}

/** How the stored names of a state change: an encrypted one keeps them, since its lookup key stays the same. */
function nameWith(before: OpenEncryption | undefined, after: OpenEncryption): (name: string) => string {
  return before === undefined ? after.cipher.name : (name) => name;
}

function sealValues(
  db: DatabaseSync,
  before: StateCipher,
  after: StateCipher,
  rename: (name: string) => string,
): void {
  const readCursor = db.prepare('SELECT cursor FROM cursor WHERE origin = ?');
  const setCursor = db.prepare('UPDATE cursor SET origin = ?, cursor = ? WHERE origin = ?');
  for (const [origin = ''] of texts(db, 'SELECT origin FROM cursor')) {
    const text = before.openText(cursorRow(origin), readCursor.get(origin)?.cursor);
    setCursor.run(rename(origin), after.seal(cursorRow(rename(origin)), text), origin);
  }
  const readPage = db.prepare('SELECT content FROM page WHERE origin = ? AND name = ?');
  const setPage = db.prepare(
    'UPDATE page SET origin = ?, name = ?, content = ? WHERE origin = ? AND name = ?',
  );
  for (const [origin = '', name = ''] of texts(db, 'SELECT origin, name FROM page')) {
    const content = before.openBytes(pageRow(origin, name), readPage.get(origin, name)?.content);
    const to = [rename(origin), rename(name)] as const;
    setPage.run(...to, after.seal(pageRow(...to), content), origin, name);
  }
  const readEvent = db.prepare('SELECT * FROM event WHERE position = ?');
  const setEvent = db.prepare('UPDATE event SET event = ? WHERE position = ?');
  for (const [position] of texts(db, 'SELECT position FROM event')) {
    const row = readEvent.get(Number(position));
    if (row === undefined) continue;
    const text = before.openText(eventRow(row), row.event);
    setEvent.run(after.seal(eventRow(row), text), Number(position));
  }
  const readFailure = db.prepare('SELECT message FROM failure WHERE sink = ? AND position = ?');
  const setFailure = db.prepare('UPDATE failure SET message = ? WHERE sink = ? AND position = ?');
  for (const [sink = '', text] of texts(db, 'SELECT sink, position FROM failure')) {
    const position = Number(text);
    const row = failureRow(sink, position);
    const message = before.openText(row, readFailure.get(sink, position)?.message);
    setFailure.run(after.seal(row, message), sink, position);
  }
}

/** Turns the digests of a plain state into those of an encrypted one. */
function digestKeys(db: DatabaseSync, cipher: StateCipher): void {
  const digest = (stored: SQLOutputValue | undefined): Uint8Array => cipher.digest(stored as Uint8Array);
  for (const [table, column] of [['seen', 'key'] as const, ['newest', 'resource'] as const]) {
    const setKey = db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${column} = ?`);
    for (const row of db.prepare(`SELECT ${column} FROM ${table}`).all())
      setKey.run(digest(row[column]), row[column] ?? null);
  }
  // Half a digest is stored of a lane, so that it is computed from the event again.
  const indexed = db.prepare('SELECT DISTINCT event.* FROM event JOIN lane_key USING (position)').all();
  db.exec('DELETE FROM lane_key');
  const addKey = db.prepare('INSERT OR IGNORE INTO lane_key VALUES (?, ?)');
  for (const row of indexed)
    for (const key of storedLaneKeys(cipher.openText(eventRow(row), row.event)))
      addKey.run(laneDigest(cipher.digest(digestOf(key))), row.position ?? null);
}

/** The rows of a query, read before any of them changes. */
function texts(db: DatabaseSync, sql: string): readonly (readonly string[])[] {
  return db
    .prepare(sql)
    .all()
    .map((row) => Object.values(row).map(String));
}

function readEncryption(db: DatabaseSync): StateEncryption | undefined {
  const row = db.prepare('SELECT salt, lookup_key FROM encryption').get();
  if (!(row?.salt instanceof Uint8Array) || !(row.lookup_key instanceof Uint8Array)) return undefined;
  return { salt: row.salt, sealedLookupKey: row.lookup_key };
}

function writeEncryption(db: DatabaseSync, { salt, sealedLookupKey }: StateEncryption): void {
  db.exec('DELETE FROM encryption');
  db.prepare('INSERT INTO encryption VALUES (?, ?)').run(salt, sealedLookupKey);
}
