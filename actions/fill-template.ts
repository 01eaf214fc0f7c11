import type { PatchTemplate } from '../connector/manifest/operation.zod.ts';
import { isRecord } from '../schemas/is-record.ts';
import type { PatchOperation } from '../scim/patch/patch-operation.ts';

/** Fills a template: `{field}` in a path with the mapping of the field's value, `"{field}"` in a value with the value itself. */
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
