import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError, type InputProblem, invalidInput } from '../connector/errors.ts';
import { fill } from '../schemas/fill.ts';
import { isRecord } from '../schemas/is-record.ts';
import type { Json } from '../scim/json.ts';
import { readValue } from '../scim/resource/read-value.ts';
import type { Attribute } from '../scim/schema/attribute.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { ScimError } from '../scim/scim-error.ts';
import { type Column, type ColumnMap, readColumn } from './column-map.ts';
import { isNothing } from './compare-user.ts';
import type { DesiredItem, DesiredState, DesiredUser, RowProblem, UnusableRow } from './desired.ts';
import { planTexts } from './plan-texts.ts';
import { cleanText, type ReadCell, readCell } from './read-cell.ts';

/** A row of a source: the texts of a sheet by their columns, or the attributes of a user. */
export type SourceRow = Readonly<Record<string, unknown>>;

/** A source of a desired state. */
export interface SourceRows {
  /** How messages name it. */
  readonly source: string;
  readonly rows: readonly SourceRow[];
  /** The number of each row, for messages. Default: 1, 2, … */
  readonly numbers?: readonly number[] | undefined;
  /** The columns of the source. Default: those of the rows. */
  readonly columns?: readonly string[] | undefined;
  readonly map?: ColumnMap | undefined;
  /** Rows that could not be read at all. */
  readonly problems?: readonly RowProblem[] | undefined;
  readonly notes?: readonly string[] | undefined;
}

/** More rows with problems than this share, and the source itself is wrong. */
const mostUnusable = 0.5;
const fewestUnusable = 5;
const mostNamed = 10;

/**
 * Reads the rows of a source. A row that cannot be read is a problem with its number, and stops no other.
 *
 * @throws ConnectorError `invalid_input` for columns that mean nothing, and if most rows cannot be read
 */
export function readRows(
  definition: ResourceDefinition,
  { source, rows, numbers, columns: named = [], map = {}, problems: unreadable = [], notes = [] }: SourceRows,
): DesiredState {
  const columns = readColumns(source, definition, { rows, named }, map);
  const users: DesiredUser[] = [];
  const unusable: UnusableRow[] = unreadable.flatMap((one) => one.rows.map((row) => ({ row })));
  const problems: RowProblem[] = [...unreadable];
  let blank = 0;
  for (const [index, row] of rows.entries()) {
    const number = numbers?.[index] ?? index + 1;
    const reader = new RowReader(number, columns);
    const user = reader.read(row);
    if (reader.isBlank) blank += 1;
    else if (reader.problems.length === 0) users.push(user);
    else {
      problems.push({ rows: [number], message: reader.problems.join(' ') });
      unusable.push({ row: number, ...reader.identity });
    }
  }
  if (unusable.length > fewestUnusable && unusable.length > (users.length + unusable.length) * mostUnusable)
    throw unusableSource(source, problems, users.length);
  const blankNote = blank === 1 ? planTexts.oneBlankRow : fill(planTexts.blankRows, { count: blank });
  return { source, users, unusable, problems, notes: [...notes, ...(blank === 0 ? [] : [blankNote])] };
}

function unusableSource(source: string, problems: readonly RowProblem[], usable: number): Error {
  const named = problems
    .slice(0, mostNamed)
    .map(({ rows: [row = 0], message }) => fill(planTexts.rowProblem, { row, message }));
  const rest = problems.length - named.length;
  const message = fill(planTexts.unusableSource, {
    count: problems.length,
    all: problems.length + usable,
    source,
    problems: `${named.join(' ')}${rest > 0 ? fill(planTexts.moreProblems, { count: rest }) : ''}`,
  });
  return invalidInput([{ path: '', message: message.replace(/\.$/, '') }]);
}

/** @throws ConnectorError `invalid_input` that lists every column with a problem */
function readColumns(
  source: string,
  definition: ResourceDefinition,
  { rows, named }: { readonly rows: readonly SourceRow[]; readonly named: readonly string[] },
  map: ColumnMap,
): ReadonlyMap<string, Column> {
  const names = new Set<string>(named);
  for (const row of rows)
    for (const name in row) {
      if (!isRecord(row[name])) names.add(name);
      else for (const part of columnNames(definition, row, name)) names.add(part);
    }
  const columns = new Map<string, Column>();
  const problems: InputProblem[] = [];
  for (const name of names) {
    const column = readColumn(definition, name, map[name] === undefined ? name : map[name]);
    if (typeof column !== 'string') columns.set(name, column);
    // An attribute that only the provider sets is part of every resource that was read.
    else if (map[name] !== undefined || !column.endsWith('is read-only.'))
      problems.push({ path: name, message: column });
  }
  const missing = Object.keys(map).filter((name) => names.size > 0 && !names.has(name));
  for (const name of missing) problems.push({ path: name, message: planTexts.missingColumn });
  if (problems.length > 0) throw unusableColumns(source, problems);
  return columns;
}

/** The error of columns that mean nothing. */
export function unusableColumns(source: string, problems: readonly InputProblem[]): ConnectorError {
  const columns = problems
    .map(({ path, message }) => fill(planTexts.unusableColumn, { column: path, message }))
    .join(' ');
  return new ConnectorError('invalid_input', {
    ...fillError(errorTexts.unusableColumns, { source, columns }),
    problems,
  });
}

/** The columns of one key: an extension, or an attribute with parts, in SCIM's own format has one for each of them. */
function columnNames(definition: ResourceDefinition, row: SourceRow, name: string): readonly string[] {
  const value = row[name];
  if (!isRecord(value)) return [name];
  if (definition.extensions.includes(name)) return Object.keys(value).map((part) => `${name}:${part}`);
  const attribute = modelOf(definition).attributes.get(name);
  const hasParts = attribute?.type === 'complex' && !attribute.multiValued;
  return hasParts ? Object.keys(value).map((part) => `${name}.${part}`) : [name];
}

const noItems: readonly DesiredItem[] = [];

class RowReader {
  readonly problems: string[] = [];
  isBlank = true;
  readonly #row: number;
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #attributes = new Map<string, unknown>();
  #items: readonly DesiredItem[] = noItems;
  #id: string | undefined;
  #groups: readonly string[] | undefined;
  #manager: string | null | undefined;

  constructor(row: number, columns: ReadonlyMap<string, Column>) {
    this.#row = row;
    this.#columns = columns;
  }

  read(row: SourceRow): DesiredUser {
    for (const [name, value] of Object.entries(row)) {
      const column = this.#columns.get(name);
      if (column !== undefined) this.#readColumn(column, value);
      // An extension, or a name, in SCIM's own format.
      else if (isRecord(value))
        for (const [part, inner] of Object.entries(value)) {
          const ofPart = this.#columns.get(`${name}:${part}`) ?? this.#columns.get(`${name}.${part}`);
          if (ofPart !== undefined) this.#readColumn(ofPart, inner);
        }
    }
    const { userName, externalId } = this.identity;
    if (
      !this.isBlank &&
      this.problems.length === 0 &&
      userName === undefined &&
      externalId === undefined &&
      this.#id === undefined
    )
      this.problems.push(planTexts.namelessRow);
    return {
      row: this.#row,
      id: this.#id,
      attributes: [...this.#attributes].map(([path, value]) => ({ path, value })),
      items: this.#items,
      groups: this.#groups,
      manager: this.#manager,
    };
  }

  /** As much as was read of whom the row describes. */
  get identity(): Omit<UnusableRow, 'row'> {
    const text = (path: string): string | undefined => {
      const value = this.#attributes.get(path);
      return typeof value === 'string' && value !== '' ? value : undefined;
    };
    return { id: this.#id, userName: text('userName'), externalId: text('externalId') };
  }

  #readColumn(column: Column, given: unknown): void {
    if (column.target.kind === 'ignored') return;
    const value = typeof given === 'string' ? cleanText(given) : given;
    if (!isNothing(value)) this.isBlank = false;
    const isText = typeof value === 'string';
    const mapped = isText && value !== '' ? mappedValue(column, value) : value;
    if (isText && value === '' && column.whenEmpty === 'keep') return;
    if (mapped === undefined) return;
    this.#set(column, mapped);
  }

  #set(column: Column, value: unknown): void {
    const { target } = column;
    switch (target.kind) {
      case 'id':
        if (!isNothing(value)) this.#id = String(value);
        return;
      case 'groups':
        this.#groups = namesOf(value, column.separator);
        return;
      case 'manager':
        this.#manager = isNothing(value) ? null : String(isRecord(value) ? value.value : value);
        return;
      case 'attribute':
        this.#setAttribute(column, target.path, target.definition, value);
        return;
      case 'item':
        this.#setItems(column, target, value);
        return;
      default:
    }
  }

  #setAttribute({ name }: Column, path: string, definition: Attribute, value: unknown): void {
    if (isNothing(value)) {
      this.#attributes.set(path, null);
      return;
    }
    const read = typeof value === 'string' ? readCell(definition, value) : readTyped(definition, value);
    if ('problem' in read)
      this.problems.push(fill(planTexts.columnProblem, { column: name, message: read.problem }));
    else this.#attributes.set(path, read.value ?? null);
  }

  #setItems(column: Column, target: Extract<Column['target'], { kind: 'item' }>, value: unknown): void {
    const { path, name, rest, definition } = target;
    if (isNothing(value)) {
      this.#attributes.set(path, null);
      return;
    }
    // A list in SCIM's own format is the whole list.
    if (Array.isArray(value) && value.every(isRecord)) {
      this.#attributes.set(path, value);
      return;
    }
    const texts = Array.isArray(value) ? value.map(String) : splitCell(String(value), column.separator);
    for (const [index, text] of texts.entries()) {
      const read = readCell(definition, cleanText(text));
      if ('problem' in read) {
        this.problems.push(fill(planTexts.columnProblem, { column: column.name, message: read.problem }));
        continue;
      }
      const item = { ...rest, [name]: read.value, ...(index > 0 && 'primary' in rest && { primary: false }) };
      this.#items = [...this.#items, { path, item }];
    }
  }
}

/** The value of a text, as the rule of its column says. */
export function mappedValue({ values }: Column, text: string): unknown {
  if (Object.hasOwn(values, text)) return values[text];
  const folded = Object.keys(values).find((key) => key.toLowerCase() === text.toLowerCase());
  if (folded !== undefined) return values[folded];
  return Object.hasOwn(values, '*') ? values['*'] : text;
}

function namesOf(value: unknown, separator: string): readonly string[] {
  const list = Array.isArray(value) ? value : isNothing(value) ? [] : splitCell(String(value), separator);
  const names = list.map((item) => cleanText(String(isRecord(item) ? (item.display ?? item.value) : item)));
  return [...new Set(names.filter((name) => name !== ''))];
}

/** The values in one cell. */
export function splitCell(text: string, separator: string): readonly string[] {
  return text
    .split(separator)
    .map(cleanText)
    .filter((part) => part !== '');
}

/** Reads a value that has a type already, as SCIM types it. */
function readTyped(definition: Attribute, value: unknown): ReadCell {
  try {
    return { value: readValue(definition, value as Json, { looseLists: true }) };
  } catch (error) {
    if (error instanceof ScimError) return { problem: error.message };
    throw error;
  }
}
