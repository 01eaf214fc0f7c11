import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  damagedState,
  emptiedState,
  notAState,
  stateError,
  stateHasOtherNames,
  stateInUse,
  stateReadableByOthers,
} from './state-error.ts';

/** The application ID in the header of the SQLite file: "Role" in ASCII. */
export const stateApplicationId = 0x526f6c65;

/** The header of a state, which can be read even if the state is locked. */
export interface StateHeader {
  /** The process that opened it last. */
  readonly processId: number;
}

const magic = 'SQLite format 3\0';
// https://www.sqlite.org/fileformat.html, "The Database Header"
const headerBytes = 100;
const userVersionAt = 60;
const applicationIdAt = 68;

/** The states that this process has open, by device and inode number. */
const held = new Set<string>();

/**
 * Ensures that a path is a state, without changing any other file: SQLite would roll back the
 * unfinished transaction of another program's database just by opening it. From then on, only its owner can read it.
 *
 * @returns a function that releases the path
 * @throws ConnectorError
 */
export function holdStateFile(file: string): () => void {
  const stats = statOf(file);
  if (!stats.isFile()) throw notAState(file, 'not a regular file');
  if (stats.nlink > 1) assertNoOtherJournal(file, stats);
  const identity = `${stats.dev}:${stats.ino}`;
  // Checked in memory: closing a file that this process has open elsewhere would release its lock.
  if (held.has(identity)) throw stateInUse(file, process.pid);
  if (stats.size === 0) throw emptiedState(file);
  if (readStateHeader(file) === undefined) {
    if (isCutHeader(readStart(file))) throw damagedState(file, 'its end is missing');
    throw notAState(file, 'not a state file');
  }
  closeToOthers(file, stats);
  closeJournalToOthers(`${realpathSync(file)}-journal`);
  held.add(identity);
  return () => void held.delete(identity);
}

/** Reads the header of a state that this process does not have open; undefined if the file is not a state. */
export function readStateHeader(file: string): StateHeader | undefined {
  const start = readStart(file);
  if (start.length < headerBytes || start.toString('latin1', 0, magic.length) !== magic) return undefined;
  if (start.readUInt32BE(applicationIdAt) !== stateApplicationId) return undefined;
  return { processId: start.readUInt32BE(userVersionAt) };
}

/** Whether a file ends within the header of a database. */
function isCutHeader(start: Buffer): boolean {
  return start.length < headerBytes && magic.startsWith(start.toString('latin1', 0, magic.length));
}

/** Reads as many bytes as a header has, or all if there are fewer. */
function readStart(file: string): Buffer {
  const start = Buffer.alloc(headerBytes);
  try {
    const descriptor = openSync(file, 'r');
    try {
      return start.subarray(0, readSync(descriptor, start, 0, headerBytes, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw stateError(error, file);
  }
}

function statOf(file: string): Stats {
  try {
    return statSync(file);
  } catch (error) {
    throw stateError(error, file);
  }
}

/** Whether there is a file, of whatever kind, at a path or at the end of its symbolic links. @throws ConnectorError */
export function stateExists(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw stateError(error, file);
  }
}

/** A state that is not complete yet, and the path that it gets when it is. */
export interface StateDraft {
  readonly path: string;
  readonly target: string;
}

/** Creates the file in which a state is created, or finds the one that a killed process left. @throws ConnectorError */
export function createDraft(file: string): StateDraft {
  try {
    const target = targetOf(file);
    const path = `${target}-new`;
    closeSync(openSync(path, 'a', 0o600));
    return { path, target };
  } catch (error) {
    throw stateError(error, file);
  }
}

/**
 * Renames a complete draft, unless another process has created the state.
 *
 * @param close - closes the draft, which is locked until then, so that two processes do not rename at the same time
 */
export function publishDraft({ path, target }: StateDraft, close: () => void): void {
  renameLocked(close, () => {
    if (existsSync(target)) {
      rmSync(path, { force: true });
      return;
    }
    // SQLite would undo the transaction of a deleted state in the new one. The rename is on disk once the next
    // transaction is: SQLite syncs the folder for its journal.
    rmSync(`${target}-journal`, { force: true });
    renameSync(path, target);
  });
}

/**
 * Renames a file that is locked as long as it is open. Windows does not rename an open file: there, it is closed before.
 * It does not replace one either, so that the state of a watch is safe.
 */
function renameLocked(close: () => void, rename: () => void): void {
  const closesFirst = process.platform === 'win32';
  if (closesFirst) close();
  rename();
  if (!closesFirst) close();
}

/** Creates an empty file next to a state, in which a changed copy of it is made. @throws ConnectorError */
export function createCopy(file: string): StateDraft {
  const target = realpathSync(file);
  const { nlink } = statOf(target);
  // Under its other names, the state would stay as it is.
  if (nlink > 1) throw stateHasOtherNames(file, nlink);
  const path = `${target}-copy`;
  try {
    // One that a killed process left is incomplete.
    rmSync(path, { force: true });
    rmSync(`${path}-journal`, { force: true });
    closeSync(openSync(path, 'wx', 0o600));
    return { path, target };
  } catch (error) {
    throw stateError(error, path);
  }
}

/** Renames a complete copy. @param close - closes the original, which is locked until then */
export function publishCopy({ path, target }: StateDraft, close: () => void): void {
  renameLocked(close, () => renameSync(path, target));
}

/** Deletes a copy that was not completed. */
export function discardCopy({ path }: StateDraft): void {
  rmSync(path, { force: true });
  rmSync(`${path}-journal`, { force: true });
}

/** Follows symbolic links to a file that need not exist. */
function targetOf(file: string): string {
  const path = join(realpathSync(dirname(file)), basename(file));
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
  return isLink ? targetOf(resolve(dirname(path), readlinkSync(path))) : path;
}

/** Windows has no such permissions: there, a file has those of its folder. */
const hasModes = process.platform !== 'win32';
const modeOfOthers = 0o077;

/** Removes the permissions of other users. @throws ConnectorError if they cannot be removed */
function closeToOthers(file: string, { mode }: Stats): void {
  if (!hasModes || (mode & modeOfOthers) === 0) return;
  try {
    chmodSync(file, 0o600);
  } catch (error) {
    throw stateReadableByOthers(file, mode, error);
  }
  // Some file systems accept the call and keep their modes.
  if ((statSync(file).mode & modeOfOthers) !== 0) throw stateReadableByOthers(file, mode);
}

/** A journal that a killed watch left has the mode that the state had at the time. */
function closeJournalToOthers(journal: string): void {
  const stats = lstatSync(journal, { throwIfNoEntry: false });
  if (stats?.isFile()) closeToOthers(journal, stats);
}

/**
 * Refuses a file with several names (hard links) if an interrupted transaction may belong to another name: SQLite finds
 * it by the name of the file, and would not undo it.
 */
function assertNoOtherJournal(file: string, { dev, ino, nlink }: Stats): void {
  const real = realpathSync(file);
  const folder = dirname(real);
  const names = readdirSync(folder).filter((name) => {
    const other = lstatSync(join(folder, name), { throwIfNoEntry: false });
    return other?.dev === dev && other.ino === ino;
  });
  const other = names.find((name) => name !== basename(real) && existsSync(join(folder, `${name}-journal`)));
  if (other === undefined && names.length === nlink) return;
  throw notAState(file, `one of ${nlink} names (hard links) of the same file, and not the one last used`);
}
