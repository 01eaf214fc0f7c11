import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** The time at which the fixtures were written. */
export const fixtureEpochInMs = Date.UTC(2026, 0, 1, 12);

/** A key of a state, and another one. */
export const stateKey = Buffer.alloc(32, 7).toString('base64');
export const otherStateKey = Buffer.alloc(32, 8).toString('hex');

/** Creates the state that an earlier release wrote. */
export function writeStateOfVersion(version: 1 | 2 | 3, file: string): void {
  const db = new DatabaseSync(file);
  // As every release has set it.
  db.exec('PRAGMA page_size = 1024');
  const sql = readFileSync(new URL(`./states/version-${version}.sql`, import.meta.url), 'utf8');
  db.exec(`BEGIN; ${sql} COMMIT`);
  db.close();
}
