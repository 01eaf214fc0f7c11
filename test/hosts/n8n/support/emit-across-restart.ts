import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createConnector } from '../../../../runtime/index.ts';
import { openN8nBench } from './open-n8n-bench.ts';
import { scimCredential } from './scim-workflow.ts';
import { until } from './until.ts';
import { nodeTypes, workflow, workflowNode } from './workflow.ts';

const trigger = 'SCIM Trigger';
const leaving = workflow('leaving', [
  workflowNode({
    name: trigger,
    type: nodeTypes.scimTrigger,
    parameters: {
      event: 'user_deprovisioned',
      pollTimes: { item: [{ mode: 'custom', cronExpression: '30 * * * * *' }] },
    },
    credentials: scimCredential,
  }),
  workflowNode({ name: 'Then', type: 'n8n-nodes-base.noOp', parameters: {} }),
]);

/**
 * Someone leaves, comes back, which a poll sees and tells nobody of, and leaves again while n8n is killed and started
 * again; with n8n's durable poll cursors. Returns what was reported.
 */
export async function emitAcrossRestart(): Promise<readonly unknown[]> {
  const bench = await openN8nBench({
    published: [leaving],
    env: {
      N8N_SCHEDULER_ENABLED: 'true',
      N8N_SCHEDULER_POLL_TRIGGERS_ENABLED: 'true',
      N8N_USE_WORKFLOW_PUBLICATION_SERVICE: 'true',
      N8N_POLLER_DURABLE_CURSORS_ENABLED: 'true',
    },
    prepare: async ({ scimBaseUrl: baseUrl, token }) => {
      const { actions, close } = createConnector({ baseUrl, token });
      await actions.create_user({ userName: 'ada@example.com' });
      close();
    },
  });
  const { scimBaseUrl: baseUrl, token } = bench.sandbox;
  const { actions, close } = createConnector({ baseUrl, token });
  const user = { userName: 'ada@example.com' };
  const reported = async (): Promise<readonly unknown[]> =>
    (await bench.n8n.executions(leaving.id)).flatMap(({ data }) =>
      (data.resultData.runData[trigger]?.[0]?.data?.main[0] ?? []).map(({ json }) => json.type),
    );
  const cursor = (): unknown => {
    const database = new DatabaseSync(join(bench.home.folder, '.n8n', 'database.sqlite'), { readOnly: true });
    try {
      const row = database.prepare('SELECT cursor FROM poller_state WHERE workflowId = ?').get(leaving.id);
      return row !== undefined && String(row.cursor).includes('"cursor"') ? row.cursor : undefined;
    } finally {
      database.close();
    }
  };
  const untilReported = (count: number): Promise<true> =>
    until(
      `${count} events`,
      async () => ((await reported()).length === count ? true : undefined),
      withinInMs,
    );
  try {
    await until('the first poll', async () => cursor(), withinInMs);
    await actions.deactivate_user({ user });
    await untilReported(1);
    const before = cursor();
    await actions.reactivate_user({ user });
    await until(
      'a poll that tells of nothing',
      async () => (cursor() === before ? undefined : true),
      withinInMs,
    );
    await bench.restart();
    await actions.deactivate_user({ user });
    await untilReported(2);
    return await reported();
  } finally {
    close();
    await bench.close();
  }
}

/** n8n polls no oftener than once a minute. */
const withinInMs = 150_000;
