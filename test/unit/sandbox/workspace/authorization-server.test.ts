import { beforeEach, describe, expect, it } from 'vitest';
import {
  type AuthorizationServer,
  createAuthorizationServer,
} from '../../../../sandbox/workspace/access/authorization-server.ts';

let nowInMs: number;
let server: AuthorizationServer;

beforeEach(() => {
  nowInMs = Date.UTC(2026, 0, 1);
  server = createAuthorizationServer(
    { clientId: 'a:b', clientSecret: 's +%', tokenLifetimeInSeconds: 5 },
    () => new Date(nowInMs),
  );
});

const form = 'application/x-www-form-urlencoded';
const basic = `Basic ${btoa('a%3Ab:s+%2B%25')}`;
const inBody = { client_id: 'a:b', client_secret: 's +%' };

function post(
  parameters: Readonly<Record<string, string>> | string,
  headers: Readonly<Record<string, string>> = { authorization: basic },
) {
  const body = typeof parameters === 'string' ? parameters : new URLSearchParams(parameters).toString();
  return server.serve({
    method: 'POST',
    path: '/token',
    query: '',
    headers: { 'content-type': form, ...headers },
    body,
  });
}

const grant = { grant_type: 'client_credentials' };
const read = (token: unknown, method = 'GET') =>
  server.reject({ method, path: '/Users', query: '', headers: { authorization: `Bearer ${token}` } });

describe('the token endpoint', () => {
  it.each([
    ['in the header', grant, { authorization: basic }],
    ['in the body', { ...grant, ...inBody }, {}],
  ])('issues a token to a client that authenticates %s (RFC 6749 §5.1)', (_, parameters, headers) => {
    expect(post(parameters, headers)).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' },
      body: { token_type: 'Bearer', expires_in: 5, scope: 'scim.read scim.write' },
    });
  });

  it.each<[string, Parameters<typeof post>, number, string]>([
    ['a wrong secret', [{ ...grant, ...inBody, client_secret: 'x' }, {}], 401, 'invalid_client'],
    ['no client', [grant, {}], 401, 'invalid_client'],
    ['two ways to authenticate', [{ ...grant, ...inBody }], 400, 'invalid_request'],
    ['no grant type', [{}], 400, 'invalid_request'],
    ['a repeated parameter', ['grant_type=client_credentials&scope=a&scope=b'], 400, 'invalid_request'],
    ['JSON', [grant, { authorization: basic, 'content-type': 'application/json' }], 400, 'invalid_request'],
    ['another grant', [{ grant_type: 'password' }], 400, 'unsupported_grant_type'],
    ['an unknown scope', [{ ...grant, scope: 'scim.read admin' }], 400, 'invalid_scope'],
  ])('rejects %s (RFC 6749 §5.2)', (_, request, status, error) => {
    expect(post(...request)).toMatchObject({ status, body: { error } });
  });

  it('names the scheme after a rejected header', () => {
    const { headers } = post(grant, { authorization: 'Basic eDp5' });
    expect(headers['www-authenticate']).toBe('Basic realm="oauth"');
  });

  it('rejects a revoked client, and another audience', () => {
    server.client.audience = 'scim';
    expect(post({ ...grant, audience: 'other' }).body).toMatchObject({ error: 'invalid_target' });
    expect(post('grant_type=client_credentials&resource=scim&resource=scim').status).toBe(200);
    server.client.isRevoked = true;
    expect(post(grant).body).toMatchObject({ error: 'unauthorized_client' });
  });
});

describe('an access token', () => {
  it('is accepted until it expires or is revoked', () => {
    const { access_token: token } = post(grant).body ?? {};

    expect(read(token)).toBeUndefined();
    nowInMs += 4_999;
    expect(read(token)).toBeUndefined();
    nowInMs += 1;
    expect(read(token)).toMatchObject({ status: 401 });
    expect(read('unknown')?.headers['www-authenticate']).toContain('error="invalid_token"');

    const { access_token: next } = post(grant).body ?? {};
    server.revokeTokens();
    expect(read(next)).toMatchObject({ status: 401 });
  });

  it('is accepted for requests within its scopes', () => {
    const { access_token: token } = post({ ...grant, scope: 'scim.read' }).body ?? {};

    expect(read(token)).toBeUndefined();
    const rejected = read(token, 'PATCH');
    expect(rejected).toMatchObject({ status: 403 });
    expect(rejected?.headers['www-authenticate']).toContain('error="insufficient_scope", scope="scim.write"');
  });
});
