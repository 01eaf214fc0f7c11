import type { AttributePath } from '../../../scim/filter/filter.ts';
import type { Attribute } from './attribute.ts';
import type { CompiledSchema, ResourceType } from './resource-type.ts';

/** An attribute of a resource type that a path named. */
export interface ResolvedPath {
  /** The extension that holds the attribute; absent for core and common attributes. */
  readonly extension: CompiledSchema | undefined;
  readonly attribute: Attribute;
  readonly subAttribute: Attribute | undefined;
}

/** Finds what a path names; undefined when the resource type has no such attribute. */
export function resolvePath(type: ResourceType, path: AttributePath): ResolvedPath | undefined {
  const { schema } = path;
  const extension = schema === undefined || type.isCore(schema) ? undefined : type.extension(schema);
  if (schema !== undefined && extension === undefined && !type.isCore(schema)) return undefined;
  const attribute = (extension ?? type).attributes.get(path.attribute);
  if (attribute === undefined) return undefined;
  if (path.subAttribute === undefined) return { extension, attribute, subAttribute: undefined };
  const subAttribute = attribute.subAttributes.get(path.subAttribute);
  return subAttribute && { extension, attribute, subAttribute };
}
