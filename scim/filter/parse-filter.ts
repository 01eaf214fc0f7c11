import { fill } from '../../schemas/fill.ts';
import type { AttributePath, ComparisonOperator, Filter, FilterValue } from './filter.ts';
import { filterTexts } from './filter-texts.ts';

/** The syntax error of a filter or a path; `at` is the offset of the first invalid character. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** The leniency of the parser. */
export interface ParseFilterOptions {
  /** Reads an unquoted word as a string: one of Entra ID's documented samples is `externalId eq jyoung`. */
  readonly unquotedStrings?: boolean;
}

/** Nesting beyond this is rejected: no sensible filter needs it, and recursion must have a limit. */
const maxDepth = 64;

const operators: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);
const isOperator = (word: string): word is ComparisonOperator => operators.has(word);

// RFC 7643 §2.1 ATTRNAME, plus "$ref"; a schema URI (RFC 8141) can precede it, up to the last colon.
const namePattern = /(?:(urn:[\w.:%~!$&'*+;=@-]+):)?([A-Za-z$][\w$-]*)/iy;
const wordPattern = /[^\s()[\]"]+/y;
const stringPattern = /"(?:[^"\\]|\\.)*"/sy;
// Quotes of clients that do not know the grammar: as part of a word, they would silently match nothing.
const foreignQuotePattern = /^['`\u00b4\u2018-\u201f\u2039\u203a\u00ab\u00bb]|['`\u2018-\u201f]$/;
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.:+-])/iy;
const spacePattern = /\s*/y;

/**
 * Reads a SCIM filter (RFC 7644 §3.4.2.2): operators and attribute names in any case, `not` over `and` over `or`.
 *
 * @throws FilterSyntaxError with the position, if the text is not a filter.
 */
export function parseFilter(text: string, options: ParseFilterOptions = {}): Filter {
  const reader = new FilterReader(text, options);
  const filter = reader.or(0);
  reader.end();
  return filter;
}

/**
 * Reads an attribute path, as `sortBy`, `attributes` and PATCH operations name one (RFC 7644 §3.5.2, Figure 7).
 *
 * @throws FilterSyntaxError with the position, if the text is not a path.
 */
export function parsePath(text: string, options: ParseFilterOptions = {}): AttributePath {
  const reader = new FilterReader(text, options);
  const path = reader.path(0);
  reader.end();
  return path;
}

class FilterReader {
  #at = 0;
  readonly #text: string;
  readonly #options: ParseFilterOptions;

  constructor(text: string, options: ParseFilterOptions) {
    this.#text = text;
    this.#options = options;
    this.#skipSpace();
  }

  or(depth: number): Filter {
    return this.#joined('or', depth, () => this.#and(depth));
  }

  path(depth: number): AttributePath {
    const match = this.#match(namePattern);
    if (match === undefined) throw this.#unexpected(filterTexts.attributeName);
    const [, schema, attribute = ''] = match;
    const filter = this.#take('[') ? this.#bracketed(depth) : undefined;
    const subAttribute = this.#take('.') ? this.#subAttribute() : undefined;
    return {
      ...(schema !== undefined && { schema }),
      attribute,
      ...(filter !== undefined && { filter }),
      ...(subAttribute !== undefined && { subAttribute }),
    };
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected(filterTexts.end);
  }

  #and(depth: number): Filter {
    return this.#joined('and', depth, () => this.#term(depth));
  }

  #joined(kind: 'and' | 'or', depth: number, read: () => Filter): Filter {
    if (depth > maxDepth)
      throw new FilterSyntaxError(
        fill(filterTexts.tooDeep, { levels: maxDepth, position: this.#at }),
        this.#at,
      );
    const first = read();
    if (!this.#takeWord(kind)) return first;
    const filters = [first];
    do filters.push(read());
    while (this.#takeWord(kind));
    return { kind, filters };
  }

  #term(depth: number): Filter {
    this.#skipSpace();
    if (this.#takeWord('not')) {
      this.#skipSpace();
      if (!this.#take('(')) throw this.#unexpected(filterTexts.parenthesisAfterNot);
      return { kind: 'not', filter: this.#grouped(depth) };
    }
    if (this.#take('(')) return this.#grouped(depth);
    return this.#comparison(depth);
  }

  #grouped(depth: number): Filter {
    const filter = this.or(depth + 1);
    this.#skipSpace();
    if (!this.#take(')')) throw this.#unexpected(filterTexts.parenthesis);
    return filter;
  }

  #bracketed(depth: number): Filter {
    const filter = this.or(depth + 1);
    this.#skipSpace();
    if (!this.#take(']')) throw this.#unexpected(filterTexts.bracket);
    return filter;
  }

  #comparison(depth: number): Filter {
    const path = this.path(depth);
    const before = this.#at;
    this.#skipSpace();
    const word = this.#match(wordPattern)?.[0].toLowerCase();
    if (word === 'pr') return { kind: 'present', path };
    if (word !== undefined && isOperator(word)) {
      this.#skipSpace();
      return { kind: 'compare', path, operator: word, value: this.#value() };
    }
    this.#at = before;
    if (path.filter !== undefined && path.subAttribute === undefined) return { kind: 'present', path };
    this.#skipSpace();
    throw this.#unexpected(filterTexts.operator);
  }

  #value(): FilterValue {
    if (this.#text[this.#at] === '"') return this.#string();
    const number = this.#match(numberPattern);
    if (number !== undefined) return Number(number[0]);
    const before = this.#at;
    const word = this.#match(wordPattern)?.[0];
    switch (word?.toLowerCase()) {
      case 'true':
        return true;
      case 'false':
        return false;
      case 'null':
        return null;
    }
    if (word !== undefined && this.#options.unquotedStrings === true && !foreignQuotePattern.test(word)) {
      return word;
    }
    this.#at = before;
    throw this.#unexpected(filterTexts.value);
  }

  #string(): string {
    const before = this.#at;
    const quoted = this.#match(stringPattern)?.[0];
    try {
      if (quoted !== undefined) return JSON.parse(quoted);
    } catch {
      this.#at = before;
    }
    throw this.#unexpected(filterTexts.string);
  }

  #subAttribute(): string {
    const match = this.#match(namePattern);
    if (match === undefined || match[1] !== undefined) throw this.#unexpected(filterTexts.subAttributeName);
    return match[2] ?? '';
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #takeWord(word: string): boolean {
    const before = this.#at;
    this.#skipSpace();
    if (this.#match(wordPattern)?.[0].toLowerCase() === word) return true;
    this.#at = before;
    return false;
  }

  #skipSpace(): void {
    this.#match(spacePattern);
  }

  #unexpected(expected: string): FilterSyntaxError {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    const found = rest === '' ? filterTexts.end : JSON.stringify(rest);
    return new FilterSyntaxError(
      fill(filterTexts.expected, { expected, found, position: this.#at }),
      this.#at,
    );
  }
}
