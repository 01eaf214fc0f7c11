import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { Json, JsonObject } from '../../../scim/json.ts';
import type { Change } from '../../scim/resource/resource-record.ts';
import { type KeptKey, type KeyRingState, keyRingId, type WorkspaceData } from '../open-workspace-data.ts';
import type { EventAlgorithm } from './event-algorithm.ts';

/** The signing key. */
export interface SigningKey {
  /** Its RFC 7638 thumbprint. */
  readonly kid: string;
  readonly algorithm: EventAlgorithm;
  readonly privateKey: KeyObject;
}

/** The keys of the workspace's SETs. */
export interface KeyRing {
  current(): SigningKey;
  /** All keys that have ever signed, the current one first: tokens from before a rotation stay valid. */
  list(): readonly KeptKey[];
  /** Replaces the signing key, and discards the private half of the old one. */
  rotate(algorithm: EventAlgorithm): { readonly key: KeptKey; readonly change: Change };
}

const feedIdBytes = 8;

/** The prefix of the workspace's SET IDs, so that they are unique across workspaces. */
export function feedIdOf({ keyRings }: WorkspaceData): string {
  return stateOf(keyRings.get(keyRingId)).feedId;
}

/** Creates the first key of a workspace. No change if it has one. */
export function beginKeyRing({ keyRings, now }: WorkspaceData): readonly Change[] {
  if (keyRings.get(keyRingId) !== undefined) return [];
  const feedId = randomBytes(feedIdBytes).toString('hex');
  return [keyRings.put(keyRingId, { feedId, keys: [newKey('ES256', now())] })];
}

/** Opens the keys of an initialized workspace. */
export function openKeyRing({ keyRings, now }: WorkspaceData): KeyRing {
  const list = (): readonly KeptKey[] => stateOf(keyRings.get(keyRingId)).keys;
  let parsed: SigningKey | undefined;
  return {
    list,
    current: () => {
      const [key] = list();
      if (key?.privateKey == null) throw new TypeError('The workspace has no key to sign with');
      if (parsed?.kid !== key.kid) {
        parsed = { kid: key.kid, algorithm: key.algorithm, privateKey: createPrivateKey(key.privateKey) };
      }
      return parsed;
    },
    rotate: (algorithm) => {
      const state = stateOf(keyRings.get(keyRingId));
      const key = newKey(algorithm, now());
      const retired = state.keys.map((old) => ({ ...old, privateKey: null }));
      return { key, change: keyRings.put(keyRingId, { ...state, keys: [key, ...retired] }) };
    },
  };
}

/** Returns the keys as a JWK set (RFC 7517 §5). */
export function showKeySet(keys: readonly KeptKey[]): JsonObject {
  return {
    keys: keys.map(({ kid, algorithm, publicKey }) => ({ ...publicKey, kid, alg: algorithm, use: 'sig' })),
  };
}

function stateOf(state: KeyRingState | undefined): KeyRingState {
  if (state === undefined) throw new TypeError('The workspace is not initialized');
  return state;
}

function newKey(algorithm: EventAlgorithm, now: Date): KeptKey {
  const pair =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKey = publicMembers(pair.publicKey);
  return {
    kid: thumbprintOf(publicKey),
    algorithm,
    publicKey,
    privateKey: String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    createdAt: now.toISOString(),
  };
}

// Sorted by name, as the thumbprint requires (RFC 7638 §3.2, §3.3).
function publicMembers(publicKey: KeyObject): JsonObject {
  const { crv, e, kty, n, x, y } = publicKey.export({ format: 'jwk' });
  const members: [string, Json | undefined][] = [
    ['crv', crv],
    ['e', e],
    ['kty', kty],
    ['n', n],
    ['x', x],
    ['y', y],
  ];
  return Object.fromEntries(members.filter((member): member is [string, Json] => member[1] !== undefined));
}

function thumbprintOf(publicKey: JsonObject): string {
  return createHash('sha256').update(JSON.stringify(publicKey)).digest('base64url');
}
