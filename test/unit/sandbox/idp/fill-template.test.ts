import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillPath, fillTemplate } from '../../../../sandbox/idp/fill-template.ts';
import { anyText } from '../../../support/any-text.ts';

describe('fillTemplate', () => {
  it.each([
    ['a value of its own type', { a: '{flag}', b: '{none}' }, { a: false, b: null }],
    ['text within text', ['members[value eq "{id}"]'], ['members[value eq "u-1"]']],
    ['what is no placeholder', { a: '{not one}', b: '{}', c: 1 }, { a: '{not one}', b: '{}', c: 1 }],
    ['no member without a value', { a: '{nothing}', b: ['{nothing}', 1] }, { b: [1] }],
    ['no object that lost all members', { a: { b: '{nothing}' }, c: {} }, { c: {} }],
    [
      'each of a list',
      [0, { $each: 'list', as: { v: '{value}', w: '{id}' } }],
      [0, { v: 1, w: 'u-1' }, { v: 2, w: 'u-1' }],
    ],
    ['each of a list of texts', [{ $each: 'names', as: '{item}' }], ['x', 'y']],
    ['none of no list', [{ $each: 'nothing', as: 1 }], []],
    [
      'lists in lists',
      [{ $each: 'list', as: [{ $each: 'names', as: '{item}{value}' }] }],
      [
        ['x1', 'y1'],
        ['x2', 'y2'],
      ],
    ],
    [
      'something laid over something',
      { $over: 'user', put: { name: { familyName: 'Li' }, emails: ['{id}'] } },
      { id: 7, name: { givenName: 'Ann', familyName: 'Li' }, emails: ['u-1'] },
    ],
    ['something laid over nothing', { $over: 'nothing', put: { a: 1 } }, { a: 1 }],
    [
      'nothing laid over something',
      { $over: 'user', put: { a: '{nothing}' } },
      { id: 7, name: { givenName: 'Ann' }, emails: [] },
    ],
  ])('returns %s', (_, template, expected) => {
    const values = {
      flag: false,
      none: null,
      id: 'u-1',
      list: [{ value: 1 }, { value: 2 }],
      names: ['x', 'y'],
      user: { id: 7, name: { givenName: 'Ann' }, emails: [] },
    };
    expect(fillTemplate(template, values)).toEqual(expected);
  });

  it('does not expand braces inside a value', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(fillTemplate({ a: '{text}', b: ['{text}'] }, { text, x: 'no' })).toEqual({
          a: text,
          b: [text],
        });
      }),
    );
    expect(fillTemplate({ a: '{text}' }, { text: '{x}', x: 'no' })).toEqual({ a: '{x}' });
  });
});

describe('fillPath', () => {
  it('quotes for the filter, and escapes for the URL', () => {
    const filled = fillPath('/Users?filter=userName%20eq%20%22{name}%22', { name: 'a"b\\c+d@é&x' });
    expect(filled).toBe('/Users?filter=userName%20eq%20%22a%5C%22b%5C%5Cc%2Bd%40%C3%A9%26x%22');
  });

  it('keeps an ID in its path segment', () => {
    expect(fillPath('/Users/{id}', { id: '../Groups/1?x=' })).toBe('/Users/..%2FGroups%2F1%3Fx%3D');
  });
});
