import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** What a command lists. */
export interface List {
  /** Each entry as data, for `--json`. */
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  /** The heads of the columns, for a screen. */
  readonly heads: readonly string[];
  /** The cells of each entry. */
  readonly rows: readonly (readonly string[])[];
  /** What to do next, for a person. */
  readonly hint: string;
}

/** Prints a list: as JSON; as columns on a screen; else with tabs, for scripts. */
export function printList({ entries, heads, rows, hint }: List, terminal: Terminal, isJson: boolean): void {
  if (isJson) {
    terminal.out(JSON.stringify(entries));
    return;
  }
  const lines = terminal.isScreen ? table(heads, rows, terminal.columns) : rows.map((row) => row.join('\t'));
  for (const line of lines) terminal.out(line);
  if (terminal.isScreen) terminal.err(`\n${hint}`);
}
