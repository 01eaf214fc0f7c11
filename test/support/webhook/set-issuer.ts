import {
  CompactSign,
  type CryptoKey,
  exportJWK,
  type GenerateKeyPairResult,
  generateKeyPair,
  type JWK,
} from 'jose';
import { fakeEpochInMs } from '../fake-platform.ts';

/** A key of an issuer, with what it publishes of it. */
export interface IssuerKey {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** Creates a key pair with jose, which shares no code with what is tested. @param traits are added to the public key */
export async function issuerKey(
  alg: string,
  kid: string | undefined = 'key-1',
  traits: JWK = {},
): Promise<IssuerKey> {
  const { privateKey, publicKey }: GenerateKeyPairResult = await generateKeyPair(alg, { extractable: true });
  const published = await exportJWK(publicKey);
  return {
    alg,
    kid,
    privateKey,
    publicJwk: { ...published, ...(kid !== undefined && { kid }), alg, use: 'sig', ...traits },
  };
}

/** The issuer, the audience and the time of the tokens of these tests. */
export const issuer = 'https://scim.example.com';
export const audience = 'https://rolecall.example.com/events';
export const issuedAtInSeconds = fakeEpochInMs / 1000;

/** The URI of a SCIM event. */
export const eventUri = (name: string): string => `urn:ietf:params:scim:event:${name}`;

/** The claims of a token as RFC 9967 has them. @param claims take the place of those; undefined takes one away */
export function setClaims(claims: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    iss: issuer,
    aud: [audience],
    iat: issuedAtInSeconds,
    jti: '4d3559ec67504aaba65d40b0363faad8',
    sub_id: { format: 'scim', uri: '/Users/44f6142df96bd6ab61e7521d9', externalId: 'jdoe' },
    events: { [eventUri('prov:deactivate')]: {} },
    ...claims,
  };
}

/** Signs claims, or any bytes, with jose. @param header takes the place of what a good issuer writes */
export async function signSet(
  key: IssuerKey,
  claims: Readonly<Record<string, unknown>> | Uint8Array,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const payload = claims instanceof Uint8Array ? claims : new TextEncoder().encode(JSON.stringify(claims));
  const { alg, kid, privateKey } = key;
  const all = Object.entries({ alg, typ: 'secevent+jwt', kid, ...header });
  const protectedHeader = Object.fromEntries(all.filter(([, value]) => value !== undefined));
  return new CompactSign(payload)
    .setProtectedHeader({ alg, ...protectedHeader })
    .sign(privateKey, { crit: { 'urn:example:strict': true } });
}

/** A key set as it is published. */
export function keySetOf(...keys: readonly (IssuerKey | JWK)[]): string {
  return JSON.stringify({ keys: keys.map((key) => ('publicJwk' in key ? key.publicJwk : key)) });
}
