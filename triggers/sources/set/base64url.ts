const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const none = 0xff;
const values = new Uint8Array(256).fill(none);
for (let index = 0; index < alphabet.length; index += 1) values[alphabet.charCodeAt(index)] = index;

/**
 * Decodes base64url as a JWS has it (RFC 7515 §2): no padding, no line breaks, and no bit set that does not count, so
 * that there is one spelling only of any bytes. Undefined when it is anything else.
 */
export function decodeBase64Url(text: Uint8Array): Uint8Array | undefined {
  const { length } = text;
  const rest = length % 4;
  if (rest === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let at = 0;
  let bits = 0;
  let bitCount = 0;
  let seen = 0;
  for (let index = 0; index < length; index += 1) {
    const value = values[text[index] as number] as number;
    seen |= value;
    bits = (bits << 6) | value;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      bytes[at] = bits >> bitCount;
      at += 1;
      bits &= (1 << bitCount) - 1;
    }
  }
  // A character outside the alphabet has its two highest bits set, which no character inside has.
  return (seen & 0xc0) !== 0 || bits !== 0 ? undefined : bytes;
}
