import { ConnectorError, type ErrorCode } from '../connector/errors.ts';
import { ManifestError } from '../connector/manifest/manifest-error.ts';

/** An invalid command line. The message says what to type instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Ends a command whose output is printed with an exit code of its own; a reason is printed as well. */
export class ExitStatus extends Error {
  override readonly name = 'ExitStatus';
  readonly code: number;

  constructor(code: number, reason?: unknown) {
    super(`exit status ${code}`, reason === undefined ? undefined : { cause: reason });
    this.code = code;
  }
}

/** What the commands print is the result, and these say which it is. */
export const exitStatus = Object.freeze({ stopped: 1, held: 7, partial: 8, changes: 9 });

/** The exit codes are part of the public contract: scripts branch on them. */
const exitCodes: Readonly<Record<ErrorCode, number>> = {
  invalid_input: 2,
  auth: 3,
  forbidden: 3,
  not_found: 4,
  conflict: 5,
  precondition_failed: 5,
  rate_limited: 6,
  unavailable: 6,
  mass_change_blocked: 7,
  provider_fault: 1,
  unsupported: 1,
};

/** The exit code of an error; 1 for unexpected errors. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ConnectorError) return exitCodes[error.code];
  return error instanceof UsageError || error instanceof ManifestError ? 2 : 1;
}
