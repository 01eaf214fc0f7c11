import { attributePathOf } from '../connector/definition/attribute-path.ts';
import type { Field, ResourceDefinition } from '../connector/definition/definition.ts';
import { type InputProblem, invalidInput } from '../connector/errors.ts';
import type { Resource } from '../connector/resource.ts';
import { didYouMean } from '../schemas/did-you-mean.ts';
import { isRecord } from '../schemas/is-record.ts';
import { readPath } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';

/** A column of an export. */
export interface ExportColumn {
  readonly name: string;
  /** Whether there can be several values. */
  readonly isList: boolean;
  /** The values of a resource: none, one, or those of a list. */
  values(resource: Resource): readonly unknown[];
}

/**
 * The columns of an export by their names: a field (`department`), a path (`name.givenName`, `meta.created`), or a path of a
 * list (`emails`, `phoneNumbers[type eq "mobile"].value`, `members.display`).
 *
 * @throws ConnectorError `invalid_input` that lists every name that is no attribute
 */
export function exportColumns(
  definition: ResourceDefinition,
  names: readonly string[] = defaultNames(definition),
): readonly ExportColumn[] {
  const problems: InputProblem[] = [];
  const columns = names.flatMap((name) => {
    const column = exportColumn(definition, name);
    if (column === undefined) {
      const known = [...defaultNames(definition), ...definition.fields.map(({ key }) => key)];
      const message = `is not an attribute of a ${definition.title.toLowerCase()}${didYouMean(name, known)}`;
      problems.push({ path: name, message });
    }
    return column ?? [];
  });
  if (problems.length > 0) throw invalidInput(problems);
  return columns;
}

/**
 * The columns without a choice: those that plans read back. Secrets, and the attributes that forms put under "advanced", are
 * omitted.
 */
function defaultNames({ fields, attributes, extensionAttributes }: ResourceDefinition): readonly string[] {
  const shown = fields.filter(({ advanced, secret }) => !advanced && !secret);
  const names = shown.flatMap(namesOfField);
  const known = (name: string): boolean =>
    [...attributes, ...Object.values(extensionAttributes).flat()].some((one) => one.name === name);
  return [...new Set(['id', ...names, ...['manager', 'groups', 'members'].filter(known)])];
}

function namesOfField({ key, kind, fields: parts = [] }: Field): readonly string[] {
  if (kind === 'object') return parts.map((part) => `${key}.${part.key}`);
  // Plans read one cell with several values as several values of one type.
  return kind === 'objects' && parts.some((part) => part.key === 'type')
    ? [`${key}[type eq "work"].value`]
    : [key];
}

/** A column of an export by its name; undefined if the name is no attribute. */
export function exportColumn(definition: ResourceDefinition, name: string): ExportColumn | undefined {
  const path = attributePathOf(definition, name);
  if (path === undefined) return undefined;
  const {
    schema,
    attribute,
    filter,
    subAttribute,
    definition: found,
    isList,
  } = readPath(modelOf(definition), path);
  const condition = filter?.kind === 'compare' && filter.operator === 'eq' ? filter : undefined;
  if (filter !== undefined && condition === undefined) return undefined;
  // An object without a choice of a part is its value, such as that of a manager or an email address.
  const parts =
    subAttribute !== undefined ? [subAttribute] : attribute === 'groups' ? ['display', 'value'] : ['value'];
  const isComplex = subAttribute !== undefined || found?.type === 'complex' || found === undefined;
  return {
    name,
    isList,
    values(resource) {
      const home = schema === undefined ? resource : resource[schema];
      const held = isRecord(home) ? home[attribute] : undefined;
      const items = Array.isArray(held)
        ? primaryFirst(held)
        : held === undefined || held === null
          ? []
          : [held];
      return items
        .filter((item) => condition === undefined || isOf(item, condition.path.attribute, condition.value))
        .flatMap((item) => (isComplex && isRecord(item) ? partOf(item, parts) : [item]));
    },
  };
}

function primaryFirst(items: readonly unknown[]): readonly unknown[] {
  const isPrimary = (item: unknown): number => (isRecord(item) && item.primary === true ? 0 : 1);
  return items.toSorted((one, other) => isPrimary(one) - isPrimary(other));
}

function isOf(item: unknown, attribute: string, value: unknown): boolean {
  return isRecord(item) && String(item[attribute]).toLowerCase() === String(value).toLowerCase();
}

function partOf(item: Readonly<Record<string, unknown>>, parts: readonly string[]): readonly unknown[] {
  const part = parts.map((name) => item[name]).find((value) => value !== undefined && value !== null);
  return part === undefined ? [] : [part];
}
