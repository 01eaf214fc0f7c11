import { describe, expect, it } from 'vitest';
import { isSameJson, jsonPathOf, setAt, valuesAt } from '../../../scim/attribute-values.ts';

const resource = {
  schema: 'urn:core:User',
  extensions: ['urn:okta:app:1.0:user', 'urn:okta:app:1.0:user:custom'],
};

describe('where a path leads', () => {
  it.each([
    ['userName', ['userName']],
    ['name.givenName', ['name', 'givenName']],
    ['urn:core:User:userName', ['userName']],
    ['urn:okta:app:1.0:user:badge', ['urn:okta:app:1.0:user', 'badge']],
    ['urn:okta:app:1.0:user:custom:badge.value', ['urn:okta:app:1.0:user:custom', 'badge', 'value']],
  ])('%s', (path, keys) => {
    expect(jsonPathOf(resource, path)).toEqual(keys);
  });
});

describe('the values at a path', () => {
  it.each([
    [{ a: 1 }, ['a'], [1]],
    [{ a: false }, ['a'], [false]],
    [{ a: null }, ['a'], []],
    [{}, ['a'], []],
    [{ a: [{ b: 1 }, { b: 2 }, {}, null, 'x'] }, ['a', 'b'], [1, 2]],
    [{ a: [] }, ['a'], []],
    [{ a: 'text' }, ['a', 'length'], []],
  ])('%j at %j: %j', (value, path, values) => {
    expect(valuesAt(value, path)).toEqual(values);
  });

  it('can be set, with the objects on the way', () => {
    const target: Record<string, unknown> = { a: { x: 1 }, b: 'text' };
    setAt(target, ['a', 'y'], 2);
    setAt(target, ['b', 'z'], 3);

    expect(target).toEqual({ a: { x: 1, y: 2 }, b: { z: 3 } });
  });

  it.each([[['__proto__', 'polluted']], [['a', '__proto__', 'polluted']], [['__proto__']]])(
    'are not set on what all objects share: %j',
    (path) => {
      const target: Record<string, unknown> = {};
      setAt(target, path, 'x');
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      expect(target.polluted).toBeUndefined();
      expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
    },
  );
});

describe('the same JSON', () => {
  it.each([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [1, '1', false],
    [null, undefined, false],
    [[{ a: [1] }], [{ a: [1] }], true],
  ])('%j and %j: %s', (one, other, same) => {
    expect(isSameJson(one, other)).toBe(same);
    expect(isSameJson(other, one)).toBe(same);
  });
});
