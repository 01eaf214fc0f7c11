/** How one attribute of a resource is kept: its value, the keys of its items, or a fingerprint. */
export type StorageMode = 'value' | 'items' | 'print';

/** The attributes that the entries of a snapshot hold, in the order in which they hold them. */
export interface Column {
  /** A SCIM path: `userName`, `urn:…:User:department`. */
  readonly path: string;
  readonly kept: StorageMode;
}

/** What a snapshot knows of one resource. */
export interface Entry {
  /** Whether it was one that the trigger's scopeFilter asks for. */
  readonly fits: boolean;
  /** What is kept of each column; undefined where the resource has nothing. */
  readonly cells: readonly unknown[];
}

const outside = '-';

/** Writes an entry as text, in which two that say the same are the same. */
export function serializeEntry({ fits, cells }: Entry): string {
  let end = cells.length;
  while (end > 0 && cells[end - 1] === undefined) end -= 1;
  return `${fits ? '' : outside}${JSON.stringify(cells.slice(0, end))}`;
}

/** Reads an entry that was written. */
export function parseEntry(text: string): Entry {
  const fits = !text.startsWith(outside);
  const cells: unknown[] = JSON.parse(fits ? text : text.slice(outside.length));
  return { fits, cells: cells.map((cell) => cell ?? undefined) };
}
