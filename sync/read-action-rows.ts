import { nameOfRow } from '../actions/bulk-row.ts';
import type { ActionDefinition, Field, ResourceDefinition } from '../connector/definition/definition.ts';
import type { InputProblem } from '../connector/errors.ts';
import { didYouMean } from '../schemas/did-you-mean.ts';
import { isRecord } from '../schemas/is-record.ts';
import { type Column, type ColumnMap, type ColumnRule, readColumn } from './column-map.ts';
import { cleanText, mappedValue, type ReadCell, readCell, splitCell } from './read-cell.ts';
import { type SourceRows, unusableColumns } from './read-rows.ts';

/** The rows of a sheet as the flat rows of a bulk action, which have the number that the sheet shows. */
export interface ActionRows {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly numbers: readonly number[];
  readonly problems: readonly ActionRowProblem[];
}

/** A row that cannot be sent. */
export interface ActionRowProblem {
  readonly number: number;
  /** The name of its user, if that can be read. */
  readonly name: string | undefined;
  readonly message: string;
}

type Values = Record<string, unknown>;

/** Puts the text of a cell into a row. @returns the problem if it cannot be read */
type PutCell = (row: Values, text: string) => string | undefined;

/**
 * Reads the rows of a sheet as rows of a bulk action: a column is a field of the action that the rows run, a key that
 * identifies the user, or an attribute in any name that plans know. An empty cell omits the value.
 *
 * @throws ConnectorError `invalid_input` that lists every column that means nothing
 */
export function readActionRows(
  resource: ResourceDefinition,
  action: ActionDefinition,
  { source, rows, numbers = [], map = {}, problems = [] }: SourceRows,
): ActionRows {
  const cells = readColumns(resource, action, source, rows, map);
  const read: Values[] = [];
  const kept: number[] = [];
  const unusable = problems.flatMap(({ rows: at, message }) =>
    at.map((number): ActionRowProblem => ({ number, name: undefined, message })),
  );
  for (const [index, texts] of rows.entries()) {
    const number = numbers[index] ?? index + 1;
    const row: Values = {};
    const found = [...cells].flatMap(([name, put]) => {
      const problem = put(row, cleanText(String(texts[name] ?? '')));
      return problem === undefined ? [] : [`${name}: ${problem}`];
    });
    if (found.length > 0) unusable.push({ number, name: nameOfRow(resource, row), message: found.join(' ') });
    // An empty row is the end of many sheets.
    else if (Object.keys(row).length > 0) {
      read.push(row);
      kept.push(number);
    }
  }
  return { rows: read, numbers: kept, problems: unusable };
}

function readColumns(
  resource: ResourceDefinition,
  action: ActionDefinition,
  source: string,
  rows: SourceRows['rows'],
  map: ColumnMap,
): ReadonlyMap<string, PutCell> {
  const cells = new Map<string, PutCell>();
  const problems: InputProblem[] = [];
  const names = Object.keys(rows[0] ?? {});
  for (const name of names) {
    const rule = map[name] === undefined ? name : map[name];
    const put = rule === null ? undefined : putterOf(resource, action, name, rule);
    if (typeof put === 'string') problems.push({ path: name, message: put });
    else if (put !== undefined) cells.set(name, put);
  }
  const missing = rows.length === 0 ? [] : Object.keys(map).filter((name) => !names.includes(name));
  for (const name of missing)
    problems.push({ path: name, message: 'The map has this column, and the source does not.' });
  if (problems.length > 0) throw unusableColumns(source, problems);
  return cells;
}

/** How a column is put into a row. @returns the reason if it cannot be used */
function putterOf(
  resource: ResourceDefinition,
  action: ActionDefinition,
  name: string,
  rule: string | ColumnRule,
): PutCell | string {
  const attribute = typeof rule === 'string' ? rule : rule.attribute;
  const takesReference = action.fields.some(({ key }) => key === resource.reference.key);
  if (takesReference && resource.lookupKeys.some(({ key }) => key === attribute))
    return (row, text) => set(row, attribute, text === '' ? undefined : { value: text });
  const own = action.fields.find((field) => field.key === attribute && field.attribute === undefined);
  if (own !== undefined && own.kind !== 'reference') return ownField(own);
  const column = readColumn(resource, name, rule);
  if (typeof column === 'string') return `${column}${didYouMean(name, keysOf(resource, takesReference))}`;
  return attributeField(action, column, attribute);
}

function keysOf({ lookupKeys }: ResourceDefinition, takesReference: boolean): readonly string[] {
  return takesReference ? lookupKeys.map(({ key }) => key) : [];
}

/** A field of the action itself, such as a role: text, unless JSON of the field's type is there. */
function ownField({ key, schema }: Field): PutCell {
  const isText = [schema.type].flat().includes('string');
  return (row, text) => set(row, key, text === '' ? undefined : { value: isText ? text : parsed(text) });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.toLowerCase());
  } catch {
    return text;
  }
}

function attributeField(action: ActionDefinition, column: Column, attribute: string): PutCell | string {
  const { target } = column;
  if (target.kind === 'ignored') return () => undefined;
  if (target.kind === 'groups' || target.kind === 'manager')
    return `${target.kind === 'groups' ? 'Groups' : 'Managers'} are set by "rolecall plan". Map the column to null.`;
  if (target.kind !== 'attribute' && target.kind !== 'item')
    return `${action.key} has no field "${attribute}".`;
  const field = action.fields.find(
    ({ attribute: path = '' }) => target.path === path || target.path.startsWith(`${path}.`),
  );
  if (field === undefined) return `${action.key} has no field "${attribute}".`;
  if (target.kind === 'item') return itemsField(field.key, column, target);
  const part = target.path.slice((field.attribute ?? '').length + 1);
  return (row, text) => {
    const read = readText(column, text, (value) => readCell(target.definition, value));
    const into = part === '' ? row : objectAt(row, field.key);
    const problem = set(into, part === '' ? field.key : part, read);
    if (into !== row && Object.keys(into).length === 0) delete row[field.key];
    return problem;
  };
}

type ItemTarget = Extract<Column['target'], { kind: 'item' }>;

/** A list with one value for each text in the cell. Columns for parts of the same value are put together. */
function itemsField(key: string, column: Column, { name, rest, definition }: ItemTarget): PutCell {
  return (row, text) => {
    if (text === '')
      return set(
        row,
        key,
        readText(column, text, () => ({ value: undefined })),
      );
    const items = Array.isArray(row[key]) ? (row[key] as Values[]) : [];
    for (const [index, part] of splitCell(text, column.separator).entries()) {
      const read = readCell(definition, part);
      if ('problem' in read) return read.problem;
      const own = { ...rest, ...(index > 0 && 'primary' in rest && { primary: false }) };
      const open = items.find(
        (item) => !(name in item) && Object.entries(own).every(([at, value]) => item[at] === value),
      );
      if (open === undefined) items.push({ ...own, [name]: read.value });
      else open[name] = read.value;
    }
    row[key] = items;
    return undefined;
  };
}

function readText(column: Column, text: string, read: (text: string) => ReadCell): ReadCell | undefined {
  if (text === '') return column.whenEmpty === 'remove' ? { value: null } : undefined;
  const value = mappedValue(column, text);
  return typeof value === 'string' ? read(value) : { value };
}

function objectAt(row: Values, key: string): Values {
  const known = row[key];
  if (isRecord(known)) return known as Values;
  const created: Values = {};
  row[key] = created;
  return created;
}

function set(row: Values, key: string, read: ReadCell | undefined): string | undefined {
  if (read === undefined) return undefined;
  if ('problem' in read) return read.problem;
  row[key] = read.value;
  return undefined;
}
