import { describe, expect, it } from 'vitest';
import { type ConnectionInput, readConnection } from '../../../../connector/connection.ts';
import { ConnectorError } from '../../../../connector/errors.ts';
import { definition } from '../../../support/open-test-session.ts';

const baseUrl = 'https://scim.example.com';
const client = {
  type: 'oauth_client_credentials',
  tokenUrl: 'https://login.example.com/token',
  clientId: 'c',
  clientSecret: 's',
};

function problemsOf(input: object): readonly string[] {
  try {
    readConnection(definition.connection.schema, { baseUrl, ...input } as ConnectionInput);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'invalid_input') throw error;
    return error.problems.map(({ path, message }) => `${path} ${message}`);
  }
  return [];
}

const withAuth = (auth: unknown) => problemsOf({ auth });

describe('the authentication of a connection', () => {
  it.each([
    [{ type: 'bearer', token: 't' }],
    [client],
    [{ ...client, tokenUrl: 'http://localhost:8080/token?tenant=a' }],
    [
      {
        ...client,
        clientSecret: 'with inner space: and ü',
        scope: 'a b',
        resource: 'urn:a https://b.example',
      },
    ],
    [{ type: 'basic', username: 'ü', password: 'a:b c' }],
    [{ type: 'header', headerName: 'Authorization', headerValue: 'Token abc' }],
  ])('can be %j', (auth) => {
    expect(withAuth(auth)).toEqual([]);
  });

  it('has the default of its method', () => {
    const { auth } = readConnection(definition.connection.schema, {
      baseUrl,
      auth: client,
    } as ConnectionInput);
    expect(auth).toEqual({ ...client, clientAuthentication: 'client_secret_basic' });
  });

  it.each<[unknown, string]>([
    [{}, 'connection.auth.type is required'],
    ['bearer', 'connection.auth must be an object'],
    [{ type: 'saml' }, 'connection.auth.type must be one of "bearer", "oauth_client_credentials"'],
    [{ type: 'bearer' }, 'connection.auth.token is required'],
    [{ type: 'bearer', token: 't', username: 'u' }, 'connection.auth.username is not a known field'],
    [{ type: 'bearer', token: 'a b' }, 'connection.auth.token contains a space'],
    [{ ...client, clientId: undefined }, 'connection.auth.clientId is required'],
    [{ ...client, clientAuthentication: 'none' }, 'connection.auth.clientAuthentication must be one of'],
    [{ ...client, tokenUrl: 'login.example.com' }, 'connection.auth.tokenUrl must be a full URL'],
    [
      { ...client, tokenUrl: 'ftp://login.example.com' },
      'connection.auth.tokenUrl must start with "https://"',
    ],
    [
      { ...client, tokenUrl: 'http://login.example.com' },
      'connection.auth.tokenUrl must start with "https://", or credentials are sent unencrypted',
    ],
    [{ ...client, tokenUrl: 'https://a:b@login.example.com' }, 'must not contain a username or password'],
    [{ ...client, tokenUrl: 'https://login.example.com/#a' }, 'must not contain "#"'],
    [{ ...client, clientSecret: 's\n' }, 'connection.auth.clientSecret begins or ends with a space'],
    [
      { ...client, clientSecret: 'a\u0000b' },
      'connection.auth.clientSecret contains a line break or another',
    ],
    [{ ...client, scope: 'a"b' }, 'connection.auth.scope must be scope names'],
    [{ ...client, resource: 'not a uri' }, 'connection.auth.resource must be full URIs'],
    [{ ...client, resource: 'https://a.example/#b' }, 'connection.auth.resource must be full URIs'],
    [{ type: 'basic', username: 'a:b', password: 'p' }, 'connection.auth.username must not contain ":"'],
    [
      { type: 'basic', username: 'a', password: 'p\r\nX: y' },
      'connection.auth.password contains a line break',
    ],
    [
      { type: 'header', headerName: 'X Y', headerValue: 'v' },
      'connection.auth.headerName is not a header name',
    ],
    [
      { type: 'header', headerName: 'X:', headerValue: 'v' },
      'connection.auth.headerName is not a header name',
    ],
    [{ type: 'header', headerName: 'Host', headerValue: 'v' }, 'headerName must not be "Host"'],
    [{ type: 'header', headerName: 'content-LENGTH', headerValue: 'v' }, 'must not be "content-LENGTH"'],
    [
      { type: 'header', headerName: 'X', headerValue: 'a\r\nHost: b' },
      'connection.auth.headerValue contains',
    ],
    [{ type: 'header', headerName: 'X', headerValue: 'ü' }, 'connection.auth.headerValue contains'],
    [{ type: 'header', headerName: 'X', headerValue: ' v' }, 'connection.auth.headerValue begins or ends'],
  ])('is refused: %j', (auth, problem) => {
    expect(withAuth(auth).join('; ')).toContain(problem);
  });

  it('is given once', () => {
    expect(problemsOf({ token: 't', auth: { type: 'bearer', token: 't' } })).toEqual([
      'connection.auth cannot be combined with `token`: pass one of them',
    ]);
    expect(problemsOf({})).toEqual(['connection.token is required']);
  });

  it('sends credentials unencrypted only where that is allowed', () => {
    const auth = { ...client, tokenUrl: 'http://login.example.com' };
    expect(problemsOf({ auth, allowPlainHttp: true })).toEqual([]);
  });
});
