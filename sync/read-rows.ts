import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError, type InputProblem, invalidInput } from '../connector/errors.ts';
import { fill } from '../schemas/fill.ts';
import { isRecord } from '../schemas/is-record.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { type ColumnMap, readColumn } from './column-map.ts';
import type { DesiredState, DesiredUser, RowProblem, UnusableRow } from './desired.ts';
import { planTexts } from './plan-texts.ts';
import { RowReader, type SourceColumn, type SourceRow } from './row-reader.ts';
import { unusableRow } from './unique-rows.ts';

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
  const unusable: UnusableRow[] = unreadable.flatMap((one) =>
    one.rows.map((row) => ({ row, isDoubtful: true })),
  );
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
      unusable.push({ ...unusableRow(user), isDoubtful: true });
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
  return invalidInput([{ path: '', message }]);
}

/** @throws ConnectorError `invalid_input` that lists every column with a problem */
function readColumns(
  source: string,
  definition: ResourceDefinition,
  { rows, named }: { readonly rows: readonly SourceRow[]; readonly named: readonly string[] },
  map: ColumnMap,
): ReadonlyMap<string, SourceColumn> {
  const names = new Set<string>(named);
  for (const row of rows)
    for (const name in row) {
      if (!isRecord(row[name])) names.add(name);
      else for (const part of columnNames(definition, row, name)) names.add(part);
    }
  const columns = new Map<string, SourceColumn>();
  const problems: InputProblem[] = [];
  for (const name of names) {
    const column = readColumn(definition, name, map[name] === undefined ? name : map[name]);
    if (typeof column !== 'string') columns.set(name, { column, known: new Map() });
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
