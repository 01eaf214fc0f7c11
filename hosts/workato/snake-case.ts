/** Converts a name to one that Ruby and Workato accept: `x509Certificates` → `x509_certificates`. */
export function snakeCase(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/\W+/g, '_')
    .toLowerCase();
  return words.replace(/^[^a-z]+/, '').replace(/_+$/, '') || 'value';
}
