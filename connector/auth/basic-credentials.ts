/** The credentials of HTTP Basic authentication (RFC 7617 §2): both parts in UTF-8, as base64. */
export function basicCredentials(username: string, password: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(`${username}:${password}`)));
}
