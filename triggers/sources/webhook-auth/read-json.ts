import { fill } from '../../../schemas/fill.ts';
import { rejectionTexts } from './rejection-texts.ts';
import { RejectedRequest } from './request-checks.ts';

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
