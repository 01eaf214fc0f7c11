import { createHmac, timingSafeEqual, webcrypto } from 'node:crypto';
import type { PlatformCrypto, SignatureAlgorithm } from '../../connector/platform.ts';

const { subtle } = webcrypto;

interface Traits {
  readonly kty: 'RSA' | 'EC' | 'OKP';
  /** The import parameters of a key: a key of another type or curve is invalid for this algorithm. */
  readonly importAs:
    | webcrypto.AlgorithmIdentifier
    | webcrypto.RsaHashedImportParams
    | webcrypto.EcKeyImportParams;
  readonly verifyAs: webcrypto.AlgorithmIdentifier | webcrypto.RsaPssParams | webcrypto.EcdsaParams;
}

const rsa = (name: string, bits: number): Traits => ({
  kty: 'RSA',
  importAs: { name, hash: `SHA-${bits}` },
  // RFC 7518 §3.5: the salt of PSS is as long as the hash.
  verifyAs: name === 'RSA-PSS' ? { name, saltLength: bits / 8 } : { name },
});
const ec = (namedCurve: string, bits: number): Traits => ({
  kty: 'EC',
  importAs: { name: 'ECDSA', namedCurve },
  verifyAs: { name: 'ECDSA', hash: `SHA-${bits}` },
});

const traits: Readonly<Record<SignatureAlgorithm, Traits>> = {
  RS256: rsa('RSASSA-PKCS1-v1_5', 256),
  RS384: rsa('RSASSA-PKCS1-v1_5', 384),
  RS512: rsa('RSASSA-PKCS1-v1_5', 512),
  PS256: rsa('RSA-PSS', 256),
  PS384: rsa('RSA-PSS', 384),
  PS512: rsa('RSA-PSS', 512),
  ES256: ec('P-256', 256),
  ES384: ec('P-384', 384),
  ES512: ec('P-521', 512),
  // Ed448 is omitted: it is experimental in Node, and rarely used.
  EdDSA: { kty: 'OKP', importAs: { name: 'Ed25519' }, verifyAs: { name: 'Ed25519' } },
};

/** The shortest accepted RSA key, in bits (RFC 7518 §3.3). */
const fewestRsaBits = 2048;

type Jwk = Readonly<Record<string, unknown>>;

/** Node's own cryptography. A key is imported once per JWK object. */
export function createNodeCrypto(): PlatformCrypto {
  const keys = new WeakMap<Jwk, Map<SignatureAlgorithm, Promise<webcrypto.CryptoKey | null>>>();

  const keyOf = (jwk: Jwk, algorithm: SignatureAlgorithm): Promise<webcrypto.CryptoKey | null> => {
    const known = keys.get(jwk) ?? new Map<SignatureAlgorithm, Promise<webcrypto.CryptoKey | null>>();
    keys.set(jwk, known);
    const key = known.get(algorithm) ?? readKey(jwk, traits[algorithm]);
    known.set(algorithm, key);
    return key;
  };

  return {
    async hmacSha256(key, message) {
      return createHmac('sha256', key).update(message).digest();
    },
    async verify(algorithm, jwk, message, signature) {
      const key = await keyOf(jwk, algorithm);
      return key !== null && subtle.verify(traits[algorithm].verifyAs, key, signature, message);
    },
    isEqual: (one, other) => one.length === other.length && timingSafeEqual(one, other),
  };
}

/** Null for anything other than a public key of that type: a symmetric key must never be used as one. */
async function readKey(jwk: Jwk, { kty, importAs }: Traits): Promise<webcrypto.CryptoKey | null> {
  if (jwk.kty !== kty) return null;
  // Only the public part of a private key is used. Its declared use is checked when keys are selected.
  const { crv, x, y, n, e } = jwk;
  const publicPart = { kty, crv, x, y, n, e } as webcrypto.JsonWebKey;
  try {
    const key = await subtle.importKey('jwk', publicPart, importAs, false, ['verify']);
    const { modulusLength } = key.algorithm as Partial<webcrypto.RsaHashedKeyAlgorithm>;
    return modulusLength !== undefined && modulusLength < fewestRsaBits ? null : key;
  } catch {
    return null;
  }
}
