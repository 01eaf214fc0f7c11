/**
 * Reads the query part of a URL; the first of several values is used. Clients disagree on "+": those that write
 * a space as "%20" (RFC 3986) mean a plus, as in `alice+test@example.com`; all others mean a space (HTML forms).
 */
export function parseQuery(text: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  if (text === '') return query;
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    if (!query.has(name)) query.set(name, equals === -1 ? '' : decode(pair.slice(equals + 1)));
  }
  return query;
}

function decode(text: string): string {
  const spaced = text.includes('+') && !text.includes('%20') ? text.replaceAll('+', ' ') : text;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // A stray "%" is kept; the reader of the parameter rejects the value.
    return spaced;
  }
}
