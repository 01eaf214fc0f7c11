import type { ScimAttribute } from '../../schemas/scim-schema.ts';
import { type AttributeTable, compileAttributes } from './attribute.ts';

/** The attributes of one kind of resource, as schemas define them. */
export interface ResourceSchema {
  /** `User`; error messages use it. */
  readonly name: string;
  /** The URI of its own schema. */
  readonly schema: string;
  /** The URIs of its extensions. */
  readonly extensions: readonly string[];
  /** The attributes at the top of the resource, common ones (RFC 7643 §3.1) included. */
  readonly attributes: readonly ScimAttribute[];
  /** The attributes of each extension, by its URI. */
  readonly extensionAttributes: Readonly<Record<string, readonly ScimAttribute[]>>;
}

/** A schema extension, compiled. */
export interface ExtensionModel {
  /** Its URI, in its own spelling. */
  readonly id: string;
  readonly attributes: AttributeTable;
}

/** The attributes of one kind of resource, compiled: what a path, a filter or a PATCH can name. */
export interface ResourceModel {
  /** `User` */
  readonly name: string;
  /** The URI of the resource's own schema. */
  readonly id: string;
  readonly extensions: readonly ExtensionModel[];
  /** The attributes at the top of the resource. */
  readonly attributes: AttributeTable;
  /** Finds an extension by its URI; URNs compare case-insensitively (RFC 8141 §3.1). */
  extension(urn: string): ExtensionModel | undefined;
  /** Whether a URI names the resource's own schema. */
  isCore(urn: string): boolean;
}

/** Creates a model of attributes that are compiled already. */
export function createResourceModel<Extension extends ExtensionModel>(parts: {
  readonly name: string;
  /** The URI of the resource's own schema. */
  readonly id: string;
  readonly attributes: AttributeTable;
  readonly extensions: readonly Extension[];
}): ResourceModel & { readonly extensions: readonly Extension[] } {
  const { name, id, attributes, extensions } = parts;
  const byUrn = new Map<string, Extension>();
  for (const extension of extensions) {
    byUrn.set(extension.id.toLowerCase(), extension);
    byUrn.set(extension.id, extension);
  }
  const coreUrn = id.toLowerCase();
  return {
    name,
    id,
    attributes,
    extensions,
    extension: (urn) => byUrn.get(urn) ?? byUrn.get(urn.toLowerCase()),
    isCore: (urn) => urn === id || urn.toLowerCase() === coreUrn,
  };
}

const models = new WeakMap<ResourceSchema, ResourceModel>();

/** The model of a kind of resource; compiled once for each schema object. */
export function modelOf(schema: ResourceSchema): ResourceModel {
  const known = models.get(schema);
  if (known !== undefined) return known;
  const model = createResourceModel({
    name: schema.name,
    id: schema.schema,
    attributes: compileAttributes(schema.attributes),
    extensions: schema.extensions.map((urn) => ({
      id: urn,
      attributes: compileAttributes(schema.extensionAttributes[urn] ?? []),
    })),
  });
  models.set(schema, model);
  return model;
}
