import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEqualities } from '../../../../connector/provider/equality-filter.ts';
import type { AttributePath, Filter, FilterValue } from '../../../../scim/filter/filter.ts';
import { formatFilter, formatPath } from '../../../../scim/filter/format-filter.ts';
import { parseFilter, parsePath } from '../../../../scim/filter/parse-filter.ts';
import { anyText } from '../../../support/any-text.ts';

const attributeNames = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,8}$/)
  // `not` begins a negation, so that no attribute can have that name.
  .filter((name) => name.toLowerCase() !== 'not');

const values: fc.Arbitrary<FilterValue> = fc.oneof(
  anyText,
  // JSON has one zero.
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);

const { filter, path } = fc.letrec<{ filter: Filter; path: AttributePath }>((tie) => ({
  path: fc.record(
    {
      schema: fc.constantFrom(
        'urn:ietf:params:scim:schemas:core:2.0:User',
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
        'urn:example:it%20is:1.0:Thing',
      ),
      attribute: attributeNames,
      filter: tie('filter'),
      subAttribute: attributeNames,
    },
    { requiredKeys: ['attribute'] },
  ),
  filter: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record({
      kind: fc.constant('compare' as const),
      path: tie('path'),
      operator: fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'),
      value: values,
    }),
    fc.record({ kind: fc.constant('present' as const), path: tie('path') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
  ),
}));

describe('a printed filter', () => {
  it('is read back as the same tree', () => {
    fc.assert(
      fc.property(filter, (tree) => {
        const text = formatFilter(tree);
        expect(parseFilter(text)).toEqual(tree);
        expect(formatFilter(parseFilter(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('contains paths that are read back unchanged', () => {
    fc.assert(
      fc.property(path, (one) => {
        expect(parsePath(formatPath(one))).toEqual(one);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a value in a filter', () => {
  it('is read back unchanged, whatever its content', () => {
    fc.assert(
      fc.property(values, (value) => {
        const tree = parseFilter(formatEqualities([{ path: 'userName', value }]));
        expect(tree).toEqual({ kind: 'compare', path: { attribute: 'userName' }, operator: 'eq', value });
      }),
      { numRuns: 1000 },
    );
  });

  it('never reaches into the neighboring condition', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        const tree = parseFilter(
          formatEqualities([
            { path: 'userName', value: one },
            { path: 'title', value: other },
          ]),
        );
        expect(tree).toMatchObject({ kind: 'and', filters: [{ value: one }, { value: other }] });
      }),
    );
  });

  it('survives a URL', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const query = new URLSearchParams({ filter: formatEqualities([{ path: 'userName', value }]) });
        const arrived = new URLSearchParams(query.toString()).get('filter') ?? '';
        expect(parseFilter(arrived)).toMatchObject({ value });
      }),
    );
  });
});

describe('reading a filter', () => {
  it('returns a tree, or fails with a syntax error at a position inside the text', () => {
    const noise = fc.array(
      fc.constantFrom('userName', 'eq', '"a"', '(', ')', '[', ']', 'not', 'and', ' ', '.', '"'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          noise.map((words) => words.join(' ')),
        ),
        (text) => {
          try {
            parseFilter(text);
          } catch (error) {
            expect(error).toMatchObject({ name: 'FilterSyntaxError' });
            expect((error as { at: number }).at).toBeLessThanOrEqual(text.length);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
