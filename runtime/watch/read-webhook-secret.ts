const fewestBytes = 24;
const mostBytes = 64;

/** Reads a secret as Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in base64. Undefined for all else. */
export function readWebhookSecret(text: string): Uint8Array | undefined {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+)={0,2}$/.exec(text) ?? [];
  // No bytes end so: one letter holds six bits.
  if (base64 === undefined || base64.length % 4 === 1) return undefined;
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return bytes.length >= fewestBytes && bytes.length <= mostBytes ? bytes : undefined;
}
