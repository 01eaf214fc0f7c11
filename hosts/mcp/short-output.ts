import { isRecord } from '../../schemas/is-record.ts';

/** An output that a model can read, and what it leaves out. */
export interface ShortOutput {
  readonly output: unknown;
  /** One sentence for each shortened list. */
  readonly leftOut: readonly string[];
}

/** What the text of a result can have, in characters of JSON: more would fill the context of a model. */
export const maxTextCharacters = 60_000;

/**
 * Shortens the lists of an output until its JSON fits. Items that failed come first, because they are what is left to do.
 * An output without long lists stays as it is.
 */
export function shortenOutput(output: unknown, maxCharacters = maxTextCharacters): ShortOutput {
  if (!isRecord(output) || JSON.stringify(output).length <= maxCharacters) return { output, leftOut: [] };
  const lists = Object.entries(output).filter((entry): entry is [string, unknown[]] =>
    Array.isArray(entry[1]),
  );
  // A report of a call has the output of its action within it.
  const [inner] = Object.entries(output).filter(
    ([, value]) => isRecord(value) && sizeOf(value) > maxCharacters / 2,
  );
  if (lists.length === 0 && inner !== undefined) {
    const [key, value] = inner;
    const around = JSON.stringify({ ...output, [key]: null }).length;
    const short = shortenOutput(value, Math.max(0, maxCharacters - around));
    return { ...short, output: { ...output, [key]: short.output } };
  }
  const emptied = { ...output, ...Object.fromEntries(lists.map(([key]) => [key, []])) };
  const charactersLeft = Math.max(0, maxCharacters - JSON.stringify(emptied).length);
  const sizes = lists.map(([, items]) => items.reduce<number>((sum, item) => sum + sizeOf(item), 0));
  const listed = sizes.reduce((sum, size) => sum + size, 0);
  const leftOut: string[] = [];
  const shortened = lists.map(([key, items], index) => {
    // Each list gets its share of what is left.
    const shown = firstItems(items, charactersLeft * ((sizes[index] ?? 0) / listed));
    if (shown.length < items.length)
      leftOut.push(`\`${key}\` has ${items.length} items, of which ${shown.length} are shown.`);
    return [key, shown] as const;
  });
  return { output: { ...output, ...Object.fromEntries(shortened) }, leftOut };
}

function firstItems(items: readonly unknown[], maxCharacters: number): readonly unknown[] {
  const sorted = items.toSorted((one, other) => Number(isFailed(other)) - Number(isFailed(one)));
  let characters = 0;
  const count = sorted.findIndex((item) => {
    characters += sizeOf(item);
    return characters > maxCharacters;
  });
  // What fits stays in its order.
  return count === -1 ? items : sorted.slice(0, count);
}

function isFailed(item: unknown): boolean {
  return isRecord(item) && (item.ok === false || item.outcome === 'failed' || item.outcome === 'stopped');
}

/** With the comma behind it. */
function sizeOf(item: unknown): number {
  return JSON.stringify(item ?? null).length + 1;
}
