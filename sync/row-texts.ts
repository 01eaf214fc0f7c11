/** A path without the URI of its extension. */
export function shortPath(path: string): string {
  return path.slice(path.startsWith('urn:') ? path.lastIndexOf(':') + 1 : 0);
}

/** "Row 3", "Rows 3 and 7", "Rows 3, 7, and 4 more" */
export function rowsText(rows: readonly number[]): string {
  if (rows.length < 2) return `Row ${rows[0] ?? '?'}`;
  if (rows.length === 2) return `Rows ${rows.join(' and ')}`;
  const shown = rows.slice(0, 5);
  const rest = rows.length - shown.length;
  return rest === 0
    ? `Rows ${shown.slice(0, -1).join(', ')}, and ${shown.at(-1)}`
    : `Rows ${shown.join(', ')}, and ${rest} more`;
}
