import type { SignatureAlgorithm } from '../../../connector/platform.ts';
import { fill } from '../../../schemas/fill.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { rejectionTexts } from '../webhook-auth/rejection-texts.ts';
import { RejectedRequest, readJson } from '../webhook-auth/request-checks.ts';

/** The parts of a JWS in compact form (RFC 7515 §7.1). The payload is not parsed. */
export interface CompactJws {
  readonly algorithm: SignatureAlgorithm;
  readonly keyId: string | undefined;
  /** The signed bytes: header, dot, and payload, unchanged. */
  readonly signed: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

// A list of accepted rather than rejected algorithms: "none", and all algorithms with a shared secret, are
// not on it. Without one of them, or with another, this does not compile.
const algorithms: Readonly<Record<SignatureAlgorithm, true>> = {
  RS256: true,
  RS384: true,
  RS512: true,
  PS256: true,
  PS384: true,
  PS512: true,
  ES256: true,
  ES384: true,
  ES512: true,
  EdDSA: true,
};

/**
 * RFC 8417 §2.3: the type is recommended, without "application/" (RFC 7515 §4.1.9). A token of another
 * type is rejected; many libraries write "JWT" by default.
 */
const types: ReadonlySet<string> = new Set(['secevent+jwt', 'application/secevent+jwt', 'jwt']);

const dot = 0x2e;

/** Splits a token and checks its header. Keys and URLs in the header are never used. @throws RejectedRequest */
export type JwsReader = (token: Uint8Array) => CompactJws;

/** Creates a reader. It caches the last header, because an issuer uses the same one until it rotates its key. */
export function createJwsReader(): JwsReader {
  let last: { readonly text: Uint8Array; readonly header: Header } | undefined;
  return (token) => {
    const first = token.indexOf(dot);
    // A dot between these two would be part of the payload, whose alphabet has no dot.
    const second = token.lastIndexOf(dot);
    if (first <= 0 || second === first) throw unreadable();
    const text = token.subarray(0, first);
    if (last === undefined || !isSame(last.text, text))
      last = { text: text.slice(), header: decodeHeader(text) };
    const payload = decodeBase64Url(token.subarray(first + 1, second));
    const signature = decodeBase64Url(token.subarray(second + 1));
    if (payload === undefined || signature === undefined) throw unreadable();
    const { algorithm, keyId } = last.header;
    return { algorithm, keyId, signed: token.subarray(0, second), payload, signature };
  };
}

type Header = Pick<CompactJws, 'algorithm' | 'keyId'>;

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}

function decodeHeader(text: Uint8Array): Header {
  const header = decodeBase64Url(text);
  if (header === undefined) throw unreadable();
  return readHeader(readJson(header));
}

function readHeader(header: unknown): Header {
  if (!isRecord(header)) throw unreadable();
  const { alg, kid, typ, crit } = header;
  if (typeof alg !== 'string' || !isAlgorithm(alg)) {
    throw new RejectedRequest('invalid_key', {
      what: fill(rejectionTexts.algorithm, { algorithms: Object.keys(algorithms).join(', ') }),
      nextStep: 'Configure the issuer to sign with one of these.',
    });
  }
  // RFC 7515 §4.1.11: unknown critical parameters must be rejected, and none are known here.
  if (crit !== undefined) throw headerRefusal(rejectionTexts.critical);
  if (typ !== undefined && !(typeof typ === 'string' && types.has(typ.toLowerCase())))
    throw headerRefusal(rejectionTexts.wrongType);
  if (kid !== undefined && typeof kid !== 'string') throw headerRefusal(rejectionTexts.invalidKeyId);
  return { algorithm: alg, keyId: kid };
}

function isAlgorithm(name: string): name is SignatureAlgorithm {
  return Object.hasOwn(algorithms, name);
}

function headerRefusal(why: string): RejectedRequest {
  return new RejectedRequest('invalid_request', {
    what: fill(rejectionTexts.token, { problem: why }),
    nextStep: 'Ask the issuer for security event tokens that follow RFC 8417.',
  });
}

function unreadable(): RejectedRequest {
  return new RejectedRequest('invalid_request', {
    what: rejectionTexts.notAToken,
    nextStep: 'Check that the sender is configured for security event tokens (RFC 8935).',
  });
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const none = 0xff;
const values = new Uint8Array(256).fill(none);
for (let index = 0; index < alphabet.length; index += 1) values[alphabet.charCodeAt(index)] = index;

/**
 * Decodes base64url as in a JWS (RFC 7515 §2): no padding, no line breaks, and no unused bits set, so
 * that each byte sequence has only one valid encoding. Undefined for anything else.
 */
export function decodeBase64Url(text: Uint8Array): Uint8Array | undefined {
  const { length } = text;
  const rest = length % 4;
  if (rest === 1) return undefined;
  const whole = length - rest;
  const bytes = new Uint8Array((whole / 4) * 3 + Math.max(0, rest - 1));
  let seen = 0;
  let at = 0;
  let index = 0;
  // Optimized, because every received token is decoded, from any sender.
  for (; index < whole; index += 4) {
    const one = valueAt(text, index);
    const two = valueAt(text, index + 1);
    const three = valueAt(text, index + 2);
    const four = valueAt(text, index + 3);
    seen |= one | two | three | four;
    bytes[at] = (one << 2) | (two >> 4);
    bytes[at + 1] = (two << 4) | (three >> 2);
    bytes[at + 2] = (three << 6) | four;
    at += 3;
  }
  let unused = 0;
  if (rest > 0) {
    const one = valueAt(text, index);
    const two = valueAt(text, index + 1);
    const three = rest === 3 ? valueAt(text, index + 2) : 0;
    seen |= one | two | three;
    bytes[at] = (one << 2) | (two >> 4);
    if (rest === 3) bytes[at + 1] = (two << 4) | (three >> 2);
    unused = rest === 3 ? three & 0x03 : two & 0x0f;
  }
  // A character outside the alphabet has its two highest bits set, which no character inside has.
  return (seen & 0xc0) !== 0 || unused !== 0 ? undefined : bytes;
}

// Both indices are within their arrays: a byte has 256 values, and the text is as long as its length says.
function valueAt(text: Uint8Array, index: number): number {
  return values[text[index] as number] as number;
}
