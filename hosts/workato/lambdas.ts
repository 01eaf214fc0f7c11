import { code, indent, printRuby, type RubyCode, type RubyValue, usesOf } from './ruby.ts';

/** The indentation of a lambda in the hash of an action, a trigger, or an object definition. */
const depth = 6;
/** The indentation of its body. */
const column = depth + 2;

/** A lambda that returns a value. Unused arguments are marked, as Ruby requires. */
export function lambda(names: readonly string[], value: RubyValue): RubyCode {
  // A multi-line string as the only value is indented by its second line.
  return lambdaWith(names, usesOf(value), printBody(value, typeof value === 'string' ? 2 : 0));
}

/** A lambda that returns several lists of fields as one: the first is a list or a call, and the others are appended. */
export function lambdaOfSum(names: readonly string[], parts: readonly RubyValue[]): RubyCode {
  const printed = parts.map((part, index) => printBody(part, 0, index === 0 ? 0 : 2));
  return lambdaWith(names, usesOf(parts), printed.length === 0 ? '[]' : printed.join(' +\n  '));
}

/** Prints a value for the body of a lambda, for a given indentation and start column. */
export function printBody(value: RubyValue, taken = 0, shift = 0): string {
  return printRuby(value, column + shift, taken).replaceAll(`\n${' '.repeat(column)}`, '\n');
}

function lambdaWith(names: readonly string[], uses: readonly string[], body: string): RubyCode {
  const marked = names.map((name) => (uses.includes(name) ? name : `_${name}`));
  return code(`lambda do |${marked.join(', ')}|\n  ${indent(body, 2)}\nend`);
}
