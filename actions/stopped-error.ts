import { errorTexts } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { ActionContext } from './operation.ts';

/** Whether the caller has stopped the run. */
export function isStopped({ signal }: Pick<ActionContext, 'signal'>): boolean {
  return signal?.aborted === true;
}

/**
 * What a part of a run reports of an error. A run that its caller stops still reports what was done, and what can have been
 * done: the reason of the signal becomes an error of the connector. @throws the error, if it is a bug
 */
export function partError(context: Pick<ActionContext, 'signal'>, error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (!isStopped(context)) throw error;
  return new ConnectorError('unavailable', { ...errorTexts.stoppedDuring, cause: error });
}
