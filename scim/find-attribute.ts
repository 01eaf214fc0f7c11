import type { ScimAttribute, ScimSchema } from '../schemas/scim-schema.ts';
import type { ResourceSchema } from './resource-schema.ts';

/** Where the attributes of a resource are defined. */
export interface AttributeSource {
  /** The attributes that stand at the top of the resource. */
  readonly attributes: readonly ScimAttribute[];
  readonly extensions: readonly ScimSchema[];
}

/** Where the attributes of a kind of resource are defined. */
export function attributeSourceOf({
  attributes,
  extensionAttributes,
}: Pick<ResourceSchema, 'attributes' | 'extensionAttributes'>): AttributeSource {
  const extensions = Object.entries(extensionAttributes).map(([id, own]) => ({ id, attributes: own }));
  return { attributes, extensions };
}

/**
 * Finds what a path such as `name.givenName` or `urn:…:User:department` names. A sub-attribute of a multi-valued
 * attribute (`emails.value`) is found as the one value that filters compare with.
 */
export function findAttribute(source: AttributeSource, path: string): ScimAttribute | undefined {
  // One URI may begin another, as Okta's `urn:okta:app:1.0:user` and `urn:okta:app:1.0:user:custom` do.
  const extension = source.extensions
    .filter(({ id }) => path.startsWith(`${id}:`))
    .toSorted((one, other) => other.id.length - one.id.length)[0];
  const attributes = extension?.attributes ?? source.attributes;
  const rest = extension === undefined ? path : path.slice(extension.id.length + 1);
  const [name = '', sub] = rest.split('.');
  const attribute = byName(attributes, name);
  return sub === undefined ? attribute : byName(attribute?.subAttributes ?? [], sub);
}

// Attribute names compare without regard to case (RFC 7643 §2.1).
function byName(attributes: readonly ScimAttribute[], name: string): ScimAttribute | undefined {
  return attributes.find((attribute) => attribute.name.toLowerCase() === name.toLowerCase());
}
