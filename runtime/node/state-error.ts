import { statSync } from 'node:fs';
import { ConnectorError } from '../../connector/errors.ts';

/** Why a state cannot be opened: someone has it already. @param processId where it is known. */
export function stateInUse(file: string, processId: number | undefined): ConnectorError {
  const who = processId === undefined ? 'Another process' : `Process ${processId}`;
  return new ConnectorError('conflict', {
    what: `${who} has the state file ${file} open. Two watchers on one state would deliver every event twice.`,
    nextStep: 'Stop that process first, or use another file.',
  });
}

/** The error of a file that is not a state. */
export function notAState(file: string, what: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `${file} is ${what}. It was not changed.`,
    nextStep: 'Use a new file, or one that a watch created.',
  });
}

/** The error of an empty file: a state is never empty, so that it was one that lost its content, or none. */
export function emptiedState(file: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The state file ${file} is empty. A state never is, so its content may be lost. It was not changed.`,
    nextStep:
      'Restore a backup of it. To start over, delete the file: polls then start over, and undelivered events are lost.',
  });
}

/** The error of a state whose file is no longer at its path: what is written to it now would be lost at the end. */
export function stateReplaced(file: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The state file ${file} was deleted or replaced while it was open. Nothing was stored since then.`,
    nextStep:
      'Put the file or a backup of it back, and start again. To start over, start without a file: polls then start over, and undelivered events are lost.',
  });
}

/** The error of a state that a later release wrote. */
export function stateOfLaterVersion(file: string, found: number, known: number): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The state file ${file} has version ${found}, but this release supports versions up to ${known}.`,
    nextStep: 'Use the release that created it, or a newer one.',
  });
}

/** The error of a state that other users can read or write, and that cannot be closed to them. */
export function stateReadableByOthers(file: string, mode: number, cause?: unknown): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `Other users have permissions for the state file ${file} (mode ${(mode & 0o777).toString(8)}), and they cannot be removed.`,
    nextStep: `Run "chmod 600" as its owner, run the watch as the owner of the file and its folder, or use another file.`,
    cause,
  });
}

const stateKeyHints =
  'On the command line, ROLECALL_STATE_KEY or ROLECALL_STATE_KEY_FILE has the key, and in the library, the option "key".';

/** The error of an encrypted state that is opened without a key. */
export function stateIsEncrypted(file: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The state file ${file} is encrypted. It was not changed.`,
    nextStep: `Pass its key. ${stateKeyHints}`,
  });
}

/** The error of a plain state that is opened with a key. */
export function stateIsPlain(file: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The state file ${file} is not encrypted, but a key was passed. It was not changed.`,
    nextStep: `Encrypt it with "rolecall state encrypt ${file}", or omit the key.`,
  });
}

/** The error of an encrypted state that is opened with another key. */
export function wrongStateKey(file: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The key is not the one that the state file ${file} is encrypted with. It was not changed.`,
    nextStep: `Pass the right key. ${stateKeyHints} Without it, only a new file helps: polls then start over, and undelivered events are lost.`,
  });
}

/** The error of a state that is to be encrypted, and has another key already. */
export function stateHasOtherKey(file: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The state file ${file} is encrypted with another key. It was not changed.`,
    nextStep: `To change its key, use "rolecall state rekey ${file}".`,
  });
}

/** The error of a state that is to be replaced, and has several names. */
export function stateHasOtherNames(file: string, count: number): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The state file ${file} has ${count} names (hard links), and would stay plain under the others. It was not changed.`,
    nextStep: 'Delete the other names.',
  });
}

/** A value that was not sealed for its row with the key of the state. */
export class UnreadableValue extends Error {
  constructor([table]: readonly [table: string, ...columns: readonly unknown[]], cause?: unknown) {
    super(`a value in its table "${table}" was changed, or belongs to another row`, { cause });
  }
}

interface Cause {
  /** What happened, after the name of the file. */
  readonly what: string;
  readonly nextStep: string;
  /** Whether the same command can succeed later. */
  readonly transient: boolean;
}

const noSpace: Cause = {
  what: 'cannot be written: the disk is full',
  nextStep: 'Free some space and start again. It resumes where it stopped, and incomplete writes are undone.',
  transient: true,
};
const readOnly: Cause = {
  what: 'cannot be written: the file or its folder is read-only',
  nextStep: 'Grant write permission for the file and its folder, or use another file.',
  transient: false,
};
const noAccess: Cause = {
  what: 'cannot be opened',
  nextStep: 'Grant read and write permission for the file and its folder, or use another file.',
  transient: false,
};
const noFolder: Cause = {
  what: 'cannot be created: the folder does not exist',
  nextStep: 'Create the folder, or use another file.',
  transient: false,
};
const damaged: Cause = {
  what: 'is damaged',
  nextStep:
    'Restore a backup of it, or use a new file: polls then start over, and undelivered events are lost.',
  transient: false,
};
const broken: Cause = {
  what: 'cannot be read or written',
  nextStep: 'Check the disk, then start again. It resumes where it stopped.',
  transient: true,
};

/** The error of a state whose contents no release has written. */
export function damagedState(file: string, how: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The state file ${file} ${damaged.what}: ${how}.`,
    nextStep: damaged.nextStep,
  });
}

// SQLite's primary result codes, https://www.sqlite.org/rescode.html
const causesOfSqlite: Readonly<Record<number, Cause>> = {
  3: noAccess,
  8: readOnly,
  10: broken,
  11: damaged,
  13: noSpace,
  14: noAccess,
  26: damaged,
};
/** An extended result code: the file ends too early. */
const shortRead = 522;
const causesOfSystem: Readonly<Record<string, Cause>> = {
  EACCES: noAccess,
  EPERM: noAccess,
  EROFS: readOnly,
  ENOSPC: noSpace,
  EDQUOT: noSpace,
  ENOENT: noFolder,
  ENOTDIR: noFolder,
};

/** What a failure of SQLite, or of the file system, means to someone who runs a watch; other errors as they are. */
export function stateError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof ConnectorError) return error;
  if (error instanceof UnreadableValue) return damagedState(file, error.message);
  // Someone has truncated the file while it was open.
  if ('errcode' in error && error.errcode === shortRead)
    return statSync(file, { throwIfNoEntry: false })?.size === 0
      ? emptiedState(file)
      : damagedState(file, 'its end is missing');
  const cause =
    'errcode' in error && typeof error.errcode === 'number'
      ? (causesOfSqlite[error.errcode & 0xff] ?? broken)
      : 'code' in error && typeof error.code === 'string'
        ? causesOfSystem[error.code]
        : undefined;
  if (cause === undefined) return error;
  return new ConnectorError(cause.transient ? 'unavailable' : 'invalid_input', {
    what: `The state file ${file} ${cause.what} (${error.message}).`,
    nextStep: cause.nextStep,
    cause: error,
  });
}

/** Whether another process has the file open: SQLITE_BUSY. */
export function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    (error.errcode & 0xff) === 5
  );
}
