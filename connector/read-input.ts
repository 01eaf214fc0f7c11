import { check } from '../schemas/check.ts';
import type { JsonSchema } from '../schemas/json-schema.ts';
import { invalidInput } from './errors.ts';

/** The values of a form, by the keys of its fields. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * Validates the values of a form against its schema, and fills in the defaults of omitted fields. Each input, setting
 * and connection passes here once, where it enters.
 *
 * @throws ConnectorError `invalid_input`
 */
export function readInput(schema: JsonSchema, given: unknown): Values {
  const problems = check(schema, given);
  if (problems.length > 0) throw invalidInput(problems);
  // The schema of a form is an object.
  return withDefaults(schema, given as Values);
}

/** Fills in the defaults of omitted fields. */
export function withDefaults({ properties = {} }: JsonSchema, given: Values): Values {
  const defaults = Object.entries(properties).flatMap(([key, property]) =>
    property.default === undefined ? [] : [[key, property.default] as const],
  );
  return Object.fromEntries([
    ...defaults,
    ...Object.entries(given).filter(([, value]) => value !== undefined),
  ]);
}
