import type { Field } from '../../connector/definition/definition.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { emptyToUndefined, readCell, readJson, readText, trimmed } from './read-cell.ts';

// Forms of hosts that have lists of objects, but no objects: each field of an object is one of the form.

/** A field of a form, with its place. */
export interface Entry {
  /** Unique in the form, also among the fields of its lists. */
  readonly key: string;
  /** The keys that lead to its value in the input. */
  readonly path: readonly string[];
  readonly field: Field;
  /** The objects that it belongs to. */
  readonly within: readonly Field[];
}

/** The fields of a flat form. Forms are rendered and read by this. */
export function entriesOf(fields: readonly Field[], within: readonly Field[] = []): readonly Entry[] {
  return fields.flatMap((field) => {
    if (field.kind === 'object' && field.fields !== undefined)
      return entriesOf(field.fields, [...within, field]);
    const path = [...within, field].map(({ key }) => key);
    return [{ key: keyOf(path), path, field, within }];
  });
}

/** The key of a field below others: `name` and `givenName` are `name_givenName`. */
export function keyOf(path: readonly string[]): string {
  return path.map((key) => key.replace(/\W/g, '')).join('_');
}

/** The key of the field that says which way a reference identifies its resource. */
export function wayKey(key: string): string {
  return `${key}_by`;
}

/** The values of these fields; those without a value are omitted. @throws ConnectorError `invalid_input` */
export function readFields(
  fields: readonly Field[],
  data: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return readEntries(entriesOf(fields), (key) => data[key]);
}

/** The entries of a list, whose fields have keys below that of the list. */
export function readRows(
  fields: readonly Field[],
  path: readonly string[],
  given: unknown,
): readonly unknown[] {
  const entries = entriesOf(fields);
  return listOf(given).map((row) =>
    isRecord(row) ? readEntries(entries, (key) => row[keyOf([...path, key])]) : row,
  );
}

/** A value as a list. */
export function listOf(given: unknown): readonly unknown[] {
  return Array.isArray(given) ? given : [given];
}

/** Whether a form has no value there: hosts pass on what a user or an earlier step left empty. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.every(isEmpty);
  return isRecord(value) && Object.keys(value).length === 0;
}

function readEntries(entries: readonly Entry[], valueAt: (key: string) => unknown): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const { key, path, field } of entries) {
    const value = readValue(field, path, valueAt(key), valueAt(wayKey(key)));
    if (value !== undefined) setAt(input, path, value);
  }
  return input;
}

function readValue(field: Field, path: readonly string[], given: unknown, way: unknown): unknown {
  // An empty list of members is one: the action decides whether to remove everyone.
  if (isEmpty(given)) return field.kind === 'references' && given !== undefined ? [] : undefined;
  switch (field.kind) {
    case 'reference':
      return readReference(field, given, way);
    case 'references':
      return emptyToUndefined(listOf(given).flatMap((one) => readReference(field, one, way) ?? []));
    case 'object':
      return readJson(field, given);
    case 'objects':
      return field.fields === undefined ? readJson(field, given) : readObjects(field.fields, path, given);
    case 'strings':
      return readCell(field, Array.isArray(given) ? given.filter((one) => !isEmpty(one)) : given);
    default:
      return readCell(field, given);
  }
}

/** A selected or entered reference: without a way to identify it, an ID. */
function readReference({ fields: ways = [] }: Field, given: unknown, way: unknown): unknown {
  const value = trimmed(readText(given));
  if (value === undefined) return undefined;
  return { [String(isEmpty(way) ? (ways[0]?.key ?? 'id') : way)]: value };
}

/** The entries of a list; undefined if it has none with a value. */
function readObjects(
  fields: readonly Field[],
  path: readonly string[],
  given: unknown,
): readonly unknown[] | undefined {
  return emptyToUndefined(readRows(fields, path, given).filter((row) => !isEmpty(row)));
}

function setAt(
  target: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = (target[key] ?? {}) as Record<string, unknown>;
  target[key] = inner;
  setAt(inner, rest, value);
}
