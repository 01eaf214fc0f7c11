import commonSchema from '../../../schemas/scim/Common.json' with { type: 'json' };
import type { ScimSchema } from '../../../schemas/scim-schema.ts';
import type { JsonObject } from '../../../scim/json.ts';
import {
  type Attribute,
  type AttributeTable,
  attributeTable,
  compileAttributes,
} from '../../../scim/schema/attribute.ts';
import {
  createResourceModel,
  type ExtensionModel,
  type ResourceModel,
} from '../../../scim/schema/resource-model.ts';
import type { RecordType } from './record-type.ts';
import type { SchemaDefinition } from './schema-definition.ts';

/** A schema with its attributes compiled. */
export interface CompiledSchema extends ExtensionModel {
  readonly definition: SchemaDefinition;
}

/** The options of {@link defineResourceType}. */
export interface ResourceTypeDefinition {
  /** The name, as in `meta.resourceType`: `User`. */
  readonly name: string;
  /** The type of its records in the store. Default: the name. Services that share a store need different ones. */
  readonly recordType?: string;
  /** The endpoint below the base URL: `/Users`. */
  readonly endpoint: string;
  readonly description: string;
  readonly schema: SchemaDefinition;
  readonly extensions: readonly SchemaDefinition[];
  /** Indexed attributes, as paths: `userName`, `emails.value`. Unique attributes are added. */
  readonly indexed: readonly string[];
  /** Default values of omitted attributes of a new resource. */
  readonly defaults?: JsonObject;
}

/** A resource type (RFC 7643 §6), compiled once. */
export interface ResourceType extends RecordType, ResourceModel {
  readonly endpoint: string;
  readonly description: string;
  /** Its own schema, without the common attributes. */
  readonly schema: CompiledSchema;
  readonly extensions: readonly CompiledSchema[];
  /** The core schema's attributes and the common ones of RFC 7643 §3.1. */
  readonly attributes: AttributeTable;
  /** Whether any attribute is returned only on request (RFC 7643 §7). */
  readonly hidesSome: boolean;
  readonly defaults: JsonObject;
}

/** Compiles a resource type. */
export function defineResourceType(definition: ResourceTypeDefinition): ResourceType {
  const schema = compileSchema(definition.schema);
  const extensions = definition.extensions.map(compileSchema);
  const unique = schema.attributes.list.filter(({ uniqueness }) => uniqueness !== 'none');
  const model = createResourceModel({
    name: definition.name,
    id: schema.id,
    attributes: attributeTable([...commonAttributes, ...schema.attributes.list]),
    extensions,
  });
  return Object.freeze({
    ...model,
    recordType: definition.recordType ?? definition.name,
    endpoint: definition.endpoint,
    description: definition.description,
    schema,
    indexed: [...new Set([...unique.map(({ name }) => name), ...definition.indexed])],
    hidesSome: [schema, ...extensions].some(({ attributes }) => attributes.list.some(isHidden)),
    defaults: definition.defaults ?? {},
  });
}

const commonAttributes = compileSchema(commonSchema).attributes.list;

function isHidden({ returned, subAttributes }: Attribute): boolean {
  return returned === 'request' || subAttributes.list.some(isHidden);
}

function compileSchema(definition: SchemaDefinition): CompiledSchema {
  // JSON is typed with plain strings; compiling rejects words that RFC 7643 does not know.
  const { id, attributes } = definition as ScimSchema;
  return { id, definition, attributes: compileAttributes(attributes) };
}
