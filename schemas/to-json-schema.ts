import { humanize } from './humanize.ts';
import type { JsonSchema } from './json-schema.ts';
import type { ScimAttribute, ScimAttributeType } from './scim-schema.ts';

/**
 * The direction that the JSON Schema describes. `sent`: what a client sends; attributes that only the
 * provider sets (`readOnly`) are omitted. `received`: what a provider returns; attributes that are never returned
 * are omitted, and nothing is required, because providers omit attributes that RFC 7643 requires.
 */
export type Direction = 'sent' | 'received';

/** How {@link attributeToJsonSchema} names the types it meets. */
export interface ToJsonSchemaOptions {
  readonly direction: Direction;
  /** The prefix of type names of complex attributes: `User` results in `UserName` and `UserEmail`. */
  readonly namePrefix?: string;
}

const scalar: Readonly<Record<Exclude<ScimAttributeType, 'complex'>, JsonSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  decimal: { type: 'number' },
  integer: { type: 'integer' },
  dateTime: { type: 'string', format: 'date-time' },
  // RFC 7643 §2.3.7 allows relative references, so this is not `format: uri`.
  reference: { type: 'string' },
  binary: { type: 'string' },
};

/** Converts one SCIM attribute, of our schemas or of a provider's `/Schemas`, to JSON Schema. */
export function attributeToJsonSchema(attribute: ScimAttribute, options: ToJsonSchemaOptions): JsonSchema {
  const one =
    attribute.type === 'complex' ? complexToJsonSchema(attribute, options) : scalarToJsonSchema(attribute);
  const about = {
    title: attribute.title ?? humanize(attribute.name),
    ...(attribute.description !== undefined && { description: attribute.description }),
  };
  return attribute.multiValued === true ? { ...about, type: 'array', items: one } : { ...about, ...one };
}

/** Converts attributes to the `properties` of an object, without those that the direction omits. */
export function attributesToProperties(
  attributes: readonly ScimAttribute[],
  options: ToJsonSchemaOptions,
): Record<string, JsonSchema> {
  return Object.fromEntries(
    attributes
      .filter((attribute) => isShown(attribute, options.direction))
      .map((attribute) => [attribute.name, attributeToJsonSchema(attribute, options)]),
  );
}

function scalarToJsonSchema({ type, canonicalValues }: ScimAttribute): JsonSchema {
  const schema = type === 'complex' ? {} : (scalar[type] ?? { type: 'string' });
  // Canonical values are suggestions (RFC 7643 §7): providers can accept others, so they are not an `enum`.
  return canonicalValues === undefined ? schema : { ...schema, examples: canonicalValues };
}

function complexToJsonSchema(attribute: ScimAttribute, options: ToJsonSchemaOptions): JsonSchema {
  const { direction, namePrefix } = options;
  const properties = attributesToProperties(attribute.subAttributes ?? [], options);
  return {
    type: 'object',
    properties,
    ...(direction === 'sent' && { additionalProperties: false }),
    ...(namePrefix !== undefined && { 'x-name': typeName(namePrefix, attribute, direction) }),
  };
}

function isShown({ mutability, returned }: ScimAttribute, direction: Direction): boolean {
  return direction === 'sent' ? mutability !== 'readOnly' : returned !== 'never';
}

function typeName(prefix: string, { name, multiValued }: ScimAttribute, direction: Direction): string {
  const singular = multiValued !== true ? name : name.replace(/sses$/, 'ss').replace(/([^s])s$/, '$1');
  return `${prefix}${singular.charAt(0).toUpperCase()}${singular.slice(1)}${direction === 'sent' ? 'Input' : ''}`;
}
