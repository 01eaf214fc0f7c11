const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const bitsOfDigit = 6;
/** Five digits of each of the two halves: 30 of its 32 bits. */
const digitsOfHalf = 5;

const firstSeed = 0x9747b28c;
const secondSeed = 0x3c6ef372;

/**
 * A fingerprint of a text: 60 bits, as characters of base64url, the same on every machine. It tells whether something
 * has changed; it is no protection against somebody who wants two texts to have the same one.
 */
export function fingerprint(text: string): string {
  return print(murmur3(text, firstSeed)) + print(murmur3(text, secondSeed));
}

/** A fingerprint of a text as a whole number: 53 bits, which is what a number holds. */
export function fingerprintNumber(text: string): number {
  return murmur3(text, firstSeed) * 2 ** 21 + (murmur3(text, secondSeed) >>> 11);
}

/** How many characters a short fingerprint has. */
const shortLength = 4;

/** The beginning of a fingerprint: 24 bits. */
export function shortFingerprint(text: string): string {
  return print(murmur3(text, firstSeed)).slice(0, shortLength);
}

function print(hash: number): string {
  let text = '';
  for (let digit = 0; digit < digitsOfHalf; digit += 1)
    text += digits.charAt((hash >>> (digit * bitsOfDigit)) & 63);
  return text;
}

/** MurmurHash3 for 32 bits (Austin Appleby, public domain), over the text's UTF-16 units, two to a block. */
function murmur3(text: string, seed: number): number {
  let hash = seed;
  const even = text.length - (text.length % 2);
  for (let at = 0; at < even; at += 2) {
    hash ^= scramble(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (even < text.length) hash ^= scramble(text.charCodeAt(even));
  hash ^= text.length * 2;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
