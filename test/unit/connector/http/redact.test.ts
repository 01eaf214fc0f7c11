import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../../connector/http/redact.ts';

const redact = (text: string, token: string): string => createRedactor([token], '[token]')(text);

/** Whether text can be a bearer token (RFC 6750 §2.1), and is no piece of the redacted text. */
const isToken = (text: string): boolean => /^[\w.~+/=-]+$/.test(text) && !'[token]'.includes(text);

describe('redacting the token in a text', () => {
  it.each([
    ['bearer a/b+c== is wrong', 'bearer [token] is wrong'],
    ['https://x/?t=a%2Fb%2Bc%3D%3D&u=a/b+c==', 'https://x/?t=[token]&u=[token]'],
    ['nothing of it', 'nothing of it'],
  ])('%s', (text, redacted) => {
    expect(redact(text, 'a/b+c==')).toBe(redacted);
  });

  it.each<[string, (secret: string) => string]>([
    ['as it is', (secret) => secret],
    ['as a URL escapes it', encodeURIComponent],
    [
      'as a URL escapes it, in lower case',
      (secret) => encodeURIComponent(secret).replace(/%../g, (one) => one.toLowerCase()),
    ],
    ['as every byte of a URL', (secret) => Buffer.from(secret).toString('hex').replace(/../g, '%$&')],
    ['as JSON escapes it', (secret) => JSON.stringify(secret).slice(1, -1)],
    ['as JSON escapes slashes', (secret) => JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/')],
    [
      'as JSON escapes every character',
      (secret) => secret.replace(/./g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ],
    [
      'as HTML escapes every character',
      (secret) => secret.replace(/./g, (one) => `&#x${one.charCodeAt(0).toString(16)};`),
    ],
    ['as decimal HTML', (secret) => secret.replace(/./g, (one) => `&#${one.charCodeAt(0)};`)],
    ['as base64', (secret) => Buffer.from(secret).toString('base64').replace(/=+$/, '')],
    ['as base64url', (secret) => Buffer.from(secret).toString('base64url')],
    ['as base64 after "Bearer "', (secret) => Buffer.from(`Bearer ${secret} `).toString('base64')],
    ['as base64 after one byte', (secret) => Buffer.from(`:${secret}`).toString('base64')],
    ['as base64 after two bytes', (secret) => Buffer.from(`a:${secret}`).toString('base64url')],
  ])('finds any token %s', (_, encode) => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii', minLength: 12, maxLength: 60 }).filter(isToken),
        (secret) => {
          const text = `before ${encode(secret)} after`;

          const redacted = redact(text, secret);

          expect(redacted).toContain('[token]');
          expect(redacted).not.toContain(encode(secret));
          expect(redacted.length).toBeLessThan(text.length);
        },
      ),
    );
  });

  it('does not interpret the token as a pattern', () => {
    expect(redact('a.c $& abc', 'a.c')).toBe('[token] $& abc');
  });
});
