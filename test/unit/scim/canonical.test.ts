import { describe, expect, it } from 'vitest';
import { canonical, keyOfItem } from '../../../scim/canonical.ts';
import { compileAttributes } from '../../../scim/schema/attribute.ts';

describe('the canonical form', () => {
  it.each([
    ['keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['a list in another order', [{ value: 'x' }, { value: 'y' }], [{ value: 'y' }, { value: 'x' }]],
    ['an entry twice', ['a', 'a', 'b'], ['b', 'a']],
    ['null and nothing', { a: null, b: 1 }, { b: 1 }],
    ['an empty text and nothing', { a: '' }, {}],
    ['an empty list and nothing', [], undefined],
    ['a list of nothing and nothing', [null, {}], undefined],
    [
      'primary that is false and primary that is not said',
      [{ value: 'x', primary: false }],
      [{ value: 'x' }],
    ],
    [
      'what is derived for display',
      [{ value: 'x', display: 'Ada', $ref: 'https://example.com/x' }],
      [{ value: 'x', display: 'Ada King' }],
    ],
  ])('%s', (_, one, other) => {
    expect(canonical(one)).toEqual(canonical(other));
  });

  it.each([
    ['a value', 'a', 'b'],
    ['upper and lower case', 'a', 'A'],
    ['false and nothing', { a: false }, {}],
    ['zero and nothing', { a: 0 }, {}],
    ['a number and its text', 1, '1'],
    ['the type of an entry', [{ value: 'x', type: 'work' }], [{ value: 'x', type: 'home' }]],
  ])('differs for values that differ in %s', (_, one, other) => {
    expect(canonical(one)).not.toEqual(canonical(other));
  });

  it('omits attributes that only the provider sets', () => {
    const [manager] = compileAttributes([
      {
        name: 'manager',
        type: 'complex',
        subAttributes: [
          { name: 'value', type: 'string' },
          { name: 'displayName', type: 'string', mutability: 'readOnly' },
        ],
      },
    ]).list;
    expect(canonical({ value: '7', displayName: 'Ada' }, manager)).toEqual({ value: '7' });
  });
});

describe('the key of a list entry', () => {
  it.each([
    [{ value: 'admin', display: 'Administrator' }, 'admin'],
    ['admin', 'admin'],
    [{ value: 7 }, '7'],
    [{ value: '{"id":"1","value":"Admin","displayName":"Administrator"}' }, 'Admin'],
    [{ value: '{"displayName":"Administrator"}' }, 'Administrator'],
    [{ value: '{curly' }, '{curly'],
    [{ value: '{"id":"1"}' }, '{"id":"1"}'],
    [{ type: 'x' }, '{"type":"x"}'],
    [null, 'null'],
  ])('%j: %s', (item, key) => {
    expect(keyOfItem(item)).toBe(key);
  });
});
