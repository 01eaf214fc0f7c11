/**
 * Formats query parameters, without the `?`. A space becomes `%20`, which every server understands (RFC 3986 §2.1); `+` is
 * a space only in forms.
 */
export function formatQuery(query: Readonly<Record<string, string>>): string {
  if (Object.keys(query).length === 0) return '';
  return new URLSearchParams(query).toString().replaceAll('+', '%20');
}
