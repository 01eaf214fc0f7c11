import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mapConcurrently } from '../../../connector/map-concurrently.ts';
import { createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { installServices } from '../../../scripts/suites/install-services.ts';
import { type Child, startChild } from './support/child.ts';
import { freePort } from './support/free-port.ts';
import { createN8nHome, type N8nHome } from './support/n8n-home.ts';
import { scimCredential, scimNode } from './support/scim-workflow.ts';
import { type RunningN8n, startN8n } from './support/start-n8n.ts';
import { startPostgres } from './support/start-postgres.ts';
import { startRedis } from './support/start-redis.ts';
import { until } from './support/until.ts';
import { workflow, workflowNode } from './support/workflow.ts';

const count = 1000;
const provision = workflow('provision', [
  workflowNode({
    name: 'Webhook',
    type: 'n8n-nodes-base.webhook',
    typeVersion: 2,
    // The sender is answered with the user when the user is there, and so knows what to send again.
    parameters: { httpMethod: 'POST', path: 'provision', responseMode: 'lastNode', options: {} },
    webhookId: 'provision',
  }),
  scimNode({ resource: 'user', operation: 'upsert_user', userName: '={{ $json.body.userName }}' }),
]);

let sandbox: Sandbox;
let home: N8nHome;
let main: RunningN8n;
const workers: Child[] = [];
/** How often the sender had to send something again. */
let repeated = 0;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const programs = installServices();
  const redis = await startRedis(programs.redis);
  stops.push(redis.stop);
  const postgres = await startPostgres(programs.postgres);
  stops.push(postgres.stop);
  sandbox = await startSandbox();
  stops.push(sandbox.close);
  home = await createN8nHome({
    EXECUTIONS_MODE: 'queue',
    QUEUE_BULL_REDIS_HOST: '127.0.0.1',
    QUEUE_BULL_REDIS_PORT: String(redis.port),
    // An execution whose worker is gone counts as crashed after these times, which are a minute by default.
    QUEUE_WORKER_LOCK_DURATION: '5000',
    QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
    QUEUE_WORKER_STALLED_INTERVAL: '2000',
    DB_TYPE: 'postgresdb',
    DB_POSTGRESDB_HOST: '127.0.0.1',
    DB_POSTGRESDB_PORT: String(postgres.port),
    DB_POSTGRESDB_USER: 'postgres',
    DB_POSTGRESDB_DATABASE: 'postgres',
    OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
  });
  await home.importCredentials([
    {
      ...scimCredential.scimApi,
      type: 'scimApi',
      data: { baseUrl: sandbox.scimBaseUrl, token: sandbox.token },
    },
  ]);
  await home.importWorkflows([provision], [provision]);
  main = await startN8n(home);
  workers.push(await startWorker(), await startWorker());
});

afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await main?.stop();
  for (const stop of stops.toReversed()) await stop();
  home?.remove();
});

/** Starts a worker, and waits until it takes jobs. */
async function startWorker(): Promise<Child> {
  const port = await freePort();
  const worker = startChild(home.command, ['worker', '--concurrency=5'], {
    env: {
      ...home.env,
      QUEUE_HEALTH_CHECK_ACTIVE: 'true',
      QUEUE_HEALTH_CHECK_PORT: String(port),
      N8N_RUNNERS_BROKER_PORT: String(await freePort()),
    },
  });
  await until(
    'the worker',
    async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/healthz/readiness`).catch(() => undefined);
      if (worker.process.exitCode !== null) throw new Error(worker.output());
      return answer?.ok === true ? true : undefined;
    },
    120_000,
  );
  return worker;
}

describe('queue mode', () => {
  it(`creates each of ${count} users once, even if a worker is killed`, async () => {
    const url = main.webhookUrl('provision');
    const names = Array.from({ length: count }, (_, index) => `user-${index}@example.com`);
    // n8n says that it is there before its webhooks are.
    await until('the webhook', async () =>
      (await send(url, names[0] ?? '')).status === 404 ? undefined : true,
    );

    await mapConcurrently(names, 20, async (userName, index) => {
      if (index === Math.floor(count * 0.3)) await workers[0]?.stop('SIGKILL');
      if (index === Math.floor(count * 0.6)) workers[0] = await startWorker();
      await sendUntilDone(url, userName);
    });

    expect((await userNames()).toSorted()).toEqual(names.toSorted());
    expect(repeated).toBeGreaterThan(0);
  }, 600_000);
});

function send(url: string, userName: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userName }),
  });
}

/** n8n does not run an execution again whose worker was killed: the sender is notified, and sends it again. */
async function sendUntilDone(url: string, userName: string): Promise<void> {
  await until(
    userName,
    async () => {
      const answer = await send(url, userName);
      const text = await answer.text();
      if (answer.ok && text.includes(userName)) return true;
      repeated += 1;
      return undefined;
    },
    120_000,
  );
}

async function userNames(): Promise<readonly string[]> {
  const connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  try {
    const names: string[] = [];
    for await (const { userName } of connector.stream.search_users({ attributes: ['userName'] }))
      names.push(String(userName));
    return names;
  } finally {
    connector.close();
  }
}
