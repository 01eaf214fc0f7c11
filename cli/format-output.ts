import { flattenExtensions } from '../runtime/flatten-extensions.ts';
import { isRecord } from '../schemas/is-record.ts';
import { isolateNames } from './right-to-left.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** JSON, or a table for a list on a terminal, which no script reads. */
export function formatOutput(
  output: unknown,
  { isScreen, columns }: Pick<Terminal, 'isScreen' | 'columns'>,
  isJson: boolean,
): readonly string[] {
  if (isJson || !isScreen) return [JSON.stringify(output)];
  const list = isRecord(output) ? (output.resources ?? output.results) : undefined;
  if (!Array.isArray(list) || list.length === 0) return JSON.stringify(output, null, 2).split('\n');
  const { resources: _, results: __, ...rest } = output as Record<string, unknown>;
  const found = list.filter(isRecord);
  const rows = found.map((row): Record<string, unknown> => flattenExtensions(row));
  // Flattened rows begin with the attributes of extensions, which are the less important ones.
  const names = columnsOf([...found, ...rows]).filter((name) => rows.some((row) => Object.hasOwn(row, name)));
  return [
    ...isolateNames(
      table(
        names.slice(0, mostColumns).map(lastName),
        rows.map((row) => names.slice(0, mostColumns).map((name) => cell(row[name]))),
        columns,
      ),
      isScreen,
    ),
    '',
    ...Object.entries(rest).map(([name, value]) => `${name}: ${cell(value)}`),
  ];
}

const mostColumns = 6;

/** The attributes that are plain values in any row. */
function columnsOf(rows: readonly Record<string, unknown>[]): readonly string[] {
  const names = new Set(
    rows.flatMap((row) =>
      Object.keys(row).filter((name) => !Array.isArray(row[name]) && name !== 'meta' && name !== 'output'),
    ),
  );
  return [...names];
}

/** The name of an attribute without the URN of its extension. */
function lastName(name: string): string {
  return name.slice(name.startsWith('urn:') ? name.lastIndexOf(':') + 1 : 0);
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (isRecord(value)) return String(value.message ?? value.formatted ?? JSON.stringify(value));
  return String(value);
}
