import { readFileSync } from 'node:fs';
import { json as readJson } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connector, createConnector } from '../../../runtime/index.ts';
import { listen, type TestServer } from '../../support/listen.ts';
import { type N8nBench, openN8nBench } from './support/open-n8n-bench.ts';
import type { Item } from './support/start-n8n.ts';
import { until } from './support/until.ts';
import type { Workflow } from './support/workflow.ts';

let bench: N8nBench;
let connector: Connector;
/** Stands for the ticket system and the chat. */
let office: TestServer;
const reported: { readonly path: string; readonly body: unknown }[] = [];

/** A ready workflow, as a person imports it; its addresses are put in as in the node "Settings". */
function example(name: string): Workflow {
  const text = readFileSync(`examples/n8n/${name}.json`, 'utf8');
  return JSON.parse(
    text.replaceAll(/https:\/\/(tickets|chat)\.example\.com/g, `${office.origin}/$1`),
  ) as Workflow;
}

let sheet: Workflow;
let offboard: Workflow;
let review: Workflow;
let sync: Workflow;
let leavers: Workflow;

beforeAll(async () => {
  office = await listen(async (request, response) => {
    reported.push({ path: request.url ?? '', body: await readJson(request) });
    response.setHeader('content-type', 'application/json').end('{"id":"T-1"}');
  });
  sheet = example('provision-from-sheet');
  offboard = example('offboard');
  review = example('role-review');
  sync = example('sync-from-sheet');
  leavers = example('offboard-leavers');
  bench = await openN8nBench({
    workflows: [review],
    published: [sheet, offboard, sync, leavers],
    prepare: async ({ scimBaseUrl: baseUrl, token }) => {
      connector = createConnector({ baseUrl, token });
      const { actions } = connector;
      const leaver = await actions.create_user({ userName: 'leaver@example.com' });
      const colleague = await actions.create_user({ userName: 'colleague@example.com' });
      for (const displayName of ['Engineering', 'Automation']) {
        await actions.create_group({ displayName, members: [{ value: leaver.id }, { value: colleague.id }] });
      }
    },
  });
  await until('the first poll', async () =>
    bench.seen.some(({ path }) => path.startsWith('/scim/v2/Users?')) ? true : undefined,
  );
});

afterAll(async () => {
  connector?.close();
  await bench?.close();
  await office?.close();
});

/** Uploads a sheet in the form of a workflow, and returns the items of its report. */
async function upload({ id }: Workflow, rows: string): Promise<readonly Item['json'][]> {
  const before = (await bench.n8n.executions(id)).length;
  const form = new FormData();
  form.set('field-0', new Blob([rows], { type: 'text/csv' }), 'people.csv');
  const answer = await fetch(`${bench.n8n.url}/form/${id}`, { method: 'POST', body: form });
  expect(answer.status).toBe(200);
  const execution = await until('the execution', async () => (await bench.n8n.executions(id))[before]);
  const runs = execution.data.resultData.runData.Report ?? [];
  return runs.flatMap(({ data }) => data?.main[0] ?? []).map(({ json }) => json);
}

describe('the example workflows', () => {
  it('provisions the users of a sheet, and returns the result of each row', async () => {
    const rows = `${readFileSync('examples/people.csv', 'utf8').trim()}\n,Nobody,Nameless,,,,,,,,\n`;
    const report = (await upload(sheet, rows)).map(({ result }) => result);
    expect(report.filter((result) => result === 'done')).toHaveLength(28);
    expect(report.filter((result) => result !== 'done')).toEqual([
      'Invalid input: "Username" is required. Correct the input and try again.',
    ]);
    expect(await connector.actions.find_user({ user: { userName: 'ada@example.com' } })).toMatchObject({
      name: { givenName: 'Ada', familyName: 'Lovelace' },
      title: 'Principal analyst',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { employeeNumber: '1815' },
      'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole': { workato_role: 'Admin' },
    });
  });

  it('syncs the users of a sheet, and reports what is held', async () => {
    const monday = readFileSync('examples/sheets/monday.csv', 'utf8');
    const [summary, ...made] = await upload(sync, monday);
    expect(summary.result).toBe(`${made.length} changed`);
    expect(made.length).toBeGreaterThan(20);
    expect(made.every(({ result }) => result === 'changed')).toBe(true);
    const again = await upload(sync, monday);
    expect(again).toEqual([{ user: 'All', change: 'summary', result: 'no changes' }]);

    // The sheet has lost most of its rows.
    const held = await upload(sync, monday.split('\n').slice(0, 5).join('\n'));
    expect(held).toMatchObject([
      { result: expect.stringMatching(/^Held by the safeguard: .*\(deactivate\)/) },
    ]);
  });

  it('lists the users with a role', async () => {
    const execution = await bench.n8n.run(review);

    expect(execution.status).toBe('success');
    const { path, body } = reported.at(-1) ?? {};
    expect(path).toBe('/chat/hooks/role-review');
    const { role, count, users } = body as { role: string; count: number; users: readonly string[] };
    expect(role).toBe('Admin');
    expect(users).toContain('ada@example.com, Principal analyst');
    expect(users).toHaveLength(count);
  });

  it('offboards a deactivated user: removes the groups, opens a ticket, and sends a message', async () => {
    await connector.actions.deactivate_user({ user: { userName: 'leaver@example.com' } });
    await until(
      'the message',
      async () => (reported.some(({ path }) => path === '/chat/hooks/it-team') ? true : undefined),
      150_000,
    );

    expect(reported.find(({ path }) => path === '/tickets/api/tickets')?.body).toMatchObject({
      title: 'Offboard leaver@example.com',
      reason: 'deactivate',
      key: expect.stringMatching(/./),
    });
    expect(reported.find(({ path }) => path === '/chat/hooks/it-team')?.body).toEqual({
      text: 'leaver@example.com has lost access (deactivate)',
    });
    await until('the execution', async () =>
      (await bench.n8n.executions(offboard.id)).length > 0 ? true : undefined,
    );
    const groups = (await connector.actions.search_groups({})).resources;
    expect(groups.map(({ members = [] }) => members.length)).toEqual([1, 1]);
  });

  it('offboards the leavers of a sheet, and skips those who still work', async () => {
    const { get_user, search_groups } = connector.actions;
    const [colleague, ada] = ['colleague@example.com', 'ada@example.com'];
    const rows = `userName,lastDay\n${colleague},2026-01-31\n${ada},2999-12-31\nnobody@example.com,2026-01-31\n`;
    const report = await upload(leavers, rows);

    expect(report.filter(({ result }) => result === 'done')).toEqual([
      { userName: colleague, result: 'done' },
    ]);
    expect(report.filter(({ result }) => result !== 'done')).toMatchObject([
      { userName: 'nobody@example.com', result: expect.stringContaining('No user matches') },
    ]);
    expect(await get_user({ user: { userName: ada } })).toMatchObject({ active: true });
    const { id, active } = await get_user({ user: { userName: colleague } });
    expect(active).toBe(false);
    expect((await search_groups({ member: id })).resources).toEqual([]);
  });
});
