/**
 * What spreadsheets treat as the beginning of a formula: `=`, `+`, `-`, `@`, their full-width forms, a tab, and a line break.
 * Apostrophes before it are counted in, so that the guard can be taken off again without doubt.
 */
const formula = /^'*[=+\-@＝＋－＠\t\r\n]/u;

/** Separates the values of a list in one cell, as plans read them. */
export const listSeparator = ';';

/**
 * How a sheet ends its records (RFC 4180 §2), as options of csv-stringify. A single break within a cell is quoted as well:
 * many programs end a record at any of the two characters, and a person who names a user could write rows of their own.
 */
export const recordStyle = Object.freeze({ record_delimiter: 'windows', quoted_match: /[\r\n]/ } as const);

/**
 * A value as the text of a cell. One that a spreadsheet would compute gets an apostrophe before it, so that a person who names
 * a user cannot run a formula on the machine of the one who opens the sheet.
 */
export function toCell(values: readonly unknown[]): string {
  const text = values.map(textOf).join(listSeparator);
  return formula.test(text) ? `'${text}` : text;
}

/** The inverse of {@link toCell} for a single text: without the apostrophe that guards a formula. */
export function withoutGuard(cell: string): string {
  return cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
