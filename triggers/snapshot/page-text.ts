import { parseEntry, serializeEntry } from './entry.ts';

/** The entries of a page, by id. */
export type PageEntries = ReadonlyMap<string, string>;

/**
 * Writes a page: a line for the ids, one for who fits, and one for each column. What is alike stands together, so that a
 * store which packs its pages needs half of what entry after entry would take.
 */
export function serializePage(entries: PageEntries): string {
  const sorted = [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
  const parsed = sorted.map(([, entry]) => parseEntry(entry));
  const width = Math.max(0, ...parsed.map(({ cells }) => cells.length));
  const columns = Array.from({ length: width }, (_, column) => parsed.map(({ cells }) => cells[column]));
  const isEvery = parsed.every(({ fits }) => fits);
  return [
    printColumn(sorted.map(([id]) => id)),
    isEvery ? '' : parsed.map(({ fits }) => (fits ? '1' : '0')).join(''),
    ...columns.map(printColumn),
  ].join('\n');
}

/** Reads a page that was written. @throws TypeError when it is none. */
export function parsePage(text: string): Map<string, string> {
  const [ids = '', fits = '', ...columns] = text.split('\n');
  const names = parseColumn(ids);
  const cells = columns.map((line) => (line === nothing ? [] : parseColumn(line)));
  if (names.length === 0 || cells.some(({ length }) => length !== 0 && length !== names.length))
    throw damaged();
  return new Map(
    names.map((id, row) => {
      if (typeof id !== 'string') throw damaged();
      return [id, serializeEntry({ fits: fits[row] !== '0', cells: cells.map((column) => column[row]) })];
    }),
  );
}

const uuidPattern = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const hexDigits = 32;
/** What would be taken for the end of a cell, or for no cell. */
const special = /[\t\n]|^$/;

/** A column in which nobody has anything. */
const nothing = '';

/** The first letter says how the rest is to be read: ids as hexadecimal digits alone, plain texts, or JSON. */
function printColumn(values: readonly unknown[]): string {
  if (values.every((value) => value === undefined)) return nothing;
  if (values.every((value) => typeof value === 'string' && uuidPattern.test(value)))
    return `u${values.join('').replaceAll('-', '')}`;
  if (values.every((value) => value === undefined || (typeof value === 'string' && !special.test(value))))
    return `t${values.map((value) => value ?? '').join('\t')}`;
  return `j${values.map((value) => (value === undefined ? '' : JSON.stringify(value))).join('\t')}`;
}

function parseColumn(line: string): readonly unknown[] {
  const rest = line.slice(1);
  switch (line[0]) {
    case 'u':
      return Array.from({ length: rest.length / hexDigits }, (_, row) =>
        toUuid(rest.slice(row * hexDigits, (row + 1) * hexDigits)),
      );
    case 't':
      return rest.split('\t').map((cell) => (cell === '' ? undefined : cell));
    case 'j':
      return rest.split('\t').map((cell) => (cell === '' ? undefined : JSON.parse(cell)));
  }
  throw damaged();
}

function toUuid(hex: string): string {
  // Joined, it is one piece in memory: a template would keep every part, and what it was cut from.
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function damaged(): TypeError {
  return new TypeError('A page of the snapshot is damaged');
}
