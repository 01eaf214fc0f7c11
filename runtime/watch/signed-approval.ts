import { ConnectorError } from '../../connector/errors.ts';
import type { Platform } from '../../connector/platform.ts';
import { sha256 } from '../../connector/safeguard/sha256.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { OneTimeApproval } from './release-holds.ts';
import { readWebhookSecret } from './webhook-sink.ts';

/** An approval that someone gave elsewhere, once its signature is verified. */
export interface Approval {
  /** The ID of the hold. */
  readonly id: string;
  /** Who approved it, in the words of the signer. */
  readonly by: string;
  readonly signedAtInMs: number;
  /** Makes it work once: a state remembers it until it is too old anyway. */
  readonly once: OneTimeApproval;
}

/** How old an approval can be: as old as the losses that a limit counts. */
const longestAgeInMs = 86_400_000;
/** How far the clock of the signer can be ahead. */
const clockToleranceInMs = 5 * 60_000;

const utf8 = new TextEncoder();

/**
 * Reads a signed approval: `{"approve": "hold-…", "by": "…", "at": "2026-…Z", "signature": "…"}`. The signature is
 * base64, of the lines `rolecall-approval`, `approve`, `by`, and `at`: an HMAC with SHA-256, or Ed25519.
 *
 * @param text - the approval, as JSON
 * @param key - a shared secret (`whsec_…`), or a public key as a JWK (RFC 8037)
 * @throws ConnectorError `invalid_input` if it is not an approval or too old, `auth` if the signature is not valid
 */
export async function readSignedApproval(
  text: string,
  key: string,
  { crypto, now }: Pick<Platform, 'crypto' | 'now'>,
): Promise<Approval> {
  const { approve, by, at, signature } = parseApproval(text);
  // JSON strings, so that no value can contain the separator.
  const message = ['rolecall-approval', approve, by, at].map((one) => JSON.stringify(one)).join('\n');
  const isValid = await isSignedBy(key, utf8.encode(message), bytesOf(signature), crypto);
  if (!isValid) throw notSigned();
  const signedAtInMs = Date.parse(at);
  const nowInMs = now();
  const ageInMs = nowInMs - signedAtInMs;
  if (!(ageInMs <= longestAgeInMs && ageInMs >= -clockToleranceInMs))
    throw notAnApproval('"at" is not within the last 24 hours');
  // By what is signed: the same approval has many spellings as JSON, and as base64.
  const once = { key: sha256(message), usedAtInMs: nowInMs, expiresAtInMs: signedAtInMs + longestAgeInMs };
  return { id: approve, by, signedAtInMs, once };
}

async function isSignedBy(
  key: string,
  message: Uint8Array,
  signature: Uint8Array,
  crypto: Platform['crypto'],
): Promise<boolean> {
  const secret = readWebhookSecret(key);
  if (secret !== undefined) return crypto.isEqual(await crypto.hmacSha256(secret, message), signature);
  const jwk = parse(key);
  if (!isRecord(jwk) || jwk.kty !== 'OKP')
    throw new ConnectorError('invalid_input', {
      what: 'The key for approvals is neither a secret nor an Ed25519 public key.',
      nextStep: 'Use whsec_ and 24 to 64 bytes in base64, or a JWK with "kty": "OKP".',
    });
  return crypto.verify('EdDSA', jwk, message, signature);
}

function parseApproval(text: string): Readonly<Record<'approve' | 'by' | 'at' | 'signature', string>> {
  const approval = parse(text);
  if (!isRecord(approval)) throw notAnApproval('it is not a JSON object');
  const { approve, by, at, signature } = approval;
  const isComplete = [approve, by, at, signature].every((one) => typeof one === 'string' && one !== '');
  if (!isComplete) throw notAnApproval('it needs "approve", "by", "at", and "signature"');
  return { approve: String(approve), by: String(by), at: String(at), signature: String(signature) };
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    throw notSigned();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notAnApproval(problem: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `The signed approval cannot be used: ${problem}.`,
    nextStep: 'Sign the ID of the current hold again.',
  });
}

function notSigned(): ConnectorError {
  return new ConnectorError('auth', {
    what: 'The signature of the approval is not valid. Nothing was approved.',
    nextStep: 'Check the key, and that the approval is unchanged.',
  });
}
