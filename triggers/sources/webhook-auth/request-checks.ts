import { ConnectorError, type ErrorCode } from '../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import { fill } from '../../../schemas/fill.ts';
import type { PushReceiver, PushReply, PushRequest, PushRequestHead, Received, Refused } from '../source.ts';
import { rejectionTexts } from './rejection-texts.ts';

/** The maximum size of a message, in bytes: enough for a group of ten thousand members. */
export const maxMessageBytes = 2 * 1024 * 1024;

/** The maximum clock difference of a sender ahead of ours, in milliseconds. */
export const clockToleranceInMs = 5 * 60_000;

/** Rejects a request with another method, with a body that says it is too large, or with a compressed one. */
export function requirePost({ method, headers }: PushRequestHead, allowed = 'POST'): void {
  if (method !== 'POST') {
    throw new RejectedRequest('invalid_request', {
      what: `The method is ${method.slice(0, 20)}, not POST.`,
      nextStep:
        'Check whether someone only opened the URL in a browser. Otherwise, correct the method at the sender.',
      status: 405,
      headers: { allow: allowed },
    });
  }
  if (Number(headers['content-length']?.[0]) > maxMessageBytes) throw bodyTooLarge();
  const encoding = onlyHeader({ headers }, 'content-encoding')?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    throw new RejectedRequest('invalid_request', {
      what: 'The body is compressed.',
      nextStep: 'Turn off compression at the sender.',
      status: 415,
    });
  }
}

/** The rejection of a body that is longer than {@link maxMessageBytes}. */
export function bodyTooLarge(): RejectedRequest {
  return new RejectedRequest('invalid_request', {
    what: fill(rejectionTexts.bodyTooLarge, { limit: maxMessageBytes }),
    nextStep: 'Configure the sender to send fewer events at once, or notices instead of whole resources.',
    status: 413,
  });
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
  request: PushRequestHead,
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

/** Thrown inside a source by a failed check; {@link createPushReceiver} turns it into a response. */
export class RejectedRequest extends Error {
  override readonly name = 'RejectedRequest';
  readonly code: RejectionCode;
  /** The problem, as a sentence for the sender. */
  readonly description: string;
  /** The same for the log. */
  readonly reason: ConnectorError;
  readonly reply: PushReply;

  /** The rejection as a result. */
  get refused(): Refused {
    return { kind: 'refused', reason: this.reason, reply: this.reply };
  }

  constructor(code: RejectionCode, parts: RejectionParts) {
    super(parts.what);
    this.code = code;
    this.description = parts.what;
    this.reason = new ConnectorError(errorCodes[code], parts);
    this.reply = replyOf(code, parts);
  }
}

/** The two steps of a receiver. A step throws {@link RejectedRequest}, and it becomes a response. */
export interface ReceivingSteps {
  readonly weakSecret?: PushReceiver['weakSecret'];
  readonly testConnection?: PushReceiver['testConnection'];
  /** Checks what needs no body. */
  check(head: PushRequestHead): void;
  /** Verifies the body, and reads its events. */
  read(request: PushRequest): Received | Promise<Received>;
}

/** Creates the receiver of a source. */
export function createPushReceiver({
  weakSecret,
  testConnection,
  check,
  read,
}: ReceivingSteps): PushReceiver {
  return {
    weakSecret,
    ...(testConnection !== undefined && { testConnection }),
    checkHead(head) {
      try {
        check(head);
        return undefined;
      } catch (error) {
        return refusedBy(error);
      }
    },
    async receive(request) {
      try {
        check(request);
        if (request.body.length > maxMessageBytes) throw bodyTooLarge();
        return await read(request);
      } catch (error) {
        return refusedBy(error);
      }
    },
  };
}

/** Reads each of several entries. One that cannot be read is passed to `onUnreadable`, and does not block the others. */
export function readEach<Entry, Result>(
  entries: readonly Entry[],
  read: (entry: Entry, index: number) => readonly Result[],
  onUnreadable: (error: RejectedRequest, entry: Entry) => void,
): readonly Result[] {
  return entries.flatMap((entry, index) => {
    try {
      return read(entry, index);
    } catch (error) {
      if (!(error instanceof RejectedRequest)) throw error;
      onUnreadable(error, entry);
      return [];
    }
  });
}

/** The result of a rejection. @throws any other error */
function refusedBy(error: unknown): Refused {
  if (error instanceof RejectedRequest) return error.refused;
  throw error;
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

/** The maximum nesting of lists and objects. Later code can recurse that deep. */
const mostLevels = 64;

/**
 * Reads a verified message as JSON (RFC 8259). Of a repeated name, the last value is used, and
 * `__proto__` is an ordinary name, because `JSON.parse` creates an own property.
 *
 * @throws RejectedRequest if it is not UTF-8, not JSON, or nested too deeply.
 */
export function readJson(bytes: Uint8Array): unknown {
  const text = fromUtf8(bytes);
  if (text === undefined) throw unreadable(rejectionTexts.notUtf8);
  const value = parse(text);
  if (isDeeperThan(value, mostLevels)) throw unreadable(fill(rejectionTexts.tooDeep, { levels: mostLevels }));
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(rejectionTexts.notJson);
  }
}

type Values = Readonly<Record<string, unknown>>;

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeperThan(item, levels - 1));
  // The output of JSON.parse inherits nothing that could be listed here.
  for (const name in value) if (isDeeperThan((value as Values)[name], levels - 1)) return true;
  return false;
}

function unreadable(why: string): RejectedRequest {
  return new RejectedRequest('invalid_request', {
    what: fill(rejectionTexts.message, { problem: why }),
    nextStep: 'Check that the sender is configured for this source. If it is, contact the sender.',
  });
}

/** The value of a JSON text; undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The bytes of a text in UTF-8. */
export function toUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of bytes in UTF-8; undefined if they are not UTF-8, so that no byte is silently replaced. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
