import { describe, expect, it } from 'vitest';
import { isolateNames, splitIsolated } from '../../../cli/right-to-left.ts';

const isolated = (text: string): string => isolateNames([text], true).join('');

describe('names that run from right to left', () => {
  it.each([
    ['two columns', 'משה כהן  שרה לוי', '\u2068משה כהן\u2069  \u2068שרה לוי\u2069'],
    ['values around an arrow', '"محمد" → "علي"', '"\u2068محمد\u2069" → "\u2068علي\u2069"'],
    ['a name between others', 'Ada, משה, Bob', 'Ada, \u2068משה\u2069, Bob'],
    ['a name with digits', 'משה2: 5', '\u2068משה2\u2069: 5'],
  ])('are isolated in %s', (_, line, expected) => {
    expect(isolated(line)).toBe(expected);
  });

  it('are the only ones to be isolated, and only on a screen', () => {
    expect(isolated('Ada Zoë 山田 Юлия 👍')).toBe('Ada Zoë 山田 Юлия 👍');
    expect(isolateNames(['משה'], false)).toEqual(['משה']);
  });

  it('are recognized again, and marks around anything else are not', () => {
    expect(splitIsolated(isolated('a משה b'))).toEqual(['a ', '\u2068משה\u2069', ' b']);
    expect(splitIsolated('\u2068gnp.exe\u2069')).toHaveLength(1);
    expect(splitIsolated('\u2068משה')).toHaveLength(1);
  });
});
