import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { badRequest } from '../../../scim/scim-error.ts';
import type { Placed } from './compile-order.ts';

/** Where a page begins or ends, in a list that may change meanwhile. */
export interface Cursor {
  /** Which way to go from the anchor. */
  readonly direction: 'after' | 'before';
  /** The place of the last or first resource of the page that gave the cursor. */
  readonly anchor: Placed;
  /** The page size of the query. */
  readonly count: number;
  /** Stands for the query's other parameters. */
  readonly query: string;
  /** When the cursor was given, in milliseconds since 1970. */
  readonly issuedAtMs: number;
}

/** Turns cursors into opaque texts and back. */
export interface CursorCodec {
  encode(cursor: Cursor): string;
  /** @throws ScimError `invalidCursor` for a text that {@link CursorCodec.encode} did not make. */
  decode(text: string): Cursor;
}

const ivBytes = 12;
const tagBytes = 16;

/**
 * Makes a codec with a key of its own. Encrypting with authentication is what RFC 9865 §6.2 asks for: clients
 * can neither read nor forge a cursor, and the service need not remember any. base64url keeps to the
 * unreserved characters that §2 demands.
 */
export function createCursorCodec(): CursorCodec {
  const key = randomBytes(32);
  return {
    encode: (cursor) => {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const sealed = Buffer.concat([cipher.update(JSON.stringify(cursor), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    decode: (text) => {
      try {
        const bytes = Buffer.from(text, 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
          authTagLength: tagBytes,
        });
        decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
        const sealed = bytes.subarray(ivBytes + tagBytes);
        // What decrypts was made by encode() above, so it has a cursor's form.
        return JSON.parse(Buffer.concat([decipher.update(sealed), decipher.final()]).toString()) as Cursor;
      } catch {
        throw badRequest('invalidCursor', 'The cursor is not one that this service gave.');
      }
    },
  };
}
