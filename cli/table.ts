import type { Terminal } from './terminal.ts';

/**
 * Formats rows in columns. The last column is truncated to the width. Control characters become spaces, so that
 * a value from a provider cannot move the cursor.
 */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): readonly string[] {
  const clean = [heads, ...rows].map((row) => row.map((cell) => cell.replace(/\p{Cc}+/gu, ' ')));
  const widths = heads.map((_, index) =>
    Math.min(48, Math.max(...clean.map((row) => row[index]?.length ?? 0))),
  );
  return clean.map((row) => {
    const line = row
      .map((cell, index) => cut(cell, widths[index] ?? 0, index === heads.length - 1))
      .join('  ');
    const text = line.trimEnd();
    return columns >= narrowest && text.length > columns ? `${text.slice(0, columns - 1)}…` : text;
  });
}

/** A terminal that reports fewer columns, above all 0, does not know its width. */
const narrowest = 20;

function cut(cell: string, width: number, isLast: boolean): string {
  if (isLast) return cell;
  return cell.length > width ? `${cell.slice(0, width - 1)}…` : cell.padEnd(width);
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
  for (const line of lines) terminal.out(line);
  if (terminal.isScreen) terminal.err(`\n${hint}`);
}
