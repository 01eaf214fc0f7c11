/**
 * A key of these parts: the same for the same parts, and another one for any others. It is plain text where they are,
 * so that it can be read in a log.
 */
export function dedupeKey(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll('/', '%2F')).join('/');
}
