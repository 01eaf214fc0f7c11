/** The scripts in use that run from right to left. */
const scripts = ['Hebrew', 'Arabic', 'Syriac', 'Thaana', 'Nko', 'Adlam'];
const letter = `[${scripts.map((script) => `\\p{Script=${script}}`).join('')}]`;
/** Words of such letters. Two blanks are between columns, and quotation marks and arrows are between values. */
const words = `${letter}(?:${letter}|[\\p{M}\\p{N}\\u200c\\u200d]|[ '.·-](?=${letter}))*`;
const run = new RegExp(words, 'gu');
const isolatedRun = `\\u2068${words}\\u2069`;
const isolatedOnly = new RegExp(`(${isolatedRun})`, 'u');

/**
 * Isolates names that run from right to left (Unicode's FSI and PDI), so that a terminal does not move what is next to
 * them: without the marks, it shows two such columns, or the values before and after an arrow, in the reverse order. For
 * lines that a person reads on a terminal only: elsewhere, the marks would become part of the names.
 */
export function isolateNames(lines: readonly string[], isScreen: boolean): readonly string[] {
  return isScreen ? lines.map((line) => line.replace(run, '\u2068$&\u2069')) : lines;
}

/** Splits a line into other text, at even positions, and names that {@link isolateNames} has isolated. */
export function splitIsolated(line: string): readonly string[] {
  return line.split(isolatedOnly);
}
