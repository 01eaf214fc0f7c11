/** Headers that have one value (RFC 9110 §5.3). If they are repeated, the first is used, as in Node's HTTP. */
const singletons: ReadonlySet<string> = new Set([
  'age',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'last-modified',
  'location',
  'retry-after',
  'server',
]);

/** The headers of an HTTP library, by lower-case name. Other repeated headers are joined into one line. */
export function plainHeaders(headers: object): Record<string, string> {
  const given = headers as Readonly<Record<string, unknown>>;
  const plain: Record<string, string> = {};
  for (const key of Object.keys(given)) {
    const name = key.toLowerCase();
    const value = given[key];
    if (typeof value === 'string') plain[name] = value;
    else if (Array.isArray(value)) plain[name] = singletons.has(name) ? String(value[0]) : value.join(', ');
    else if (value !== undefined && value !== null) plain[name] = String(value);
  }
  return plain;
}
