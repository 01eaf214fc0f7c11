import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { SQLOutputValue } from 'node:sqlite';
import { UnreadableValue } from './state-error.ts';

/** The row that a value belongs to: its table, and the columns that identify it, as they are stored. */
export type StateRow = readonly [table: string, ...columns: readonly (string | number)[]];

/**
 * How a state stores what is about people: as it is, or encrypted. Values are sealed. Names and digests are only looked
 * up: the same one is always stored in the same way.
 */
export interface StateCipher {
  seal(row: StateRow, value: string | Uint8Array): string | Uint8Array;
  /** @throws UnreadableValue if the value was not sealed for this row */
  openText(row: StateRow, stored: SQLOutputValue | undefined): string;
  /** @throws UnreadableValue if the value was not sealed for this row */
  openBytes(row: StateRow, stored: SQLOutputValue | undefined): Uint8Array;
  name(name: string): string;
  digest(digest: Uint8Array): Uint8Array;
}

// NIST SP 800-38D: 96 random bits for each value are safe for 2^32 values under one key, and each rekey begins a new one.
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
/** As in a plain state: two names do not collide by chance. */
const digestBytes = 16;

/** The length of every key, in bytes. */
export const keyBytes = 32;
const saltBytes = 16;

/** What the key of an encrypted state opens. */
export interface StateEncryption {
  readonly salt: Uint8Array;
  /** The key of names and digests, sealed. It outlives the other one: nobody can compute them again. */
  readonly sealedLookupKey: Uint8Array;
}

/** An encrypted state that is open. */
export interface OpenEncryption {
  readonly cipher: StateCipher;
  readonly lookupKey: Uint8Array;
}

const lookupKeyRow: StateRow = ['encryption'];

/** Encrypts a state with a key. @param lookupKey that of the state, if it is encrypted already. */
export function createEncryption(
  key: Uint8Array,
  lookupKey: Uint8Array = randomBytes(keyBytes),
): StateEncryption & OpenEncryption {
  const salt = randomBytes(saltBytes);
  const valueKey = deriveValueKey(key, salt);
  const sealedLookupKey = encrypt(valueKey, lookupKeyRow, lookupKey);
  return { salt, sealedLookupKey, lookupKey, cipher: createCipher(valueKey, lookupKey) };
}

/** Opens an encrypted state; undefined if the key is not the one of the state. */
export function openEncryption(
  key: Uint8Array,
  { salt, sealedLookupKey }: StateEncryption,
): OpenEncryption | undefined {
  const valueKey = deriveValueKey(key, salt);
  try {
    const lookupKey = decrypt(valueKey, lookupKeyRow, sealedLookupKey);
    return { cipher: createCipher(valueKey, lookupKey), lookupKey };
  } catch (error) {
    if (error instanceof UnreadableValue) return undefined;
    throw error;
  }
}

function createCipher(valueKey: KeyObject, lookupKey: Uint8Array): StateCipher {
  const mac = (kind: string, value: string | Uint8Array): Buffer =>
    createHmac('sha256', lookupKey).update(`${kind}\n`).update(value).digest().subarray(0, digestBytes);
  return {
    seal: (row, value) => encrypt(valueKey, row, value),
    openText: (row, stored) => decrypt(valueKey, row, stored).toString(),
    openBytes: (row, stored) => decrypt(valueKey, row, stored),
    name: (name) => mac('name', name).toString('base64url'),
    digest: (digest) => mac('digest', digest),
  };
}

/**
 * The key of a state's values. The given key is random (see `readStateKey`), so that it needs no slow derivation, as a
 * password would. Each state, and each rekey, has a key of its own, by its salt.
 */
function deriveValueKey(key: Uint8Array, salt: Uint8Array): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', key, salt, 'rolecall state values', keyBytes)));
}

function encrypt(key: KeyObject, row: StateRow, value: string | Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(nameOf(row));
  const encrypted = typeof value === 'string' ? cipher.update(value, 'utf8') : cipher.update(value);
  return Buffer.concat([nonce, encrypted, cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: KeyObject, row: StateRow, stored: unknown): Buffer {
  if (!(stored instanceof Uint8Array) || stored.length < nonceBytes + tagBytes)
    throw new UnreadableValue(row);
  const nonce = stored.subarray(0, nonceBytes);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(nameOf(row));
  decipher.setAuthTag(stored.subarray(-tagBytes));
  const value = decipher.update(stored.subarray(nonceBytes, -tagBytes));
  try {
    return Buffer.concat([value, decipher.final()]);
  } catch (cause) {
    throw new UnreadableValue(row, cause);
  }
}

/** Binds a value to its row: copied to another one, it cannot be opened. */
function nameOf(row: StateRow): Buffer {
  return Buffer.from(JSON.stringify(row));
}
