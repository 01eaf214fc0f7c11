import { isRecord } from '../../schemas/is-record.ts';
import { printable } from '../../schemas/printable.ts';
import { messages } from '../../scim/messages.ts';
import type { Authenticator } from '../auth/authenticator.ts';
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
import { isThrottled } from './retry-after.ts';

/** A response, as read by the client. */
export interface ReadResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body; undefined without a body, or if it is not JSON. */
  readonly body: unknown;
  /** Whether the body is a web page. */
  readonly isHtml: boolean;
}

/** The client's data in addition to the response. */
export interface ResponseContext {
  readonly attempts: number;
  /** Redacts the texts of the provider, and says what its rejections mean. */
  readonly authenticator: Pick<Authenticator, 'redact' | 'rejected' | 'scopeMissing'>;
  readonly retryAfterInMs?: number | undefined;
  /** Whether a non-idempotent request can have been processed. */
  readonly isUnknown: boolean;
}

/** Creates the error of a response with a status of 300 or more. */
export function errorFromResponse(answer: ReadResponse, context: ResponseContext): ConnectorError {
  const { status, headers } = answer;
  const said = readScimError(answer.body, context.authenticator.redact);
  const code = codeFromResponse(answer, said.scimType);
  const { what, nextStep } = sentences[code](answer, said, context);
  return new ConnectorError(code, {
    what,
    nextStep: context.isUnknown ? `${nextStep} ${errorParts.unknownOutcome}` : nextStep,
    status,
    ...said,
    attempts: context.attempts,
    requestId: requestIdOf(headers, context.authenticator.redact),
    retryAfterInMs: context.retryAfterInMs,
  });
}

/** Whether a provider says that an invitation is not accepted yet. */
export function isAboutInvitation(detail: string): boolean {
  return /(?:invite|invited|invitation)\b/i.test(detail) && /\b(?:accept|pending)/i.test(detail);
}

/** The provider's ID of a request, from the usual headers. */
export function requestIdOf(headers: Readonly<Record<string, string>>, redact: Redact): string | undefined {
  const id =
    headers['x-request-id'] ??
    headers['x-okta-request-id'] ??
    headers['x-correlation-id'] ??
    headers['request-id'];
  return id === undefined ? undefined : providerText(id, redact);
}

/**
 * The status in a body that is an error of SCIM 2.0 or SCIM 1.1: some providers send it with status 200. Undefined if the body is
 * no error.
 */
export function errorStatusIn(body: unknown): number | undefined {
  if (!isRecord(body)) return undefined;
  const [first]: readonly unknown[] = Array.isArray(body.Errors) ? body.Errors : [];
  const isMessage = Array.isArray(body.schemas) && body.schemas.includes(messages.error);
  if (!isMessage && (first === undefined || body.id !== undefined || body.Resources !== undefined))
    return undefined;
  const status = Number(isMessage ? body.status : isRecord(first) && first.code);
  if (Number.isInteger(status) && status >= 400 && status < 600) return status;
  // RFC 7644 §3.12: a keyword comes with status 400.
  return typeof body.scimType === 'string' ? 400 : 500;
}

/** Removes secrets from a text. */
type Redact = (text: string) => string;

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
      return isScopeMissing(headers) ? 'forbidden' : 'auth';
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
  auth: (_, { detail }, { authenticator }) =>
    fillError(authenticator.rejected, { detail: detailText(detail) }),
  forbidden: ({ isHtml, headers }, { detail }, { authenticator }) => {
    if (isScopeMissing(headers)) {
      const scope = missingScope(headers, authenticator.redact);
      const shown = scope === undefined ? '' : ` ("${scope}")`;
      return fillError(authenticator.scopeMissing, { scope: shown, detail: detailText(detail) });
    }
    return isHtml
      ? errorTexts.blockedByProxy
      : fillError(errorTexts.forbidden, { detail: detailText(detail) });
  },
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

/** Whether a response says that the token lacks a scope (RFC 6750 §3.1). */
function isScopeMissing(headers: Readonly<Record<string, string>>): boolean {
  return /\berror\s*=\s*"?insufficient_scope\b/i.test(headers['www-authenticate'] ?? '');
}

/** The scope that such a response asks for; undefined if it does not name one. */
function missingScope(headers: Readonly<Record<string, string>>, redact: Redact): string | undefined {
  // Redacted as a whole: a secret can contain the quotes around the scope, and the scope would hold a part of it.
  const challenge = redact(headers['www-authenticate'] ?? '');
  const scope = /\bscope\s*=\s*"([^"]+)"/i.exec(challenge)?.[1];
  return scope && providerText(scope, redact);
}

const longestDetail = 500;

/** Reads an error body: that of SCIM 2.0 or SCIM 1.1, or the `message` or `error` of other formats. */
function readScimError(body: unknown, redact: Redact): Said {
  if (!isRecord(body)) return {};
  const list: unknown = body.Errors ?? body.errors;
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  const nested: unknown = isRecord(first) ? (first.description ?? first.message) : undefined;
  const detail = [body.detail, nested, body.message, body.error_description, body.error].find(
    (text) => typeof text === 'string' && text !== '',
  );
  const scimType = body.scimType;
  return {
    ...(typeof scimType === 'string' && scimType !== '' && { scimType: providerText(scimType, redact) }),
    ...(typeof detail === 'string' && { detail: providerText(detail, redact) }),
  };
}

/** A text of a provider, fit for an error: on one line, not too long, without secrets or control characters. */
export function providerText(text: string, redact: Redact): string {
  const plain = printable(redact(text).replace(/\s+/g, ' ').trim());
  return plain.length > longestDetail ? `${plain.slice(0, longestDetail)}…` : plain;
}
