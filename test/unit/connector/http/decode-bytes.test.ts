import { expect, it } from 'vitest';
import { decodeBytes } from '../../../../connector/http/decode-bytes.ts';

const name = 'Zoë – 100 €';

it.each([
  ['UTF-8', Buffer.from(name), 'application/json', name],
  ['UTF-8 although Latin-1 is stated', Buffer.from(name), 'application/json; charset=ISO-8859-1', name],
  ['UTF-8 with the replacement character in it', Buffer.from('a\ufffdb'), undefined, 'a\ufffdb'],
  ['Latin-1, stated', Buffer.from('Zoë', 'latin1'), 'application/json; charset="iso-8859-1"', 'Zoë'],
  ['Latin-1, not stated', Buffer.from('Zoë', 'latin1'), undefined, 'Zoë'],
  ['Latin-1, stated as UTF-8', Buffer.from('Zoë', 'latin1'), 'application/json; charset=utf-8', 'Zoë'],
  ['windows-1252', Buffer.from([0x80]), 'application/json; charset=nonsense', '€'],
  [
    'UTF-8 with a name that is cut',
    Buffer.concat([Buffer.from('Müller Zo'), Uint8Array.of(0xc3)]),
    undefined,
    'Müller Zo\ufffd',
  ],
  ['Latin-2', Buffer.from([0xb1]), 'application/json; charset=iso-8859-2', 'ą'],
])('decodes %s', (_, bytes, contentType, text) => {
  expect(decodeBytes([bytes], contentType)).toBe(text);
  const oneByOne = Array.from(bytes, (byte) => Uint8Array.of(byte));
  expect(decodeBytes(oneByOne, contentType)).toBe(text);
});
