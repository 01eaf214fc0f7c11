import type { JsonSchema } from '../schemas/json-schema.ts';

/** The given values, with the schema's defaults for the omitted ones. */
export function withDefaults(
  { properties = {} }: JsonSchema,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const presets = Object.entries(properties).flatMap(([key, property]) =>
    property.default === undefined ? [] : [[key, property.default] as const],
  );
  return Object.fromEntries([
    ...presets,
    ...Object.entries(given).filter(([, value]) => value !== undefined),
  ]);
}
