import type { JsonSchema } from '../../schemas/json-schema.ts';
import { mapValues } from './map-values.ts';

/**
 * JSON Schemas that share equal parts: the actions of a resource have most of their input in common. Whether
 * null is allowed is part of the type, so that everything else is equal.
 */
export interface SchemaPool {
  /** A schema that is a reference, `{ '$ref' => 's1' }`, or has references in its parts. */
  share(schema: JsonSchema): unknown;
  /** A schema that can have references in its parts. */
  whole(schema: JsonSchema): Record<string, unknown>;
  /** The referenced parts, by name. */
  shared(): Readonly<Record<string, Record<string, unknown>>>;
}

/** A part shorter than this is printed inline. */
const shortestShared = 30;

/** Creates an empty pool. */
export function createSchemaPool(): SchemaPool {
  const names = new Map<string, string>();
  const parts: Record<string, Record<string, unknown>> = {};

  const share = (schema: JsonSchema): unknown => {
    const { type } = schema;
    if (typeof type === 'object' && type.includes('null')) {
      const others = type.filter((one) => one !== 'null');
      const [only] = others;
      const part = share({ ...schema, type: others.length === 1 && only !== undefined ? only : others });
      return { ...(part as Record<string, unknown>), nullable: true };
    }
    const part = shape(schema);
    const content = JSON.stringify(part);
    if (content.length < shortestShared) return part;
    const known = names.get(content);
    if (known !== undefined) return { $ref: known };
    const name = `s${names.size + 1}`;
    names.set(content, name);
    parts[name] = part;
    return { $ref: name };
  };

  /** Only the keywords that validation uses. Titles and samples belong to the form. */
  const shape = (schema: JsonSchema): Record<string, unknown> => {
    const { type, enum: values, format, minLength, minimum, maximum, minItems, maxItems, required } = schema;
    const { items, properties, additionalProperties, oneOf, default: preset } = schema;
    return Object.fromEntries(
      Object.entries({
        type,
        default: preset,
        enum: values,
        format,
        minLength,
        minimum,
        maximum,
        minItems,
        maxItems,
        items: items && share(items),
        properties: properties && mapValues(properties, share),
        required,
        additionalProperties,
        oneOf: oneOf?.map(share),
      }).filter(([, value]) => value !== undefined),
    );
  };

  return { share, whole: shape, shared: () => parts };
}
