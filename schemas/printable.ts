/**
 * Escapes the characters that make a terminal or an editor show something else than the text says: control characters,
 * C1 controls such as U+009B, and the marks that change the direction of text. Tabs, line breaks, and the joiners of
 * scripts stay. In JSON, the escapes stand for the same text.
 */
export function printable(text: string): string {
  return text.replace(deceptive, escapeUnits);
}

/** The same for one line: a name with a line break must not write lines of its own. */
export function printableLine(line: string): string {
  return printable(line).replaceAll('\n', escapeUnits);
}

/** A character as JSON escapes it. */
export function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at))}`).join('');
}

const deceptive = /(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu;

function hex(unit: number): string {
  return unit.toString(16).padStart(4, '0');
}
