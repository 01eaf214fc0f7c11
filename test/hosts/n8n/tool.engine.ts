import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type N8nBench, openN8nBench } from './support/open-n8n-bench.ts';
import { manualWorkflow, scimCredential, scimNode } from './support/scim-workflow.ts';
import { nodeTypes, type Workflow, workflow, workflowNode } from './support/workflow.ts';

let bench: N8nBench;
const workflowId = 'tool';

beforeAll(async () => {
  bench = await openN8nBench({
    workflows: [manualWorkflow(workflowId, scimNode({}))],
    credentials: () => [],
  });
});

afterAll(() => bench?.close());

/** A workflow that calls the node as an agent does: n8n's own executor of tools replaces the model, with these arguments. */
function toolWorkflow(parameters: Readonly<Record<string, unknown>>, given: object): Workflow {
  const executor = workflowNode({
    name: 'Agent',
    type: '@n8n/n8n-nodes-langchain.toolExecutor',
    parameters: { query: JSON.stringify({ SCIM: given }), toolName: '' },
  });
  const tool = workflowNode({
    name: 'SCIM',
    type: `${nodeTypes.scim}Tool`,
    parameters,
    credentials: scimCredential,
  });
  const start = workflowNode({ name: 'Start', type: 'n8n-nodes-base.manualTrigger', parameters: {} });
  const { connections, ...rest } = workflow(workflowId, [start, executor], [tool]);
  const link = [[{ node: 'Agent', type: 'ai_tool', index: 0 }]];
  return { ...rest, connections: { ...connections, SCIM: { ai_tool: link } } } as unknown as Workflow;
}

/** What the model reads. */
async function answerTo(
  parameters: Readonly<Record<string, unknown>>,
  given: object = {},
): Promise<readonly unknown[] | undefined> {
  const { data } = await bench.n8n.run(toolWorkflow(parameters, given));
  return data.resultData.runData.Agent?.[0]?.data?.main[0]?.map(({ json }) => json);
}

const ada = { __rl: true, mode: 'userName', value: 'ada@example.com' };
const role = { resource: 'role', operation: 'set_workato_role', user: ada };

describe('an agent that uses the node as a tool', () => {
  it('reads that a user was not found, and why an action failed', async () => {
    const missing = JSON.stringify(await answerTo({ resource: 'user', operation: 'find_user', user: ada }));
    expect(missing).toContain('found');
    expect(missing).toContain('No user matches.');

    const failed = JSON.stringify(
      await answerTo({ ...role, role: { __rl: true, mode: 'name', value: 'Analyst' } }),
    );
    expect(failed).toContain('error');
    expect(failed).toContain('not_found');
  });

  it('reads an empty list as nobody, and invalid input as an error', async () => {
    const search = { resource: 'user', operation: 'search_users', returnAll: true };
    const nobody = JSON.stringify(await answerTo({ ...search, filters: { department: 'Nowhere' } }));
    expect(nobody).toContain('No user matches.');

    const empty = JSON.stringify(await answerTo({ ...search, filters: { department: '={{ $json.none }}' } }));
    expect(empty).toContain('is empty');
    expect(empty).toContain('error');
  });

  it('reads the user that it created', async () => {
    const created = JSON.stringify(
      await answerTo({ resource: 'user', operation: 'create_user', userName: 'ada@example.com' }),
    );
    expect(created).toContain('ada@example.com');
    expect(created).not.toContain('error');
  });

  it('plans and applies the users of the model, and rejects values that are not in a list', async () => {
    const planSync = { resource: 'sync', operation: 'plan_sync' };
    const [without] = (await answerTo(planSync)) ?? [];
    expect(String(without)).toContain("{{ $fromAI('users', 'Desired users', 'json') }}");

    const users = "={{ $fromAI('users', '', 'json') }}";
    const given = { users: [{ userName: 'grace@example.com', title: 'Lead' }] };
    const [planned] = (await answerTo({ ...planSync, users }, given)) ?? [];
    const [summary, change] = JSON.parse(String(planned)) as readonly Record<string, unknown>[];
    expect(change).toMatchObject({ kind: 'create', user: { userName: 'grace@example.com' } });

    const apply = { resource: 'sync', operation: 'apply_sync', plan: "={{ $fromAI('plan', '', 'string') }}" };
    const [applied] = (await answerTo(apply, { plan: summary?.plan })) ?? [];
    expect(JSON.parse(String(applied))[0]).toMatchObject({ counts: { changed: 1, failed: 0 } });

    const environment = "={{ $fromAI('environment', '', 'string') }}";
    const setRole = { ...role, environment, role: { __rl: true, mode: 'name', value: 'Analyst' } };
    expect(JSON.stringify(await answerTo(setRole, { environment: 'PROD' }))).not.toContain('error');
    expect(JSON.stringify(await answerTo(setRole, { environment: 'stage' }))).toContain('must be one of');
  });
});
