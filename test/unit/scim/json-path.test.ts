import { describe, expect, it } from 'vitest';
import { setAt, valuesAt } from '../../../scim/path.ts';

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

  it('can be set, which creates the objects on the way', () => {
    const target: Record<string, unknown> = { a: { x: 1 }, b: 'text' };
    setAt(target, ['a', 'y'], 2);
    setAt(target, ['b', 'z'], 3);

    expect(target).toEqual({ a: { x: 1, y: 2 }, b: { z: 3 } });
  });

  it.each([[['__proto__', 'polluted']], [['a', '__proto__', 'polluted']], [['__proto__']]])(
    'are not set on a prototype: %j',
    (path) => {
      const target: Record<string, unknown> = {};
      setAt(target, path, 'x');
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      expect(target.polluted).toBeUndefined();
      expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
    },
  );
});
