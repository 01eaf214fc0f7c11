import { ConnectorError, type ErrorCode } from '../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import { fill } from '../../../schemas/fill.ts';
import type { PushReply, PushRequest, Received } from '../source.ts';
import { rejectionTexts } from './rejection-texts.ts';

/** The maximum size of a message, in bytes: enough for a group of ten thousand members. */
export const maxMessageBytes = 2 * 1024 * 1024;

/** The maximum clock difference of a sender ahead of ours, in milliseconds. */
export const clockToleranceInMs = 5 * 60_000;

/** Rejects a request with another method, or with a body that is too large. */
export function requirePost({ method, headers, body }: PushRequest, allowed = 'POST'): void {
  if (method !== 'POST') {
    throw new RejectedRequest('invalid_request', {
      what: `The method is ${method.slice(0, 20)}, not POST.`,
      nextStep:
        'Check whether someone only opened the URL in a browser. Otherwise, correct the method at the sender.',
      status: 405,
      headers: { allow: allowed },
    });
  }
  if (body.length > maxMessageBytes) {
    throw new RejectedRequest('invalid_request', {
      what: fill(rejectionTexts.bodyTooLarge, { limit: maxMessageBytes }),
      nextStep: 'Configure the sender to send fewer events at once, or notices instead of whole resources.',
      status: 413,
    });
  }
  const encoding = onlyHeader({ headers }, 'content-encoding')?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    throw new RejectedRequest('invalid_request', {
      what: 'The body is compressed.',
      nextStep: 'Turn off compression at the sender.',
      status: 415,
    });
  }
}

/** The value of a header that must not be repeated; undefined if it is missing. A repeated one is ambiguous. */
export function onlyHeader({ headers }: Pick<PushRequest, 'headers'>, name: string): string | undefined {
  const values = headers[name] ?? [];
  if (values.length < 2) return values[0];
  throw new RejectedRequest('invalid_request', {
    what: `The "${name}" header occurs ${values.length} times.`,
    nextStep: 'Correct this at the sender, or at the proxy in between.',
  });
}

/** Rejects a body whose `Content-Type` is not one of these. @param mayBeMissing whether a missing one is accepted. */
export function requireMediaType(
  request: PushRequest,
  allowed: readonly string[],
  mayBeMissing: boolean,
): void {
  const given = onlyHeader(request, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (given === undefined ? mayBeMissing : allowed.includes(given)) return;
  throw new RejectedRequest('invalid_request', {
    what: fill(rejectionTexts.wrongContentType, { types: allowed.join(' or ') }),
    nextStep: 'Check that the sender is configured for this source.',
    status: 415,
  });
}

/** The rejection codes: those of RFC 8935 §2.4, which all senders get, and one for transient errors. */
export type RejectionCode =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'authentication_failed'
  | 'unavailable';

/** The parts of a {@link RejectedRequest}, in addition to its code. No part may contain a secret. */
export interface RejectionParts {
  /** The problem, as a sentence. The sender also gets it. */
  readonly what: string;
  /** What the receiver's operator can do, as a sentence for the log. */
  readonly nextStep: string;
  /** The status of the response. Default: 503 for `unavailable`, otherwise 400. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The wait before the sender can retry, in milliseconds. */
  readonly retryAfterInMs?: number;
  readonly cause?: unknown;
}

/** Thrown inside a source by a failed check; {@link respondToRejections} turns it into a response. */
export class RejectedRequest extends Error {
  override readonly name = 'RejectedRequest';
  readonly code: RejectionCode;
  /** The problem, as a sentence for the sender. */
  readonly description: string;
  /** The same for the log. */
  readonly reason: ConnectorError;
  readonly reply: PushReply;

  constructor(code: RejectionCode, parts: RejectionParts) {
    super(parts.what);
    this.code = code;
    this.description = parts.what;
    this.reason = new ConnectorError(errorCodes[code], parts);
    this.reply = replyOf(code, parts);
  }
}

/** Verifies and reads one message: a rejection becomes a response, and any other error is thrown. */
export async function respondToRejections(receive: () => Promise<Received>): Promise<Received> {
  try {
    return await receive();
  } catch (error) {
    if (!(error instanceof RejectedRequest)) throw error;
    return { kind: 'refused', reason: error.reason, reply: error.reply };
  }
}

const errorCodes: Readonly<Record<RejectionCode, ErrorCode>> = {
  invalid_request: 'invalid_input',
  invalid_key: 'auth',
  invalid_issuer: 'auth',
  invalid_audience: 'auth',
  authentication_failed: 'auth',
  unavailable: 'unavailable',
};

function replyOf(
  code: RejectionCode,
  { what, status, headers = {}, retryAfterInMs }: RejectionParts,
): PushReply {
  if (code === 'unavailable') {
    const retryAfter = { 'retry-after': String(Math.max(1, Math.ceil((retryAfterInMs ?? 0) / 1000))) };
    return { status: status ?? 503, headers: { ...retryAfter, ...headers }, body: '' };
  }
  return {
    status: status ?? 400,
    // RFC 8935 §2.3: the language of the description is required.
    headers: { 'content-type': 'application/json', 'content-language': 'en', ...headers },
    body: JSON.stringify({ err: code, description: what }),
  };
}

/** An accepted message with an empty response. @param status the status by which this sender does not send it again. */
export function accepted(events: readonly ProvisioningEvent[], status: 200 | 202 | 204): Received {
  return { kind: 'accepted', events, reply: { status, headers: {}, body: '' } };
}
