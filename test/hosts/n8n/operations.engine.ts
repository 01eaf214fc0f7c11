import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionDefinition } from '../../../connector/definition/definition.ts';
import { createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { scenarios } from '../../integration/actions/scenarios.ts';
import { actionOf } from '../../support/open-test-session.ts';
import { providers } from '../../support/providers.ts';
import { fillForm } from './support/fill-form.ts';
import { createN8nHome, type N8nHome } from './support/n8n-home.ts';
import { manualWorkflow, scimCredential, scimNode } from './support/scim-workflow.ts';
import { type RunningN8n, startN8n } from './support/start-n8n.ts';
import { twinConnector } from './support/twin-connector.ts';

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

/** Runs one action by the node, for one item, and returns what the items hold that come of it. */
async function runInN8n(
  action: ActionDefinition,
  input: Readonly<Record<string, unknown>>,
): Promise<readonly unknown[]> {
  const node = scimNode(fillForm(action, input), { onError: 'continueRegularOutput' });
  const { data } = await n8n.run(manualWorkflow(workflowId, node));
  const [run] = data.resultData.runData.SCIM ?? [];
  if (run?.data === undefined) throw new Error(`The node did not run: ${JSON.stringify(data.resultData)}`);
  return (run.data.main[0] ?? []).map(({ json }) => json);
}

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

describe('every operation, in the real engine', () => {
  const [provider] = providers;

  it.for(Object.entries(scenarios))('%s returns what it returns in the library', async ([, scenario]) => {
    await empty();
    const { connector, close } = await provider.start();
    try {
      await scenario(twinConnector(connector, runInN8n), provider.name);
    } finally {
      await close();
    }
  });
});

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
