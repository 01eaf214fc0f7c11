import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { badRequest } from '../../../scim/scim-error.ts';
import type { Placed } from './compile-order.ts';

/** The start or end of a page, in a list that can change in the meantime. */
export interface Cursor {
  /** The direction from the anchor. */
  readonly direction: 'after' | 'before';
  /** The position of the last or first resource of the page with the cursor. */
  readonly anchor: Placed;
  /** The page size of the query. */
  readonly count: number;
  /** A hash of the query's other parameters. */
  readonly query: string;
  /** The creation time of the cursor, in milliseconds since 1970. */
  readonly issuedAtMs: number;
}

/** Converts cursors to opaque strings and back. */
export interface CursorCodec {
  encode(cursor: Cursor): string;
  /** @throws ScimError `invalidCursor` for a string that {@link CursorCodec.encode} did not create. */
  decode(text: string): Cursor;
}

const ivBytes = 12;
const tagBytes = 16;

/**
 * Creates a codec with its own key. It uses authenticated encryption, as RFC 9865 §6.2 requires: clients
 * can neither read nor forge a cursor, and the service does not store any. base64url uses only the
 * unreserved characters that §2 requires.
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
        // Only the output of encode() can be decrypted, so the value is a cursor.
        return JSON.parse(Buffer.concat([decipher.update(sealed), decipher.final()]).toString()) as Cursor;
      } catch {
        throw badRequest('invalidCursor', 'The cursor is not from this service.');
      }
    },
  };
}
