/** Makes a label of an attribute's name: `givenName` → `Given name`, `x509Certificates` → `X509 certificates`. */
export function humanize(name: string): string {
  const words = name
    .replace(/^\$/, '')
    .replace(/_+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
