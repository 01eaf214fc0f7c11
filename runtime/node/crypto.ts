import {
  constants,
  createHmac,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { RuntimeCrypto, SignatureAlgorithm } from '../../connector/runtime.ts';

const verifyAsync = promisify(verify);

interface Traits {
  /** The hash, in Node's words; null where the algorithm brings its own. */
  readonly digest: string | null;
  /** What the key must be: a key of another kind, or another curve, is none for this algorithm. */
  readonly keyType: readonly string[];
  readonly curve?: string;
  readonly options?: {
    readonly padding?: number;
    readonly saltLength?: number;
    readonly dsaEncoding?: 'ieee-p1363';
  };
}

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
// RFC 7518 §3.4: the two numbers side by side, not the ASN.1 that Node takes by itself.
const raw = { dsaEncoding: 'ieee-p1363' } as const;

const traits: Readonly<Record<SignatureAlgorithm, Traits>> = {
  RS256: { digest: 'sha256', keyType: ['rsa'] },
  RS384: { digest: 'sha384', keyType: ['rsa'] },
  RS512: { digest: 'sha512', keyType: ['rsa'] },
  PS256: { digest: 'sha256', keyType: ['rsa', 'rsa-pss'], options: pss },
  PS384: { digest: 'sha384', keyType: ['rsa', 'rsa-pss'], options: pss },
  PS512: { digest: 'sha512', keyType: ['rsa', 'rsa-pss'], options: pss },
  ES256: { digest: 'sha256', keyType: ['ec'], curve: 'prime256v1', options: raw },
  ES384: { digest: 'sha384', keyType: ['ec'], curve: 'secp384r1', options: raw },
  ES512: { digest: 'sha512', keyType: ['ec'], curve: 'secp521r1', options: raw },
  EdDSA: { digest: null, keyType: ['ed25519', 'ed448'] },
};

/** The shortest RSA key that is taken, in bits (RFC 7518 §3.3). */
const fewestRsaBits = 2048;

/** Node's own cryptography. Keys are read once for as long as the same JWK object is given. */
export function createNodeCrypto(): RuntimeCrypto {
  const keys = new WeakMap<object, KeyObject | null>();

  const keyOf = (jwk: Readonly<Record<string, unknown>>): KeyObject | null => {
    const known = keys.get(jwk);
    if (known !== undefined) return known;
    const key = readKey(jwk);
    keys.set(jwk, key);
    return key;
  };

  return {
    async hmacSha256(key, message) {
      return createHmac('sha256', key).update(message).digest();
    },
    async verify(algorithm, jwk, message, signature) {
      const { digest, keyType, curve, options } = traits[algorithm];
      const key = keyOf(jwk);
      if (key === null || !keyType.includes(key.asymmetricKeyType ?? '')) return false;
      const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
      if (curve !== undefined && namedCurve !== curve) return false;
      if (modulusLength !== undefined && modulusLength < fewestRsaBits) return false;
      return verifyAsync(digest, message, { key, ...options }, signature);
    },
    isEqual: (one, other) => one.length === other.length && timingSafeEqual(one, other),
  };
}

/** Null for what is no public key: a symmetric one must never serve as such. */
function readKey(jwk: Readonly<Record<string, unknown>>): KeyObject | null {
  if (jwk.kty === 'oct') return null;
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch {
    return null;
  }
}
