import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startSandbox } from '../../../sandbox/index.ts';

let folder: string;
let oldMask: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-permissions-'));
  oldMask = process.umask(0o022);
});

afterEach(() => {
  process.umask(oldMask);
  rmSync(folder, { recursive: true });
});

/** The permissions of every file of the database, the write-ahead log included. */
function permissions(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]),
  );
}

// Windows has no such permissions.
it.skipIf(process.platform === 'win32')('lets nobody but the owner read a database file', async () => {
  const dbFile = join(folder, 'sandbox.db');
  const first = await startSandbox({ dbFile });
  expect(permissions()).toEqual({ 'sandbox.db': '600', 'sandbox.db-wal': '600' });
  await first.close();

  // As an earlier release has made it.
  chmodSync(dbFile, 0o644);
  const second = await startSandbox({ dbFile });
  expect(permissions()).toEqual({ 'sandbox.db': '600', 'sandbox.db-wal': '600' });
  await second.close();
  expect(permissions()).toEqual({ 'sandbox.db': '600' });
});
