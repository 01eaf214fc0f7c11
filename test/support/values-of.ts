import type { JsonSchema } from '../../schemas/json-schema.ts';

/** A place in an input, by the keys that lead to it. */
export type Place = readonly string[];

/** One path in an input, and two possible values. */
export interface Choice {
  readonly place: Place;
  readonly values: readonly [unknown, unknown];
}

/** Every place in a value of a schema, with two values for each; of a list, the places in its first item. */
export function choicesOf(schema: JsonSchema, place: Place = []): readonly Choice[] {
  if (schema.oneOf !== undefined) return schema.oneOf.flatMap((shape) => choicesOf(shape, place));
  const { properties, items } = schema;
  if (properties !== undefined && Object.keys(properties).length > 0)
    return Object.entries(properties).flatMap(([name, property]) => choicesOf(property, [...place, name]));
  if (items?.properties !== undefined || items?.oneOf !== undefined) return choicesOf(items, [...place, '0']);
  return [{ place, values: twoValuesOf(schema) }];
}

function twoValuesOf(schema: JsonSchema): readonly [unknown, unknown] {
  const { enum: allowed, type, items } = schema;
  if (allowed !== undefined) return [allowed[0], allowed[1]];
  const [first] = typeof type === 'string' ? [type] : (type ?? []);
  switch (first) {
    case 'boolean':
      return [true, false];
    case 'integer':
    case 'number':
      return [5, 7];
    case 'array': {
      const [one, other] = twoValuesOf(items ?? {});
      return [[one], [other]];
    }
    case 'object':
      return [{ key: 'value-a' }, { key: 'value-b' }];
    default:
      return schema.format === 'date-time'
        ? ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']
        : ['value-a', 'value-b'];
  }
}

/** The input with a value at a place; what stood in the way is taken out. */
export function withValue(input: unknown, [key, ...rest]: Place, value: unknown): unknown {
  if (key === undefined) return value;
  if (key === '0') return [withValue(Array.isArray(input) ? input[0] : undefined, rest, value)];
  const object = typeof input === 'object' && input !== null ? input : {};
  return { ...object, [key]: withValue((object as Record<string, unknown>)[key], rest, value) };
}
