import type { DryRun, DryRunChange, DryRunRow } from '../../connector/generated/types.ts';
import { shortPath } from '../../sync/row-texts.ts';

/** More lines of one kind are in the output only. */
const mostLines = 50;
/** A longer value is cut. */
const longestValue = 120;
const signs = { create: '+', update: '~', delete: '-' } as const;

/** A dry run as a person reads it: the requests, the changes, rows that cannot be run, notes, and a summary. */
export function formatDryRun({ requests, changes, rows, notes, error, summary }: DryRun): readonly string[] {
  return [
    ...limited(requests.map(({ method, path, row }) => `${method} ${path}${rowText(row)}`)),
    ...limited(changes.map(formatChange)),
    ...limited(rows.filter(({ ok }) => !ok).map(formatFailedRow)),
    ...limited(notes),
    ...(error === undefined ? [] : [error.message]),
    `Dry run, nothing was changed: ${summary}`,
  ];
}

function formatChange({ kind, resource, id, name, path, from, to, row }: DryRunChange): string {
  const what = path === null ? resource.toLowerCase() : `${shortPath(path)}: ${shown(from)} → ${shown(to)}`;
  return `${signs[kind]} ${kind} ${name ?? id}  ${what}${rowText(row)}`;
}

function formatFailedRow({ row, name, error }: DryRunRow): string {
  return `row ${row}${name === undefined ? '' : ` (${name})`}: ${error?.message ?? ''}`;
}

function rowText(row: number | undefined): string {
  return row === undefined ? '' : `  (row ${row})`;
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  return cutValue(JSON.stringify(value));
}

/** The text of a value, cut to what fits a line. */
export function cutValue(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}

function limited(lines: readonly string[]): readonly string[] {
  const rest = lines.length - mostLines;
  return rest <= 0 ? lines : [...lines.slice(0, mostLines), `… and ${rest} more`];
}
