import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBase64Url } from '../../../../../triggers/sources/set/compact-jws.ts';

const decode = (text: string) => decodeBase64Url(new TextEncoder().encode(text));

it('decodes what Node encodes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(decode(Buffer.from(bytes).toString('base64url'))).toEqual(bytes);
    }),
  );
});

it('decodes only the canonical encoding', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 20 }),
      fc.string({ unit: 'binary-ascii' }),
      (bytes, other) => {
        const text = Buffer.from(bytes).toString('base64url');
        const read = decode(other);
        if (other !== text) expect(read === undefined || Buffer.compare(read, bytes) !== 0).toBe(true);
        if (read !== undefined) expect(Buffer.from(read).toString('base64url')).toBe(other);
      },
    ),
    { numRuns: 1_000 },
  );
});

it.each([
  ['padding', 'AA=='],
  ['bits that do not count', 'AB'],
  ['bits that do not count, in three', 'AAB'],
  ['a letter too few', 'AAAAA'],
  ['the other alphabet', 'ab+/'],
  ['a space', 'AA A'],
  ['a line break', 'AAAA\n'],
  ['a letter of no alphabet', 'AAAä'],
])('refuses %s', (_, text) => {
  expect(decode(text)).toBeUndefined();
});

it('decodes an empty string as no bytes', () => {
  expect(decode('')).toEqual(new Uint8Array());
});
