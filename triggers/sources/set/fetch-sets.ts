import { ConnectorError, invalidInput } from '../../../connector/errors.ts';
import type { HttpResponse, Platform } from '../../../connector/platform.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { fetchFromSource, isHtml } from '../event-source-client.ts';
import { parseJson } from '../webhook-auth/read-json.ts';

/** Where tokens are fetched, and how many at once. */
export interface SetStream {
  readonly pollUrl: string;
  readonly pollToken: string;
  readonly maxEvents: number;
}

/** What a provider gave (RFC 8936 §2.3). */
export interface FetchedSets {
  /** The tokens, by their ids. */
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

/** Tells what became of the last tokens, and asks for the next ones, without waiting for any (RFC 8936 §2.4). */
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
    // fromEntries defines own members, so that an id such as "__proto__" stays a harmless name.
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
  throw new ConnectorError('provider_fault', {
    what: isHtml(response)
      ? 'The response is a web page. It may come from a proxy or a login page.'
      : 'The response has no "sets".',
    nextStep: 'Check that `pollUrl` is the URL of the event stream. If it is, contact the provider.',
    status: response.status,
    attempts: 1,
  });
}

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
