import { isRecord } from '../schemas/is-record.ts';

/** The keys that lead to a value in SCIM's JSON. */
export type JsonPath = readonly string[];

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
