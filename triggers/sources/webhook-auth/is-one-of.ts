import type { PlatformCrypto } from '../../../connector/platform.ts';
import { toUtf8 } from './utf8.ts';

/** Whether a text is one of the secrets, in a time that tells nothing of them but their lengths. */
export function isOneOf(crypto: PlatformCrypto, given: string, secrets: readonly string[]): boolean {
  const bytes = toUtf8(given);
  // All are compared, so that the time does not tell which one it was.
  return secrets.filter((secret) => crypto.isEqual(bytes, toUtf8(secret))).length > 0;
}
