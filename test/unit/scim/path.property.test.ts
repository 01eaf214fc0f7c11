import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPath } from '../../../scim/filter/format-filter.ts';
import { parsePath } from '../../../scim/filter/parse-filter.ts';
import { itemPath, jsonPathOf, readPath, valueOfItemPath } from '../../../scim/path.ts';
import { modelOf } from '../../../scim/schema/resource-model.ts';
import { anyText } from '../../support/any-text.ts';
import { resourceNamed } from '../../support/open-test-session.ts';
import { readNaively } from '../../support/oracles/path-oracle.ts';

const user = resourceNamed('User');
const model = modelOf(user);

const wholeAttributes = [
  ...user.attributes.map(({ name }) => name),
  ...Object.entries(user.extensionAttributes).flatMap(([id, attributes]) =>
    attributes.map(({ name }) => `${id}:${name}`),
  ),
];
const subAttributes = user.attributes.flatMap(({ name, subAttributes: subs = [] }) =>
  subs.map((sub) => `${name}.${sub.name}`),
);
const attributePaths = [...wholeAttributes, ...subAttributes];

/** One of the paths, in letters of any case. */
function respelled(paths: readonly string[]): fc.Arbitrary<string> {
  const flips = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
  return fc
    .tuple(fc.constantFrom(...paths), flips)
    .map(([path, upper]) =>
      [...path]
        .map((letter, at) => (upper[at % upper.length] === true ? letter.toUpperCase() : letter))
        .join(''),
    );
}

describe('a path of a known attribute', () => {
  it('leads to the same place as the oracle, in any case', () => {
    fc.assert(
      fc.property(respelled(attributePaths), (text) => {
        expect(jsonPathOf(model, text)).toEqual(readNaively(user, text).keys);
      }),
      { numRuns: 1000 },
    );
  });

  it('selects the same item as the oracle, whatever the value', () => {
    fc.assert(
      fc.property(respelled(wholeAttributes), anyText, (list, value) => {
        const text = itemPath(list, value);
        const naive = readNaively(user, text);
        expect(naive.item).toBe(value);
        expect(valueOfItemPath(readPath(model, text))).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('has one canonical spelling, which is stable', () => {
    fc.assert(
      fc.property(respelled(attributePaths), (text) => {
        const canonical = readPath(model, text).text;
        expect(attributePaths).toContain(canonical);
        expect(readPath(model, canonical).text).toBe(canonical);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('any text', () => {
  it('becomes a path with a stable spelling', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), respelled(attributePaths), anyText), (text) => {
        const once = readPath(model, text).text;
        expect(readPath(model, once).text).toBe(once);
      }),
      { numRuns: 1000 },
    );
  });

  it('that parses as a path has one canonical spelling', () => {
    const words = fc.constantFrom(
      'a',
      'urn:x:1.0:y',
      ':',
      '.',
      '[',
      ']',
      ' eq ',
      '"b\\""',
      '"]"',
      ' ',
      'pr',
      '7',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 10 }), (parts) => {
        const parse = (text: string) => {
          try {
            return parsePath(text);
          } catch {
            return undefined;
          }
        };
        const path = parse(parts.join(''));
        if (path === undefined) return;
        const canonical = formatPath(path);
        expect(parsePath(canonical)).toEqual(path);
        expect(formatPath(parsePath(canonical))).toBe(canonical);
      }),
      { numRuns: 5000 },
    );
  });
});
