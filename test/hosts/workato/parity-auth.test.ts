import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConnectionInput, readConnection } from '../../../connector/connection.ts';
import type { Auth } from '../../../connector/generated/types.ts';
import { withFieldNames } from '../../../hosts/workato/field-names.ts';
import { ConnectorError, createConnector } from '../../../runtime/index.ts';
import { type SandboxAuth, startSandbox } from '../../../sandbox/index.ts';
import { listen } from '../../support/listen.ts';
import { masked } from '../../support/masked.ts';
import { definition } from '../../support/open-test-session.ts';
import { asJobError, type JobError, readJobError } from './job-error.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

type OAuth = Extract<Auth, { type: 'oauth_client_credentials' }>;
type Outcome = { readonly output: unknown } | JobError;
/** Runs one action. */
type Run = (key: string, input: object) => Promise<Outcome>;

let ruby: RubyConnector;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});
beforeEach(() => ruby.ask({ do: 'reset' }));
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => ruby.close());

const baseUrl = 'https://scim.example.com/scim/v2';
const client: OAuth = {
  type: 'oauth_client_credentials',
  tokenUrl: 'https://login.example.com/oauth/token',
  clientId: 'rolecall',
  clientSecret: 'client-secret-8c1f',
};

/** A connection as the form stores it: the fields of the method next to the others. */
function settingsOf({ baseUrl: url, auth, ...limits }: ConnectionInput): Readonly<Record<string, unknown>> {
  const { type, ...fields } = auth ?? { type: 'bearer' };
  return { baseUrl: url, auth_type: type, ...fields, ...limits };
}

const onRuby =
  (connection: ConnectionInput): Run =>
  async (key, input) => {
    const { value, error } = await ruby.ask({ do: 'execute', key, input, settings: settingsOf(connection) });
    return error === undefined ? { output: value } : readJobError(error);
  };

function onNode(connection: ConnectionInput): Run {
  const connector = createConnector(connection);
  closing.push(async () => connector.close());
  return async (key, input) => {
    try {
      return { output: withFieldNames(await connector.run(key, input as Record<string, unknown>)) };
    } catch (error) {
      if (error instanceof ConnectorError) return asJobError(error, definition);
      throw error;
    }
  };
}

/** What a function returns for each side, each with a sandbox that accepts one method only. */
async function onBoth<Result>(
  auth: SandboxAuth,
  use: (run: Run, sandbox: OpenedSandbox) => Promise<Result>,
  change: (credentials: Auth) => Auth = (credentials) => credentials,
  deadlineInMs = 120_000,
): Promise<{ readonly node: Result; readonly ruby: Result }> {
  const side = async (open: (connection: ConnectionInput) => Run): Promise<Result> => {
    const sandbox = await openSandbox(auth);
    return use(open({ baseUrl: sandbox.baseUrl, auth: change(sandbox.auth), deadlineInMs }), sandbox);
  };
  return { node: await side(onNode), ruby: await side(onRuby) };
}

interface OpenedSandbox {
  readonly baseUrl: string;
  readonly auth: Auth;
  admin(method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>>;
}

async function openSandbox(auth: SandboxAuth, now = () => new Date()): Promise<OpenedSandbox> {
  const sandbox = await startSandbox({ auth, now });
  closing.push(() => sandbox.close());
  return {
    baseUrl: sandbox.scimBaseUrl,
    auth: sandbox.auth as Auth,
    async admin(method, path, body) {
      const response = await fetch(`${sandbox.adminUrl}/oauth${path}`, {
        method,
        headers: { authorization: `Bearer ${sandbox.adminToken}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return (await response.json()) as Readonly<Record<string, unknown>>;
    },
  };
}

const ada = { userName: 'ada@example.com', displayName: 'Ada "Ö" Lovelace' };

const methods: readonly (readonly [string, SandboxAuth, Partial<OAuth>])[] = [
  ['a bearer token', { type: 'bearer' }, {}],
  ['OAuth with the client in a header', { type: 'oauth_client_credentials' }, {}],
  [
    'OAuth with the client in the body',
    { type: 'oauth_client_credentials' },
    { clientAuthentication: 'client_secret_post' },
  ],
  [
    'OAuth with reserved characters in the client',
    { type: 'oauth_client_credentials', clientId: 'a:b c', clientSecret: 'ö +/%&=:~*' },
    {},
  ],
  ['OAuth with an audience', { type: 'oauth_client_credentials', audience: 'https://scim.example.com' }, {}],
  ['Basic', { type: 'basic', username: 'scim', password: 'ö: & pass' }, {}],
  ['a header of its own', { type: 'header', headerName: 'X-API-Key', headerValue: 'key-7f93a1' }, {}],
];

describe('a provider that accepts only one method', () => {
  it.each(methods)('is served with %s on Node and on Ruby', async (_, auth, more) => {
    const outcomes = await onBoth(
      auth,
      async (run) => [
        await run('create_user', ada),
        await run('find_user', { user: { userName: ada.userName } }),
        await run('deactivate_user', { user: { userName: ada.userName } }),
        await run('search_users', {}),
      ],
      (credentials) => ({ ...credentials, ...more }) as Auth,
    );
    expect(masked(outcomes.ruby)).toEqual(masked(outcomes.node));
    for (const outcome of outcomes.ruby) expect(outcome).toHaveProperty('output');
    expect(outcomes.ruby[2]).toMatchObject({ output: { active: false } });
  });

  it.each(methods)('rejects any other secret with the same error: %s', async (_, auth) => {
    const outcomes = await onBoth(
      auth,
      (run) => run('search_users', {}),
      (credentials) => withWrongSecret(credentials),
    );
    expect(outcomes.ruby).toEqual(outcomes.node);
    expect(outcomes.ruby).toMatchObject({
      code: 'auth',
      message: expect.stringMatching(/Check .*"[A-Z]\w+ \w+"/),
    });
  });

  it('accepts a connection from before there was a choice', async () => {
    const { baseUrl: url, auth } = await openSandbox({ type: 'bearer' });
    const { token } = auth as Extract<Auth, { type: 'bearer' }>;
    for (const settings of [
      { baseUrl: url, token },
      { baseUrl: url, token, auth_type: '' },
    ])
      expect(await ruby.value({ do: 'test', settings })).toMatchObject({ patch: { supported: true } });
  });
});

function withWrongSecret(auth: Auth): Auth {
  switch (auth.type) {
    case 'bearer':
      return { ...auth, token: 'wrong' };
    case 'basic':
      return { ...auth, password: 'wrong' };
    case 'header':
      return { ...auth, headerValue: 'wrong' };
    case 'oauth_client_credentials':
      return { ...auth, clientSecret: 'wrong' };
  }
}

describe('an access token', () => {
  const oauth: SandboxAuth = { type: 'oauth_client_credentials', tokenLifetimeInSeconds: 3_600 };

  it('is requested once for many jobs, and stored in the connection', async () => {
    const { baseUrl: url, auth, admin } = await openSandbox(oauth);
    const run = onRuby({ baseUrl: url, auth });
    for (let job = 0; job < 5; job += 1) await run('create_user', { userName: `user${job}@example.com` });

    expect(await admin('GET', '')).toMatchObject({ tokens_issued: 1 });
    expect(Object.keys((await ruby.value({ do: 'stored' })) as object).toSorted()).toEqual(
      [...Object.keys(settingsOf({ baseUrl: url, auth })), 'access_token', 'access_token_client'].toSorted(),
    );
  });

  it('that has expired is renewed with one token request, also before a create', async () => {
    let nowInMs = Date.now();
    const clock = (): Date => new Date(nowInMs);
    const { baseUrl: url, auth, admin } = await openSandbox({ ...oauth, tokenLifetimeInSeconds: 60 }, clock);
    const run = onRuby({ baseUrl: url, auth });
    for (let job = 1; job <= 3; job += 1) {
      expect(await run('create_user', { userName: `user${job}@example.com` })).toHaveProperty('output.id');
      expect(await admin('GET', '')).toMatchObject({ tokens_issued: job });
      nowInMs += 61_000;
    }
    expect(await run('search_users', {})).toMatchObject({ output: { totalResults: 3 } });
  });

  it('that was revoked is renewed within a job', async () => {
    const { baseUrl: url, auth, admin } = await openSandbox(oauth);
    const run = onRuby({ baseUrl: url, auth });
    await run('create_user', ada);
    await admin('POST', '/tokens/revoke');

    expect(await run('deactivate_user', { user: { userName: ada.userName } })).toMatchObject({
      output: { active: false },
    });
    expect(await admin('GET', '')).toMatchObject({ tokens_issued: 2 });
  });

  it('of another client is not used', async () => {
    const { baseUrl: url, auth, admin } = await openSandbox(oauth);
    await onRuby({ baseUrl: url, auth })('search_users', {});
    const stored = (await ruby.value({ do: 'stored' })) as object;
    const settings = { ...stored, scope: 'scim.read' };
    const { error = '' } = await ruby.ask({ do: 'execute', key: 'create_user', input: ada, settings });

    expect(readJobError(error)).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('"scim.write"'),
    });
    expect(await admin('GET', '')).toMatchObject({ tokens_issued: 2 });
  });

  it('is renewed for a poll', async () => {
    const { baseUrl: url, auth, admin } = await openSandbox(oauth);
    const settings = settingsOf({ baseUrl: url, auth });
    await onRuby({ baseUrl: url, auth })('create_user', ada);
    await admin('POST', '/tokens/revoke');
    const polled = await ruby.value({
      do: 'poll',
      key: 'user_provisioned',
      input: { startFrom: 'beginning' },
      closure: null,
      settings,
    });
    expect(polled).toMatchObject({ events: [{ subject: { userName: ada.userName } }] });
  });
});

describe('an error of the authorization server', () => {
  const oauth: SandboxAuth = { type: 'oauth_client_credentials' };

  it.each<[string, (sandbox: OpenedSandbox) => Promise<unknown>, Partial<OAuth>, string]>([
    ['a revoked client', ({ admin }) => admin('POST', '/client/revoke'), {}, 'forbidden'],
    ['a rotated secret', ({ admin }) => admin('POST', '/client/rotate-secret'), {}, 'auth'],
    ['an unknown scope', async () => {}, { scope: 'scim.read scim.admin' }, 'forbidden'],
    ['a missing scope', async () => {}, { scope: 'scim.read' }, 'forbidden'],
    ['a web page', ({ admin }) => admin('PATCH', '', { failure: 'html' }), {}, 'provider_fault'],
    ['a failing server', ({ admin }) => admin('PATCH', '', { failure: 'server_error' }), {}, 'unavailable'],
    ['another audience', ({ admin }) => admin('PATCH', '', { audience: 'https://other' }), {}, 'auth'],
    ['an unreachable server', async () => {}, { tokenUrl: 'http://127.0.0.1:9/token' }, 'unavailable'],
  ])('has the same code and sentence on Node and on Ruby: %s', async (_, prepare, more, code) => {
    const outcomes = await onBoth(
      oauth,
      async (run, sandbox) => {
        await prepare(sandbox);
        return withoutCount(await run('create_user', ada));
      },
      (credentials) => ({ ...credentials, ...more }) as Auth,
      // The attempts at an unreachable server end by their number, not by the time that a slow machine has left.
      'tokenUrl' in more ? 15_000 : 2_000,
    );
    expect(outcomes.ruby).toEqual(outcomes.node);
    expect(outcomes.ruby).toMatchObject({ code });
  });

  /** The number of attempts depends on random waits. */
  function withoutCount(outcome: Outcome): unknown {
    return JSON.parse(JSON.stringify(outcome).replace(/after \d+ attempts?/, 'after some attempts'));
  }

  /** What a token endpoint answers: status, body, and headers. */
  type Answer = readonly [number, unknown, Readonly<Record<string, string>>?];

  it.each<[string, Answer, string]>([
    ['no token', [200, { token_type: 'Bearer' }], 'provider_fault'],
    ['a token of another type', [200, { access_token: 'a', token_type: 'mac' }], 'provider_fault'],
    ['a token that no header can have', [200, { access_token: 'a b' }], 'provider_fault'],
    ['a list', [200, []], 'provider_fault'],
    ['no body', [200, ''], 'provider_fault'],
    ['a word of RFC 8707', [400, { error: 'invalid_target' }], 'auth'],
    ['an unknown grant', [400, { error: 'unsupported_grant_type', error_description: 'No.' }], 'unsupported'],
    ['an unknown error', [400, { error: 'invalid_request', error_description: 'Why?' }], 'auth'],
    ['a status without a body', [401, ''], 'auth'],
    ['a missing endpoint', [404, '<html>'], 'provider_fault'],
    ['a redirect', [307, '', { location: 'https://other.example.com/token?a=1' }], 'provider_fault'],
    ['a limit', [429, {}, { 'retry-after': '7200' }], 'rate_limited'],
    ['a long wait', [503, {}, { 'retry-after': '600' }], 'unavailable'],
  ])(
    'has the same code and sentence, whatever the endpoint answers: %s',
    async (_, [status, body, headers], code) => {
      const server = await listen((request, response) => {
        if (request.url === '/token') {
          response.writeHead(status, { 'content-type': 'application/json', ...headers });
          response.end(typeof body === 'string' ? body : JSON.stringify(body));
        } else response.writeHead(401).end();
      });
      closing.push(server.close);
      const connection = { baseUrl: server.origin, auth: { ...client, tokenUrl: `${server.origin}/token` } };
      const outcomes = [
        await onNode(connection)('search_users', {}),
        await onRuby(connection)('search_users', {}),
      ];
      expect(outcomes[1]).toEqual(outcomes[0]);
      expect(outcomes[1]).toMatchObject({ code });
    },
  );

  it('says that a new token was rejected, after one renewal', async () => {
    let [issued, asked] = [0, 0];
    const server = await listen((request, response) => {
      if (request.url === '/token') issued += 1;
      else asked += 1;
      const isToken = request.url === '/token';
      response.writeHead(isToken ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isToken ? { access_token: 'abc' } : { detail: 'Not for us.' }));
    });
    closing.push(server.close);
    const connection = { baseUrl: server.origin, auth: { ...client, tokenUrl: `${server.origin}/token` } };
    const node = await onNode(connection)('search_users', {});
    [issued, asked] = [0, 0];

    expect(await onRuby(connection)('search_users', {})).toEqual(node);
    expect(node).toMatchObject({ code: 'auth', message: expect.stringContaining('had just issued') });
    expect([issued, asked]).toEqual([1, 2]);
  });

  it('is retried while it is transient, and the create happens once', async () => {
    let failures = 2;
    const seen: string[] = [];
    const server = await listen((request, response) => {
      const isToken = request.url === '/token';
      const isAccepted = request.headers.authorization === 'Bearer abc';
      seen.push(isToken ? 'token' : isAccepted ? `${request.method}` : 'rejected');
      if (isToken && failures > 0) {
        failures -= 1;
        response.writeHead(503).end();
      } else if (isToken) response.end(JSON.stringify({ access_token: 'abc' }));
      else if (isAccepted) response.writeHead(201).end(JSON.stringify({ ...ada, id: '1', active: true }));
      else response.writeHead(401).end();
    });
    closing.push(server.close);
    const connection = { baseUrl: server.origin, auth: { ...client, tokenUrl: `${server.origin}/token` } };

    expect(await onRuby(connection)('create_user', ada)).toMatchObject({ output: { id: '1' } });
    expect(seen.filter((one) => one === 'token')).toHaveLength(3);
    expect(seen.filter((one) => one === 'POST')).toHaveLength(1);
  });

  it('blames the token endpoint if that does not respond', async () => {
    const server = await listen((request, response) => {
      if (request.url !== '/token') response.writeHead(401).end();
    });
    closing.push(server.close);
    const connection = {
      baseUrl: server.origin,
      auth: { ...client, tokenUrl: `${server.origin}/token` },
      timeoutInMs: 1_000,
      deadlineInMs: 2_000,
    };
    const outcome = await onRuby(connection)('search_users', {});
    expect(outcome).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(
        /^No response from the token endpoint at 127\.0\.0\.1:\d+ after \d attempt/,
      ),
    });
  });

  it.each([301, 302, 303, 307, 308])(
    'never sends a secret to the target of a redirect: %i',
    async (status) => {
      const reached: unknown[] = [];
      const other = await listen((request, response) => {
        reached.push(request.headers);
        response.end(JSON.stringify({ access_token: 'stolen' }));
      });
      const server = await listen((request, response) => {
        if (request.url === '/token') response.writeHead(status, { location: `${other.origin}/token` });
        else response.writeHead(401);
        response.end();
      });
      closing.push(server.close, other.close);
      for (const clientAuthentication of ['client_secret_basic', 'client_secret_post'] as const) {
        const auth = { ...client, tokenUrl: `${server.origin}/token`, clientAuthentication };
        expect(await onRuby({ baseUrl: server.origin, auth })('search_users', {})).toMatchObject({
          code: 'provider_fault',
          message: expect.stringContaining('to protect the client secret'),
        });
      }
      expect(reached).toEqual([]);
    },
  );

  it('stops a 303 of the provider also after a renewal', async () => {
    const reached: unknown[] = [];
    const other = await listen((request, response) => {
      reached.push(request.headers);
      response.end('{}');
    });
    const server = await listen((request, response) => {
      if (request.url === '/token') response.end(JSON.stringify({ access_token: 'abc' }));
      else if (request.headers.authorization === undefined) response.writeHead(401).end();
      else response.writeHead(303, { location: `${other.origin}/Users` }).end();
    });
    closing.push(server.close, other.close);
    const auth = { ...client, tokenUrl: `${server.origin}/token` };
    expect(await onRuby({ baseUrl: server.origin, auth })('search_users', {})).toMatchObject({
      code: 'provider_fault',
      message: expect.stringContaining('(status 303)'),
    });
    expect(reached).toEqual([]);
  });
});

describe('an invalid method', () => {
  const bearer = { type: 'bearer', token: 'a' };
  const basic = { type: 'basic', username: 'scim', password: 'secret' };
  const header = { type: 'header', headerName: 'X-API-Key', headerValue: 'key' };

  it.each<object>([
    { type: 'bearer' },
    { ...bearer, token: 'a token' },
    { ...client, tokenUrl: undefined },
    { ...client, clientSecret: undefined, clientId: undefined },
    { ...client, tokenUrl: 'login.example.com' },
    { ...client, tokenUrl: 'ftp://login.example.com' },
    { ...client, tokenUrl: 'https://ada:secret@login.example.com/token' },
    { ...client, tokenUrl: 'https://login.example.com/token#a' },
    { ...client, tokenUrl: 'http://login.example.com/token' },
    { ...client, clientId: ' rolecall' },
    { ...client, clientSecret: 'secret\n' },
    { ...client, clientSecret: 'sec\u0000ret' },
    { ...client, scope: 'a "b"', audience: 'a ', resource: 'a' },
    { ...client, resource: 'https://a.example.com https://b.example.com#c' },
    { ...client, clientAuthentication: 'private_key_jwt' },
    { ...basic, username: 'a:b' },
    { ...basic, password: 'secret ' },
    { type: 'basic', username: 'scim' },
    { ...header, headerName: 'X API Key' },
    { ...header, headerName: 'Content-Type' },
    { ...header, headerValue: 'ké' },
    { ...header, headerValue: 'key ' },
  ])('is rejected with the same message as on Node: %j', async (auth) => {
    const connection = { baseUrl, auth } as unknown as ConnectionInput;
    const { error = '' } = await ruby.ask({ do: 'test', settings: settingsOf(connection) });
    expect(readJobError(error)).toEqual(sentenceOnNode(connection));
  });

  it('ignores the fields of other methods, which a form still holds', async () => {
    const { baseUrl: url, auth } = await openSandbox({ type: 'basic' });
    const settings = { ...settingsOf({ baseUrl: url, auth }), token: 'a token', tokenUrl: 'nothing' };
    expect(await ruby.value({ do: 'test', settings })).toMatchObject({ patch: { supported: true } });
  });
});

function sentenceOnNode(connection: ConnectionInput): JobError {
  try {
    readConnection(definition.connection.schema, connection);
  } catch (error) {
    if (error instanceof ConnectorError) return asJobError(error, definition);
  }
  throw new Error('Node accepts it');
}

describe('the form of a connection', () => {
  interface Form {
    readonly fields: readonly Readonly<Record<string, unknown>>[];
    readonly auth: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  }

  it('offers every method of the manifest, with its fields', async () => {
    const { fields, auth } = (await ruby.value({ do: 'connection' })) as Form;
    const { methods: declared } = definition.connection.auth;

    expect(fields.find(({ name }) => name === 'auth_type')).toMatchObject({
      label: 'Authentication',
      optional: true,
      default: 'bearer',
      extends_schema: true,
      options: declared.map(({ title, type }) => [title, type]),
    });
    expect(Object.keys(auth)).toEqual(declared.map(({ type }) => type));
    for (const method of declared) {
      expect(auth[method.type]?.map(({ name, optional }) => [name, optional])).toEqual(
        method.fields.map(({ key, required }) => [key, !required]),
      );
    }
  });

  it('hides every secret', async () => {
    const { auth } = (await ruby.value({ do: 'connection' })) as Form;
    for (const method of definition.connection.auth.methods) {
      for (const { key, secret } of method.fields) {
        const control = auth[method.type]?.find(({ name }) => name === key)?.control_type;
        expect([key, control === 'password']).toEqual([key, secret]);
      }
    }
  });
});

describe('a secret', () => {
  const encoders: readonly (readonly [string, (text: string) => string])[] = [
    ['plain', (text) => text],
    ['as part of a URL', encodeURIComponent],
    [
      'in lower-case URL escapes',
      (text) => encodeURIComponent(text).replace(/%../g, (one) => one.toLowerCase()),
    ],
    ['in a form', (text) => new URLSearchParams({ '': text }).toString().slice(1)],
    ['in JSON', (text) => JSON.stringify(text).slice(1, -1)],
    [
      'in JSON escapes',
      (text) => text.replace(/[^a-z0-9]/gi, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ],
    ['in HTML', (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')],
    ['in decimal entities', (text) => Array.from(text, (one) => `&#${one.codePointAt(0)};`).join('')],
    [
      'in hexadecimal entities',
      (text) => Array.from(text, (one) => `&#x${one.codePointAt(0)?.toString(16)};`).join(''),
    ],
    ['as base64', (text) => Buffer.from(text).toString('base64')],
    ['as base64url', (text) => Buffer.from(text).toString('base64url')],
    ['within base64', (text) => Buffer.from(`a${text}b`).toString('base64')],
  ];
  const secret = 'S3cret/+"&<ö%~key-91';
  const token = 'abc.DEF-123_~+/xyz==';
  const auths: readonly Auth[] = [
    { type: 'bearer', token },
    { type: 'basic', username: 'scim', password: secret },
    { type: 'header', headerName: 'X-API-Key', headerValue: 'Token S3cret/+"&<%~key-91' },
    { ...client, clientSecret: secret },
    { ...client, clientSecret: secret, clientAuthentication: 'client_secret_post' },
  ];

  it.each(encoders)('is never shown, and is masked as on Node: %s', async (_, encode) => {
    for (const auth of auths) {
      for (const fails of ['provider', 'token endpoint']) {
        const server = await listen(async (request, response) => {
          let body = '';
          for await (const piece of request) body += piece;
          const isToken = request.url === '/token';
          if (isToken && fails === 'provider') {
            response.end(JSON.stringify({ access_token: token }));
            return;
          }
          const { authorization = '', 'x-api-key': key = '' } = request.headers;
          const sent = [
            authorization.replace(/^\w+ /, ''),
            String(key),
            body.split('client_secret=')[1] ?? '',
          ];
          const known = [...sent, ...secretsOf(auth)].filter((one) => one !== '');
          if (authorization === '' && key === '' && !isToken) {
            response.writeHead(401).end();
            return;
          }
          const text = known.map(encode).join(' | ');
          response.writeHead(isToken ? 400 : 403, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ detail: text, error: 'invalid_request', error_description: text }));
        });
        const connection = {
          baseUrl: server.origin,
          auth: 'tokenUrl' in auth ? { ...auth, tokenUrl: `${server.origin}/token` } : auth,
        };
        const node = await onNode(connection)('search_users', {});
        const outcome = await onRuby(connection)('search_users', {});
        await server.close();

        expect(outcome).toEqual(node);
        const shown = JSON.stringify(outcome);
        expect(shown).toContain(auth.type === 'bearer' ? '[token]' : '[secret]');
        for (const text of [...secretsOf(auth), token]) {
          expect(shown).not.toContain(text);
          expect(shown).not.toContain(encode(text));
        }
      }
    }
  });
});

/** The secret of a method, as it is typed into the form. */
function secretsOf(auth: Auth): readonly string[] {
  switch (auth.type) {
    case 'bearer':
      return [auth.token];
    case 'basic':
      return [auth.password];
    case 'header':
      return [auth.headerValue, auth.headerValue.replace(/^Token /, '')];
    case 'oauth_client_credentials':
      return [auth.clientSecret];
  }
}
