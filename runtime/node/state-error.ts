import { ConnectorError } from '../../connector/errors.ts';

/** Why a state cannot be opened: somebody has it already. @param processId where it is known. */
export function stateInUse(file: string, processId: number | undefined): ConnectorError {
  const who = processId === undefined ? 'Another process' : `Process ${processId}`;
  return new ConnectorError('conflict', {
    what: `${who} has the state ${file} open: two watchers on one state would deliver everything twice.`,
    nextStep: 'Stop that one first, or name another file.',
  });
}

/** Why a file is left alone: it is something else. */
export function notAState(file: string, what: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `${file} is ${what}, and was left as it is.`,
    nextStep: 'Name a new file, or one that a watch has made.',
  });
}

/** Why a file is left alone: a later release wrote it. */
export function stateOfLaterVersion(file: string, found: number, known: number): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The state ${file} has version ${found}; this release knows versions up to ${known}.`,
    nextStep: 'Run the release that made it, or a later one.',
  });
}

interface Cause {
  /** What happened, after the name of the file. */
  readonly what: string;
  readonly nextStep: string;
  /** Whether the same may do well later, without a change of the command. */
  readonly passes: boolean;
}

const noSpace: Cause = {
  what: 'cannot be written: the disk is full',
  nextStep: 'Make room and start again: it goes on where it stopped, and what was half written is undone.',
  passes: true,
};
const readOnly: Cause = {
  what: 'cannot be written: it, or its folder, is read-only',
  nextStep: 'Give the right to write the file and its folder, or name another file.',
  passes: false,
};
const noAccess: Cause = {
  what: 'cannot be opened',
  nextStep: 'Give the right to read and write the file and its folder, or name another file.',
  passes: false,
};
const noFolder: Cause = {
  what: 'cannot be made: there is no such folder',
  nextStep: 'Make the folder, or name another file.',
  passes: false,
};
const damaged: Cause = {
  what: 'is damaged',
  nextStep:
    'Put back a copy of it. Or name a new file: a poll then begins anew, and what was not yet delivered is gone.',
  passes: false,
};
const broken: Cause = {
  what: 'cannot be read or written',
  nextStep: 'Look after the disk, then start again: it goes on where it stopped.',
  passes: true,
};

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
const causesOfSystem: Readonly<Record<string, Cause>> = {
  EACCES: noAccess,
  EPERM: noAccess,
  EROFS: readOnly,
  ENOSPC: noSpace,
  EDQUOT: noSpace,
  ENOENT: noFolder,
  ENOTDIR: noFolder,
};

/** What a failure of SQLite, or of the file system, means to somebody who runs a watch; other errors as they are. */
export function stateError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof ConnectorError) return error;
  const cause =
    'errcode' in error && typeof error.errcode === 'number'
      ? (causesOfSqlite[error.errcode & 0xff] ?? broken)
      : 'code' in error && typeof error.code === 'string'
        ? causesOfSystem[error.code]
        : undefined;
  if (cause === undefined) return error;
  return new ConnectorError(cause.passes ? 'unavailable' : 'invalid_input', {
    what: `The state ${file} ${cause.what} (${error.message}).`,
    nextStep: cause.nextStep,
    cause: error,
  });
}

/** Whether SQLite says that another process has the file: SQLITE_BUSY. */
export function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    (error.errcode & 0xff) === 5
  );
}
