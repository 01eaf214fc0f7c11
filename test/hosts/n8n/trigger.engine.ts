import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connector, createConnector } from '../../../runtime/index.ts';
import { defaultEventAudience, defaultEventIssuer } from '../../../sandbox/assumptions.ts';
import { emitAcrossRestart } from './support/emit-across-restart.ts';
import { type N8nBench, openN8nBench } from './support/open-n8n-bench.ts';
import { scimCredential } from './support/scim-workflow.ts';
import type { Item } from './support/start-n8n.ts';
import { until } from './support/until.ts';
import { nodeTypes, type Workflow, workflow, workflowNode } from './support/workflow.ts';

let bench: N8nBench;
let connector: Connector;
/** A story next to that of the tests: both wait for the minute. */
let acrossRestart: Promise<PromiseSettledResult<readonly unknown[]>[]>;

/** n8n polls no oftener than once a minute; all these poll in the same second of it. */
const pollTimes = { item: [{ mode: 'custom', cronExpression: '30 * * * * *' }] };

function watching(event: string, parameters: Readonly<Record<string, unknown>> = {}): Workflow {
  return workflow(event, [
    workflowNode({
      name: 'SCIM Trigger',
      type: nodeTypes.scimTrigger,
      parameters: { event, pollTimes, ...parameters },
      credentials: scimCredential,
    }),
    workflowNode({ name: 'Then', type: 'n8n-nodes-base.noOp', parameters: {} }),
  ]);
}

const workflows = [
  watching('user_provisioned'),
  watching('user_role_changed', { roleTo: { __rl: true, mode: 'name', value: 'Admin' } }),
  watching('user_deprovisioned', { options: { massChangeLimit: 2 } }),
];

/** Security event tokens of the same provider, fetched. */
const fetched = { id: 'fetched-credential', name: 'Events that are fetched' };
const stream = workflow('event_stream', [
  workflowNode({
    name: 'SCIM Trigger',
    type: nodeTypes.scimTrigger,
    parameters: { source: 'events', event: 'user_deprovisioned', pollTimes },
    credentials: { scimEventsApi: fetched, ...scimCredential },
  }),
  workflowNode({ name: 'Then', type: 'n8n-nodes-base.noOp', parameters: {} }),
]);

/** The log of the same workspace. */
const logged = { id: 'logged-credential', name: 'Events in a log' };
const log = workflow('event_log', [
  workflowNode({
    name: 'SCIM Trigger',
    type: nodeTypes.scimTrigger,
    parameters: { source: 'log', event: 'user_deprovisioned', pollTimes },
    // No credential of the provider.
    credentials: { scimEventsApi: logged },
  }),
  workflowNode({ name: 'Then', type: 'n8n-nodes-base.noOp', parameters: {} }),
]);

const published = [...workflows, stream, log];

/** Their SCIM IDs: the events of a stream name users by nothing else. */
const leaverIds: string[] = [];
const leavers = ['one@example.com', 'two@example.com', 'three@example.com'];

beforeAll(async () => {
  acrossRestart = Promise.allSettled([emitAcrossRestart()]);
  bench = await openN8nBench({
    sandbox: { eventPolling: true },
    published,
    credentials: ({ jwksUrl, eventPollUrl: pollUrl, eventPollToken: pollToken, apiUrl, adminToken }) => [
      {
        ...logged,
        type: 'scimEventsApi',
        data: { source: 'workato_activity_log', apiUrl, apiToken: adminToken },
      },
      {
        ...fetched,
        type: 'scimEventsApi',
        data: {
          source: 'security_event_poll',
          issuer: defaultEventIssuer,
          audience: defaultEventAudience,
          jwksUrl,
          pollUrl,
          pollToken,
        },
      },
    ],
    prepare: async ({ scimBaseUrl: baseUrl, token }) => {
      connector = createConnector({ baseUrl, token });
      const { create_user: create } = connector.actions;
      await create({ userName: 'bob@example.com', workato_role: 'Analyst' });
      for (const userName of leavers) leaverIds.push((await create({ userName })).id);
    },
  });
  // When a workflow is switched on, n8n polls at once, and keeps what all later changes are measured by.
  for (const { id } of published) {
    await until(`the first poll of ${id}`, async () => {
      const { staticData } = (await bench.n8n.rest('GET', `/workflows/${id}`)) as { staticData: unknown };
      return staticData === null ? undefined : staticData;
    });
  }
});

afterAll(async () => {
  await acrossRestart;
  connector?.close();
  await bench?.close();
});

const eventsOf = async (key: string): Promise<readonly Item['json'][]> =>
  (await bench.n8n.executions(key)).flatMap(({ data }) =>
    ['SCIM Trigger', renamed].flatMap((name) =>
      (data.resultData.runData[name]?.[0]?.data?.main[0] ?? []).map(({ json }) => json),
    ),
  );

const renamed = 'New users';

/** Renames the trigger of a workflow while it is not published, and creates a user meanwhile. */
async function renameTrigger(id: string, userName: string): Promise<void> {
  const { rest } = bench.n8n;
  await rest('POST', `/workflows/${id}/deactivate`, {});
  await connector.actions.create_user({ userName });
  const { nodes, connections } = (await rest('GET', `/workflows/${id}`)) as Workflow;
  const { 'SCIM Trigger': links, ...others } = connections;
  const { versionId } = (await rest('PATCH', `/workflows/${id}`, {
    nodes: nodes.map((node) => (node.name === 'SCIM Trigger' ? { ...node, name: renamed } : node)),
    connections: { ...others, [renamed]: links },
  })) as { versionId: string };
  await rest('POST', `/workflows/${id}/activate`, { versionId });
}

/** Waits for the poll of the next minute. */
const untilReported = <Value>(
  what: string,
  ask: () => Promise<readonly Value[]>,
): Promise<readonly Value[]> =>
  until(
    what,
    async () => {
      const found = await ask();
      return found.length > 0 ? found : undefined;
    },
    150_000,
  );

// One story: each test goes on from where the previous one ended.
describe('the polling trigger, in the real engine', () => {
  it('emits each change once, and blocks a mass change', async () => {
    const { id } = await connector.actions.create_user({ userName: 'ada@example.com' });
    await connector.actions.set_workato_role({ user: { userName: 'bob@example.com' }, role: 'Admin' });
    for (const userName of leavers) await connector.actions.deactivate_user({ user: { userName } });

    expect(await untilReported('user_provisioned', () => eventsOf('user_provisioned'))).toMatchObject([
      {
        type: 'create',
        resource: 'User',
        subject: { id, userName: 'ada@example.com' },
        dedupeKey: expect.stringMatching(/./),
      },
    ]);
    expect(await untilReported('user_role_changed', () => eventsOf('user_role_changed'))).toMatchObject([
      {
        type: 'patch',
        subject: { userName: 'bob@example.com' },
        changes: [{ from: 'Analyst', to: 'Admin' }],
      },
    ]);
    const failed = await untilReported('the failure', () => bench.n8n.executions('user_deprovisioned'));
    expect(failed).toMatchObject([
      {
        status: 'error',
        data: {
          resultData: {
            error: {
              name: 'NodeApiError',
              message: expect.stringContaining(
                '3 of 4 users would be reported as deactivated or deleted within 24 hours, and the limit is 2.',
              ),
              description: expect.stringMatching(
                /^Check at the provider whether this is correct\. If it is, poll with .*Approved Hold.* set to "hold-[0-9a-f]{16}"/,
              ),
            },
          },
        },
      },
    ]);
  });

  it('fetches the same events from an event stream', async () => {
    const reported = await untilReported('event_stream', () => eventsOf('event_stream'));

    // A token names its user by the SCIM ID alone: the rest was asked for.
    expect(reported.map(({ type, subject, source }) => [type, subject, source])).toMatchObject(
      leaverIds.map((id, index) => ['deactivate', { id, userName: leavers[index] }, 'security_event_poll']),
    );
  });

  it('polls the same events from a log, without a credential of the provider', async () => {
    const reported = await untilReported('event_log', () => eventsOf('event_log'));
    expect(reported.map(({ type, subject, source }) => [type, subject, source])).toMatchObject(
      leaverIds.map((id) => ['deactivate', { id }, 'workato_activity_log']),
    );
  });

  it('emits deprovisioned users within the limit, and none twice', async () => {
    await connector.actions.reactivate_user({ user: { userName: leavers[0] ?? '' } });

    const reported = await untilReported('user_deprovisioned', () => eventsOf('user_deprovisioned'));
    expect(reported.map(({ type, subject }) => [type, subject.userName]).toSorted()).toEqual([
      ['deactivate', 'three@example.com'],
      ['deactivate', 'two@example.com'],
    ]);
    expect(await eventsOf('user_provisioned')).toHaveLength(1);
    expect(await eventsOf('user_role_changed')).toHaveLength(1);
    // What was given was acknowledged by this round, in which nobody else has left.
    expect(await eventsOf('event_stream')).toHaveLength(leavers.length);
    expect(await eventsOf('event_log')).toHaveLength(leavers.length);
  });

  it('reports what changed before a renamed trigger was published', async () => {
    await renameTrigger('user_provisioned', 'gil@example.com');

    const names = await until(
      'the user',
      async () => {
        const events = await eventsOf('user_provisioned');
        return events.length > 1 ? events.map(({ subject }) => subject.userName) : undefined;
      },
      150_000,
    );
    expect(names).toEqual(['ada@example.com', 'gil@example.com']);
  });

  it('resumes after n8n is killed and restarted', async () => {
    await connector.actions.create_user({ userName: 'eve@example.com' });
    // Two users have lost access today, and that is the limit: the deletion is held.
    await connector.actions.delete_user({ user: { userName: 'ada@example.com' } });
    await bench.restart();

    const names = async () => (await eventsOf('user_provisioned')).map(({ subject }) => subject.userName);
    const provisioned = await until(
      'the new user',
      async () => ((await names()).length > 2 ? names() : undefined),
      150_000,
    );
    expect(provisioned).toEqual(['ada@example.com', 'gil@example.com', 'eve@example.com']);
    expect(await eventsOf('user_deprovisioned')).toHaveLength(2);
  });

  it('stores the cursor of a poll without events', async () => {
    expect(await acrossRestart).toEqual([{ status: 'fulfilled', value: ['deactivate', 'deactivate'] }]);
  });
});
