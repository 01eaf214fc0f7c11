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
  const whole = length - rest;
  const bytes = new Uint8Array((whole / 4) * 3 + Math.max(0, rest - 1));
  let seen = 0;
  let at = 0;
  let index = 0;
  // Written out, since a token is decoded for each that comes, whoever sent it.
  for (; index < whole; index += 4) {
    const one = valueAt(text, index);
    const two = valueAt(text, index + 1);
    const three = valueAt(text, index + 2);
    const four = valueAt(text, index + 3);
    seen |= one | two | three | four;
    bytes[at] = (one << 2) | (two >> 4);
    bytes[at + 1] = (two << 4) | (three >> 2);
    bytes[at + 2] = (three << 6) | four;
    at += 3;
  }
  let unused = 0;
  if (rest > 0) {
    const one = valueAt(text, index);
    const two = valueAt(text, index + 1);
    const three = rest === 3 ? valueAt(text, index + 2) : 0;
    seen |= one | two | three;
    bytes[at] = (one << 2) | (two >> 4);
    if (rest === 3) bytes[at + 1] = (two << 4) | (three >> 2);
    unused = rest === 3 ? three & 0x03 : two & 0x0f;
  }
  // A character outside the alphabet has its two highest bits set, which no character inside has.
  return (seen & 0xc0) !== 0 || unused !== 0 ? undefined : bytes;
}

// Both indices are within their arrays: a byte has 256 values, and the text is as long as its length says.
function valueAt(text: Uint8Array, index: number): number {
  return values[text[index] as number] as number;
}
