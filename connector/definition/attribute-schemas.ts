import type { JsonSchema } from '../../schemas/json-schema.ts';
import type { ScimAttribute, ScimSchema } from '../../schemas/scim-schema.ts';
import { attributesToProperties } from '../../schemas/to-json-schema.ts';
import type { CompileContext } from './compile-context.ts';

/** The URI of the common attributes in schemas/scim/Common.json. */
export const commonSchema = 'urn:rolecall:scim:common-attributes';

/** The JSON Schemas of attributes in responses, by name. The types of common attributes are shared. */
export function receivedAttributes(
  { schemas }: CompileContext,
  attributes: readonly ScimAttribute[],
  resourceName: string,
): Record<string, JsonSchema> {
  const common = schemas.get(commonSchema)?.attributes ?? [];
  return Object.assign(
    {},
    ...attributes.map((attribute) =>
      attributesToProperties([attribute], {
        direction: 'received',
        namePrefix: common.includes(attribute) ? 'Resource' : resourceName,
      }),
    ),
  );
}

/** The JSON Schemas of extensions, by URI. */
export function extensionObjects(
  extensions: readonly ScimSchema[],
  direction: 'sent' | 'received',
): Record<string, JsonSchema> {
  return Object.fromEntries(
    extensions.map((extension) => [extension.id, extensionObject(extension, direction)]),
  );
}

function extensionObject(extension: ScimSchema, direction: 'sent' | 'received'): JsonSchema {
  const name = extension.name ?? extension.id;
  return {
    type: 'object',
    ...(extension.title !== undefined && { title: extension.title }),
    ...(extension.description !== undefined && { description: extension.description }),
    'x-name': direction === 'sent' ? `${name}Input` : name,
    properties: attributesToProperties(extension.attributes, { direction, namePrefix: name }),
    ...(direction === 'sent' && { additionalProperties: false }),
  };
}
