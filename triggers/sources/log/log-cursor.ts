import { invalidInput } from '../../../connector/errors.ts';
import { problemTexts } from '../../../connector/problem-texts.ts';
import { isRecord } from '../../../schemas/is-record.ts';

/** Where the next poll of a log resumes. */
export interface LogCursor {
  readonly version: 1;
  /** Earlier entries are not reported. */
  readonly startAtInMs: number;
  /** The time of the newest entry that was read. */
  readonly newestAtInMs: number;
  /** When the log was last read to its end, by the sender's clock. Omitted: never, or by an earlier version. */
  readonly completeAtInMs?: number | undefined;
  /** The last entry of an unfinished backlog, after which the next page begins; null if everything was read. */
  readonly after: string | null;
  /** The entries within the look-back that were read, with their times, because the next poll requests them again. */
  readonly seen: readonly (readonly [id: string, atInMs: number])[];
}

/** Reads a stored cursor; undefined for the first poll. @throws ConnectorError `invalid_input` */
export function readLogCursor(kept: unknown): LogCursor | undefined {
  if (kept === undefined || kept === null) return undefined;
  if (isLogCursor(kept)) return kept;
  throw invalidInput([
    {
      path: 'cursor',
      message: problemTexts.notALogCursor,
    },
  ]);
}

function isLogCursor(value: unknown): value is LogCursor {
  return (
    isRecord(value) &&
    value.version === 1 &&
    isTime(value.startAtInMs) &&
    isTime(value.newestAtInMs) &&
    (value.completeAtInMs === undefined || isTime(value.completeAtInMs)) &&
    (value.after === null || typeof value.after === 'string') &&
    Array.isArray(value.seen) &&
    value.seen.every(
      (one: unknown) =>
        Array.isArray(one) && one.length === 2 && typeof one[0] === 'string' && isTime(one[1]),
    )
  );
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
