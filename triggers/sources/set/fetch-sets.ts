import { ConnectorError, type ErrorCode } from '../../../connector/errors.ts';
import { codeOfAnswer, requestIdOf } from '../../../connector/http/error-of-answer.ts';
import { retryAfterInMs } from '../../../connector/http/retry-after.ts';
import { type HttpResponse, type Runtime, TransportError } from '../../../connector/runtime.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import type { PollCursor } from './poll-cursor.ts';

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

const timeoutInMs = 30_000;
const limitBytes = 32 * 1024 * 1024;

/** Tells what became of the last tokens, and asks for the next ones, without waiting for any (RFC 8936 §2.4). */
export async function fetchSets(
  runtime: Runtime,
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
  const response = await runtime
    .send({
      method: 'POST',
      url: pollUrl,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${pollToken}`,
        'content-type': 'application/json',
        ...(errs.length > 0 && { 'content-language': 'en' }),
        'user-agent': 'rolecall',
      },
      body: JSON.stringify(body),
      timeoutInMs,
      limitBytes,
      ...(signal !== undefined && { signal }),
    })
    .catch((error: unknown) => {
      throw error instanceof TransportError ? unreachable(error) : error;
    });
  if (response.status !== 200) throw refused(response, pollToken, runtime.now());
  return readSets(response);
}

function readSets({ body, headers }: HttpResponse): FetchedSets {
  const answer = parse(body);
  const { sets, moreAvailable } = isRecord(answer) ? answer : {};
  if (isRecord(sets)) {
    return {
      sets: Object.entries(sets).map(([jti, token]) => [jti, typeof token === 'string' ? token : '']),
      moreAvailable: moreAvailable === true,
    };
  }
  throw new ConnectorError('provider_fault', {
    what: isPage(body, headers)
      ? 'The answer is a web page: it may come from a proxy or a login page.'
      : 'The answer has no "sets".',
    nextStep: 'Check that "pollUrl" is the address of the event stream; if it is, ask the provider.',
    status: 200,
    attempts: 1,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPage(body: string, headers: HttpResponse['headers']): boolean {
  return /^\s*</.test(body) || (headers['content-type'] ?? '').includes('html');
}

function refused({ status, headers, body }: HttpResponse, token: string, nowInMs: number): ConnectorError {
  const code = codeOfAnswer({ status, isPage: isPage(body, headers) });
  return new ConnectorError(code, {
    what: `The event stream answered with status ${status}.`,
    nextStep: nextSteps[code] ?? 'Check "pollUrl"; if it is right, ask the provider.',
    status,
    attempts: 1,
    requestId: requestIdOf(headers, token),
    retryAfterInMs: retryAfterInMs(headers, nowInMs),
  });
}

function unreachable(cause: TransportError): ConnectorError {
  return new ConnectorError(cause.code === 'TOO_LARGE' ? 'provider_fault' : 'unavailable', {
    what: `There is no answer from the event stream: ${cause.message}.`,
    nextStep:
      cause.code === 'TOO_LARGE'
        ? 'Lower "maxEvents" in the settings of the source.'
        : 'Poll again later; if it goes on, check "pollUrl" and the network.',
    attempts: 1,
    cause,
  });
}

const nextSteps: Partial<Readonly<Record<ErrorCode, string>>> = {
  auth: 'Put the current token into "pollToken".',
  forbidden: 'Give the token of "pollToken" the right to read the stream.',
  rate_limited: 'Poll less often.',
  unavailable: 'Poll again later; if it goes on, ask the provider.',
};
