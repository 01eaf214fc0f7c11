/** How one attribute of a resource is stored: its value, the keys of its items, or a fingerprint. */
export type StorageMode = 'value' | 'items' | 'print';

/** The attributes in the entries of a snapshot, in order. */
export interface Column {
  /** A SCIM path: `userName`, `urn:…:User:department`. */
  readonly path: string;
  readonly kept: StorageMode;
}

/** The snapshot entry of one resource. */
export interface Entry {
  /** The triggers whose scope filter it did not match, as the sum of their bits: 1, 2, 4, … */
  readonly outside: number;
  /** The stored value of each column; undefined if the resource has none. */
  readonly cells: readonly unknown[];
}

/** The mark of an entry that is outside a scope. The sum of several triggers follows it: `-[…]`, `-6[…]`. */
const mark = '-';

/** Serializes an entry. Equivalent entries result in equal text. */
export function serializeEntry({ outside, cells }: Entry): string {
  let end = cells.length;
  while (end > 0 && cells[end - 1] === undefined) end -= 1;
  const prefix = outside === 0 ? '' : outside === 1 ? mark : `${mark}${outside}`;
  return `${prefix}${JSON.stringify(cells.slice(0, end))}`;
}

/** Parses a serialized entry. */
export function parseEntry(text: string): Entry {
  const start = text.startsWith(mark) ? text.indexOf('[') : 0;
  const outside = start === 0 ? 0 : Number(text.slice(mark.length, start) || 1);
  const cells: unknown[] = JSON.parse(start === 0 ? text : text.slice(start));
  return { outside, cells: cells.map((cell) => cell ?? undefined) };
}

/** The entries of a page, by ID. */
export type PageEntries = ReadonlyMap<string, string>;

/**
 * Serializes a page: a line for the IDs, one for the matches, and one per column. Similar values are adjacent, so that a
 * store that compresses its pages needs half the space of an entry-by-entry format.
 */
export function serializePage(entries: PageEntries): string {
  const sorted = [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
  const parsed = sorted.map(([, entry]) => parseEntry(entry));
  const width = Math.max(0, ...parsed.map(({ cells }) => cells.length));
  const columns = Array.from({ length: width }, (_, column) => parsed.map(({ cells }) => cells[column]));
  return [
    printColumn(sorted.map(([id]) => id)),
    printMatches(parsed.map(({ outside }) => outside)),
    ...columns.map(printColumn),
  ].join('\n');
}

/** Parses a serialized page. @throws TypeError if it is not a page. */
export function parsePage(text: string): Map<string, string> {
  const [ids = '', matches = '', ...columns] = text.split('\n');
  const names = parseColumn(ids);
  const outside = parseMatches(matches);
  const cells = columns.map((line) => (line === nothing ? [] : parseColumn(line)));
  if (names.length === 0 || cells.some(({ length }) => length !== 0 && length !== names.length))
    throw damaged();
  return new Map(
    names.map((id, row) => {
      if (typeof id !== 'string') throw damaged();
      return [id, serializeEntry({ outside: outside[row] ?? 0, cells: cells.map((column) => column[row]) })];
    }),
  );
}

/** Nothing if every entry matches every trigger; a digit per entry for one trigger; the sums for several. */
function printMatches(outside: readonly number[]): string {
  const most = outside.reduce((one, other) => Math.max(one, other), 0);
  if (most === 0) return '';
  return most === 1 ? outside.map((sum) => 1 - sum).join('') : `s${outside.join(',')}`;
}

function parseMatches(line: string): readonly number[] {
  if (line.startsWith('s')) return line.slice(1).split(',').map(Number);
  return [...line].map((digit) => 1 - Number(digit));
}

const uuidPattern = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const hexDigits = 32;
/** Characters that would be read as the end of a cell, or as no cell. */
const special = /[\t\n]|^$/;

/** A column without values. */
const nothing = '';

/** The first letter is the format of the rest: hexadecimal IDs, plain strings, or JSON. */
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
  // Joined, it is one piece in memory: a template would retain every part and its source strings.
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
 * A fingerprint of a string: 60 bits in base64url, the same on every machine. It detects
 * changes; it does not protect against intentional collisions.
 */
export function fingerprint(text: string): string {
  return print(murmur3(text, firstSeed)) + print(murmur3(text, secondSeed));
}

/** A fingerprint of a string as an integer: 53 bits, the precision of a number. */
export function fingerprintNumber(text: string): number {
  return murmur3(text, firstSeed) * 2 ** 21 + (murmur3(text, secondSeed) >>> 11);
}

/** The number of characters of a short fingerprint. */
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

/** MurmurHash3 for 32 bits (Austin Appleby, public domain), over the string's UTF-16 units, two per block. */
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
