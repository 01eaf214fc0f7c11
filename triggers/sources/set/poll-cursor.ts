import { invalidInput } from '../../../connector/errors.ts';
import { isRecord } from '../../../schemas/is-record.ts';

/** A token that could not be taken, as the next poll tells the provider (RFC 8936 §2.2). */
export interface SetError {
  readonly jti: string;
  readonly err: string;
  readonly description: string;
}

/** What the next poll has to tell of the tokens that the last one gave. */
export interface PollCursor {
  readonly version: 1;
  /** The ids of those that were delivered. */
  readonly ack: readonly string[];
  readonly errs: readonly SetError[];
}

/** Where polls begin: with nothing to tell. */
export const firstCursor: PollCursor = { version: 1, ack: [], errs: [] };

/** Reads a cursor as it was kept; null and undefined are the first. @throws ConnectorError `invalid_input` */
export function readPollCursor(kept: unknown): PollCursor {
  if (kept === undefined || kept === null) return firstCursor;
  if (isRecord(kept) && kept.version === 1 && isListOf(kept.ack, isText) && isListOf(kept.errs, isSetError))
    return { version: 1, ack: kept.ack, errs: kept.errs };
  throw invalidInput([
    {
      path: 'cursor',
      message:
        'is none of this source, or of a later version: give it as it was kept, or begin without one, which loses nothing',
    },
  ]);
}

function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is readonly Item[] {
  return Array.isArray(value) && value.every(isItem);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isSetError(value: unknown): value is SetError {
  return isRecord(value) && isText(value.jti) && isText(value.err) && isText(value.description);
}
