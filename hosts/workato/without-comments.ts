/**
 * A part of the runtime without its comments. They stay in the source, because a connector must be small. The comment
 * at the top of each part is kept.
 */
export function withoutComments(ruby: string): string {
  return ruby.replace(/^ *#(?: .*)?\n/gm, '').replace(/\n{3,}/g, '\n\n');
}
