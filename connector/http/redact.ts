/** Takes the token out of what a provider or proxy said, as it stands and as URLs spell it. */
export function redact(text: string, token: string): string {
  return text.replaceAll(token, '[token]').replaceAll(encodeURIComponent(token), '[token]');
}
