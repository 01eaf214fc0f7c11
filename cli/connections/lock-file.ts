import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { isBusy } from '../../runtime/node/state-error.ts';
import { UsageError } from '../errors.ts';

const longestWaitInMs = 10_000;
const retryInMs = 25;

/**
 * Runs work while no other process does, and returns its result. The operating system releases the lock of a process that
 * ends, however it ends, so that no lock is left behind.
 *
 * @param file - the file to lock: an empty database, because Node has no other lock. It stays.
 * @throws UsageError if another process holds the lock for long
 */
export async function withLock<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  const database = await open(file);
  try {
    await acquire(database, file);
    return await work();
  } finally {
    database.close();
  }
}

async function open(file: string): Promise<DatabaseSync> {
  const { DatabaseSync } = await import('node:sqlite');
  try {
    return new DatabaseSync(file);
  } catch (error) {
    throw new UsageError(`Cannot lock ${file}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

async function acquire(database: DatabaseSync, file: string): Promise<void> {
  for (let waitedInMs = 0; ; waitedInMs += retryInMs) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (waitedInMs >= longestWaitInMs)
        throw new UsageError(`Another process holds ${file}. Wait until it ends, and try again.`);
      await sleep(retryInMs);
    }
  }
}
