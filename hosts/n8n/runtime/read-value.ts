import type { Field } from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { groupName, listMode } from '../parameter-names.ts';

/**
 * The value of a field in the connector's format. Undefined for an empty string, null, or an
 * empty cell of a mapped sheet. Invalid values are passed on, so that the connector reports them.
 *
 * @throws ConnectorError `invalid_input` if JSON is expected and the value is not JSON.
 */
export function readValue(field: Field, given: unknown): unknown {
  if (given === undefined || given === null || given === '') return undefined;
  switch (field.kind) {
    case 'string':
      return readLine(field, isLocator(given) ? given.value : given);
    case 'text':
    case 'dateTime':
      return readText(given);
    case 'boolean':
      return readBoolean(given);
    case 'integer':
    case 'decimal':
      return readNumber(given);
    case 'strings':
      return readTexts(given);
    case 'reference':
      return readReference(given);
    case 'references':
      return emptyToUndefined(listOf(given).flatMap((entry) => readReference(entryOf(entry)) ?? []));
    case 'object':
      return field.fields === undefined ? readJson(field, given) : readObject(field.fields, groupOf(given));
    case 'objects':
      return readObjects(field, given);
  }
}

function readObjects(field: Field, given: unknown): unknown {
  const { fields } = field;
  if (fields === undefined) return readJson(field, given);
  return emptyToUndefined(listOf(given).flatMap((entry) => readObject(fields, entry) ?? []));
}

/** One line. Surrounding spaces are removed as typing errors, except in secrets. */
function readLine({ secret }: Field, given: unknown): unknown {
  const text = readText(given);
  return secret ? text : trimmed(text);
}

function trimmed(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  return text.trim() === '' ? undefined : text.trim();
}

/** Sheets and JSON contain numbers where text is expected, such as employee numbers, and dates as objects. */
function readText(given: unknown): unknown {
  if (given === '' || given === null) return undefined;
  if (given instanceof Date) return Number.isNaN(given.getTime()) ? given : given.toISOString();
  // n8n's date objects are luxon's; an invalid one returns null.
  if (isRecord(given) && typeof given.toISO === 'function') return given.toISO() ?? given;
  return typeof given === 'number' || typeof given === 'boolean' ? String(given) : given;
}

/** A boolean, also as a string, as in sheets. */
export function readBoolean(given: unknown): unknown {
  const text = typeof given === 'string' ? given.trim().toLowerCase() : '';
  return text === 'true' ? true : text === 'false' ? false : given;
}

function readNumber(given: unknown): unknown {
  return typeof given === 'string' && /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(given)
    ? Number(given)
    : given;
}

/** A list of strings, also comma-separated; undefined if empty. */
export function readTexts(given: unknown): unknown {
  const texts = typeof given === 'string' ? given.split(',') : given;
  if (!Array.isArray(texts)) return given;
  return emptyToUndefined(
    texts.map((text) => (typeof text === 'string' ? text.trim() : text)).filter((text) => text !== ''),
  );
}

interface Locator {
  readonly mode: string;
  readonly value: unknown;
}

function isLocator(given: unknown): given is Locator {
  return isRecord(given) && typeof given.mode === 'string' && 'value' in given;
}

/** A selected or entered reference. A plain string, as from an expression, is an ID. */
function readReference(given: unknown): unknown {
  if (!isLocator(given)) {
    const text = trimmed(readText(given));
    return typeof text === 'string' ? { id: text } : text;
  }
  const value = trimmed(readText(given.value));
  if (value === undefined) return undefined;
  return { [given.mode === listMode ? 'id' : given.mode]: value };
}

function readObject(fields: readonly Field[], given: unknown): unknown {
  if (!isRecord(given)) return given;
  const entries = Object.entries(given).flatMap(([key, value]) => {
    const field = fields.find((candidate) => candidate.key === key);
    const read = field === undefined ? value : readValue(field, value);
    return read === undefined ? [] : [[key, read] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function readJson({ key }: Field, given: unknown): unknown {
  if (typeof given !== 'string') return given;
  if (given.trim() === '') return undefined;
  try {
    return JSON.parse(given);
  } catch {
    throw invalidInput([{ path: key, message: 'must be valid JSON' }]);
  }
}

/** The content of the only group of a fixed collection. An expression can return the value itself. */
function groupOf(given: unknown): unknown {
  if (!isRecord(given)) return given;
  return groupName in given ? given[groupName] : Object.keys(given).length === 0 ? undefined : given;
}

function listOf(given: unknown): readonly unknown[] {
  const list = groupOf(given);
  return Array.isArray(list) ? list : list === undefined ? [] : [list];
}

function entryOf(entry: unknown): unknown {
  return isRecord(entry) && 'reference' in entry ? entry.reference : entry;
}

function emptyToUndefined(list: readonly unknown[]): readonly unknown[] | undefined {
  return list.length === 0 ? undefined : list;
}
