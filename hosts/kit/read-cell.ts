import type { Field } from '../../connector/definition/definition.ts';
import { invalidInput } from '../../connector/errors.ts';
import { isRecord } from '../../schemas/is-record.ts';

/**
 * The value of a field without fields of its own, in the connector's format, from a form or a sheet. Undefined for an empty
 * one. Invalid values are passed on, so that the connector reports them.
 */
export function readCell(field: Field, given: unknown): unknown {
  switch (field.kind) {
    case 'string': {
      const text = readText(given);
      // Surrounding spaces can belong to a secret.
      return field.secret ? text : readListed(field, trimmed(text));
    }
    case 'boolean':
      return readBoolean(given);
    case 'integer':
    case 'decimal':
      return readNumber(given);
    case 'strings':
      return readTexts(given);
    default:
      return readText(given);
  }
}

/** A value of a pick-list without custom values, also in another case or by its label, as people and agents write it. */
function readListed({ pickList, custom }: Field, text: unknown): unknown {
  if (pickList === undefined || custom || typeof text !== 'string') return text;
  const isMeant = (name: unknown): boolean => String(name).toLowerCase() === text.toLowerCase();
  return pickList.find(({ value, title }) => isMeant(value) || isMeant(title))?.value ?? text;
}

/** Text without surrounding spaces, which are typing errors; undefined if nothing is left. */
export function trimmed(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  return text.trim() === '' ? undefined : text.trim();
}

/** Sheets and JSON contain numbers where text is expected, such as employee numbers, and dates as objects. */
export function readText(given: unknown): unknown {
  if (given === '' || given === null) return undefined;
  if (given instanceof Date) return Number.isNaN(given.getTime()) ? given : given.toISOString();
  // n8n has date objects of its own; an invalid one returns null.
  if (isRecord(given) && typeof given.toISO === 'function') return given.toISO() ?? given;
  return typeof given === 'number' || typeof given === 'boolean' ? String(given) : given;
}

/** A boolean, also as a string, as in sheets. */
export function readBoolean(given: unknown): unknown {
  const text = typeof given === 'string' ? given.trim().toLowerCase() : '';
  return text === 'true' ? true : text === 'false' ? false : given;
}

/** A number, also as a string. */
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

/** JSON, parsed. @throws ConnectorError `invalid_input` if it is text that is not JSON */
export function readJson({ key }: Field, given: unknown): unknown {
  if (typeof given !== 'string') return given;
  if (given.trim() === '') return undefined;
  try {
    return JSON.parse(given);
  } catch {
    throw invalidInput([{ path: key, message: 'must be valid JSON' }]);
  }
}

/** A list, or undefined if it is empty. */
export function emptyToUndefined(list: readonly unknown[]): readonly unknown[] | undefined {
  return list.length === 0 ? undefined : list;
}
