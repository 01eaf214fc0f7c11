import { isRecord } from '../../schemas/is-record.ts';
import { printable } from '../../schemas/printable.ts';
import {
  attemptsText,
  detailText,
  errorParts,
  errorTexts,
  fillError,
  scimTypeSteps,
  whenText,
} from '../error-texts.ts';
import { ConnectorError, type ErrorCode } from '../errors.ts';
import { redact } from './redact.ts';
import { isThrottled } from './retry-after.ts';

/** A response, as read by the client. */
export interface ReadResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body; undefined if there is none, or if it is not JSON. */
  readonly body: unknown;
  /** Whether the body is a web page. */
  readonly isHtml: boolean;
}

/** The client's data in addition to the response. */
export interface ResponseContext {
  readonly attempts: number;
  /** Redacted in every text of the provider. */
  readonly token: string;
  readonly retryAfterInMs?: number | undefined;
  /** Whether a non-idempotent request can have been processed. */
  readonly isUnknown: boolean;
}

/** Creates the error of a response with a status of 300 or more. */
export function errorFromResponse(answer: ReadResponse, context: ResponseContext): ConnectorError {
  const { status, headers } = answer;
  const said = readScimError(answer.body, context.token);
  const code = codeFromResponse(answer, said.scimType);
  const { what, nextStep } = sentences[code](answer, said, context);
  return new ConnectorError(code, {
    what,
    nextStep: context.isUnknown ? `${nextStep} ${errorParts.unknownOutcome}` : nextStep,
    status,
    ...said,
    attempts: context.attempts,
    requestId: requestIdOf(headers, context.token),
    retryAfterInMs: context.retryAfterInMs,
  });
}

/** The provider's ID of a request, from the usual headers. */
export function requestIdOf(headers: Readonly<Record<string, string>>, token: string): string | undefined {
  const id =
    headers['x-request-id'] ??
    headers['x-okta-request-id'] ??
    headers['x-correlation-id'] ??
    headers['request-id'];
  return id === undefined ? undefined : tidy(id, token);
}

interface Said {
  readonly scimType?: string | undefined;
  readonly detail?: string | undefined;
}

/** The meaning of a response with a status of 300 or more. @param scimType the SCIM error keyword */
export function codeFromResponse(
  { status, headers, isHtml }: Omit<ReadResponse, 'body'>,
  scimType?: string,
): ErrorCode {
  // Some providers return 400 with `uniqueness` for a taken name, where RFC 7644 Table 9 has 409.
  if (scimType === 'uniqueness') return 'conflict';
  switch (status) {
    case 401:
      return 'auth';
    case 403:
      return isThrottled(status, headers) ? 'rate_limited' : 'forbidden';
    case 404:
    case 410:
      // HTML means that there is no SCIM service at this URL, not that the user does not exist.
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

const sentences: Readonly<Record<ErrorCode, Sentences>> = {
  invalid_input: ({ status }, { scimType = '', detail }) => {
    const text = fillError(errorTexts.inputRejected, { status, detail: detailText(detail) });
    const steps: Readonly<Record<string, string>> = scimTypeSteps;
    return { ...text, nextStep: steps[scimType] ?? text.nextStep };
  },
  auth: (_, { detail }) => fillError(errorTexts.tokenRejected, { detail: detailText(detail) }),
  forbidden: ({ isHtml }, { detail }) =>
    isHtml ? errorTexts.blockedByProxy : fillError(errorTexts.forbidden, { detail: detailText(detail) }),
  not_found: (_, { detail }) => fillError(errorTexts.resourceNotFound, { detail: detailText(detail) }),
  conflict: (_, { detail }) => fillError(errorTexts.conflict, { detail: detailText(detail) }),
  precondition_failed: () => errorTexts.versionChanged,
  rate_limited: (_, __, { retryAfterInMs }) =>
    fillError(errorTexts.rateLimited, { when: whenText(retryAfterInMs) }),
  unavailable: ({ status }, { detail }, { attempts, retryAfterInMs }) =>
    fillError(errorTexts.unavailable, {
      status,
      attempts: attemptsText(attempts),
      when: whenText(retryAfterInMs),
      detail: detailText(detail),
    }),
  provider_fault: ({ status, isHtml }, { detail }) =>
    isHtml
      ? fillError(errorTexts.webPage, { status })
      : fillError(errorTexts.unexpectedStatus, { status, detail: detailText(detail) }),
  unsupported: ({ status }, { detail }) =>
    fillError(errorTexts.unsupported, { status, detail: detailText(detail) }),
  mass_change_blocked: () => errorTexts.massChange,
};

const longestDetail = 500;

/** Reads an error body: that of SCIM 2.0 or SCIM 1.1, or the `message` or `error` of other formats. */
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
    ...(typeof scimType === 'string' && scimType !== '' && { scimType: tidy(scimType, token) }),
    ...(typeof detail === 'string' && { detail: tidy(detail, token) }),
  };
}

function tidy(text: string, token: string): string {
  const plain = printable(redact(text, token).replace(/\s+/g, ' ').trim());
  return plain.length > longestDetail ? `${plain.slice(0, longestDetail)}…` : plain;
}
