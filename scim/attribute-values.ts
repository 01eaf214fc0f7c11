import { isRecord } from '../schemas/is-record.ts';
import type { ResourceSchema } from './resource-schema.ts';

/** Where a path leads: the object that holds it, by the keys of SCIM's JSON. */
export type JsonPath = readonly string[];

/** `urn:…:User:department` → [`urn:…:User`, `department`]; `name.givenName` → [`name`, `givenName`]. */
export function jsonPathOf(
  { extensions, schema }: Pick<ResourceSchema, 'extensions' | 'schema'>,
  path: string,
): JsonPath {
  let extension: string | undefined;
  for (const id of extensions) {
    // One URI may begin another: the longest that fits is meant.
    if (path.startsWith(`${id}:`) && id.length > (extension?.length ?? 0)) extension = id;
  }
  if (extension !== undefined) return [extension, ...path.slice(extension.length + 1).split('.')];
  return (path.startsWith(`${schema}:`) ? path.slice(schema.length + 1) : path).split('.');
}

/** The values at a path: one, or those of each item of a multi-valued attribute on the way; none when it is absent. */
export function valuesAt(value: unknown, path: JsonPath): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [key, ...rest] = path;
  if (key === undefined) return value === undefined || value === null ? [] : [value];
  return isRecord(value) ? valuesAt(value[key], rest) : [];
}

/** Sets a value at a path, making the objects on the way. A path through `__proto__`, which leads to all objects, sets nothing. */
export function setAt(target: Record<string, unknown>, path: JsonPath, value: unknown): void {
  const [key = '', ...rest] = path;
  if (key === '__proto__') return;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = isRecord(target[key]) ? target[key] : {};
  target[key] = inner;
  setAt(inner, rest, value);
}

/** Whether two JSON values are the same; the order of an object's keys does not count. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isSameJson(item, other[index]));
  }
  if (!isRecord(one) || !isRecord(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => isSameJson(one[key], other[key]));
}
