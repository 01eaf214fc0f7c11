import { ConnectorError } from '../../connector/errors.ts';
import { isRecord } from '../../schemas/is-record.ts';

/**
 * Whether the output of a run that was stopped says that a part of it is left. Only runs of rows and of plans return such an
 * output. Every other action that returns has done all of it, also if its client canceled just then.
 */
export function hasPartsLeft(output: unknown): boolean {
  if (!isRecord(output) || !Array.isArray(output.results)) return false;
  return output.results.some(isLeft);
}

/** Whether a stop can be the reason of an error: it is not that of a user who does not exist. */
export function canComeFromStop(error: unknown): boolean {
  return !(error instanceof ConnectorError) || error.code === 'unavailable';
}

function isLeft(result: unknown): boolean {
  if (!isRecord(result)) return false;
  return result.outcome === 'stopped' || (isRecord(result.error) && result.error.code === 'unavailable');
}
