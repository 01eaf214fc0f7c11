import type { AttributePath, Filter } from '../../scim/filter/filter.ts';
import { formatPath } from '../../scim/filter/format-filter.ts';
import { readPath } from '../../scim/path.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';
import type { ResourceDefinition } from './definition.ts';

/**
 * The full path of an attribute by its name in forms: `department` or `workato_role` for an attribute of an
 * extension. Undefined if the resource has no such attribute; an attribute of an unknown extension is accepted unchanged.
 *
 * @example
 * attributePathOf(user, 'department'); // "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
 */
export function attributePathOf(resource: ResourceDefinition, name: string): string | undefined {
  const field = resource.fields.find(({ key }) => key === name);
  if (field?.attribute !== undefined) return field.attribute;
  const path = readPath(modelOf(resource), name);
  if (path.definition !== undefined) return path.text;
  return path.schema !== undefined && isUnknownSchema(resource, path.schema) ? name : undefined;
}

function isUnknownSchema({ schema, extensions }: ResourceDefinition, urn: string): boolean {
  return [schema, ...extensions].every((one) => one.toLowerCase() !== urn.toLowerCase());
}

/** The filter with the full paths of its attributes, and the attributes that the resource does not have. */
export function qualifyFilter(
  resource: ResourceDefinition,
  filter: Filter,
): { readonly filter: Filter; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  const qualify = (one: Filter): Filter => {
    switch (one.kind) {
      case 'and':
      case 'or':
        return { ...one, filters: one.filters.map(qualify) };
      case 'not':
        return { ...one, filter: qualify(one.filter) };
      default:
        return { ...one, path: qualifyPath(one.path) };
    }
  };
  const qualifyPath = (path: AttributePath): AttributePath => {
    const { filter: condition, ...named } = path;
    const full = attributePathOf(resource, formatPath(named));
    if (full === undefined) unknown.push(formatPath(named));
    const { schema, attribute, subAttribute } = readPath(modelOf(resource), full ?? formatPath(named));
    return {
      ...(schema !== undefined && { schema }),
      attribute,
      ...(condition !== undefined && { filter: condition }),
      ...(subAttribute !== undefined && { subAttribute }),
    };
  };
  return { filter: qualify(filter), unknown };
}

/** The paths of the attributes that a filter compares. */
export function pathsOf(filter: Filter): readonly AttributePath[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(pathsOf);
    case 'not':
      return pathsOf(filter.filter);
    default:
      return [filter.path];
  }
}
