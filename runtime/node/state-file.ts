import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { notAState, stateError, stateInUse } from './state-error.ts';

/** What the header of a SQLite file says of its maker: "Role", in letters. */
export const stateApplicationId = 0x526f6c65;

/** What stands at the head of a state, locked or not. */
export interface StateHeader {
  /** The process that opened it last. */
  readonly processId: number;
}

const magic = 'SQLite format 3\0';
// https://www.sqlite.org/fileformat.html, "The Database Header"
const headerBytes = 100;
const userVersionAt = 60;
const applicationIdAt = 68;

/** The states that this process holds, by the numbers of their devices and files. */
const held = new Set<string>();

/**
 * Makes sure that a path is a state, or can become one, without a change to any other file: SQLite would undo the
 * unfinished work of another program's database just by opening it. A new file is for its owner alone.
 *
 * @returns lets go of the path.
 * @throws ConnectorError
 */
export function holdStateFile(file: string): () => void {
  const stats = statOrCreate(file);
  if (!stats.isFile()) throw notAState(file, 'not a regular file');
  const identity = `${stats.dev}:${stats.ino}`;
  // Looked up, and not tried out: to close a file that this process has open elsewhere would end the lock on it.
  if (held.has(identity)) throw stateInUse(file, process.pid);
  if (stats.size > 0 && readStateHeader(file) === undefined) throw notAState(file, 'not a state file');
  held.add(identity);
  return () => void held.delete(identity);
}

/** Reads the header of a state that this process does not hold; undefined when the file is something else. */
export function readStateHeader(file: string): StateHeader | undefined {
  const header = Buffer.alloc(headerBytes);
  try {
    const descriptor = openSync(file, 'r');
    try {
      readSync(descriptor, header, 0, headerBytes, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw stateError(error, file);
  }
  if (header.toString('latin1', 0, magic.length) !== magic) return undefined;
  if (header.readUInt32BE(applicationIdAt) !== stateApplicationId) return undefined;
  return { processId: header.readUInt32BE(userVersionAt) };
}

function statOrCreate(file: string): Stats {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found !== undefined) return found;
    closeSync(openSync(file, 'a', 0o600));
    return statSync(file);
  } catch (error) {
    throw stateError(error, file);
  }
}
