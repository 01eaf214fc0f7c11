import { foldCase } from '../scim/fold-case.ts';

/** How a never-touch pattern can name a user. */
interface Names {
  readonly id?: unknown;
  readonly userName?: unknown;
  readonly externalId?: unknown;
}

/** Never-touch patterns, in which `*` is any text, for the username, external ID, or ID of a user. */
export class NeverTouch {
  readonly #patterns: readonly { readonly text: string; readonly expression: RegExp }[];
  /** The patterns that have protected nobody yet. */
  readonly #unused: Set<string>;

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map((text) => ({ text, expression: expressionOf(text) }));
    this.#unused = new Set(patterns);
  }

  /** The patterns that have matched none of the users, most likely because they are misspelled. */
  get unused(): readonly string[] {
    return [...this.#unused];
  }

  /** Whether a pattern protects a user. */
  protects({ id, userName, externalId }: Names): boolean {
    if (this.#patterns.length === 0) return false;
    const names = [userName, externalId, id].flatMap((name) =>
      typeof name === 'string' ? [foldCase(name)] : [],
    );
    let isProtected = false;
    for (const { text, expression } of this.#patterns) {
      if (isProtected && !this.#unused.has(text)) continue;
      if (!names.some((name) => expression.test(name))) continue;
      isProtected = true;
      this.#unused.delete(text);
    }
    return isProtected;
  }
}

function expressionOf(pattern: string): RegExp {
  const parts = foldCase(pattern)
    .split('*')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'su');
}
