import { type FileHandle, link, open, readFile, unlink, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConnectorError } from '../../connector/errors.ts';
import { type ApplyJournal, isJournalRecord, type JournalRecord, readJournal } from '../../sync/journal.ts';
import { cannotWrite, isSystemError } from './cannot-write.ts';
import { whyUnreadable } from './why-unreadable.ts';

/**
 * A journal in a file, one record a line, which only its owner can read. Records are appended and never changed, and a
 * record is written once the disk has it.
 *
 * @example
 * ```ts
 * await using journal = await openJournal('people.journal');
 * const plan = await connector.plan({ users: [{ userName: 'ada@example.com' }] });
 * await connector.apply(plan, { journal });
 * ```
 */
export interface JournalFile extends ApplyJournal, AsyncDisposable {
  close(): Promise<void>;
}

/**
 * Opens a journal, and creates the file if it does not exist. Another process cannot open it at the same time. A file that
 * was created is removed when it is closed if none of its changes can have been made: there is nothing to resume or to
 * revert.
 *
 * @throws ConnectorError `invalid_input` if the file is no journal or cannot be written, `conflict` if another process has it open
 *
 * @example
 * ```ts
 * await using journal = await openJournal('people.journal');
 * console.log(journal.records.length);
 * ```
 */
export async function openJournal(path: string): Promise<JournalFile> {
  const release = await lock(path).catch((error: unknown) => {
    throw isSystemError(error) ? cannotWrite(path, error) : error;
  });
  try {
    const file = await open(path, 'a+', 0o600).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
    try {
      const isNew = (await file.stat()).size === 0;
      const records = await readRecords(file, path);
      return new JournalWriter(path, file, records, isNew, release);
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    await release();
    throw error;
  }
}

/** Reads the records of a journal that is not written at the same time. @throws ConnectorError `invalid_input` */
export async function readJournalFile(path: string): Promise<readonly JournalRecord[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ConnectorError('invalid_input', {
      what: `The journal ${path} cannot be read: ${whyUnreadable(error)}.`,
      nextStep: 'Pass the file that "apply" wrote.',
    });
  }
  return parseRecords(text, path).records;
}

interface Waiting {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class JournalWriter implements JournalFile {
  readonly records: readonly JournalRecord[];
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #release: () => Promise<void>;
  /** Whether the file had no record before, and has none of a change that was made. */
  #isUnused: boolean;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #failure: unknown;

  constructor(
    path: string,
    file: FileHandle,
    records: readonly JournalRecord[],
    isNew: boolean,
    release: () => Promise<void>,
  ) {
    this.#path = path;
    this.#file = file;
    this.records = records;
    this.#isUnused = isNew;
    this.#release = release;
  }

  append(records: readonly JournalRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    // After a failed write it is not known what the file has.
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (records.some(({ type }) => type === 'done')) this.#isUnused = false;
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    const { promise, ...settle } = Promise.withResolvers<void>();
    this.#waiting.push({ text, ...settle });
    this.#writing ??= this.#write();
    return promise;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
    if (this.#isUnused && this.#failure === undefined) {
      this.#isUnused = false;
      const records = await readJournalFile(this.#path).catch(() => undefined);
      // An empty journal that cannot be removed says nothing of what was done.
      if (records !== undefined && readJournal(records).size === 0)
        await unlink(this.#path).catch(() => undefined);
    }
    await this.#release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Changes that are made concurrently wait for one write to the disk together. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#failure !== undefined) throw this.#failure;
        await this.#file.appendFile(batch.map(({ text }) => text).join(''));
        await this.#file.datasync();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        this.#failure ??= isSystemError(error) ? cannotRecord(this.#path, error) : error;
        for (const { reject } of batch) reject(this.#failure);
      }
    }
    this.#writing = undefined;
  }
}

/** The error of a record that may not be on the disk. Nothing is sent without one. */
function cannotRecord(path: string, error: unknown): ConnectorError {
  const { what } = cannotWrite(path, error);
  return new ConnectorError('invalid_input', {
    what,
    nextStep:
      'No further change was begun. Correct this, then run the same command again: it goes on where it stopped.',
    cause: error,
  });
}

/** Reads the records, and cuts off a line that a crash left unfinished. */
async function readRecords(file: FileHandle, path: string): Promise<readonly JournalRecord[]> {
  const text = await file.readFile('utf8');
  const { records, lengthBytes } = parseRecords(text, path);
  if (lengthBytes < Buffer.byteLength(text)) await file.truncate(lengthBytes);
  return records;
}

function parseRecords(
  text: string,
  path: string,
): { readonly records: readonly JournalRecord[]; readonly lengthBytes: number } {
  // Whatever follows the last end of a line was not written completely, and was never acted upon.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole === '' ? !isPartOfStart(text) : !isStart(recordOf(firstLineOf(whole)))) throw notAJournal(path);
  const records = whole
    .split('\n')
    .flatMap((line, index) => (line === '' ? [] : [parseRecord(line, index + 1, path)]));
  return { records, lengthBytes: Buffer.byteLength(whole) };
}

/** What the first record begins with: a crash can leave any part of it. */
const beginning = '{"type":"start"';

function isPartOfStart(text: string): boolean {
  return text.startsWith(beginning) || beginning.startsWith(text);
}

function firstLineOf(text: string): string {
  return text.slice(0, text.indexOf('\n'));
}

function isStart(value: unknown): boolean {
  return isJournalRecord(value) && value.type === 'start';
}

/** @throws ConnectorError `invalid_input` if a record is damaged, or of a later release */
function parseRecord(line: string, number: number, path: string): JournalRecord {
  const record = recordOf(line);
  if (!isJournalRecord(record)) throw damaged(path, number);
  if (record.type === 'start' && record.version !== 1) throw ofOtherVersion(path, record.version);
  return record;
}

function recordOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function notAJournal(path: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `${path} is not a journal: it does not begin as one.`,
    nextStep: 'Pass another file.',
  });
}

function damaged(path: string, line: number): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The journal ${path} is damaged: line ${line} is not one of its records, so that it does not show what was done.`,
    nextStep: 'Restore it from a backup, or plan again and use a new journal.',
  });
}

function ofOtherVersion(path: string, version: number): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The journal ${path} has version ${version}, and this release supports 1.`,
    nextStep: 'Use the release that wrote it.',
  });
}

/** The locks that this process holds. */
const held = new Set<string>();

/** Holds a file that names this process next to the journal. One that a killed process left is replaced. */
async function lock(path: string): Promise<() => Promise<void>> {
  const lockPath = resolve(`${path}.lock`);
  const ownPath = `${lockPath}.${process.pid}`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const holder = await lockHolder(lockPath);
    // In a container, a process that is started again has the number of the one that was killed.
    const isStale = holder === process.pid ? !held.has(lockPath) : holder !== undefined && !isRunning(holder);
    if (holder !== undefined && !isStale) throw journalInUse(path, holder);
    if (isStale) await unlink(lockPath).catch(() => undefined);
    try {
      // A link appears at once with its content.
      await writeFile(ownPath, String(process.pid), { mode: 0o600 });
      await link(ownPath, lockPath);
      held.add(lockPath);
      return async () => {
        held.delete(lockPath);
        await unlink(lockPath).catch(() => undefined);
      };
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    } finally {
      await unlink(ownPath).catch(() => undefined);
    }
  }
  throw journalInUse(path, 0);
}

async function lockHolder(lockPath: string): Promise<number | undefined> {
  try {
    const processId = Number(await readFile(lockPath, 'utf8'));
    return Number.isInteger(processId) && processId > 0 ? processId : undefined;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function journalInUse(path: string, processId: number): ConnectorError {
  return new ConnectorError('conflict', {
    what: `Another process${processId > 0 ? ` (${processId})` : ''} writes the journal ${path}.`,
    nextStep: `Wait until it has ended, then try again. If no process writes it, delete ${path}.lock.`,
  });
}
