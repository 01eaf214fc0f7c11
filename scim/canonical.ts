import { isRecord } from '../schemas/is-record.ts';
import type { Attribute } from './schema/attribute.ts';

/** Whether a value says nothing (RFC 7643 §2.5). */
export function isNothing(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

/**
 * The canonical form of a value, in which equivalent values are equal: keys in order, lists as sets, and without
 * empty information: null, empty strings and lists, `primary: false`, and display values that the provider derives. Undefined
 * if nothing is left.
 */
export function canonical(value: unknown, attribute?: Attribute): unknown {
  if (value === null || value === undefined || value === '') return undefined;
  if (Array.isArray(value)) return canonicalList(value, attribute);
  return isRecord(value) ? canonicalObject(value, attribute) : value;
}

function canonicalList(list: readonly unknown[], attribute: Attribute | undefined): unknown {
  const items = new Map<string, unknown>();
  for (const item of list) {
    const plain = canonical(item, attribute);
    if (plain !== undefined) items.set(JSON.stringify(plain), plain);
  }
  if (items.size === 0) return undefined;
  return [...items].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, item]) => item);
}

function canonicalObject(
  object: Readonly<Record<string, unknown>>,
  attribute: Attribute | undefined,
): unknown {
  const result: Record<string, unknown> = {};
  let isEmpty = true;
  for (const name of Object.keys(object).sort()) {
    const sub = attribute?.subAttributes.get(name);
    if (name === '$ref' || name === 'display' || (sub?.mutability === 'readOnly' && name !== 'value'))
      continue;
    const value = name === 'primary' && object[name] === false ? undefined : canonical(object[name], sub);
    if (value === undefined) continue;
    result[name] = value;
    isEmpty = false;
  }
  return isEmpty ? undefined : result;
}

/**
 * The key of an item of a multi-valued attribute: its `value`, if it has one. Entra ID sends roles whose value
 * is JSON in a string: then it is the value inside.
 */
export function keyOfItem(item: unknown): string {
  const value = isRecord(item) ? item.value : item;
  if (typeof value !== 'string') return JSON.stringify(canonical(value ?? item) ?? null);
  return value.startsWith('{') ? keyInText(value) : value;
}

function keyInText(text: string): string {
  try {
    const inner: unknown = JSON.parse(text);
    const name = isRecord(inner) ? (inner.value ?? inner.displayName) : undefined;
    return typeof name === 'string' ? name : text;
  } catch {
    return text;
  }
}
