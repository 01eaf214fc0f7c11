import type { Platform } from '../../connector/platform.ts';

const utf8 = new TextEncoder();
/** The key of the HMAC that stands for a hash: the id need not be secret, only always the same. */
const idKey = utf8.encode('rolecall/webhook-id');

/**
 * The headers that sign an event (https://www.standardwebhooks.com): its id, the time of the attempt, and a signature
 * for each secret. The id is made of the `dedupeKey`, which may have characters that no header has.
 */
export async function signWebhook(
  text: string,
  secrets: readonly Uint8Array[],
  { crypto, now }: Pick<Platform, 'crypto' | 'now'>,
): Promise<Readonly<Record<string, string>>> {
  const { dedupeKey } = JSON.parse(text) as { readonly dedupeKey: string };
  const id = `msg_${toHex((await crypto.hmacSha256(idKey, utf8.encode(dedupeKey))).subarray(0, 16))}`;
  const timestamp = String(Math.floor(now() / 1000));
  const message = utf8.encode(`${id}.${timestamp}.${text}`);
  const signatures = await Promise.all(
    secrets.map(async (secret) => `v1,${toBase64(await crypto.hmacSha256(secret, message))}`),
  );
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
