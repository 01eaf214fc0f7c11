import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differenceOf } from '../../../../../sandbox/workspace/audit/difference.ts';
import { isSameJson, type JsonObject } from '../../../../../scim/json.ts';

const attributes = fc.dictionary(
  fc.constantFrom('userName', 'title', 'active', 'emails', '__proto__', 'constructor'),
  fc.oneof(fc.string(), fc.boolean(), fc.array(fc.record({ value: fc.string() }))),
);

it('returns the values before and after of changed attributes only', () => {
  fc.assert(
    fc.property(attributes, attributes, (before: JsonObject, after: JsonObject) => {
      const difference = differenceOf(before, after);
      expect(difference === undefined).toBe(isSameJson(before, after));
      const reported = difference ?? { before: {}, after: {} };
      const names = new Set([...Object.keys(before), ...Object.keys(after)]);
      for (const name of names) {
        const isReported = Object.hasOwn(reported.before, name) || Object.hasOwn(reported.after, name);
        const [was, is] = [before, after].map((whole) =>
          Object.hasOwn(whole, name) ? whole[name] : undefined,
        );
        expect(isReported).toBe(!isSameJson(was, is));
        if (!isReported) continue;
        expect(Object.hasOwn(reported.before, name) ? reported.before[name] : undefined).toEqual(was);
        expect(Object.hasOwn(reported.after, name) ? reported.after[name] : undefined).toEqual(is);
      }
    }),
  );
});

it('returns only the added and removed members of a group', () => {
  const group = (...ids: readonly string[]) => ({ members: ids.map((value) => ({ value })) });
  expect(differenceOf(group('a', 'b'), group('b', 'c'))).toEqual({ before: group('a'), after: group('c') });
  expect(differenceOf({}, group('a'))).toEqual({ before: {}, after: group('a') });
  expect(differenceOf(group('a'), {})).toEqual({ before: group('a'), after: {} });
  expect(differenceOf(group('a'), group('a'))).toBeUndefined();
});
