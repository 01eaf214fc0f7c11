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
  const values: Record<string, unknown> = {};
  for (const key in properties) {
    const value = properties[key]?.default;
    if (value !== undefined) values[key] = value;
  }
  for (const key in given) {
    const value = given[key];
    if (value !== undefined && key !== '__proto__') values[key] = value;
  }
  return values;
}
