/**
 * Lays rows out in columns. The last column is cut to fit the width; control characters are shown as spaces, so that
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
    return line.length > columns ? `${line.slice(0, columns - 1)}…` : line.trimEnd();
  });
}

function cut(cell: string, width: number, isLast: boolean): string {
  if (isLast) return cell;
  return cell.length > width ? `${cell.slice(0, width - 1)}…` : cell.padEnd(width);
}
