import { describe, expect, it } from 'vitest';
import { redact } from '../../../connector/http/redact.ts';

describe('taking the token out of a text', () => {
  it.each([
    ['bearer a/b+c== is wrong', 'bearer [token] is wrong'],
    ['https://x/?t=a%2Fb%2Bc%3D%3D&u=a/b+c==', 'https://x/?t=[token]&u=[token]'],
    ['nothing of it', 'nothing of it'],
  ])('%s', (text, redacted) => {
    expect(redact(text, 'a/b+c==')).toBe(redacted);
  });

  it('takes the token for no pattern', () => {
    expect(redact('a.c $& abc', 'a.c')).toBe('[token] $& abc');
  });
});
