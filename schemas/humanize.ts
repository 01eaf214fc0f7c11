/** Words with a special spelling, by their lower-case form. */
export const specialWords: Readonly<Record<string, string>> = Object.freeze({
  aim: 'AIM',
  api: 'API',
  etag: 'ETag',
  hr: 'HR',
  http: 'HTTP',
  icq: 'ICQ',
  id: 'ID',
  ids: 'IDs',
  ip: 'IP',
  msn: 'MSN',
  qq: 'QQ',
  saml: 'SAML',
  scim: 'SCIM',
  sso: 'SSO',
  uri: 'URI',
  url: 'URL',
  urls: 'URLs',
  workato: 'Workato',
  x509: 'X.509',
  xmpp: 'XMPP',
});

/** Creates a label from an attribute's name: `givenName` → `Given name`, `x509Certificates` → `X.509 certificates`. */
export function humanize(name: string): string {
  const words = name
    .replace(/^\$/, '')
    .replace(/_+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(' ')
    .map((word) => (Object.hasOwn(specialWords, word) ? (specialWords[word] ?? word) : word))
    .join(' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
