import { fill } from '../schemas/fill.ts';
import { planTexts } from './plan-texts.ts';

/** A path without the URI of its extension. */
export function shortPath(path: string): string {
  return path.slice(path.startsWith('urn:') ? path.lastIndexOf(':') + 1 : 0);
}

/** "Row 3", "Rows 3 and 7", "Rows 3, 7, and 4 more" */
export function rowsText(rows: readonly number[]): string {
  const [one = '?', other] = rows;
  if (other === undefined) return fill(planTexts.oneRow, { row: one });
  if (rows.length === 2) return fill(planTexts.twoRows, { one, other });
  const shown = rows.slice(0, 5);
  const rest = rows.length - shown.length;
  return rest === 0
    ? fill(planTexts.fewRows, { rows: shown.slice(0, -1).join(', '), last: shown.at(-1) ?? '?' })
    : fill(planTexts.manyRows, { rows: shown.join(', '), count: rest });
}
