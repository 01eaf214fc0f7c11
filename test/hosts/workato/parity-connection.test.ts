import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConnectionInput, readConnection } from '../../../connector/connection.ts';
import { ConnectorError } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { listen } from '../../support/listen.ts';
import { definition } from '../../support/open-test-session.ts';
import { asJobError, readJobError } from './job-error.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

let ruby: RubyConnector;
let sandbox: Sandbox;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});

afterAll(() => ruby.close());

beforeEach(async () => {
  sandbox = await startSandbox();
});

afterEach(() => sandbox.close());

describe('an invalid connection', () => {
  const base = { baseUrl: 'https://scim.example.com/scim/v2', token: 'token' };

  it.each([
    { token: 'token' },
    { baseUrl: base.baseUrl },
    { ...base, baseUrl: 'workato.com/scim' },
    { ...base, baseUrl: 'ftp://example.com' },
    { ...base, baseUrl: 'https://ada:secret@example.com/scim' },
    { ...base, baseUrl: 'https://example.com/scim?x=1' },
    { ...base, baseUrl: 'https://example.com/scim#x' },
    { ...base, baseUrl: 'http://example.com/scim' },
    { ...base, token: 'a token with blanks' },
    { ...base, token: 'tokén' },
    { ...base, timeoutInMs: 0 },
    { ...base, deadlineInMs: 3_600_001, maxResponseBytes: 1 },
  ])('is rejected with the same message as on Node: %j', async (settings) => {
    const error = sentenceOnNode(settings as ConnectionInput);
    const run = { key: 'search_users', input: {}, settings };

    expect(readJobError((await ruby.ask({ do: 'execute', ...run })).error ?? '')).toEqual(error);
    expect(readJobError((await ruby.ask({ do: 'test', settings })).error ?? '')).toEqual(error);
  });
});

function sentenceOnNode(settings: ConnectionInput): { code: string; message: string } {
  try {
    readConnection(definition.connection.schema, settings);
  } catch (error) {
    if (error instanceof ConnectorError) return asJobError(error, definition);
  }
  throw new Error('Node takes it');
}

describe('the test of a connection', () => {
  it('reads the configuration, wherever the base URL ends', async () => {
    for (const ending of ['', '/', '//']) {
      const settings = { baseUrl: `${sandbox.scimBaseUrl}${ending}`, token: sandbox.token };
      expect(await ruby.value({ do: 'test', settings })).toMatchObject({ patch: { supported: true } });
    }
  });

  it('falls back to a list of one user', async () => {
    const asked: string[] = [];
    const provider = await listen((request, response) => {
      asked.push(request.url ?? '');
      const isList = request.url?.startsWith('/Users') === true;
      response.writeHead(isList ? 200 : 404, { 'content-type': 'application/scim+json' });
      response.end(JSON.stringify(isList ? { totalResults: 3, Resources: [{ id: '1' }] } : {}));
    });
    const settings = { baseUrl: provider.origin, token: 'token' };

    expect(await ruby.value({ do: 'test', settings })).toEqual({ totalResults: 3 });
    expect(asked).toEqual(['/ServiceProviderConfig', '/Users?count=1']);
    await provider.close();
  });

  it.each([
    ['nothing', ''],
    ['an empty object', '{}'],
    ['an empty list', '[]'],
    ['the status of something else', '{"status":"ok"}'],
  ])('fails if the service accepts every request and returns %s', async (_, body) => {
    const provider = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(body);
    });
    const { error = '' } = await ruby.ask({
      do: 'test',
      settings: { baseUrl: provider.origin, token: 'token' },
    });

    expect(error).toMatch(/^provider_fault: .*"SCIM base URL"/);
    await provider.close();
  });

  it.each([
    ['a wrong token', () => ({ baseUrl: sandbox.scimBaseUrl, token: 'wrong' }), 'auth'],
    [
      'a wrong path',
      () => ({ baseUrl: `${sandbox.origin}/nothing`, token: sandbox.token }),
      'provider_fault',
    ],
    ['an unreachable host', () => ({ baseUrl: 'http://127.0.0.1:9', token: 'token' }), 'unavailable'],
  ])('fails for %s', async (_, settings, code) => {
    const { error = '' } = await ruby.ask({ do: 'test', settings: settings() });
    expect(readJobError(error).code).toBe(code);
  });
});

it('accepts form values as Workato sends them: numbers and booleans as text, and empty fields omitted', async () => {
  const settings = {
    baseUrl: sandbox.scimBaseUrl,
    token: sandbox.token,
    timeoutInMs: '20000',
    deadlineInMs: '60000',
    requestsPerMinute: '',
    maxResponseBytes: null,
    allowPlainHttp: 'false',
  };
  const run = { do: 'execute', settings };
  const created = await ruby.value({
    ...run,
    key: 'create_user',
    input: { userName: 'ada@example.com', active: 'False', employeeNumber: 1815, emails: [], name: {} },
  });
  expect(created).toMatchObject({
    active: false,
    urn_ietf_params_scim_schemas_extension_enterprise_2_0_user: { employeeNumber: '1815' },
  });

  const found = await ruby.value({
    ...run,
    key: 'search_users',
    input: { limit: '5', active: 'false', attributes: 'userName, active' },
  });
  expect(found).toMatchObject({
    totalResults: 1,
    resources: [{ userName: 'ada@example.com', active: false }],
  });

  const raw = await ruby.value({
    ...run,
    key: 'custom_request',
    input: { path: '/Users', query: '{"count": 1}' },
  });
  expect(raw).toMatchObject({ status: 200, body: { totalResults: 1 } });
  const refused = await ruby.ask({
    ...run,
    key: 'update_user',
    input: { user: { id: '1' }, active: 'maybe' },
  });
  expect(refused.error).toBe(
    'invalid_input: Invalid input: "Active" must be true or false or null, not a string. Correct the input and try again.',
  );
});

it('spreads requests over a minute if the connection has a rate', async () => {
  await ruby.ask({ do: 'reset' });
  const settings = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token, requestsPerMinute: 60 };
  const startedAtInMs = performance.now();
  await ruby.value({ do: 'execute', key: 'discover_provider', input: {}, settings });
  const tookInSeconds = (performance.now() - startedAtInMs) / 1000;

  // Two of sixty may go out at once, and the others follow one a second. What a request takes is no wait.
  const waits = (await ruby.value({ do: 'reset' })) as readonly number[];
  expect(waits).toHaveLength(1);
  expect(Number(waits[0]) + tookInSeconds).toBeGreaterThan(0.9);
  expect(waits[0]).toBeLessThan(1.1);
});
