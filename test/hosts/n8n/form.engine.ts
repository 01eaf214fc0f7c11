import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import acme from '../../../examples/overlays/acme.json' with { type: 'json' };
import { createConnector } from '../../../runtime/index.ts';
import type { SandboxOptions } from '../../../sandbox/index.ts';
import { listen, type TestServer } from '../../support/listen.ts';
import { type N8nBench, openN8nBench } from './support/open-n8n-bench.ts';
import { manualWorkflow, scimCredential, scimNode } from './support/scim-workflow.ts';
import { nodeTypes } from './support/workflow.ts';

let bench: N8nBench;
let page: TestServer;
/** Whether the server of the page was shown a token. */
let isTokenSeen = false;
const workflowId = 'form';
const access = 'urn:acme:params:scim:schemas:extension:access:1.0:User';

beforeAll(async () => {
  const userExtensions = acme.schemas as unknown as NonNullable<SandboxOptions['userExtensions']>;
  page = await listen(({ headers }, response) => {
    isTokenSeen ||= headers.authorization !== undefined;
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Sign in</title>');
  });
  bench = await openN8nBench({
    sandbox: { userExtensions },
    workflows: [manualWorkflow(workflowId, scimNode({}))],
  });
  const { actions, close } = createConnector({
    baseUrl: bench.sandbox.scimBaseUrl,
    token: bench.sandbox.token,
  });
  await actions.create_user({ userName: 'ada@example.com', displayName: 'Ada Lovelace' });
  await actions.create_user({ userName: 'grace@example.com', displayName: 'Grace Hopper' });
  await actions.create_group({ displayName: 'Engineering' });
  close();
});

afterAll(async () => {
  await bench?.close();
  await page?.close();
});

const node = {
  nodeTypeAndVersion: { name: nodeTypes.scim, version: 1 },
  // The editor adds the defaults of the displayed parameters, such as the method to authenticate.
  currentNodeParameters: { authentication: 'bearer', resource: 'user', operation: 'get_user' },
  credentials: scimCredential,
};

/** What a list of the form shows when a person types into it. */
async function list(methodName: string, filter?: string): Promise<readonly string[]> {
  const found = await bench.n8n.rest('POST', '/dynamic-node-parameters/resource-locator-results', {
    ...node,
    path: 'parameters.user',
    methodName,
    ...(filter !== undefined && { filter }),
  });
  return (found as { results: readonly { name: string }[] }).results.map(({ name }) => name);
}

describe('the lists of the form', () => {
  it('show the users and groups of the provider, and find them by part of their name', async () => {
    expect(await list('searchUser')).toEqual([
      'Ada Lovelace (ada@example.com)',
      'Grace Hopper (grace@example.com)',
    ]);
    expect(await list('searchUser', 'hopp')).toEqual(['Grace Hopper (grace@example.com)']);
    expect(await list('searchGroup')).toEqual(['Engineering']);
  });

  it('find users and groups at a provider that does not support "contains"', async () => {
    bench.setPlan(({ path }) =>
      path.includes('%20co%20')
        ? { acts: false, kind: 'answer', status: 400, body: '{"status":"400","scimType":"invalidFilter"}' }
        : undefined,
    );
    expect(await list('searchUser', 'LOVE')).toEqual(['Ada Lovelace (ada@example.com)']);
    bench.setPlan(() => undefined);
  });

  it('show the well-known roles', async () => {
    expect(await list('list_role')).toContain('Analyst');
    expect(await list('list_workato_role', 'admin')).toEqual(['Admin', 'Environment Admin']);
  });

  it('show additions of the provider to the manifest', async () => {
    const options = await bench.n8n.rest('POST', '/dynamic-node-parameters/options', {
      ...node,
      path: 'parameters.customAttributes.attribute[0].path',
      methodName: 'getUserAttributes',
    });

    expect(options).toEqual([
      { name: 'Acme Role', value: `${access}:acmeRole`, description: "The user's role in Acme Expenses." },
      {
        name: 'Approval Limit',
        value: `${access}:approvalLimit`,
        description: 'The largest amount that the user may approve, in whole euros.',
      },
    ]);
  });
});

describe("the provider's own attributes", () => {
  const withAttributes = (...attribute: readonly object[]): Promise<unknown> =>
    bench.n8n
      .run(
        manualWorkflow(
          workflowId,
          scimNode({
            resource: 'user',
            operation: 'update_user',
            user: { __rl: true, mode: 'userName', value: 'ada@example.com' },
            customAttributes: { attribute },
          }),
        ),
      )
      .then(({ data }) => data.resultData.runData.SCIM?.[0]);

  it('are written with the types that its schemas give them', async () => {
    const run = await withAttributes(
      { path: `${access}:acmeRole`, value: 'approver' },
      { path: `${access}:approvalLimit`, value: '500' },
    );

    expect(run).toMatchObject({
      data: { main: [[{ json: { acmeRole: 'approver', approvalLimit: 500 } }]] },
    });
  });

  it('are rejected if the provider does not have them', async () => {
    const run = await withAttributes({ path: `${access}:acmeRank`, value: 'captain' });

    expect(run).toMatchObject({ error: { message: expect.stringContaining('acmeRank') } });
  });
});

describe('the test of the credential', () => {
  const test = (baseUrl: string, token: string, rest: object = {}): Promise<unknown> =>
    bench.n8n.rest('POST', '/credentials/test', {
      credentials: { ...scimCredential.scimApi, type: 'scimApi', data: { baseUrl, token, ...rest } },
    });

  it('succeeds with valid settings', async () => {
    expect(await test(`${bench.sandbox.scimBaseUrl}/`, bench.sandbox.token)).toMatchObject({ status: 'OK' });
  });

  it('ignores spaces and line breaks around pasted values', async () => {
    const { scimBaseUrl, token } = bench.sandbox;
    expect(await test(` ${scimBaseUrl}/ `, ` ${token}\n`)).toMatchObject({ status: 'OK' });
  });

  it('does not send the token to the target of a redirect, or without encryption', async () => {
    const { token } = bench.sandbox;
    const redirect = await listen((_, response) => {
      response.writeHead(302, { location: `${page.origin}/Users` }).end();
    });
    isTokenSeen = false;
    expect(await test(redirect.origin, token)).toMatchObject({ status: 'Error' });
    expect(isTokenSeen).toBe(false);
    expect(await test('http://192.0.2.1/scim/v2', token)).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('"SCIM Base URL" must start with "https://"'),
    });
    // The same server is shown it where it is the provider.
    await test(page.origin, token);
    expect(isTokenSeen).toBe(true);
    await redirect.close();
  });

  it('reports a wrong token, an unreachable host, and a service that is not SCIM', async () => {
    const { scimBaseUrl, token } = bench.sandbox;
    expect(await test(scimBaseUrl, 'wrong')).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('Check that "SCIM Token" is complete'),
    });
    expect(await test('http://127.0.0.1:1/scim/v2', token)).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('No response from 127.0.0.1:1'),
    });
    expect(await test(page.origin, token)).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('The response is a web page, not SCIM.'),
    });
  });
});
