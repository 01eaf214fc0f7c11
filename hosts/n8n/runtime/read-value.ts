import type { Field } from '../../../connector/definition/definition.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { emptyToUndefined, readCell, readJson, readText, trimmed } from '../../kit/read-cell.ts';
import { identifyingPart } from '../form/field-property.ts';
import { groupName, listMode } from '../parameter-names.ts';
import { NamedResource } from './resolve-ids.ts';

/**
 * The value of a field in the connector's format. Undefined for an empty string, null, or an
 * empty cell of a mapped sheet. Invalid values are passed on, so that the connector reports them.
 *
 * @throws ConnectorError `invalid_input` if JSON is expected and the value is not JSON.
 */
export function readValue(field: Field, given: unknown): unknown {
  if (given === undefined || given === null || given === '') return undefined;
  switch (field.kind) {
    case 'reference':
      return readReference(given);
    case 'references':
      return emptyToUndefined(listOf(given).flatMap((entry) => readReference(entryOf(entry)) ?? []));
    case 'object':
      return readSingle(field, given);
    case 'objects':
      return readObjects(field, given);
    default:
      return field.kind === 'string' && isLocator(given) ? readLocator(field, given) : readCell(field, given);
  }
}

/** An object with the ID of a resource has the parameter of that ID alone. An expression can still return the object. */
function readSingle(field: Field, given: unknown): unknown {
  const { fields } = field;
  if (fields === undefined) return readJson(field, given);
  const part = identifyingPart(field);
  if (part === undefined || (isRecord(given) && !isLocator(given))) return readObject(fields, groupOf(given));
  const id = readValue(part, given);
  return id === undefined ? undefined : { [part.key]: id };
}

function readObjects(field: Field, given: unknown): unknown {
  const { fields } = field;
  if (fields === undefined) return readJson(field, given);
  return emptyToUndefined(listOf(given).flatMap((entry) => readObject(fields, entry) ?? []));
}

interface Locator {
  readonly mode: string;
  readonly value: unknown;
}

function isLocator(given: unknown): given is Locator {
  return isRecord(given) && typeof given.mode === 'string' && 'value' in given;
}

/** The value that was selected or entered. An ID can be named in another way, which is looked up later. */
function readLocator(field: Field, { mode, value }: Locator): unknown {
  const line = readCell(field, value);
  const named = field.identifies?.find(({ fields }) => fields?.some(({ key }) => key === mode));
  const isId = mode === listMode || mode === 'id';
  if (line === undefined || named?.resource === undefined || isId) return line;
  return new NamedResource(named.resource, { [mode]: line });
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
