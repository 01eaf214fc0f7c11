/**
 * A part of the runtime without the comments in it. They stay in its source: a connector has to be small, and what
 * heads each part says what it is for.
 */
export function withoutComments(ruby: string): string {
  return ruby.replace(/^ *#(?: .*)?\n/gm, '').replace(/\n{3,}/g, '\n\n');
}
