import { isRecord } from '../../schemas/is-record.ts';
import { ConnectorError, type ErrorCode } from '../errors.ts';
import { redact } from './redact.ts';
import { isThrottled } from './retry-after.ts';

/** An answer as the client has read it. */
export interface ReadResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body; undefined when there is none, or when it is not JSON. */
  readonly body: unknown;
  /** Whether the body is a web page. */
  readonly isHtml: boolean;
}

/** What the client knows beside the answer. */
export interface ResponseContext {
  readonly attempts: number;
  /** Taken out of whatever the provider says. */
  readonly token: string;
  readonly retryAfterInMs?: number | undefined;
  /** Whether a request that must not be repeated may have been acted on. */
  readonly isUnknown: boolean;
}

/** Makes the error that an answer with a status of 300 or more means. */
export function errorFromResponse(answer: ReadResponse, context: ResponseContext): ConnectorError {
  const { status, headers } = answer;
  const said = readScimError(answer.body, context.token);
  const code = codeFromResponse(answer, said.scimType);
  const { what, nextStep } = sentences[code](answer, said, context);
  return new ConnectorError(code, {
    what,
    nextStep: context.isUnknown ? `${nextStep} ${unknownOutcome}` : nextStep,
    status,
    ...said,
    attempts: context.attempts,
    requestId: requestIdOf(headers, context.token),
    retryAfterInMs: context.retryAfterInMs,
  });
}

/** Said when it cannot be known whether the provider acted. */
export const unknownOutcome = 'It may have been done all the same: look before you do it again.';

/** The provider's own name for a request, from the headers that are in use for it. */
export function requestIdOf(headers: Readonly<Record<string, string>>, token: string): string | undefined {
  const id =
    headers['x-request-id'] ??
    headers['x-okta-request-id'] ??
    headers['x-correlation-id'] ??
    headers['request-id'];
  return id === undefined ? undefined : redact(id, token);
}

interface Said {
  readonly scimType?: string | undefined;
  readonly detail?: string | undefined;
}

/** What an answer with a status of 300 or more means. @param scimType SCIM's own word for the error */
export function codeFromResponse(
  { status, headers, isHtml }: Omit<ReadResponse, 'body'>,
  scimType?: string,
): ErrorCode {
  // Some providers answer a taken name with 400 and `uniqueness`, where RFC 7644 Table 9 has 409.
  if (scimType === 'uniqueness') return 'conflict';
  switch (status) {
    case 401:
      return 'auth';
    case 403:
      return isThrottled(status, headers) ? 'rate_limited' : 'forbidden';
    case 404:
    case 410:
      // A page says that there is no SCIM service at this address, not that there is no such user.
      return isHtml ? 'provider_fault' : 'not_found';
    case 405:
    case 501:
    case 505:
      return 'unsupported';
    case 409:
      return 'conflict';
    case 412:
      return 'precondition_failed';
    case 429:
      return 'rate_limited';
    case 408:
    case 500:
    case 502:
    case 503:
    case 504:
      return 'unavailable';
  }
  return status >= 400 && status < 500 ? 'invalid_input' : 'provider_fault';
}

type Sentences = (
  answer: ReadResponse,
  said: Said,
  context: ResponseContext,
) => { what: string; nextStep: string };

const quote = ({ detail }: Said): string =>
  detail === undefined ? '' : ` It says: "${detail.replace(/[\s.]+$/, '')}".`;

const sentences: Readonly<Record<ErrorCode, Sentences>> = {
  invalid_input: ({ status }, said) => ({
    what: `The provider refused the input with status ${status}.${quote(said)}`,
    nextStep: nextStepOfScimType[said.scimType ?? ''] ?? 'Change the input and run the step again.',
  }),
  auth: (_, said) => ({
    what: `The provider did not accept the token.${quote(said)}`,
    nextStep:
      'Check that it was copied whole, and that it has not expired or been refreshed; put the current one into the connection.',
  }),
  forbidden: ({ isHtml }, said) => ({
    what: isHtml
      ? 'Something on the way to the provider refused the request with a web page.'
      : `The provider does not let this token do that.${quote(said)}`,
    nextStep: isHtml
      ? 'Check the proxy and the base URL.'
      : 'Give the token the right to do it, and check that SCIM is enabled at the provider.',
  }),
  not_found: (_, said) => ({
    what: `The provider has no such resource.${quote(said)}`,
    nextStep: 'Check the id or name; it may have been deleted.',
  }),
  conflict: (_, said) => ({
    what: `Something at the provider is in the way.${quote(said)}`,
    nextStep:
      'If it is the same user or group, update it instead of creating it; otherwise choose another name.',
  }),
  precondition_failed: () => ({
    what: 'It has been changed since the version that was given.',
    nextStep: 'Read it again, and repeat the change if it is still wanted.',
  }),
  rate_limited: (_, __, { retryAfterInMs }) => ({
    what: 'The provider asks for fewer requests, and there was no time left to wait.',
    nextStep: `Run the step again ${retryAfterInMs === undefined ? 'later' : `in ${Math.ceil(retryAfterInMs / 1000)} seconds`}, or lower "requestsPerMinute" in the connection.`,
  }),
  unavailable: ({ status }, said, { attempts, retryAfterInMs }) => ({
    what: `The provider failed with status ${status}, ${attempts === 1 ? 'at the one try' : `${attempts} times`}.${quote(said)}`,
    nextStep: `Run the step again ${retryAfterInMs === undefined ? 'later' : `in ${Math.ceil(retryAfterInMs / 1000)} seconds`}; if it goes on, ask the provider.`,
  }),
  provider_fault: ({ status, isHtml }, said) => ({
    what: isHtml
      ? `The answer is a web page with status ${status}, not SCIM.`
      : `The provider answered with status ${status}, which SCIM does not know.${quote(said)}`,
    nextStep: 'Check that the base URL is the one of the SCIM service; if it is, ask the provider.',
  }),
  unsupported: ({ status }, said) => ({
    what: `The provider cannot do this (status ${status}).${quote(said)}`,
    nextStep: 'Use another action for it; discover_provider shows what it supports.',
  }),
  mass_change_blocked: () => ({
    what: 'Too much would change at once.',
    nextStep: 'Check the change before it is let through.',
  }),
};

// RFC 7644 Table 9, and RFC 9865 §2.1.
const nextStepOfScimType: Readonly<Record<string, string>> = {
  invalidFilter: 'Use a simpler filter: many providers only know "eq" and "and", on a few attributes.',
  tooMany: 'Narrow the search.',
  mutability: 'Leave out the attribute that cannot be changed.',
  invalidPath: 'Check the name of the attribute.',
  noTarget: 'Check that what is to be changed is there.',
  invalidValue: 'Check the values: spelling, and upper and lower case; role names count both.',
  sensitive: 'Put what is secret into the body, not into the address.',
  invalidCursor: 'Start the search again.',
  expiredCursor: 'Start the search again.',
  invalidCount: 'Use a smaller page size.',
};

const longestDetail = 500;

/** Reads an error body: SCIM 2.0's, SCIM 1.1's, and the `message` or `error` that others send. */
function readScimError(body: unknown, token: string): Said {
  if (!isRecord(body)) return {};
  const list: unknown = body.Errors ?? body.errors;
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  const nested: unknown = isRecord(first) ? (first.description ?? first.message) : undefined;
  const detail = [body.detail, nested, body.message, body.error_description, body.error].find(
    (text) => typeof text === 'string' && text !== '',
  );
  const scimType = body.scimType;
  return {
    ...(typeof scimType === 'string' && scimType !== '' && { scimType: redact(scimType, token) }),
    ...(typeof detail === 'string' && { detail: tidy(detail, token) }),
  };
}

function tidy(text: string, token: string): string {
  const plain = redact(text, token).replace(/\s+/g, ' ').trim();
  return plain.length > longestDetail ? `${plain.slice(0, longestDetail)}…` : plain;
}
