/**
 * Prints query parameters, without the `?`. A blank becomes `%20`, which every server reads (RFC 3986 §2.1); `+` is
 * one in forms only.
 */
export function formatQuery(query: Readonly<Record<string, string>>): string {
  if (Object.keys(query).length === 0) return '';
  return new URLSearchParams(query).toString().replaceAll('+', '%20');
}
