import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnector } from '../../../runtime/index.ts';
import { freePort } from './support/free-port.ts';
import { heapOfChild, inspectorEnv } from './support/heap-of-child.ts';
import { type N8nBench, openN8nBench } from './support/open-n8n-bench.ts';
import { manualWorkflow, scimNode } from './support/scim-workflow.ts';
import type { Item, NodeRun } from './support/start-n8n.ts';
import type { WorkflowNode } from './support/workflow.ts';

const workflowId = 'many-items';
/** The number of items of each run. */
const counts = { regular: 1000, split: 5000, stopped: 5000 } as const;
type Run = keyof typeof counts;
/** Of ten items, one fails: its user exists already, or, in each fourth, the cell of the username is empty. */
const isFailing = (item: number): boolean => item % 10 === 7;
const isEmpty = (item: number): boolean => item % 40 === 37;
const name = (run: Run, item: number): string => `${run}-${item}@example.com`;

let bench: N8nBench;
let inspectorPort: number;

beforeAll(async () => {
  inspectorPort = await freePort();
  bench = await openN8nBench({
    workflows: [manualWorkflow(workflowId, scimNode({}))],
    env: inspectorEnv(inspectorPort),
    prepare: async ({ scimBaseUrl: baseUrl, token }) => {
      const { actions, close } = createConnector({ baseUrl, token });
      const rows = Object.keys(counts).flatMap((run) =>
        itemsOf(run as Run)
          .filter((item) => isFailing(item) && !isEmpty(item))
          .map((item) => ({ userName: name(run as Run, item) })),
      );
      const { failed } = await actions.bulk_users({ action: 'create_user', rows });
      expect(failed).toBe(0);
      close();
    },
  });
});

afterAll(() => bench?.close());

/** The numbers of the items of a run. */
function itemsOf(run: Run): readonly number[] {
  return Array.from({ length: counts[run] }, (_, index) => index);
}

/** Creates a user for each item. Now and then, the provider throttles some requests in a row. */
async function create(run: Run, onError: WorkflowNode['onError'] = 'stopWorkflow'): Promise<NodeRun> {
  let requests = 0;
  bench.setPlan(() => {
    requests += 1;
    if (requests % 900 >= 8) return undefined;
    return { acts: false, kind: 'answer', status: 429, headers: () => ({ 'retry-after': '1' }) };
  });
  const items = itemsOf(run).map((item) => ({ item, userName: isEmpty(item) ? '' : name(run, item) }));
  const node = scimNode(
    { resource: 'user', operation: 'create_user', userName: '={{ $json.userName }}' },
    { onError },
  );
  const execution = await bench.n8n.run(manualWorkflow(workflowId, node, items));
  const [result] = execution.data.resultData.runData.SCIM ?? [];
  if (result === undefined) throw new Error(JSON.stringify(execution.data.resultData.error));
  return result;
}

/** The number of the input item that an output item is paired with. */
const itemOf = ({ pairedItem }: Item): number =>
  (Array.isArray(pairedItem) ? pairedItem[0] : (pairedItem as { item: number })).item;
const codeOf = ({ json }: Item): string | undefined => json.details?.code;

/** The usernames that begin with the name of a run. */
async function usersOf(run: Run): Promise<readonly string[]> {
  const { scimBaseUrl: baseUrl, token } = bench.sandbox;
  const connector = createConnector({ baseUrl, token });
  const names: string[] = [];
  for await (const { userName } of connector.stream.search_users({ attributes: ['userName'] }))
    if (String(userName).startsWith(`${run}-`)) names.push(String(userName));
  connector.close();
  return names.toSorted();
}

const named = (run: Run): readonly number[] => itemsOf(run).filter((item) => !isEmpty(item));
const allUsers = (run: Run): readonly string[] =>
  named(run)
    .map((item) => name(run, item))
    .toSorted();

// Half a minute on an idle machine, and minutes on a busy one.
describe('many items, of which a tenth fails, at a provider that throttles', { timeout: 600_000 }, () => {
  it('return in order, with their errors, if the node continues, and are sent once', async () => {
    const [output = []] = (await create('regular', 'continueRegularOutput')).data?.main ?? [];

    expect(output?.map(itemOf)).toEqual(itemsOf('regular'));
    expect(output?.map((item) => codeOf(item))).toEqual(
      itemsOf('regular').map((item) =>
        isEmpty(item) ? 'invalid_input' : isFailing(item) ? 'conflict' : undefined,
      ),
    );
    expect(output?.filter((item) => codeOf(item) === undefined).map(({ json }) => json.userName)).toEqual(
      itemsOf('regular')
        .filter((item) => !isFailing(item))
        .map((item) => name('regular', item)),
    );
    expect(await usersOf('regular')).toEqual(allUsers('regular'));
    expect(bench.seen.filter(({ method }) => method === 'POST').length).toBeLessThan(
      named('regular').length + 100,
    );
  });

  it('leave through the two outputs, each in order, and leave nothing in memory', async () => {
    const before = await heapOfChild(bench.n8n.child, inspectorPort);
    const [done = [], failed = []] = (await create('split', 'continueErrorOutput')).data?.main ?? [];
    const after = await heapOfChild(bench.n8n.child, inspectorPort);

    expect(done?.map(itemOf)).toEqual(itemsOf('split').filter((item) => !isFailing(item)));
    expect(done?.every((item) => item.json.userName === name('split', itemOf(item)))).toBe(true);
    expect(failed?.map(itemOf)).toEqual(itemsOf('split').filter(isFailing));
    // With its input.
    expect(failed?.map(({ json }) => json.item)).toEqual(itemsOf('split').filter(isFailing));
    expect(await usersOf('split')).toEqual(allUsers('split'));
    expect(after - before).toBeLessThan(20 * 2 ** 20);
  });

  it('stop soon after the first failure, and name its item', async () => {
    const { error } = await create('stopped');

    expect(error).toMatchObject({ name: 'NodeApiError', httpCode: '409', context: { itemIndex: 7 } });
    expect(bench.seen.length).toBeLessThan(counts.stopped / 2);
  });
});
