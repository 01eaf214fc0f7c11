import { ConnectorError } from '../../../connector/errors.ts';
import { withoutGuard } from '../../../report/sheet-cell.ts';
import type { RowProblem } from '../../../sync/desired.ts';
import { rowsText } from '../../../sync/row-texts.ts';
import type { DesiredInput } from '../../connector.ts';
import { parseRecords } from './parse-records.ts';

type Row = Readonly<Record<string, string>>;

/** Separators between the cells of a sheet, the usual one first. */
const separators = [',', ';', '\t', '|'] as const;

/**
 * Parses a sheet (RFC 4180, and what spreadsheets make of it): the separator is found out, rows have the numbers that a
 * spreadsheet shows, the apostrophe that guards an exported value against formulas is removed, and a row with more cells than columns is a problem of that row.
 *
 * @throws ConnectorError `invalid_input` with the line, if quotation marks do not match, the header is unusable, or the
 * sheet is damaged or cut off
 */
export function parseSheet(text: string, source: string): DesiredInput {
  refuseNul(text, source);
  const [, stated, rest = text] = /^sep=(.)\r?\n([\s\S]*)$/.exec(text) ?? [];
  const users: Row[] = [];
  const rows: number[] = [];
  const problems: RowProblem[] = [];
  const repeated: number[] = [];
  const short: number[] = [];
  const shared = createSharedTexts();
  let columns: readonly string[] | undefined;
  let blank: Row = {};
  let row = 0;
  parseRecords(rest, stated ?? findSeparator(rest), source, (cells) => {
    row += 1;
    if (columns === undefined) {
      columns = readHeader(cells, source);
      blank = blankRow(columns);
      return;
    }
    const user: Record<string, string> = { ...blank };
    for (let at = 0; at < columns.length; at += 1) {
      const name = columns[at] ?? '';
      const cell = cells[at] ?? '';
      if (name !== '') user[name] = shared(at, withoutGuard(cell));
      else if (cell.trim() !== '') throw headerError(source, `has no name for column ${at + 1}.`);
    }
    if (cells.length > columns.length && cells.slice(columns.length).some((cell) => cell.trim() !== '')) {
      problems.push({ rows: [row], message: surplusText(cells, columns.length) });
      return;
    }
    if (repeatsHeader(cells, columns)) {
      repeated.push(row);
      return;
    }
    if (cells.length < columns.length && cells.some((cell) => cell.trim() !== '')) short.push(row);
    rows.push(row);
    users.push(user);
  });
  if (rowLimits.has(row)) throw fullSheet(source, row);
  if (short.at(-1) === row && !/[\r\n]$/.test(text)) throw cutSheet(source, row);
  const last = users.findLastIndex((user) => firstCell(user) !== '');
  const total = firstCell(users[last] ?? {});
  if (isTotal.test(total)) {
    users.splice(last, 1);
    problems.push({ rows: rows.splice(last, 1), message: totalText(total) });
  }
  return {
    users,
    rows,
    columns: columns?.filter((name) => name !== '') ?? [],
    source,
    problems,
    notes: [
      ...(repeated.length === 0 ? [] : [`The header is repeated, and was skipped: ${rowsText(repeated)}.`]),
      ...(short.length === 0
        ? []
        : [
            `Some rows have fewer cells than the header, and the missing ones count as empty: ${rowsText(short)}.`,
          ]),
    ],
  };
}

/** The most rows of a sheet in `.xls`, and in every later format. A spreadsheet cuts what is longer. */
const rowLimits: ReadonlySet<number> = new Set([65_536, 1_048_576]);

function fullSheet(source: string, row: number): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `${source} has ${row} rows, the most that a spreadsheet can hold, so that others may be missing.`,
    nextStep: 'Export it without a spreadsheet. If it is complete, add an empty row at its end.',
  });
}

/** A row that lacks cells and its line break: the copy ended in it, so that its last value can be short, and rows missing. */
function cutSheet(source: string, row: number): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `${source} ends in the middle of row ${row}: cells and the line break are missing, so that other rows may be missing.`,
    nextStep: 'Export it again. If it is complete, add a line break at its end.',
  });
}

/** A file that was not written to its end, or whose disk failed, can have zeros in place of text. */
function refuseNul(text: string, source: string): void {
  const at = text.indexOf('\0');
  if (at < 0) return;
  const line = text.slice(0, at).split(/\r\n|\n|\r/).length;
  throw new ConnectorError('invalid_input', {
    what: `${source} is damaged, or is not a sheet: line ${line} has a NUL character.`,
    nextStep: 'Export the sheet again as CSV (UTF-8).',
  });
}

/** How a spreadsheet begins the row of its totals, in the languages that most sheets are in. */
const isTotal = /^(grand total|totals?|sum|summe|gesamt(summe)?|totale|somme|suma|soma|totaal)\b[\s:\d.,]*$/i;

/** The first cell of a row that has a value; an empty text for a blank row. */
function firstCell(row: Row): string {
  return Object.values(row).find((cell) => cell !== '') ?? '';
}

function totalText(cell: string): string {
  return `It begins with "${cell}", so that it looks like the total of the rows above. Remove it.`;
}

/** A row to copy. An object that JSON was parsed to has space for its properties, and no more: there are many rows. */
function blankRow(columns: readonly string[]): Row {
  const named = columns.filter((name) => name !== '');
  return JSON.parse(JSON.stringify(Object.fromEntries(named.map((name) => [name, '']))));
}

/** More different values than this, and a column is assumed to have one for each row. */
const mostShared = 1000;

/** Returns one text for equal ones of a column: a large sheet has few departments, each of them thousands of times. */
function createSharedTexts(): (column: number, text: string) => string {
  const columns: Map<string, string>[] = [];
  return (column, text) => {
    columns[column] ??= new Map();
    const known = columns[column];
    if (known.size >= mostShared) return text;
    const found = known.get(text);
    if (found === undefined) known.set(text, text);
    return found ?? text;
  };
}

/** A sheet that was put together from several ones has several headers. */
function repeatsHeader(cells: readonly string[], columns: readonly string[]): boolean {
  return columns.length > 1 && columns.every((name, at) => (cells[at] ?? '').trim() === name);
}

/** The separator that the first line has most of, outside quotation marks. */
function findSeparator(text: string): string {
  const end = text.search(/[\r\n]/);
  const line = (end < 0 ? text : text.slice(0, end)).replaceAll(/"[^"]*"/g, '');
  const counts = separators.map((separator) => line.split(separator).length);
  return separators[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** The names of the columns; empty for a column without a name, which must have no content. */
function readHeader(header: readonly string[], source: string): readonly string[] {
  const names = header.map((name) => name.trim());
  if (names.every((name) => name === '')) throw headerError(source, 'has no header in its first row.');
  const repeated = names.find((name, at) => name !== '' && names.indexOf(name) !== at);
  if (repeated !== undefined) throw headerError(source, `has two columns named "${repeated}".`);
  return names;
}

function headerError(source: string, problem: string): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `${source} ${problem}`,
    nextStep: 'Give each column a name of its own in the first row.',
  });
}

function surplusText(cells: readonly string[], expected: number): string {
  return `It has ${cells.length} cells, and the header has ${expected}. A value that contains the separator needs quotation marks.`;
}
