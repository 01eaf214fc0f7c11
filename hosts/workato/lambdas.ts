import { code, indent, printRuby, type RubyCode, type RubyValue } from './ruby.ts';

/** How far a lambda stands in, in the hash of an action, a trigger or an object definition. */
const depth = 6;
/** Where the first line of its body begins. */
const column = depth + 2;

/** A lambda that gives a value. */
export function lambda(names: readonly string[], value: RubyValue): RubyCode {
  // A text of several lines that is given by itself stands in by its second line.
  return lambdaOf(names, printBody(value, typeof value === 'string' ? 2 : 0));
}

/** Prints a value for the body of a lambda: on a line that stands in so far, after so many characters. */
export function printBody(value: RubyValue, taken = 0, shift = 0): string {
  return outdent(printRuby(value, column + shift, taken));
}

/** The same for code. The arguments that it does not use are marked, as Ruby wants it. */
export function lambdaOf(names: readonly string[], body: string): RubyCode {
  const used = body.replace(/'(?:[^'\\]|\\.)*'/g, '');
  const marked = names.map((name) => (new RegExp(`\\b${name}\\b`).test(used) ? name : `_${name}`));
  return code(`lambda do |${marked.join(', ')}|\n  ${indent(body, 2)}\nend`);
}

/** Joins lists of fields to one body: the first is a list or a call, and the others are added to it. */
export function sumOf(parts: readonly RubyValue[]): string {
  const printed = parts.map((part, index) => printBody(part, 0, index === 0 ? 0 : 2));
  return printed.length === 0 ? '[]' : printed.join(' +\n  ');
}

/** What was printed for its place in the file, as it stands in the lambda. */
function outdent(text: string): string {
  return text.replaceAll(`\n${' '.repeat(column)}`, '\n');
}
