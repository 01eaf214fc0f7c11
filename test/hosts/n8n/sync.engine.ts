import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connector, createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { createN8nHome, type N8nHome } from './support/n8n-home.ts';
import { manualWorkflow, scimCredential, scimNode } from './support/scim-workflow.ts';
import { type Item, type NodeRun, type RunningN8n, startN8n } from './support/start-n8n.ts';
import { type Workflow, type WorkflowNode, workflow } from './support/workflow.ts';

let home: N8nHome;
let sandbox: Sandbox;
let n8n: RunningN8n;
let connector: Connector;
const id = 'sync';

/** The nodes as they are after the operation was selected: what comes from the workflow is an expression. */
const planNode = (fields: object = {}, options: object = {}): WorkflowNode =>
  scimNode(
    {
      resource: 'sync',
      operation: 'plan_sync',
      users: '={{ $input.all().map(({ json }) => json) }}',
      additionalFields: fields,
      options,
    },
    { name: 'Plan', id: 'id-Plan' },
  );
const applyNode = (parameters: object = {}, rest: Partial<WorkflowNode> = {}): WorkflowNode =>
  scimNode(
    { resource: 'sync', operation: 'apply_sync', plan: '={{ $json.plan }}', whenHeld: 'fail', ...parameters },
    { name: 'Apply', id: 'id-Apply', ...rest },
  );

const owned = { ownedBy: 'externalId:hr-' };
const person = (name: string, more: object = {}) => ({
  userName: `${name}@example.com`,
  externalId: `hr-${name}`,
  ...more,
});

beforeAll(async () => {
  sandbox = await startSandbox();
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  home = await createN8nHome();
  await home.importCredentials([
    {
      ...scimCredential.scimApi,
      type: 'scimApi',
      data: { baseUrl: sandbox.scimBaseUrl, token: sandbox.token },
    },
  ]);
  await home.importWorkflows([manualWorkflow(id, planNode())]);
  n8n = await startN8n(home);
});

afterAll(async () => {
  connector?.close();
  await n8n?.stop();
  await sandbox?.close();
  home?.remove();
});

beforeEach(async () => {
  for await (const user of connector.stream.search_users({}))
    await connector.actions.delete_user({ user: { id: user.id } });
  for (const name of ['ada', 'bob', 'cleo', 'dora'])
    await connector.actions.create_user({ ...person(name), title: 'Analyst', active: true });
});

/** Runs nodes one after another, for these items, and returns the run of each. */
async function run(
  items: readonly object[],
  ...nodes: readonly [WorkflowNode, ...WorkflowNode[]]
): Promise<{ readonly status: string; readonly runs: Readonly<Record<string, NodeRun | undefined>> }> {
  const [first, ...others] = nodes;
  const { nodes: line } = manualWorkflow(id, first, items);
  const all: Workflow = workflow(id, [...line, ...others]);
  const { status, data } = await n8n.run(all);
  const runs = Object.entries(data.resultData.runData).map(([name, [one]]) => [name, one] as const);
  return { status, runs: Object.fromEntries(runs) };
}

const itemsOf = (node: NodeRun | undefined, output = 0): readonly Item[] => node?.data?.main[output] ?? [];

async function state(): Promise<readonly string[]> {
  const { resources } = await connector.actions.search_users({ sortBy: 'userName' });
  return resources.map(({ userName, title, active }) => `${userName} ${title} ${active}`);
}

/** One changes, one is missing, and one is new. */
const sheet = [
  person('ada', { title: 'Countess' }),
  person('bob'),
  person('cleo'),
  person('grace', { title: 'Admiral', employeeNumber: 1906 }),
];

describe('a sync, in the real engine', () => {
  it('plans once for all items, and applies the plan of the node before', async () => {
    const { status, runs } = await run(sheet, planNode({ ...owned }), applyNode());

    expect(status).toBe('success');
    const [summary, ...planned] = itemsOf(runs.Plan);
    expect(summary?.json).toMatchObject({
      counts: { create: 1, update: 1, deactivate: 1 },
      unchanged: 2,
      holds: [],
      problems: [],
      plan: expect.stringContaining('"version":1'),
    });
    expect(planned.map(({ json, pairedItem }) => [json.kind, json.user.userName, pairedItem])).toEqual([
      ['update', 'ada@example.com', { item: 0 }],
      ['create', 'grace@example.com', { item: 3 }],
      ['deactivate', 'dora@example.com', { item: 0 }],
    ]);
    const [result, ...made] = itemsOf(runs.Apply);
    expect(result?.json.counts).toMatchObject({ changed: 3, failed: 0 });
    expect(made.map(({ json }) => json.outcome)).toEqual(['changed', 'changed', 'changed']);
    expect(await state()).toEqual([
      'ada@example.com Countess true',
      'bob@example.com Analyst true',
      'cleo@example.com Analyst true',
      'dora@example.com Analyst false',
      'grace@example.com Admiral true',
    ]);
  });

  it('fails with the number, the names, and what to do if a part is held, after the other changes', async () => {
    const rows = [person('ada', { title: 'Countess' }), person('bob')];
    const plan = planNode(owned, { safetyLimit: 1 });
    const { status, runs } = await run(rows, plan, applyNode());

    expect(status).toBe('error');
    const [summary] = itemsOf(runs.Plan);
    const [hold] = summary?.json.holds ?? [];
    expect(runs.Apply?.error?.message).toContain('Held by the safeguard: 2 of 3 changes.');
    expect(runs.Apply?.error?.message).toContain(
      'cleo@example.com (deactivate), dora@example.com (deactivate)',
    );
    expect(runs.Apply?.error?.description).toContain(hold.id);
    expect(runs.Apply?.error?.description).toContain('"Approved Hold"');
    expect(await state()).toContain('ada@example.com Countess true');
    expect(await state()).toContain('dora@example.com Analyst true');

    const approved = applyNode({ additionalFields: { approve: [hold.id] } });
    const again = await run(rows, plan, approved);

    expect(again.status).toBe('success');
    expect(await state()).toContain('dora@example.com Analyst false');
  });

  it('can be applied again after an interruption, and makes each change once', async () => {
    const { runs } = await run(sheet, planNode(owned));
    const [summary] = itemsOf(runs.Plan);
    const apply = applyNode({ plan: summary?.json.plan });
    await run([{}], apply);
    const before = await state();

    const again = await run([{}], apply);

    expect(again.status).toBe('success');
    expect(itemsOf(again.runs.Apply)[0]?.json.counts).toMatchObject({ refused: 0, failed: 0 });
    expect(await state()).toEqual(before);
  });

  it('sends what was not made to the error output, and the others on', async () => {
    const { runs } = await run(sheet, planNode(owned));
    const [summary] = itemsOf(runs.Plan);
    await connector.actions.update_user({ user: { userName: 'ada@example.com' }, title: 'Queen' });

    const apply = applyNode({ plan: summary?.json.plan }, { onError: 'continueErrorOutput' });
    const { runs: applied } = await run([{}], apply);

    expect(itemsOf(applied.Apply, 0).map(({ json }) => json.kind)).toEqual([
      'summary',
      'create',
      'deactivate',
    ]);
    expect(itemsOf(applied.Apply, 1).map(({ json }) => json)).toMatchObject([
      {
        error: expect.stringContaining('title was "Analyst" and is now "Queen"'),
        details: { kind: 'update', outcome: 'refused', user: { userName: 'ada@example.com' } },
      },
    ]);
  });

  it('ends with an error that names what was not made', async () => {
    const { runs } = await run(sheet, planNode(owned));
    const [summary] = itemsOf(runs.Plan);
    await connector.actions.update_user({ user: { userName: 'ada@example.com' }, title: 'Queen' });

    const { status, runs: applied } = await run([{}], applyNode({ plan: summary?.json.plan }));

    expect(status).toBe('error');
    expect(applied.Apply?.error?.message).toContain(
      'Changes that were not made: 1 of 3. ada@example.com (update):',
    );
  });

  it('sends the rows that cannot be used to the error output', async () => {
    const rows = [...sheet, person('hedy', { active: 'perhaps' })];
    const node = { ...planNode(owned), onError: 'continueErrorOutput' as const };
    const { runs } = await run(rows, node);

    expect(itemsOf(runs.Plan, 0)[0]?.json.problems).toMatchObject([{ rows: [5] }]);
    expect(itemsOf(runs.Plan, 1).map(({ json }) => json)).toMatchObject([
      { userName: 'hedy@example.com', error: expect.stringContaining('perhaps'), details: { row: 5 } },
    ]);
  });

  it('names the column that no user has, with what to do', async () => {
    const { status, runs } = await run([person('ada', { row_number: 2 })], planNode(owned));

    expect(status).toBe('error');
    expect(runs.Plan?.error?.message).toContain('"row_number"');
    expect(runs.Plan?.error?.description).toContain('"Column Map"');
  });

  it('holds everything if the sheet is empty', async () => {
    const { status, runs } = await run([{}], planNode(owned), applyNode());

    expect(status).toBe('error');
    expect(runs.Apply?.error?.message).toContain('4 of 4 changes');
    expect((await state()).every((line) => line.endsWith('true'))).toBe(true);
  });
});
