import { isRecord } from '../../schemas/is-record.ts';
import type { JsonSchema } from '../../schemas/json-schema.ts';
import { snakeCase } from './snake-case.ts';

/**
 * The names of fields by the names of attributes. Workato allows only letters, digits, and underscores, so that URNs,
 * `$ref`, and others get a name in snake_case. The Ruby runtime has the same rule: see methods/field_names.rb.
 */
export function fieldNames(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set(names.filter(isFieldName));
  return new Map(
    names.map((name) => {
      if (isFieldName(name)) return [name, name];
      const wanted = snakeCase(name);
      let free = wanted;
      for (let number = 2; taken.has(free); number += 1) free = `${wanted}_${number}`;
      taken.add(free);
      return [name, free];
    }),
  );
}

/** A value with the names of fields in place of those of attributes, as a step returns it on Workato. */
export function withFieldNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFieldNames);
  if (!isRecord(value)) return value;
  const names = fieldNames(Object.keys(value));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [names.get(name), withFieldNames(item)]),
  );
}

/** An input as a form returns it: with the names of fields for what the schema knows, and others unchanged. */
export function inputWithFieldNames(schema: JsonSchema, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => inputWithFieldNames(schema.items ?? {}, item));
  if (!isRecord(value)) return value;
  const { properties = {} } = schema;
  const names = fieldNames(Object.keys(properties));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      names.get(name) ?? name,
      inputWithFieldNames(properties[name] ?? {}, item),
    ]),
  );
}

function isFieldName(name: string): boolean {
  return /^\w+$/.test(name);
}
