import fc from 'fast-check';
import type { JsonSchema, JsonType } from '../../schemas/json-schema.ts';

/** How far the values may stray from their schema. */
export interface ArbitraryOptions {
  /** Anywhere, now and then, something that does not belong there; otherwise every value fits. */
  readonly isWild?: boolean;
}

/** Values that sit on the edges of what schemas say. */
const oddities: readonly unknown[] = [
  null,
  true,
  '',
  ' ',
  '0',
  'False',
  0,
  -1,
  1.5,
  1e300,
  Number.MAX_SAFE_INTEGER + 1,
  [],
  {},
  [null],
  [''],
  { id: 'a' },
  { id: 'a', userName: 'b' },
];

/** Texts that are nearly a date and time. */
const almostDateTimes = [
  '2026-02-30T10:00:00Z',
  '2026-02-29T10:00:00Z',
  '2024-02-29T10:00:00Z',
  '1900-02-29T10:00:00Z',
  '2000-02-29T10:00:00Z',
  '2026-04-31T10:00:00Z',
  '2026-00-10T10:00:00Z',
  '2026-13-10T10:00:00Z',
  '2026-01-00T10:00:00Z',
  '2026-05-13T24:00:00Z',
  '2026-05-13T23:60:00Z',
  '2026-05-13T23:59:60Z',
  '2026-05-13T04:42Z',
  '2026-05-13T04:42:34',
  '2026-05-13T04:42:34+02:00',
  '2026-05-13T04:42:34+24:00',
  '2026-05-13T04:42:34+02:60',
  '2026-05-13T04:42:34+0200',
  '2026-05-13T04:42:34.Z',
  '2026-05-13T04:42:34.123456789Z',
  '2026-05-13 04:42:34Z',
  '2026-05-13t04:42:34z',
  '20260513T044234Z',
  '+002026-05-13T04:42:34Z',
  '2026-05-13T04:42:34Z\n',
];

/** Names that are no attributes, some of which every object inherits. */
const strayNames = ['unknown', 'usrName', 'constructor', 'toString', '__proto__', 'hasOwnProperty', ''];

/** JSON values made from a schema. */
export function arbitraryOf(schema: JsonSchema, options: ArbitraryOptions = {}): fc.Arbitrary<unknown> {
  const fitting = fittingOf(schema, options);
  if (options.isWild !== true) return fitting;
  return fc.oneof(
    { arbitrary: fitting, weight: 12 },
    { arbitrary: fc.constantFrom(...oddities), weight: 1 },
    { arbitrary: fc.jsonValue({ maxDepth: 2 }), weight: 1 },
  );
}

function fittingOf(schema: JsonSchema, options: ArbitraryOptions): fc.Arbitrary<unknown> {
  if (schema.oneOf !== undefined)
    return fc.oneof(...schema.oneOf.map((shape) => arbitraryOf(shape, options)));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const { type } = schema;
  if (type === undefined) return fc.jsonValue({ maxDepth: 2 });
  const types: readonly JsonType[] = typeof type === 'string' ? [type] : type;
  return fc.oneof(...types.map((one) => typedOf(one, schema, options)));
}

function typedOf(type: JsonType, schema: JsonSchema, options: ArbitraryOptions): fc.Arbitrary<unknown> {
  const { minimum = -1e9, maximum = 1e9 } = schema;
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: Math.ceil(minimum), max: Math.floor(maximum) });
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case 'string':
      if (schema.format !== 'date-time') return fc.string({ minLength: schema.minLength ?? 0 });
      return options.isWild === true ? fc.oneof(dateTimes, fc.constantFrom(...almostDateTimes)) : dateTimes;
    case 'array':
      return fc.array(arbitraryOf(schema.items ?? {}, options), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3 + (schema.minItems ?? 0)),
      });
    case 'object':
      return objectOf(schema, options);
  }
}

const dateTimes: fc.Arbitrary<string> = fc
  .tuple(
    fc.date({ min: new Date('1970-01-01'), max: new Date('2199-12-31'), noInvalidDate: true }),
    fc.constantFrom('Z', '+02:00', '-11:30'),
    fc.boolean(),
  )
  .map(([date, zone, hasFraction]) => date.toISOString().replace(hasFraction ? 'Z' : /\.\d+Z/, zone));

function objectOf(schema: JsonSchema, options: ArbitraryOptions): fc.Arbitrary<unknown> {
  const { properties = {}, required = [] } = schema;
  const model = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, arbitraryOf(property, options)]),
  );
  const known = fc.record(model, { requiredKeys: required.filter((name) => Object.hasOwn(model, name)) });
  if (options.isWild !== true) return known;
  return fc.tuple(known, fc.option(strays), fc.option(fc.nat(), { freq: 6 })).map(disturb);
}

const strays = fc.tuple(fc.constantFrom(...strayNames), fc.jsonValue({ maxDepth: 1 }));

function disturb([record, stray, drop]: readonly [
  Readonly<Record<string, unknown>>,
  readonly [string, unknown] | null,
  number | null,
]): unknown {
  const entries = Object.entries(record);
  if (drop !== null && entries.length > 0) entries.splice(drop % entries.length, 1);
  if (stray !== null) entries.push([stray[0], stray[1]]);
  // Object.fromEntries makes `__proto__` a property of its own, as JSON.parse does.
  return Object.fromEntries(entries);
}
