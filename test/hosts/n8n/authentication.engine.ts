import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { listen, type TestServer } from '../../support/listen.ts';
import { type N8nBench, openN8nBench } from './support/open-n8n-bench.ts';
import { manualWorkflow, scimNode } from './support/scim-workflow.ts';
import type { Execution, NodeRun } from './support/start-n8n.ts';
import { nodeTypes, workflow, workflowNode } from './support/workflow.ts';

/** n8n over a sandbox that only accepts OAuth client credentials. The others each accept one other method. */
let bench: N8nBench;
let basic: Sandbox;
let header: Sandbox;
/** A token endpoint that issues nothing. */
let issuer: TestServer;
let baseUrl = '';
const lifetimeInSeconds = 5;
const workflowId = 'authentication';
const credentialTypes = {
  bearer: 'scimApi',
  oauth_client_credentials: 'scimOAuth2Api',
  basic: 'scimBasicApi',
  header: 'scimHeaderApi',
} as const;
type Method = keyof typeof credentialTypes;
type Data = Readonly<Record<string, unknown>>;

beforeAll(async () => {
  basic = await startSandbox({ auth: { type: 'basic', username: 'scim', password: 'naïve:pass' } });
  header = await startSandbox({ auth: { type: 'header', headerName: 'X-API-Key' } });
  issuer = await listen((_, response) => {
    response.writeHead(307, { location: `${bench.sandbox.origin}/oauth/token` }).end();
  });
  bench = await openN8nBench({
    sandbox: {
      auth: { type: 'oauth_client_credentials', tokenLifetimeInSeconds: lifetimeInSeconds },
    },
    workflows: [manualWorkflow(workflowId, scimNode({}))],
    credentials: (_, proxyBaseUrl) => {
      baseUrl = proxyBaseUrl;
      return [];
    },
  });
});

afterEach(async () => {
  bench.setPlan(() => undefined);
  await administer('PATCH', '', { scopes: ['scim.read', 'scim.write'], failure: null, audience: null });
  await administer('POST', '/client/restore');
});

afterAll(async () => {
  await bench?.close();
  await Promise.all([basic?.close(), header?.close(), issuer?.close()]);
});

/** Acts as the administrator of the authorization server. */
async function administer(method: string, path: string, body?: object): Promise<Data> {
  const response = await fetch(`${bench.sandbox.adminUrl}/oauth${path}`, {
    method,
    headers: { authorization: `Bearer ${bench.sandbox.adminToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as Data;
}

async function tokensIssued(): Promise<number> {
  return Number((await administer('GET', '')).tokens_issued);
}

/** The data of the OAuth credential, as its form stores it. */
function client(changes: Data = {}): Data {
  const { auth } = bench.sandbox;
  if (auth.type !== 'oauth_client_credentials') throw new TypeError('The sandbox takes another method');
  const { tokenUrl: accessTokenUrl, clientId, clientSecret, scope } = auth;
  return { baseUrl, accessTokenUrl, clientId, clientSecret, scope, advancedSettings: true, ...changes };
}

let saved = 0;

/** Saves a credential as the editor does. */
async function save(method: Method, data: Data): Promise<{ readonly id: string; readonly name: string }> {
  saved += 1;
  const name = `${method} ${saved}`;
  const { id } = (await bench.n8n.rest('POST', '/credentials', {
    name,
    type: credentialTypes[method],
    data,
  })) as { id: string };
  return { id, name };
}

const people = (...names: readonly string[]): readonly object[] => names.map((userName) => ({ userName }));
const createUser = { resource: 'user', operation: 'create_user', userName: '={{ $json.userName }}' };

/** Creates users with a node that authenticates in this way. */
async function run(
  method: Method,
  data: Data,
  items: readonly object[],
): Promise<{ readonly execution: Execution; readonly node: NodeRun | undefined; readonly created: unknown }> {
  const step = scimNode(
    { ...createUser, authentication: method },
    { credentials: { [credentialTypes[method]]: await save(method, data) } },
  );
  const execution = await bench.n8n.run(manualWorkflow(workflowId, step, items));
  const [node] = execution.data.resultData.runData.SCIM ?? [];
  return { execution, node, created: node?.error ?? node?.data?.main[0]?.map(({ json }) => json.userName) };
}

/** The error of a run with the OAuth credential. */
async function failure(changes: Data = {}): Promise<NodeRun['error']> {
  // With its own time limit, it has its own access token.
  const data = client({ deadlineInMs: 2000, timeoutInMs: 10_000 + saved, ...changes });
  const { execution, node } = await run('oauth_client_credentials', data, people('nobody@example.com'));
  expect(execution.status).toBe('error');
  const everything = JSON.stringify(execution);
  expect(everything).not.toContain(data.clientSecret);
  expect(everything).not.toMatch(/Bearer [\w-]{8}|Basic [\w+/=-]{8}/);
  return node?.error;
}

/** What the test of a credential shows. */
async function test(method: Method, data: Data): Promise<unknown> {
  const { id, name } = await save(method, data);
  return bench.n8n.rest('POST', '/credentials/test', {
    credentials: { id, name, type: credentialTypes[method], data },
  });
}

describe('OAuth client credentials', () => {
  it('fetch one token for all requests of a lifetime, and renew it before it expires', async () => {
    bench.setPlan(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return undefined;
    });
    const names = Array.from({ length: 60 }, (_, index) => `user-${index}@example.com`);
    const before = await tokensIssued();
    const data = client({ concurrency: 5 });
    const { node, created } = await run('oauth_client_credentials', data, people(...names));

    expect(created).toEqual(names);
    expect(node?.executionTime).toBeGreaterThan(2 * lifetimeInSeconds * 1000);
    const issued = (await tokensIssued()) - before;
    expect(issued).toBeGreaterThanOrEqual(3);
    // A fifth of the lifetime is left at each renewal.
    const renewals = (node?.executionTime ?? 0) / (lifetimeInSeconds * 1000 * 0.8);
    expect(issued).toBeLessThanOrEqual(1 + Math.ceil(renewals));
    // None was rejected, so none was sent again.
    expect(bench.seen.length).toBe(names.length);
  });

  it('share a token between executions, and replace it once after a 401', async () => {
    await administer('PATCH', '', { token_lifetime_in_seconds: 3600 });
    const data = client({ timeoutInMs: 20_000 });
    const before = await tokensIssued();
    await run('oauth_client_credentials', data, people('first@example.com'));
    await run('oauth_client_credentials', data, people('second@example.com'));
    expect((await tokensIssued()) - before).toBe(1);

    await administer('POST', '/tokens/revoke');
    const names = Array.from({ length: 32 }, (_, index) => `after-${index}@example.com`);
    const { execution } = await run('oauth_client_credentials', data, people(...names));
    expect(execution.status).toBe('success');
    expect((await tokensIssued()) - before).toBe(2);
    await administer('PATCH', '', { token_lifetime_in_seconds: lifetimeInSeconds });
  });

  it('authenticate in the body, and request the audience', async () => {
    await administer('PATCH', '', { audience: 'https://scim.example.com' });
    const data = client({ authentication: 'body', audience: 'https://scim.example.com' });
    const { execution } = await run('oauth_client_credentials', data, people('body@example.com'));

    expect(execution.status).toBe('success');
    expect(await failure()).toMatchObject({
      message: expect.stringContaining('rejected an access token that the token endpoint had just issued'),
      description: expect.stringContaining('"Audience", "Resource", and "Scope"'),
    });
  });
});

describe('the error that a user sees', () => {
  it('names a wrong secret', async () => {
    expect(await failure({ clientSecret: 'wrong-secret-of-the-client' })).toMatchObject({
      message: expect.stringContaining('The token endpoint rejected the client ID or the client secret.'),
      description: expect.stringContaining('Check "Client ID" and "Client Secret": the secret may have'),
      httpCode: '401',
    });
  });

  it('names a revoked client', async () => {
    await administer('POST', '/client/revoke');
    expect(await failure()).toMatchObject({
      message: expect.stringContaining('The token endpoint does not issue tokens to this client.'),
      description: expect.stringContaining('The client may have been revoked.'),
    });
  });

  it('names a scope that the token does not have', async () => {
    expect(await failure({ scope: 'scim.read' })).toMatchObject({
      message: expect.stringContaining(
        'The access token does not have the scope that this request requires ("scim.write").',
      ),
      description: 'Add it to "Scope", and grant it to the client at the authorization server.',
    });
  });

  it('names a scope that the client may not request', async () => {
    expect(await failure({ scope: 'scim.admin' })).toMatchObject({
      message: expect.stringContaining('The token endpoint does not grant the requested scope "scim.admin".'),
      description: expect.stringContaining('Correct "Scope"'),
    });
  });

  it('names a token endpoint that fails', async () => {
    await administer('PATCH', '', { failure: 'server_error' });
    expect(await failure()).toMatchObject({
      message: expect.stringMatching(/^The token endpoint failed with status 500 after \d attempts?\./),
      httpCode: '500',
    });
  });

  it('names a token endpoint that does not respond', async () => {
    const error = await failure({ accessTokenUrl: 'http://127.0.0.1:1/token' });
    expect(error).toMatchObject({
      message: expect.stringContaining('No response from the token endpoint at 127.0.0.1:1'),
      description: expect.stringContaining('check "Token URL" and the network'),
    });
  });

  it('names a token endpoint that responds with a web page', async () => {
    await administer('PATCH', '', { failure: 'html' });
    expect(await failure()).toMatchObject({
      message: expect.stringContaining('The token endpoint responded with a web page, not with a token.'),
      description: 'Check "Token URL", and that no proxy intercepts the request.',
    });
  });

  it('names a redirect of the token endpoint, which does not get the secret', async () => {
    const before = await tokensIssued();
    expect(await failure({ accessTokenUrl: `${issuer.origin}/token` })).toMatchObject({
      message: expect.stringContaining('The token endpoint redirects the request (status 307)'),
      description: 'If you trust that address, use it as "Token URL".',
    });
    expect(await tokensIssued()).toBe(before);
  });
});

describe('the other methods', () => {
  const account = { username: ' scim', password: 'naïve:pass\n' };
  const key = (value: string): Data => ({ headerName: ' X-API-Key ', headerSecret: `${value}\n` });
  const headerSecret = (): string => (header.auth.type === 'header' ? header.auth.headerValue : '');

  it('create a user with a username and password', async () => {
    const data = { baseUrl: basic.scimBaseUrl, ...account };
    const { created } = await run('basic', data, people('basic@example.com'));
    expect(created).toEqual(['basic@example.com']);
    expect(await test('basic', data)).toMatchObject({ status: 'OK' });

    const wrong = await run('basic', { ...data, password: 'wrong-password' }, people('no@example.com'));
    expect(wrong.node?.error).toMatchObject({
      message: expect.stringContaining('The provider rejected the username or password.'),
      description: 'Check "Account Username" and "Account Password", and that the account is not locked.',
    });
    expect(JSON.stringify(wrong.execution)).not.toContain('wrong-password');
  });

  it('create a user with a header of the provider', async () => {
    const data = { baseUrl: header.scimBaseUrl, ...key(headerSecret()) };
    const { created } = await run('header', data, people('header@example.com'));
    expect(created).toEqual(['header@example.com']);
    expect(await test('header', data)).toMatchObject({ status: 'OK' });

    const wrong = await run('header', { ...data, ...key('wrong-key') }, people('no@example.com'));
    expect(wrong.node?.error).toMatchObject({
      message: expect.stringContaining('The provider rejected the header'),
      description: expect.stringContaining('Check "Header Name" and "Header Value"'),
    });
    expect(JSON.stringify(wrong.execution)).not.toContain('wrong-key');
  });
});

describe('the test of the credential', () => {
  it('names the fields of the form for the methods that the nodes test', async () => {
    const missing = await listen((_, response) => {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    });
    const forbidden = await listen((_, response) => {
      response.writeHead(403, { 'content-type': 'application/json' }).end('{}');
    });
    const account = { username: 'scim', password: 'wrong' };
    const problems: unknown[] = [];
    for (const url of [basic.scimBaseUrl, forbidden.origin, missing.origin, 'http://127.0.0.1:1/scim/v2'])
      problems.push(await test('basic', { baseUrl: url, ...account }));

    expect(problems).toMatchObject([
      { status: 'Error', message: expect.stringContaining('Check "Account Username"') },
      { status: 'Error', message: expect.stringContaining('do not have permission') },
      { status: 'Error', message: expect.stringContaining('Check that "SCIM Base URL" ends where') },
      { status: 'Error', message: expect.stringContaining('No response from 127.0.0.1:1') },
    ]);
    await missing.close();
    await forbidden.close();
  });

  it('requests a token with n8n itself for OAuth', async () => {
    expect(await test('oauth_client_credentials', client())).toMatchObject({ status: 'OK' });
    const audience = 'https://scim.example.com';
    await administer('PATCH', '', { audience });
    expect(await test('oauth_client_credentials', client({ audience }))).toMatchObject({ status: 'OK' });
    expect(await test('oauth_client_credentials', client())).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('Check "Audience", "Resource", and "Scope"'),
    });
    expect(await test('oauth_client_credentials', client({ clientSecret: 'wrong' }))).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('Failed to acquire OAuth2 access token'),
    });
  });

  it('does not send an access token to the target of a redirect, or without encryption', async () => {
    let isTokenSeen = false;
    const page = await listen(({ headers }, response) => {
      isTokenSeen ||= headers.authorization !== undefined;
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Sign in</title>');
    });
    const redirect = await listen((_, response) => {
      response.writeHead(302, { location: `${page.origin}/Users` }).end();
    });
    // n8n's expressions do not know this address of the loopback interface.
    const elsewhere = `http://[::ffff:127.0.0.1]:${new URL(page.origin).port}/scim/v2`;
    for (const url of [redirect.origin, elsewhere])
      expect(await test('oauth_client_credentials', client({ baseUrl: url }))).toMatchObject({
        status: 'Error',
      });
    expect(isTokenSeen).toBe(false);
    // Where it is allowed, the same server is shown it.
    await test('oauth_client_credentials', client({ baseUrl: elsewhere, allowPlainHttp: true }));
    expect(isTokenSeen).toBe(true);
    await redirect.close();
    await page.close();
  });
});

describe('the provider of a credential', () => {
  it('is used if it takes the method', async () => {
    const names = ['provider@example.com'];
    const { created } = await run(
      'oauth_client_credentials',
      client({ profile: 'keycloak' }),
      people(...names),
    );
    expect(created).toEqual(names);
    expect(await test('oauth_client_credentials', client({ profile: 'keycloak' }))).toMatchObject({
      status: 'OK',
    });
  });

  it('is rejected with any other method, before anything is sent', async () => {
    bench.setPlan(() => undefined);
    expect(await failure({ profile: 'slack' })).toMatchObject({
      message: expect.stringContaining(
        '"Provider" does not match the authentication method: Slack accepts Bearer token',
      ),
      description: 'Correct the credential.',
    });
    expect(bench.seen).toEqual([]);
    const data = { baseUrl: basic.scimBaseUrl, username: 'scim', password: 'naïve:pass', profile: 'slack' };
    expect(await test('basic', data)).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('"Provider" does not match the authentication method'),
    });
  });
});

describe('the trigger', () => {
  it('polls with the credential that Authentication selects', async () => {
    const credential = await save('oauth_client_credentials', client());
    const trigger = workflowNode({
      name: 'SCIM Trigger',
      type: nodeTypes.scimTrigger,
      parameters: { authentication: 'oauth_client_credentials', event: 'user_provisioned' },
      credentials: { scimOAuth2Api: credential },
    });
    const { status } = await bench.n8n.run(workflow(workflowId, [trigger]));

    expect(status).toBe('success');
  });
});
