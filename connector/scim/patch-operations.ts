import { isRecord } from '../../schemas/is-record.ts';
import type { ResourceDefinition } from '../definition/definition.ts';
import type { PatchTemplate } from '../manifest/manifest.zod.ts';
import type { Resource } from '../resource.ts';
import { isSameJson, jsonPathOf, valuesAt } from './attribute-values.ts';
import type { GivenAttribute } from './given-attributes.ts';

/** One operation of a PATCH (RFC 7644 §3.5.2). */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/**
 * Makes operations that set what was given and touch nothing else: one for each attribute, and one for each
 * sub-attribute of `name` and its like, since providers disagree whether a complex value is merged or replaced.
 */
export function givenToOperations(given: readonly GivenAttribute[]): readonly PatchOperation[] {
  return given.flatMap(({ path, value }): readonly PatchOperation[] => {
    if (value === null || (Array.isArray(value) && value.length === 0)) return [{ op: 'remove', path }];
    if (!isRecord(value)) return [{ op: 'replace', path, value }];
    return Object.entries(value).flatMap(([name, item]) =>
      item === undefined ? [] : [{ op: 'replace', path: `${path}.${name}`, value: item }],
    );
  });
}

/** Leaves out the operations that would change nothing in the resource as it is. */
export function withoutNoOps(
  operations: readonly PatchOperation[],
  definition: ResourceDefinition,
  current: Resource,
): readonly PatchOperation[] {
  return operations.filter(({ op, path, value }) => {
    const values = valuesAt(current, jsonPathOf(definition, path));
    const wanted = op === 'remove' ? [] : Array.isArray(value) ? value : [value];
    return !isSameJson(values, wanted);
  });
}

/** Fills a template: `{field}` in a path by what the field's value maps to, `"{field}"` in a value by the value itself. */
export function fillTemplate(
  templates: readonly PatchTemplate[],
  maps: Readonly<Record<string, Readonly<Record<string, string>>>>,
  input: Readonly<Record<string, unknown>>,
): readonly PatchOperation[] {
  const inPath = (name: string): string => maps[name]?.[String(input[name])] ?? String(input[name]);
  return templates.map(({ op, path, value }) => ({
    op,
    path: path.replace(/\{(\w+)\}/g, (_, name: string) => inPath(name)),
    ...(value !== undefined && { value: fillValue(value, input) }),
  }));
}

function fillValue(value: unknown, input: Readonly<Record<string, unknown>>): unknown {
  if (typeof value === 'string') {
    const name = /^\{(\w+)\}$/.exec(value)?.[1];
    return name === undefined ? value : input[name];
  }
  if (Array.isArray(value)) return value.map((item) => fillValue(item, input));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillValue(item, input)]));
}
