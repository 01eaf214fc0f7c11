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

/** The entries of a page, by id. */
export type PageEntries = ReadonlyMap<string, string>;

/**
 * Writes a page: a line for the ids, one for who fits, and one for each column. What is alike stands together, so that a
 * store which packs its pages needs half of what entry after entry would take.
 */
export function serializePage(entries: PageEntries): string {
  const sorted = [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
  const parsed = sorted.map(([, entry]) => parseEntry(entry));
  const width = Math.max(0, ...parsed.map(({ cells }) => cells.length));
  const columns = Array.from({ length: width }, (_, column) => parsed.map(({ cells }) => cells[column]));
  const isEvery = parsed.every(({ fits }) => fits);
  return [
    printColumn(sorted.map(([id]) => id)),
    isEvery ? '' : parsed.map(({ fits }) => (fits ? '1' : '0')).join(''),
    ...columns.map(printColumn),
  ].join('\n');
}

/** Reads a page that was written. @throws TypeError when it is none. */
export function parsePage(text: string): Map<string, string> {
  const [ids = '', fits = '', ...columns] = text.split('\n');
  const names = parseColumn(ids);
  const cells = columns.map((line) => (line === nothing ? [] : parseColumn(line)));
  if (names.length === 0 || cells.some(({ length }) => length !== 0 && length !== names.length))
    throw damaged();
  return new Map(
    names.map((id, row) => {
      if (typeof id !== 'string') throw damaged();
      return [id, serializeEntry({ fits: fits[row] !== '0', cells: cells.map((column) => column[row]) })];
    }),
  );
}

const uuidPattern = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const hexDigits = 32;
/** What would be taken for the end of a cell, or for no cell. */
const special = /[\t\n]|^$/;

/** A column in which nobody has anything. */
const nothing = '';

/** The first letter says how the rest is to be read: ids as hexadecimal digits alone, plain texts, or JSON. */
function printColumn(values: readonly unknown[]): string {
  if (values.every((value) => value === undefined)) return nothing;
  if (values.every((value) => typeof value === 'string' && uuidPattern.test(value)))
    return `u${values.join('').replaceAll('-', '')}`;
  if (values.every((value) => value === undefined || (typeof value === 'string' && !special.test(value))))
    return `t${values.map((value) => value ?? '').join('\t')}`;
  return `j${values.map((value) => (value === undefined ? '' : JSON.stringify(value))).join('\t')}`;
}

function parseColumn(line: string): readonly unknown[] {
  const rest = line.slice(1);
  switch (line[0]) {
    case 'u':
      return Array.from({ length: rest.length / hexDigits }, (_, row) =>
        toUuid(rest.slice(row * hexDigits, (row + 1) * hexDigits)),
      );
    case 't':
      return rest.split('\t').map((cell) => (cell === '' ? undefined : cell));
    case 'j':
      return rest.split('\t').map((cell) => (cell === '' ? undefined : JSON.parse(cell)));
  }
  throw damaged();
}

function toUuid(hex: string): string {
  // Joined, it is one piece in memory: a template would keep every part, and what it was cut from.
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function damaged(): TypeError {
  return new TypeError('A page of the snapshot is damaged');
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const bitsOfDigit = 6;
/** Five digits of each of the two halves: 30 of its 32 bits. */
const digitsOfHalf = 5;

const firstSeed = 0x9747b28c;
const secondSeed = 0x3c6ef372;

/**
 * A fingerprint of a text: 60 bits, as characters of base64url, the same on every machine. It tells whether something
 * has changed; it is no protection against somebody who wants two texts to have the same one.
 */
export function fingerprint(text: string): string {
  return print(murmur3(text, firstSeed)) + print(murmur3(text, secondSeed));
}

/** A fingerprint of a text as a whole number: 53 bits, which is what a number holds. */
export function fingerprintNumber(text: string): number {
  return murmur3(text, firstSeed) * 2 ** 21 + (murmur3(text, secondSeed) >>> 11);
}

/** How many characters a short fingerprint has. */
const shortLength = 4;

/** The beginning of a fingerprint: 24 bits. */
export function shortFingerprint(text: string): string {
  return print(murmur3(text, firstSeed)).slice(0, shortLength);
}

function print(hash: number): string {
  let text = '';
  for (let digit = 0; digit < digitsOfHalf; digit += 1)
    text += digits.charAt((hash >>> (digit * bitsOfDigit)) & 63);
  return text;
}

/** MurmurHash3 for 32 bits (Austin Appleby, public domain), over the text's UTF-16 units, two to a block. */
function murmur3(text: string, seed: number): number {
  let hash = seed;
  const even = text.length - (text.length % 2);
  for (let at = 0; at < even; at += 2) {
    hash ^= scramble(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (even < text.length) hash ^= scramble(text.charCodeAt(even));
  hash ^= text.length * 2;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
