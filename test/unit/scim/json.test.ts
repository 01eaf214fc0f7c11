import { describe, expect, it } from 'vitest';
import { isSameJson } from '../../../scim/json.ts';

describe('two JSON values', () => {
  it.each([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [1, '1', false],
    [null, undefined, false],
    [[{ a: [1] }], [{ a: [1] }], true],
  ])('%j and %j are equal: %s', (one, other, same) => {
    expect(isSameJson(one, other)).toBe(same);
    expect(isSameJson(other, one)).toBe(same);
  });
});
