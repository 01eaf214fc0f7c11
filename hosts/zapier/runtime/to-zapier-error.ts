import { ConnectorError, type ErrorCode } from '../../../connector/errors.ts';
import type { ZapierErrors } from './zapier-functions.ts';

/**
 * The codes of errors that are about the data of one run: Zapier halts the run. As errors, enough of them would make
 * Zapier turn off the Zap, for everybody.
 */
const halting: ReadonlySet<ErrorCode> = new Set(['not_found', 'conflict', 'precondition_failed']);

/**
 * Converts an error of the connector to the type that makes Zapier do what its code means; any other value, unchanged.
 * Zapier would append the form and all requests to the message: they can have the password of a new user.
 */
export function toZapierError(error: unknown, errors: ZapierErrors): unknown {
  if (!(error instanceof ConnectorError)) return error;
  return Object.assign(zapierErrorOf(error, errors), { doNotContextify: true });
}

function zapierErrorOf(
  { message, code, status, retryAfterInMs }: ConnectorError,
  errors: ZapierErrors,
): Error {
  if (code === 'auth') return new errors.ExpiredAuthError(message);
  if (code === 'rate_limited')
    return new errors.ThrottledError(
      message,
      retryAfterInMs === undefined ? undefined : Math.ceil(retryAfterInMs / 1000),
    );
  if (halting.has(code)) return new errors.HaltedError(message);
  return new errors.Error(message, code, status);
}
