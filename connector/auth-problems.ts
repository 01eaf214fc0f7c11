import { fill } from '../schemas/fill.ts';
import type { InputProblem } from './errors.ts';
import type {
  Auth,
  BasicAuth,
  BearerAuth,
  HeaderAuth,
  OAuthClientCredentialsAuth,
} from './generated/types.ts';
import { isPrivate } from './is-loopback.ts';
import { problemTexts } from './problem-texts.ts';

/** What the schema of a method cannot express: which characters its protocol can send, and where to. */
export function authProblems(
  auth: Readonly<Auth>,
  connection: { readonly allowPlainHttp: boolean },
): readonly InputProblem[] {
  switch (auth.type) {
    case 'bearer':
      return found({ token: bearerTokenProblem(auth) });
    case 'oauth_client_credentials':
      return found(clientProblems(auth, connection));
    case 'basic':
      return found(accountProblems(auth));
    case 'header':
      return found(headerProblems(auth));
  }
}

type Found = Readonly<Record<string, string | undefined>>;

function found(problems: Found): readonly InputProblem[] {
  return Object.entries(problems).flatMap(([path, message]) =>
    message === undefined ? [] : [{ path, message }],
  );
}

/** Whether a text can be sent as a bearer token: printable ASCII without spaces. */
export function isBearerToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

function bearerTokenProblem({ token }: BearerAuth): string | undefined {
  return isBearerToken(token) ? undefined : problemTexts.tokenCharacter;
}

function clientProblems(
  { tokenUrl, clientId, clientSecret, scope = '', resource = '', audience = '' }: OAuthClientCredentialsAuth,
  { allowPlainHttp }: { readonly allowPlainHttp: boolean },
): Found {
  return {
    tokenUrl: tokenUrlProblem(tokenUrl, allowPlainHttp),
    clientId: textProblem(clientId),
    clientSecret: textProblem(clientSecret),
    // RFC 6749 §3.3: scope names have no quotes and no backslashes.
    scope: /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(scope) ? undefined : problemTexts.scopeCharacter,
    audience: textProblem(audience),
    resource: resourcesOf(resource).every(isResource) ? undefined : problemTexts.notAResource,
  };
}

function tokenUrlProblem(text: string, allowPlainHttp: boolean): string | undefined {
  const url = URL.parse(text);
  if (url === null) return problemTexts.notATokenUrl;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return problemTexts.notHttps;
  if (url.username !== '' || url.password !== '') return problemTexts.hasCredentials;
  // RFC 6749 §3.2 allows a query here, but no fragment.
  if (text.includes('#')) return problemTexts.hasFragment;
  return isPrivate(url) || allowPlainHttp ? undefined : problemTexts.plainHttp;
}

/** The URIs of a `resource` field: a token request repeats the parameter for each (RFC 8707 §2). */
export function resourcesOf(resource: string | undefined): readonly string[] {
  return (resource ?? '').split(/\s+/).filter((uri) => uri !== '');
}

function isResource(uri: string): boolean {
  return URL.parse(uri) !== null && !uri.includes('#');
}

function accountProblems({ username, password }: BasicAuth): Found {
  return {
    // RFC 7617 §2: the first colon ends the username.
    username: username.includes(':') ? problemTexts.usernameColon : textProblem(username),
    password: textProblem(password),
  };
}

/** Names that HTTP or the client itself uses. The value of another name cannot change what a request means. */
export const reservedHeaders: ReadonlySet<string> = new Set(
  'accept accept-encoding connection content-encoding content-length content-type expect host if-match keep-alive proxy-authorization te trailer transfer-encoding upgrade user-agent'.split(
    ' ',
  ),
);

function headerProblems({ headerName, headerValue }: HeaderAuth): Found {
  return { headerName: headerNameProblem(headerName), headerValue: headerValueProblem(headerValue) };
}

function headerNameProblem(name: string): string | undefined {
  // RFC 9110 §5.6.2: a name is a token.
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) return problemTexts.notAHeaderName;
  if (reservedHeaders.has(name.toLowerCase())) return fill(problemTexts.reservedHeader, { name });
  return undefined;
}

function headerValueProblem(value: string): string | undefined {
  return /^[\x20-\x7e\t]+$/.test(value)
    ? textProblem(value.replaceAll('\t', ' '))
    : problemTexts.headerCharacter;
}

/** A copied text often has a line break at its end, which no account has. */
function textProblem(text: string): string | undefined {
  if (/\p{Cc}/u.test(text.trim())) return problemTexts.controlCharacter;
  return text === text.trim() ? undefined : problemTexts.surroundingSpace;
}
