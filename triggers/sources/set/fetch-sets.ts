import { invalidInput } from '../../../connector/errors.ts';
import type { HttpResponse, Platform } from '../../../connector/platform.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { fetchFromSource, unexpectedBody } from '../event-source-client.ts';
import { parseJson } from '../webhook-auth/request-checks.ts';

/** The URL from which tokens are fetched, and the maximum number per request. */
export interface SetStream {
  readonly pollUrl: string;
  readonly pollToken: string;
  readonly maxEvents: number;
}

/** The response of a provider (RFC 8936 §2.3). */
export interface FetchedSets {
  /** The tokens, by ID. */
  readonly sets: readonly (readonly [jti: string, token: string])[];
  readonly moreAvailable: boolean;
}

const nextSteps = {
  auth: 'Use a valid token as `pollToken`.',
  forbidden: 'Grant `pollToken` permission to read the stream.',
  rate_limited: 'Poll less often.',
  unavailable:
    'Poll again later. If the error persists, check `pollUrl` and the network, or contact the provider.',
  tooLarge: 'Lower `maxEvents` in the settings of the source.',
  otherwise: 'Check `pollUrl`. If it is correct, contact the provider.',
};

/** Acknowledges the last tokens, and requests the next ones without waiting (RFC 8936 §2.4). */
export async function fetchSets(
  platform: Platform,
  { pollUrl, pollToken, maxEvents }: SetStream,
  { ack, errs }: PollCursor,
  signal?: AbortSignal,
): Promise<FetchedSets> {
  const body = {
    maxEvents,
    returnImmediately: true,
    ...(ack.length > 0 && { ack }),
    // fromEntries defines own members, so that an ID such as "__proto__" is harmless.
    ...(errs.length > 0 && {
      setErrs: Object.fromEntries(errs.map(({ jti, err, description }) => [jti, { err, description }])),
    }),
  };
  const headers = {
    authorization: `Bearer ${pollToken}`,
    ...(errs.length > 0 && { 'content-language': 'en' }),
  };
  const sender = { name: 'event stream', token: pollToken, nextSteps };
  return readSets(
    await fetchFromSource(platform, sender, { method: 'POST', url: pollUrl, headers, body, signal }),
  );
}

function readSets(response: HttpResponse): FetchedSets {
  const answer = parseJson(response.body);
  const { sets, moreAvailable } = isRecord(answer) ? answer : {};
  if (isRecord(sets)) {
    return {
      sets: Object.entries(sets).map(([jti, token]) => [jti, typeof token === 'string' ? token : '']),
      moreAvailable: moreAvailable === true,
    };
  }
  throw unexpectedBody(
    response,
    'The response has no "sets".',
    'Check that `pollUrl` is the URL of the event stream. If it is, contact the provider.',
  );
}

/** A rejected token, as the next poll reports it to the provider (RFC 8936 §2.2). */
export interface SetError {
  readonly jti: string;
  readonly err: string;
  readonly description: string;
}

/** The acknowledgements and errors that the next poll sends for the last tokens. */
export interface PollCursor {
  readonly version: 1;
  /** The IDs of delivered tokens. */
  readonly ack: readonly string[];
  readonly errs: readonly SetError[];
}

/** The cursor of a first poll: nothing to acknowledge. */
export const firstCursor: PollCursor = { version: 1, ack: [], errs: [] };

/** Reads a stored cursor; null and undefined mean the first poll. @throws ConnectorError `invalid_input` */
export function readPollCursor(kept: unknown): PollCursor {
  if (kept === undefined || kept === null) return firstCursor;
  if (isRecord(kept) && kept.version === 1 && isListOf(kept.ack, isText) && isListOf(kept.errs, isSetError))
    return { version: 1, ack: kept.ack, errs: kept.errs };
  throw invalidInput([
    {
      path: 'cursor',
      message:
        'is not a valid cursor of this source, or is from a newer release: pass the stored cursor unchanged, or omit it to start over, which loses nothing',
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
