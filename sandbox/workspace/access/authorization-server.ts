import type { JsonObject } from '../../../scim/json.ts';
import { ScimError } from '../../../scim/scim-error.ts';
import type { ScimRequest, ScimResponse } from '../../scim/service/scim-message.ts';
import { newToken } from '../create-token-keeper.ts';
import { isSame, type ScimAccess } from './scim-access.ts';

/** The scopes that SCIM requires: one to read, one to change. */
export const scimScopes = ['scim.read', 'scim.write'] as const;

/** The ways in which the token endpoint can fail: a login page with status 200, or status 500. */
export const tokenEndpointFailures = ['html', 'server_error'] as const;

/** The client, and what is issued to it. Everything can be changed while the server runs. */
export interface OAuthClient {
  readonly clientId: string;
  clientSecret: string;
  /** The scopes that the client may request; without a scope in the request, it gets all of them. */
  scopes: readonly string[];
  /** The audience or resource that a token must be requested for; null if any will do. */
  audience: string | null;
  tokenLifetimeInSeconds: number;
  isRevoked: boolean;
  /** How the token endpoint fails; null if it works. */
  failure: (typeof tokenEndpointFailures)[number] | null;
}

/** An authorization server with one client, which knows only the grant of client credentials. */
export interface AuthorizationServer extends ScimAccess {
  readonly client: OAuthClient;
  /** The number of tokens issued so far. */
  issued(): number;
  /** Invalidates every token. */
  revokeTokens(): void;
  /** The token endpoint (RFC 6749 §3.2), below `/oauth`. */
  serve(request: ScimRequest): ScimResponse;
}

interface IssuedToken {
  readonly expiresAtInMs: number;
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
}

/** Creates an authorization server. Its state is in memory. */
export function createAuthorizationServer(given: Partial<OAuthClient>, now: () => Date): AuthorizationServer {
  const client: OAuthClient = {
    clientId: 'rolecall',
    clientSecret: newToken(),
    scopes: scimScopes,
    audience: null,
    tokenLifetimeInSeconds: 3600,
    isRevoked: false,
    failure: null,
    ...given,
  };
  const tokens = new Map<string, IssuedToken>();
  let issued = 0;

  function forgetExpired(): void {
    // Tokens have one lifetime, so that the oldest expires first, unless the lifetime was changed.
    for (const [token, { expiresAtInMs }] of tokens) {
      if (expiresAtInMs > now().getTime()) break;
      tokens.delete(token);
    }
  }

  function issue(form: URLSearchParams): ScimResponse {
    if (client.isRevoked) throw new OAuthError('unauthorized_client', 'The client was revoked.');
    const asked = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    const unknown = asked.filter((scope) => !client.scopes.includes(scope));
    if (unknown.length > 0)
      throw new OAuthError('invalid_scope', `The client may not request ${unknown.join(' ')}.`);
    const audiences = [...form.getAll('audience'), ...form.getAll('resource')];
    if (client.audience !== null && audiences.some((audience) => audience !== client.audience))
      throw new OAuthError('invalid_target', 'The client may not request a token for this resource.');
    forgetExpired();
    const token = newToken();
    const scopes = asked.length > 0 ? asked : client.scopes;
    const { tokenLifetimeInSeconds } = client;
    tokens.set(token, {
      expiresAtInMs: now().getTime() + tokenLifetimeInSeconds * 1000,
      scopes,
      audiences,
    });
    issued += 1;
    return reply(200, {
      access_token: token,
      token_type: 'Bearer',
      expires_in: tokenLifetimeInSeconds,
      scope: scopes.join(' '),
    });
  }

  return {
    client,
    issued: () => issued,
    revokeTokens: () => tokens.clear(),
    reject(request) {
      const { authorization } = request.headers;
      if (authorization === undefined)
        return challenge(401, 'Send an access token as "Authorization: Bearer TOKEN".');
      const token = tokens.get(/^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '');
      if (token === undefined || token.expiresAtInMs <= now().getTime())
        return challenge(401, 'The access token is unknown, expired, or revoked.', 'error="invalid_token"');
      if (client.audience !== null && !token.audiences.includes(client.audience))
        return challenge(401, 'The access token is for another audience.', 'error="invalid_token"');
      const scope = scopeOf(request);
      if (!token.scopes.includes(scope))
        return challenge(
          403,
          `The request requires the scope ${scope}.`,
          `error="insufficient_scope", scope="${scope}"`,
        );
      return undefined;
    },
    serve(request) {
      if (client.failure === 'html') return loginPage();
      if (client.failure === 'server_error') return reply(500, { error: 'server_error' });
      try {
        if (request.path !== '/token') return reply(404, { error: 'not_found' });
        const form = readForm(request);
        authenticate(client, request, form);
        if (form.get('grant_type') !== 'client_credentials')
          throw new OAuthError('unsupported_grant_type', 'Only client_credentials is supported.');
        return issue(form);
      } catch (error) {
        if (error instanceof OAuthError) return error.toResponse();
        throw error;
      }
    },
  };
}

/** A search with POST only reads (RFC 7644 §3.4.3). */
function scopeOf({ method, path }: ScimRequest): string {
  const [read, write] = scimScopes;
  return method === 'GET' || method === 'HEAD' || path.endsWith('/.search') ? read : write;
}

function challenge(status: number, detail: string, parameters = ''): ScimError {
  const parts = ['Bearer realm="SCIM"', ...(parameters === '' ? [] : [parameters])];
  return new ScimError(status, detail, undefined, { 'www-authenticate': parts.join(', ') });
}

/** An error of the token endpoint (RFC 6749 §5.2). */
class OAuthError extends Error {
  readonly #word: string;
  readonly #status: number;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    word: string,
    description: string,
    status = 400,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(description);
    this.#word = word;
    this.#status = status;
    this.#headers = headers;
  }

  toResponse(): ScimResponse {
    return reply(this.#status, { error: this.#word, error_description: this.message }, this.#headers);
  }
}

function readForm({ method, headers, body = '' }: ScimRequest): URLSearchParams {
  if (method !== 'POST') throw new OAuthError('invalid_request', 'Use POST.', 405, { allow: 'POST' });
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded')
    throw new OAuthError('invalid_request', 'Send the parameters as application/x-www-form-urlencoded.');
  const form = new URLSearchParams(body);
  for (const name of new Set(form.keys())) {
    // RFC 6749 §3.2: no parameter twice; RFC 8707 §2 excepts `resource`.
    if (name !== 'resource' && form.getAll(name).length > 1)
      throw new OAuthError('invalid_request', `The parameter ${name} occurs more than once.`);
  }
  if (!form.has('grant_type'))
    throw new OAuthError('invalid_request', 'The parameter grant_type is missing.');
  return form;
}

/** RFC 6749 §2.3: by the header or in the body, but not both. */
function authenticate(client: OAuthClient, { headers }: ScimRequest, form: URLSearchParams): void {
  const { authorization } = headers;
  const isInBody = form.has('client_id') || form.has('client_secret');
  if (authorization !== undefined && isInBody)
    throw new OAuthError(
      'invalid_request',
      'Authenticate the client in the header or in the body, not in both.',
    );
  const [id, secret] =
    authorization === undefined
      ? [form.get('client_id') ?? '', form.get('client_secret') ?? '']
      : readBasic(authorization);
  if (isSame(id, client.clientId) && isSame(secret, client.clientSecret)) return;
  throw new OAuthError('invalid_client', 'The client ID or the client secret is wrong.', 401, {
    ...(authorization !== undefined && { 'www-authenticate': 'Basic realm="oauth"' }),
  });
}

function readBasic(authorization: string): readonly [string, string] {
  const base64 = /^Basic +(\S+) *$/i.exec(authorization)?.[1] ?? '';
  const [id = '', secret = ''] = Buffer.from(base64, 'base64').toString().split(/:(.*)/s);
  const decoded = (text: string): string => new URLSearchParams(`text=${text}`).get('text') ?? '';
  return [decoded(id), decoded(secret)];
}

function reply(
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): ScimResponse {
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      pragma: 'no-cache',
      ...headers,
    },
    body,
  };
}

function loginPage(): ScimResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    text: '<!doctype html><title>Sign in</title><h1>Sign in</h1>',
  };
}
