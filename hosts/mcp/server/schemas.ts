import {
  fromJsonSchema,
  type JsonSchemaType,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server';

/** The validator of the SDK, which is not used: actions validate their input, and say what to correct. */
export const acceptAnything = {
  getValidator: () => (value: unknown) => ({ valid: true, data: value, errorMessage: undefined }) as never,
};

/** A JSON Schema that clients see. */
export function shownSchema(schema: object): StandardSchemaWithJSON<unknown, unknown> {
  return fromJsonSchema(schema as JsonSchemaType, acceptAnything);
}
