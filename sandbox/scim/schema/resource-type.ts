import commonSchema from '../../../schemas/scim/Common.json' with { type: 'json' };
import type { JsonObject } from '../json.ts';
import { type Attribute, type AttributeTable, attributeTable, compileAttributes } from './attribute.ts';
import type { RecordType } from './record-type.ts';
import type { SchemaDefinition } from './schema-definition.ts';

/** A schema with its attributes compiled. */
export interface CompiledSchema {
  /** The schema's URI in its own spelling. */
  readonly id: string;
  readonly definition: SchemaDefinition;
  readonly attributes: AttributeTable;
}

/** What {@link defineResourceType} is told. */
export interface ResourceTypeDefinition {
  /** The name, as `meta.resourceType` states it: `User`. */
  readonly name: string;
  /** The type of its records in the store; the name when absent. Services that share a store need one each. */
  readonly recordType?: string;
  /** The endpoint below the base URL: `/Users`. */
  readonly endpoint: string;
  readonly description: string;
  readonly schema: SchemaDefinition;
  readonly extensions: readonly SchemaDefinition[];
  /** Attributes that look-ups are fast on, as paths: `userName`, `emails.value`. Unique attributes are added. */
  readonly indexed: readonly string[];
  /** Values that a new resource gets for attributes that its creator left out. */
  readonly defaults?: JsonObject;
}

/** A kind of resource (RFC 7643 §6), compiled once. */
export interface ResourceType extends RecordType {
  readonly name: string;
  readonly endpoint: string;
  readonly description: string;
  readonly schema: CompiledSchema;
  readonly extensions: readonly CompiledSchema[];
  /** The core schema's attributes and the common ones of RFC 7643 §3.1. */
  readonly attributes: AttributeTable;
  /** Finds an extension by its URI; URNs compare without regard to case (RFC 8141 §3.1). */
  extension(urn: string): CompiledSchema | undefined;
  /** Whether a URI names the core schema. */
  isCore(urn: string): boolean;
  /** Whether any attribute is returned only on request (RFC 7643 §7). */
  readonly hidesSome: boolean;
  readonly defaults: JsonObject;
}

/** Compiles a resource type. */
export function defineResourceType(definition: ResourceTypeDefinition): ResourceType {
  const schema = compileSchema(definition.schema);
  const extensions = definition.extensions.map(compileSchema);
  const byUrn = new Map<string, CompiledSchema>();
  for (const extension of extensions) {
    byUrn.set(extension.id, extension);
    byUrn.set(extension.id.toLowerCase(), extension);
  }
  const coreUrn = schema.id.toLowerCase();
  const unique = schema.attributes.list.filter(({ uniqueness }) => uniqueness !== 'none');
  return Object.freeze({
    name: definition.name,
    recordType: definition.recordType ?? definition.name,
    endpoint: definition.endpoint,
    description: definition.description,
    schema,
    extensions,
    attributes: attributeTable([...commonAttributes, ...schema.attributes.list]),
    extension: (urn: string) => byUrn.get(urn) ?? byUrn.get(urn.toLowerCase()),
    isCore: (urn: string) => urn === schema.id || urn.toLowerCase() === coreUrn,
    indexed: [...new Set([...unique.map(({ name }) => name), ...definition.indexed])],
    hidesSome: [schema, ...extensions].some(({ attributes }) => attributes.list.some(isHidden)),
    defaults: definition.defaults ?? {},
  });
}

const commonAttributes = compileAttributes(commonSchema.attributes).list;

function isHidden({ returned, subAttributes }: Attribute): boolean {
  return returned === 'request' || subAttributes.list.some(isHidden);
}

function compileSchema(definition: SchemaDefinition): CompiledSchema {
  return { id: definition.id, definition, attributes: compileAttributes(definition.attributes) };
}
