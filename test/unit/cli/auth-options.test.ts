import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { authFlagOf, readAuthOptions } from '../../../cli/auth-options.ts';
import { UsageError } from '../../../cli/errors.ts';
import { definition } from '../../support/open-test-session.ts';

const variables = [
  'SCIM_TOKEN',
  'SCIM_TOKEN_URL',
  'SCIM_CLIENT_ID',
  'SCIM_CLIENT_SECRET',
  'SCIM_CLIENT_AUTHENTICATION',
  'SCIM_SCOPE',
  'SCIM_AUDIENCE',
  'SCIM_RESOURCE',
  'SCIM_USERNAME',
  'SCIM_PASSWORD',
  'SCIM_HEADER_NAME',
  'SCIM_HEADER_VALUE',
];

beforeEach(() => {
  for (const name of variables) vi.stubEnv(name, undefined);
  vi.stubEnv('MY_SECRET', 'from-my-variable');
});

afterEach(() => vi.unstubAllEnvs());

function setAll(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value);
}

function problemOf(options: Readonly<Record<string, unknown>>): string {
  try {
    readAuthOptions(options);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
  }
  throw new Error('It should have been refused');
}

describe('the credentials of the command line', () => {
  it.each([
    ['a token by its flag', { tokenEnv: 'MY_SECRET' }, {}, { type: 'bearer', token: 'from-my-variable' }],
    ['a token in the environment', {}, { SCIM_TOKEN: ' t ' }, { type: 'bearer', token: 't' }],
    [
      'a client by flags, although there is a token in the environment',
      { tokenUrl: 'https://a/token', clientId: 'c', clientSecretEnv: 'MY_SECRET', scope: 's' },
      { SCIM_TOKEN: 't' },
      {
        type: 'oauth_client_credentials',
        tokenUrl: 'https://a/token',
        clientId: 'c',
        clientSecret: 'from-my-variable',
        scope: 's',
      },
    ],
    [
      'a client in the environment, with one flag over it',
      { scope: 'other' },
      {
        SCIM_TOKEN_URL: 'https://a/token',
        SCIM_CLIENT_ID: 'c',
        SCIM_CLIENT_SECRET: 's',
        SCIM_SCOPE: 'read',
        SCIM_AUDIENCE: 'api',
        SCIM_CLIENT_AUTHENTICATION: 'client_secret_post',
      },
      {
        type: 'oauth_client_credentials',
        tokenUrl: 'https://a/token',
        clientId: 'c',
        clientSecret: 's',
        scope: 'other',
        audience: 'api',
        clientAuthentication: 'client_secret_post',
      },
    ],
    [
      'a method that is named by its beginning, out of several in the environment',
      { auth: 'basic' },
      { SCIM_TOKEN: 't', SCIM_USERNAME: 'u', SCIM_PASSWORD: 'p' },
      { type: 'basic', username: 'u', password: 'p' },
    ],
    [
      'a header',
      { auth: 'header', headerName: 'X-API-Key', headerValueEnv: 'MY_SECRET' },
      {},
      { type: 'header', headerName: 'X-API-Key', headerValue: 'from-my-variable' },
    ],
  ])('can be %s', (_, options, env, auth) => {
    setAll(env);
    expect(readAuthOptions(options)).toEqual(auth);
  });

  it.each<[string, object, Record<string, string>, string]>([
    ['nothing is given', {}, {}, '--token-env is missing. Pass the name of the environment variable'],
    ['the method is unknown', { auth: 'kerberos' }, {}, '--auth "kerberos" is not known. Pass one of bearer'],
    ['the method is empty', { auth: '' }, {}, '--auth "" is not known'],
    [
      'the environment has secrets of two methods',
      {},
      { SCIM_TOKEN: 't', SCIM_PASSWORD: 'p' },
      'SCIM_TOKEN and SCIM_PASSWORD belong to different methods to authenticate. Say which to use with --auth.',
    ],
    [
      'the flags belong to two methods',
      { tokenEnv: 'MY_SECRET', clientId: 'c' },
      {},
      '--token-env and --client-id belong to different methods',
    ],
    [
      'a flag does not belong to the method',
      { auth: 'bearer', clientId: 'c', tokenEnv: 'MY_SECRET' },
      {},
      '--client-id does not belong to --auth bearer',
    ],
    [
      'a field is missing',
      { clientId: 'c', clientSecretEnv: 'MY_SECRET' },
      {},
      '--token-url is missing. Pass it, or set SCIM_TOKEN_URL.',
    ],
    [
      'a secret is missing',
      { username: 'u' },
      {},
      '--password-env is missing. Pass the name of a variable that holds it, or set SCIM_PASSWORD.',
    ],
    [
      'a secret is passed instead of the name of its variable',
      { username: 'u', passwordEnv: 'hunter-2!' },
      {},
      '--password-env requires the name of an environment variable, such as SCIM_PASSWORD, not the password itself.',
    ],
  ])('are refused with what to do if %s', (_, options, env, words) => {
    setAll(env);
    const message = problemOf({ ...options });
    expect(message).toContain(words);
    expect(message).not.toContain('hunter-2!');
  });
});

it('has a flag for each field of each method, which errors name', () => {
  const paths = definition.connection.auth.methods.flatMap(({ fields }) =>
    fields.map(({ key }) => `auth.${key}`),
  );
  expect(Object.fromEntries(paths.map((path) => [path, authFlagOf(path)]))).toEqual({
    'auth.token': 'the token (--token-env)',
    'auth.tokenUrl': '--token-url',
    'auth.clientId': '--client-id',
    'auth.clientSecret': 'the client secret (--client-secret-env)',
    'auth.scope': '--scope',
    'auth.audience': '--audience',
    'auth.resource': '--resource',
    'auth.clientAuthentication': '--client-authentication',
    'auth.username': '--username',
    'auth.password': 'the password (--password-env)',
    'auth.headerName': '--header-name',
    'auth.headerValue': 'the header value (--header-value-env)',
  });
  expect([authFlagOf('token'), authFlagOf('password')]).toEqual(['the token (--token-env)', undefined]);
});
