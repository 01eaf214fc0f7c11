import type { PlatformCrypto } from '../../../connector/platform.ts';
import type { PushRequest, PushRequestHead, SourceContext } from '../source.ts';
import { clockToleranceInMs, onlyHeader, RejectedRequest, toUtf8 } from './request-checks.ts';

/** The signature format of a sender: `t=1700000000000,v1=hex`, the HMAC-SHA-256 of time, dot, and body. */
export interface BodySignature {
  /** The header, in lower case. */
  readonly header: string;
  /** The name of a signature in it. */
  readonly key: string;
  /** Each can have signed, so that a secret can be rotated while messages are in transit. */
  readonly secrets: readonly string[];
  readonly maxAgeInMs: number;
}

/** A body with a valid signature. */
export interface SignedBody {
  /** The time of signing, in milliseconds since 1970. */
  readonly signedAtInMs: number;
  /** The signed bytes: time, dot, and body. */
  readonly signed: Uint8Array;
}

/** Verifies the signature of a raw body. @throws RejectedRequest */
export async function checkSignedBody(
  { platform }: Pick<SourceContext, 'platform'>,
  request: PushRequest,
  { header, key, secrets, maxAgeInMs }: BodySignature,
): Promise<SignedBody> {
  const { time, signatures } = readHeader(request, header, key);
  const signed = join(toUtf8(`${time}.`), request.body);
  if (!(await isSigned(platform.crypto, signed, signatures, secrets))) {
    throw new RejectedRequest('authentication_failed', {
      what: 'The signature does not match the message.',
      nextStep:
        'Use the secret of the sender in the settings of the source, and make sure that no proxy changes the body.',
      status: 403,
    });
  }
  const signedAtInMs = Number(time);
  const ageInMs = platform.now() - signedAtInMs;
  if (ageInMs > maxAgeInMs || ageInMs < -clockToleranceInMs) {
    throw new RejectedRequest('invalid_request', {
      what: ageInMs < 0 ? 'The message is dated in the future.' : 'The message is too old.',
      nextStep: 'Check the clocks of both sides. `maxAgeInSeconds` is the maximum age of a message.',
    });
  }
  return { signedAtInMs, signed };
}

/** Rejects a request whose signature is missing or has another form: its body need not be read. */
export function checkSignatureHeader(head: PushRequestHead, { header, key }: BodySignature): void {
  readHeader(head, header, key);
}

const mostSignatures = 10;

function readHeader(
  head: PushRequestHead,
  header: string,
  key: string,
): { readonly time: string; readonly signatures: readonly Uint8Array[] } {
  const value = onlyHeader(head, header);
  const times: string[] = [];
  const signatures: Uint8Array[] = [];
  for (const part of (value ?? '').split(',')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim();
    const text = part.slice(at + 1).trim();
    if (name === 't') times.push(text);
    else if (name === key && /^[0-9a-f]{64}$/i.test(text)) signatures.push(fromHex(text));
  }
  const [time] = times;
  // This number of digits means current milliseconds, and is exact as a number.
  if (
    times.length === 1 &&
    time !== undefined &&
    /^\d{10,15}$/.test(time) &&
    signatures.length > 0 &&
    signatures.length <= mostSignatures
  )
    return { time, signatures };
  throw new RejectedRequest('authentication_failed', {
    what: value === undefined ? `The "${header}" header is missing.` : `The "${header}" header is invalid.`,
    nextStep: 'Check that the sender is configured with a secret, and that this is the right source for it.',
    status: 403,
  });
}

async function isSigned(
  crypto: PlatformCrypto,
  signed: Uint8Array,
  signatures: readonly Uint8Array[],
  secrets: readonly string[],
): Promise<boolean> {
  let fits = false;
  for (const secret of secrets) {
    const expected = await crypto.hmacSha256(toUtf8(secret), signed);
    for (const signature of signatures) if (crypto.isEqual(signature, expected)) fits = true;
  }
  return fits;
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(index * 2, index * 2 + 2), 16),
  );
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
