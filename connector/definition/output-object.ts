import type { JsonSchema } from '../../schemas/json-schema.ts';

/** The schema of an object that an action returns. Default: all of its properties are required. */
export function outputObject(
  name: string,
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = Object.keys(properties),
): JsonSchema {
  return { type: 'object', 'x-name': name, description, properties, required };
}
