import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check } from '../../../schemas/check.ts';
import type { JsonSchema } from '../../../schemas/json-schema.ts';
import { toZod } from '../../../schemas/to-zod.zod.ts';
import { arbitraryOf } from '../../support/json-schema-arbitrary.ts';
import { definition } from '../../support/open-test-session.ts';

const schemas: readonly (readonly [string, JsonSchema])[] = [
  ...definition.actions.map(({ key, input }) => [key, input] as const),
  ['the connection', definition.connection.schema],
  ['the output of get_user', definition.resources.User?.output ?? {}],
];

describe.each(schemas)('the check of %s', (_, schema) => {
  const twin = toZod(schema);

  it('accepts every matching value, as its zod equivalent does', () => {
    fc.assert(
      fc.property(arbitraryOf(schema), (value) => {
        expect(check(schema, value)).toEqual([]);
        expect(twin.safeParse(value).success).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('accepts and rejects the same as its zod equivalent, whatever the value', () => {
    fc.assert(
      fc.property(arbitraryOf(schema, { isWild: true }), (value) => {
        expect(check(schema, value).length === 0).toBe(twin.safeParse(value).success);
      }),
      { numRuns: 250 },
    );
  });
});

describe('the check of any schema', () => {
  const leaf: fc.Arbitrary<JsonSchema> = fc.oneof(
    fc.record({ type: fc.constant('string' as const), minLength: fc.constantFrom(0, 1) }),
    fc.constant({ type: 'string', format: 'date-time' } as const),
    fc.record({ enum: fc.constant(['a', 'b']), type: fc.constant('string' as const) }),
    fc.constant({ type: 'boolean' } as const),
    fc.constant({ type: ['boolean', 'null'] } as const),
    fc.record({
      type: fc.constantFrom('integer' as const, 'number' as const),
      minimum: fc.constantFrom(-1, 0),
      maximum: fc.constantFrom(1, 5),
    }),
  );
  // No name that objects inherit: zod takes `toString` for given where it is not.
  const names = fc.constantFrom('a', 'b', 'c');
  const { node } = fc.letrec<{ node: JsonSchema }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.record({
        type: fc.constantFrom('array' as const, ['array', 'null'] as const),
        items: tie('node'),
        minItems: fc.constantFrom(0, 1),
        maxItems: fc.constantFrom(2, 5),
      }),
      fc
        .tuple(fc.dictionary(names, tie('node'), { maxKeys: 3 }), fc.boolean(), fc.nat(7))
        .map(([properties, isClosed, mask]) => ({
          type: 'object' as const,
          properties,
          required: Object.keys(properties).filter((_, index) => (mask >> index) % 2 === 1),
          ...(isClosed && { additionalProperties: false as const }),
        })),
    ),
  }));

  it('agrees with its zod equivalent', () => {
    fc.assert(
      fc.property(
        node.chain((schema) => fc.tuple(fc.constant(schema), arbitraryOf(schema, { isWild: true }))),
        ([schema, value]) => {
          expect(check(schema, value).length === 0).toBe(toZod(schema).safeParse(value).success);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('ignores inherited properties', () => {
    expect(check({ type: 'object', required: ['constructor'] }, {})).toEqual([
      { path: 'constructor', message: 'is required' },
    ]);
  });
});
