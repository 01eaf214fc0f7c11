import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { actionOf } from '../../support/open-test-session.ts';
import { fillForm } from './support/fill-form.ts';
import { createN8nHome, type N8nHome } from './support/n8n-home.ts';
import { manualWorkflow, scimCredential, scimNode } from './support/scim-workflow.ts';
import { type RunningN8n, startN8n } from './support/start-n8n.ts';
import { nodeTypes, workflowNode } from './support/workflow.ts';

let home: N8nHome;
let sandbox: Sandbox;
let n8n: RunningN8n;
const workflowId = 'operations';

beforeAll(async () => {
  sandbox = await startSandbox();
  home = await createN8nHome();
  await home.importCredentials([
    {
      ...scimCredential.scimApi,
      type: 'scimApi',
      data: { baseUrl: sandbox.scimBaseUrl, token: sandbox.token },
    },
  ]);
  await home.importWorkflows([manualWorkflow(workflowId, scimNode({}))]);
  n8n = await startN8n(home);
});

afterAll(async () => {
  await n8n?.stop();
  await sandbox?.close();
  home?.remove();
});

async function empty(): Promise<void> {
  const connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  try {
    for await (const { id } of connector.stream.search_users({}))
      await connector.actions.delete_user({ user: { id } });
    for await (const { id } of connector.stream.search_groups({}))
      await connector.actions.delete_group({ group: { id } });
  } finally {
    connector.close();
  }
}

describe('the option Dry Run, in the real engine', () => {
  it('returns what would change, and changes nothing', async () => {
    await empty();
    const connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
    try {
      const user = await connector.actions.create_user({ userName: 'ada@example.com' });
      const form = fillForm(actionOf('deactivate_user'), { user: { id: user.id } });
      const node = scimNode({ ...form, options: { dryRun: true } });

      const { data } = await n8n.run(manualWorkflow(workflowId, node));

      const items = data.resultData.runData.SCIM?.[0]?.data?.main[0] ?? [];
      expect(items.map(({ json }) => json)).toMatchObject([
        { dryRun: true, outcome: 'change', changes: [{ path: 'active', from: true, to: false }] },
      ]);
      expect(await connector.actions.get_user({ user: { id: user.id } })).toEqual(user);
    } finally {
      connector.close();
    }
  });
});

describe('User: Bulk, in the real engine', () => {
  const people = ['ada', 'bob', 'cyd'].map((name) => ({
    userName: `${name}@example.com`,
    name: { givenName: name },
    active: name === 'cyd' ? 'perhaps' : true,
  }));
  const automatic = { mappingMode: 'autoMapInputData', value: null, matchingColumns: [], schema: [] };
  const run = async (parameters: object, items: readonly object[], rest: object = {}) => {
    const node = scimNode({ resource: 'userBulk', ...parameters }, rest);
    const { data } = await n8n.run(manualWorkflow(workflowId, node, items));
    return data.resultData.runData.SCIM?.[0];
  };

  it('sends all items at once, and pairs each result with its item', async () => {
    await empty();
    const created = await run({ operation: 'upsert_user', columns: automatic }, people);
    expect(created?.data?.main[0]).toMatchObject([
      { json: { ok: true, user: 'ada@example.com' }, pairedItem: { item: 0 } },
      { json: { ok: true, user: 'bob@example.com' }, pairedItem: { item: 1 } },
      { json: { ok: false, user: 'cyd@example.com' }, pairedItem: { item: 2 } },
    ]);

    const value = { userName: '={{ $json.userName }}', title: '={{ $json.userName.toUpperCase() }}' };
    const schema = ['userName', 'title'].map((id) => ({
      id,
      displayName: id,
      type: 'string',
      display: true,
    }));
    const columns = { mappingMode: 'defineBelow', value, matchingColumns: [], schema };
    const updated = await run({ operation: 'update_user', columns }, people.slice(0, 2));
    expect(updated?.data?.main[0]?.map(({ json }) => json.ok)).toEqual([true, true]);
    const connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
    const { resources } = await connector.actions.search_users({ sortBy: 'userName' });
    connector.close();
    expect(resources.map(({ title }) => title)).toEqual(['ADA@EXAMPLE.COM', 'BOB@EXAMPLE.COM']);
  });

  it('fails if all items failed, and sends failed ones to the error output', async () => {
    const nobody = [{ userName: 'nobody@example.com' }];
    const parameters = { operation: 'delete_user', columns: automatic };
    const stopped = await run({ ...parameters, operation: 'deactivate_user' }, nobody);
    expect(stopped?.error?.message).toContain('No user matches Username "nobody@example.com"');

    const mixed = [...nobody, { userName: 'ada@example.com' }];
    const going = await run({ ...parameters, operation: 'deactivate_user' }, mixed, {
      onError: 'continueErrorOutput',
    });
    expect(going?.data?.main.map((items) => items?.length)).toEqual([1, 1]);
    expect(going?.data?.main[1]?.[0]?.json).toMatchObject({ details: { code: 'not_found' } });
  });

  it('is limited before the first request', async () => {
    const options = { removalLimit: 1 };
    const limited = await run(
      { operation: 'delete_user', columns: automatic, options },
      people.map(({ userName }) => ({ userName })),
    );
    expect(limited?.error?.message).toContain('and "Safety Limit" allows 1. None of these items was sent');
  });

  it('shows the columns of the operation', async () => {
    const fields = await n8n.rest('POST', '/dynamic-node-parameters/resource-mapper-fields', {
      nodeTypeAndVersion: { name: nodeTypes.scim, version: 1 },
      currentNodeParameters: { resource: 'userBulk', operation: 'set_workato_role' },
      credentials: scimCredential,
      path: 'parameters.columns',
      methodName: 'userBulkColumns',
    });
    expect(JSON.stringify(fields)).toContain('"displayName":"Environment"');
  });
});

describe('an operation of one member, in the real engine', () => {
  it('adds a user to a group, and removes the user again', async () => {
    await empty();
    const connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
    const { id } = await connector.actions.create_user({ userName: 'ada@example.com' });
    // Where no group shows a member, an empty one proves nothing.
    const grace = await connector.actions.create_user({ userName: 'grace@example.com' });
    const group = await connector.actions.create_group({
      displayName: 'Engineering',
      members: [{ value: grace.id }],
    });
    const members = async (operation: string, user: string) => {
      const node = scimNode({
        resource: 'user',
        operation,
        user: { __rl: true, mode: 'userName', value: user },
        group: { __rl: true, mode: 'displayName', value: 'Engineering' },
      });
      const { data } = await n8n.run(manualWorkflow(workflowId, node));
      const now = await connector.actions.get_group_members({ group: { id: group.id } });
      return { error: data.resultData.error?.message, members: now.members.map(({ value }) => value) };
    };

    expect(await members('add_group_members', 'ada@example.com')).toEqual({ members: [grace.id, id] });
    expect(await members('remove_group_members', 'nobody@example.com')).toMatchObject({
      members: [grace.id, id],
    });
    expect(await members('remove_group_members', 'ada@example.com')).toEqual({ members: [grace.id] });
    const { error } = await members('add_group_members', '');
    connector.close();
    expect(error).toContain('"User" is required');
  });
});

describe('the safety limit, in the real engine', () => {
  it('counts the runs of a loop together', async () => {
    const items = ['ada', 'bob', 'cyd'].map((name) => ({ user: `${name}@example.com` }));
    const node = scimNode({
      resource: 'user',
      operation: 'delete_user',
      user: { __rl: true, mode: 'userName', value: '={{ $json.user }}' },
      options: { removalLimit: 2 },
    });
    const line = manualWorkflow(workflowId, node, items);
    const loop = workflowNode({
      name: 'Loop',
      type: 'n8n-nodes-base.splitInBatches',
      typeVersion: 3,
      parameters: { batchSize: 1, options: {} },
    });
    const to = (name: string) => [{ node: name, type: 'main' as const, index: 0 as const }];
    const { data } = await n8n.run({
      ...line,
      nodes: [...line.nodes, loop],
      connections: {
        ...line.connections,
        Each: { main: [to('Loop')] },
        Loop: { main: [[], to('SCIM')] },
        SCIM: { main: [to('Loop')] },
      },
    });

    expect(data.resultData.runData.SCIM?.map(({ executionStatus }) => executionStatus)).toEqual([
      'success',
      'success',
      'error',
    ]);
    expect(data.resultData.error?.message).toContain('after 2 earlier in this execution');
  });
});

describe('binary data, in the real engine', () => {
  it('is passed through', async () => {
    const file = workflowNode({
      name: 'File',
      type: 'n8n-nodes-base.convertToFile',
      typeVersion: 1.1,
      parameters: { operation: 'toJson', mode: 'each', options: {} },
    });
    const node = scimNode({ resource: 'user', operation: 'create_user', userName: 'with-file@example.com' });
    const { nodes, ...line } = manualWorkflow(workflowId, node);
    const to = (name: string) => ({ main: [[{ node: name, type: 'main' as const, index: 0 as const }]] });
    const { data } = await n8n.run({
      ...line,
      nodes: [...nodes, file],
      connections: { ...line.connections, Each: to('File'), File: to('SCIM') },
    });

    const [item] = data.resultData.runData.SCIM?.[0]?.data?.main[0] ?? [];
    expect(item).toMatchObject({ json: { userName: 'with-file@example.com' }, binary: { data: {} } });
  });
});
