/** The headers of an HTTP library, by lower-case name. Repeated headers are joined into one line. */
export function plainHeaders(headers: object): Record<string, string> {
  const given = headers as Readonly<Record<string, unknown>>;
  const plain: Record<string, string> = {};
  for (const name of Object.keys(given)) {
    const value = given[name];
    if (typeof value === 'string') plain[name.toLowerCase()] = value;
    else if (value !== undefined && value !== null)
      plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return plain;
}
