import { describe, expect, it } from 'vitest';
import { firstColumns, padTo, widthOf } from '../../../cli/text-width.ts';

const names = [
  ['Ada', 3],
  ['山田 太郎', 9],
  ['한', 2],
  ['\u1112\u1161\u11ab', 2],
  ['Zoë', 3],
  ['Zoe\u0308', 3],
  ['สมชาย', 5],
  ['עִבְרִית', 5],
  ['👩‍👩‍👧', 2],
  ['🇩🇪', 2],
  ['❤️', 2],
] as const;

describe('the width of a text on a terminal', () => {
  it.each(names)('of %s is %i columns', (name, width) => {
    expect(widthOf(name)).toBe(width);
  });

  it.each(names)('is what %s is padded to', (name) => {
    expect(widthOf(padTo(name, 20))).toBe(20);
  });

  it.each([
    ['山田太郎', 5, '山田'],
    ['Zoe\u0308 King', 3, 'Zoe\u0308'],
    ['a👩‍👩‍👧b', 2, 'a'],
    ['a👩‍👩‍👧b', 3, 'a👩‍👩‍👧'],
    ['Ada', 9, 'Ada'],
  ])('cuts %s to %i columns between characters', (text, width, cut) => {
    expect(firstColumns(text, width)).toBe(cut);
  });
});
