// 32 bits of the fractional parts of the cube and square roots of primes (FIPS 180-4 §4.2.2, §5.3.3).
const primes = firstPrimes(64);
const constants = primes.map((prime) => fraction(prime ** (1 / 3)));
const start = primes.slice(0, 8).map((prime) => fraction(prime ** (1 / 2)));

/**
 * The SHA-256 hash of a text in UTF-8, in hexadecimal. Synchronous, because it is computed within a transaction: the
 * cryptography of a platform is not.
 */
export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const blocks = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / 64) * 64));
  new Uint8Array(blocks.buffer).set(bytes);
  blocks.setUint8(bytes.length, 0x80);
  blocks.setBigUint64(blocks.byteLength - 8, BigInt(bytes.length) * 8n);
  const hash = Int32Array.from(start);
  const words = new Int32Array(64);
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let index = 0; index < 64; index += 1)
      words[index] = index < 16 ? blocks.getInt32(at + index * 4) : extended(words, index);
    compress(hash, words);
  }
  return Array.from(hash, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/** §6.2.2, step 1. */
function extended(words: Int32Array, index: number): number {
  const first = words[index - 15] ?? 0;
  const second = words[index - 2] ?? 0;
  const small = rotate(first, 7) ^ rotate(first, 18) ^ (first >>> 3);
  const large = rotate(second, 17) ^ rotate(second, 19) ^ (second >>> 10);
  return ((words[index - 16] ?? 0) + small + (words[index - 7] ?? 0) + large) | 0;
}

/** §6.2.2, steps 2 to 4. */
function compress(hash: Int32Array, words: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
  for (let index = 0; index < 64; index += 1) {
    const mixed = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const chosen = (e & f) ^ (~e & g);
    const first = (h + mixed + chosen + (constants[index] ?? 0) + (words[index] ?? 0)) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries())
    hash[index] = ((hash[index] ?? 0) + word) | 0;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function fraction(root: number): number {
  return Math.floor((root % 1) * 2 ** 32) | 0;
}

function firstPrimes(count: number): readonly number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number += 1)
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  return found;
}
