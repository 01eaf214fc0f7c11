import { printableLine } from '../schemas/printable.ts';
import { isolateNames } from './right-to-left.ts';
import { isKnownWidth, type Terminal } from './terminal.ts';
import { firstColumns, padTo, widthOf } from './text-width.ts';

/**
 * Formats rows in columns. On a terminal that is too narrow for them, the widest columns wrap between words. Control
 * characters become spaces, so that a value from a provider cannot move the cursor.
 *
 * @param columns - the width of the terminal; nothing wraps if the terminal does not know it
 */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): readonly string[] {
  // What the terminal escapes has the width of its escape.
  const clean = [heads, ...rows].map((row) =>
    row.map((cell) => printableLine(cell.replace(/\p{Cc}+/gu, ' '))),
  );
  const natural = heads.map((_, index) => Math.max(...clean.map((row) => widthOf(row[index] ?? ''))));
  const widths = isKnownWidth(columns) ? narrow(natural, columns) : natural;
  return clean.flatMap((row) => {
    const cells = widths.map((width, index) => wrap(row[index] ?? '', width));
    const height = Math.max(...cells.map(({ length }) => length));
    return Array.from({ length: height }, (_, line) =>
      widths
        .map((width, index) => padTo(cells[index]?.[line] ?? '', width))
        .join(gap)
        .trimEnd(),
    );
  });
}

const gap = '  ';
/** Words are rarely longer. In a narrower column, nearly every line would break one. */
const narrowestColumn = 12;

/** Narrows the widest columns until all fit, but none below a readable width. */
function narrow(natural: readonly number[], columns: number): readonly number[] {
  const available = columns - gap.length * (natural.length - 1);
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= narrowestColumn) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return widths;
}

/** The lines of a text: broken after a space, and within a word only if it is longer than a line. */
export function wrap(cell: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = cell;
  while (widthOf(rest) > width) {
    // A letter that is wider than the column has a line of its own.
    const { length: most } = firstColumns(rest, width) || firstLetter(rest);
    const space = rest.lastIndexOf(' ', most);
    const end = space > 0 ? space : most;
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

function firstLetter(text: string): string {
  const [first] = new Intl.Segmenter().segment(text);
  return first?.segment ?? '';
}

/** The content of a list command. */
export interface List {
  /** Each entry as data, for `--json`. */
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  /** The column headers, for a terminal. */
  readonly heads: readonly string[];
  /** The cells of each entry. */
  readonly rows: readonly (readonly string[])[];
  /** A hint for the next step, for a terminal. */
  readonly hint: string;
}

/** Prints a list: as JSON, as columns on a terminal, or otherwise separated by tabs, for scripts. */
export function printList({ entries, heads, rows, hint }: List, terminal: Terminal, isJson: boolean): void {
  if (isJson) {
    terminal.out(JSON.stringify(entries));
    return;
  }
  const lines = terminal.isScreen ? table(heads, rows, terminal.columns) : rows.map((row) => row.join('\t'));
  for (const line of isolateNames(lines, terminal.isScreen)) terminal.out(line);
  if (terminal.isScreen) for (const line of ['', hint]) terminal.err(line);
}
