import { ConnectorError } from '../../connector/errors.ts';
import { whyUnreadable } from './why-unreadable.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EEXIST: 'a file of that name exists',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
};

/** Whether an error is one of the file system, such as a missing folder. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** Why a file cannot be written, as the end of a sentence. */
export function whyNotWritten(error: unknown): string {
  const reason = isSystemError(error) ? reasons[error.code ?? ''] : undefined;
  return reason ?? whyUnreadable(error);
}

/** The error for a file or a folder that cannot be written. */
export function cannotWrite(path: string, error: unknown): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `${path} cannot be written: ${whyNotWritten(error)}.`,
    nextStep: 'Pass another path.',
    cause: error,
  });
}

/** Writes to a path. @throws ConnectorError `invalid_input` for an error of the file system */
export function writeTo<Result>(path: string, write: () => Result): Result {
  try {
    return write();
  } catch (error) {
    throw isSystemError(error) ? cannotWrite(path, error) : error;
  }
}
