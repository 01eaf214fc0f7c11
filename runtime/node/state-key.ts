import { ConnectorError } from '../../connector/errors.ts';
import { keyBytes } from './state-cipher.ts';

/**
 * Reads the key of an encrypted state: 32 random bytes, in base64 or hexadecimal. A password is refused: it could be
 * guessed from a copy of the state.
 *
 * @param name what the message calls it
 * @throws ConnectorError `invalid_input`, which never shows the key
 */
export function readStateKey(text: string, name: string): Uint8Array {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  const bytes = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed) ? Buffer.from(trimmed, 'base64') : Buffer.alloc(0);
  if (bytes.length === keyBytes) return bytes;
  throw new ConnectorError('invalid_input', {
    what: `${name} is not a key: it must be 32 bytes in base64 or hexadecimal.`,
    nextStep: 'Create one with "openssl rand -base64 32".',
  });
}
