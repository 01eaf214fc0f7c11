import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import type { ScimAttribute } from '../../../schemas/scim-schema.ts';
import type { AttributePath } from '../../../scim/filter/filter.ts';
import { formatPath } from '../../../scim/filter/format-filter.ts';
import { FilterSyntaxError, parsePath } from '../../../scim/filter/parse-filter.ts';

/** What a path of a sender names. */
export interface ScimPath extends AttributePath {
  /** The path as the schemas spell it; the URI is there for attributes of extensions only. */
  readonly text: string;
  /** What the path names: the sub-attribute, if there is one. Undefined when no schema knows it. */
  readonly definition: ScimAttribute | undefined;
  /** Whether the attribute has several values. */
  readonly isList: boolean;
}

/**
 * Reads a path as senders spell it: in any case, with the URI of the core schema or without, and an attribute of an
 * extension also without its URI, when no other has that name. What the schemas do not know stays as it is.
 */
export function readScimPath(resource: ResourceDefinition, text: string): ScimPath {
  const known = read.get(resource) ?? new Map<string, ScimPath>();
  read.set(resource, known);
  const path = known.get(text) ?? readAnew(resource, text);
  if (known.size < mostRemembered) known.set(text, path);
  return path;
}

// Senders name the same few attributes again and again.
const read = new WeakMap<ResourceDefinition, Map<string, ScimPath>>();
const mostRemembered = 500;

function readAnew(resource: ResourceDefinition, text: string): ScimPath {
  const given = parseLeniently(text);
  const { schema, attributes } = homeOf(resource, given);
  const attribute = byName(attributes, given.attribute);
  const sub = given.subAttribute && byName(attribute?.subAttributes ?? [], given.subAttribute);
  const path: AttributePath = {
    ...(schema !== undefined && { schema }),
    attribute: attribute?.name ?? given.attribute,
    ...(given.filter !== undefined && { filter: given.filter }),
    ...(given.subAttribute !== undefined && { subAttribute: sub ? sub.name : given.subAttribute }),
  };
  return {
    ...path,
    text: formatPath(path),
    definition: given.subAttribute === undefined ? attribute : sub || undefined,
    isList: attribute?.multiValued === true,
  };
}

/** The URI of the extension that a name is, as the resource spells it. */
export function extensionNamed({ extensions }: ResourceDefinition, name: string): string | undefined {
  return extensions.find((id) => id.toLowerCase() === name.toLowerCase());
}

function parseLeniently(text: string): AttributePath {
  try {
    return parsePath(text, { unquotedStrings: true });
  } catch (error) {
    if (error instanceof FilterSyntaxError) return { attribute: text };
    throw error;
  }
}

interface Home {
  /** Undefined for the resource itself. */
  readonly schema?: string;
  readonly attributes: readonly ScimAttribute[];
}

function homeOf(resource: ResourceDefinition, { schema, attribute }: AttributePath): Home {
  const core: Home = { attributes: resource.attributes };
  if (schema !== undefined) {
    if (schema.toLowerCase() === resource.schema.toLowerCase()) return core;
    const extension = extensionNamed(resource, schema);
    return { schema: extension ?? schema, attributes: resource.extensionAttributes[extension ?? ''] ?? [] };
  }
  if (byName(core.attributes, attribute) !== undefined) return core;
  const [only, ...others] = resource.extensions.filter(
    (id) => byName(resource.extensionAttributes[id] ?? [], attribute) !== undefined,
  );
  if (only === undefined || others.length > 0) return core;
  return { schema: only, attributes: resource.extensionAttributes[only] ?? [] };
}

// Attribute names compare without regard to case (RFC 7643 §2.1).
function byName(attributes: readonly ScimAttribute[], name: string): ScimAttribute | undefined {
  return attributes.find((one) => one.name.toLowerCase() === name.toLowerCase());
}
