import type { JsonSchema } from '../../schemas/json-schema.ts';
import type { Field } from './definition.ts';

/** The closed object schema of a form's fields. */
export function objectOf(fields: readonly Field[]): JsonSchema {
  const required = fields.filter((field) => field.required).map(({ key }) => key);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ key, schema }) => [key, schema])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}
