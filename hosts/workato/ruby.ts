// JSON has no symbol keys, so nothing in a manifest can be mistaken for code.
const codeTag = Symbol('Ruby code');
const symbolsTag = Symbol('a hash with symbol keys');

/** Ruby code in place of a value. */
export interface RubyCode {
  readonly [codeTag]: string;
  /** The arguments of the enclosing lambda that it uses. */
  readonly uses: readonly string[];
}

/** A hash whose keys are symbols: `{ name: 'title' }`. */
export interface RubySymbols {
  readonly [symbolsTag]: Readonly<Record<string, RubyValue | undefined>>;
}

/** The input of {@link printRuby}. A plain object becomes a hash with string keys. Undefined values are omitted. */
export type RubyValue =
  | string
  | number
  | boolean
  | null
  | readonly RubyValue[]
  | RubyCode
  | RubySymbols
  | { readonly [key: string]: RubyValue | undefined };

/** Code as a value, with the arguments that it uses. Its lines after the first are indented accordingly. */
export const code = (ruby: string, uses: readonly string[] = []): RubyCode => ({ [codeTag]: ruby, uses });

/** A hash with symbol keys. */
export const symbols = (entries: Readonly<Record<string, RubyValue | undefined>>): RubySymbols => ({
  [symbolsTag]: entries,
});

/** The maximum line length of Ruby's style guide, minus a comma. */
const width = 118;

/** The arguments that the code in a value uses. */
export function usesOf(value: RubyValue | undefined): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isList(value)) return value.flatMap(usesOf);
  if (codeTag in value) return (value as RubyCode).uses;
  return Object.values(symbolsTag in value ? (value as RubySymbols)[symbolsTag] : value).flatMap(usesOf);
}

/**
 * Prints a value as Ruby code. Values that are too long for one line are broken over several.
 *
 * @param column the indentation of its line.
 * @param taken the number of characters before it on that line.
 */
export function printRuby(value: RubyValue, column = 0, taken = 0): string {
  const line = oneLine(value);
  if (line !== undefined && column + taken + line.length <= width) return line;
  if (typeof value === 'string') return printLongText(value, column + taken);
  if (isList(value)) {
    const items = value.map((item) => printRuby(item, column + 2));
    return lines('[', ']', column, items);
  }
  if (typeof value !== 'object' || value === null) return String(line);
  if (codeTag in value) return indent((value as RubyCode)[codeTag], column);
  const entries = entriesOf(value).map(([key, item]) => `${key}${printRuby(item, column + 2, key.length)}`);
  return lines('{', '}', column, entries);
}

// Control and format characters, line and paragraph separators: editors hide them, or break a line at them.
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;

/** Prints a string literal that Ruby reads back unchanged. Nothing in it is ever evaluated. */
export function printText(given: string): string {
  const text = given.toWellFormed();
  // RuboCop reports "#{" in single quotes as a mistake.
  if (text.search(hidden) < 0 && !/#[{$@]/.test(text)) return `'${text.replace(/[\\']/g, '\\$&')}'`;
  const escaped = text
    .replace(/[\\"#]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(hidden, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
  return `"${escaped}"`;
}

/** Indents every line except the first and empty ones. */
export function indent(text: string, column: number): string {
  return text.replace(/\n(?=[^\n])/g, `\n${' '.repeat(column)}`);
}

function oneLine(value: RubyValue): string | undefined {
  if (value === null) return 'nil';
  if (typeof value === 'string') return printText(value);
  if (typeof value === 'number') return printNumber(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return enclose('[', ']', '', value.map(oneLine));
  if (codeTag in value) {
    const ruby = (value as RubyCode)[codeTag];
    return ruby.includes('\n') ? undefined : ruby;
  }
  const entries = entriesOf(value).map(([key, item]) => {
    const text = oneLine(item);
    return text === undefined ? undefined : `${key}${text}`;
  });
  return enclose('{', '}', ' ', entries);
}

/** 30000 is `30_000`. */
function printNumber(value: number): string {
  const text = String(value);
  return /^\d{5,}$/.test(text) ? text.replace(/\B(?=(\d{3})+$)/g, '_') : text;
}

function enclose(
  open: string,
  close: string,
  pad: string,
  items: readonly (string | undefined)[],
): string | undefined {
  if (items.includes(undefined)) return undefined;
  return items.length === 0 ? `${open}${close}` : `${open}${pad}${items.join(', ')}${pad}${close}`;
}

function lines(open: string, close: string, column: number, items: readonly string[]): string {
  const blanks = ' '.repeat(column);
  return `${open}\n${items.map((item) => `${blanks}  ${item}`).join(',\n')}\n${blanks}${close}`;
}

/** A long string in pieces, each on a separate line. */
function printLongText(text: string, column: number): string {
  const room = Math.max(40, width - column);
  const pieces: string[] = [];
  for (const word of text.match(/\S+\s?|\s/gu) ?? [])
    for (const part of printText(word).length > room ? Array.from(word) : [word]) {
      const longer = `${pieces.at(-1) ?? ''}${part}`;
      if (pieces.length > 0 && printText(longer).length <= room) pieces[pieces.length - 1] = longer;
      else pieces.push(part);
    }
  return pieces.map(printText).join(` \\\n${' '.repeat(column)}`);
}

type RubyHash = RubySymbols | Readonly<Record<string, RubyValue | undefined>>;

/** The entries of a hash, each key with its separator. */
function entriesOf(value: RubyHash | RubyCode): readonly (readonly [string, RubyValue])[] {
  const isSymbols = symbolsTag in value;
  const entries = Object.entries(isSymbols ? (value as RubySymbols)[symbolsTag] : value);
  return entries.flatMap(([key, item]) => {
    if (item === undefined) return [];
    return [[isSymbols ? `${printSymbol(key)}: ` : `${printText(key)} => `, item] as const];
  });
}

function printSymbol(key: string): string {
  return /^[a-zA-Z_]\w*[?!]?$/.test(key) ? key : printText(key);
}

function isList(value: RubyValue): value is readonly RubyValue[] {
  return Array.isArray(value);
}
