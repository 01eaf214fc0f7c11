import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../support/fault.ts';
import { type N8nBench, openN8nBench } from './support/open-n8n-bench.ts';
import { manualWorkflow, scimNode } from './support/scim-workflow.ts';
import type { Execution, NodeRun } from './support/start-n8n.ts';
import type { WorkflowNode } from './support/workflow.ts';

let bench: N8nBench;
const workflowId = 'failures';
const revoked = { scimApi: { id: 'revoked-credential', name: 'A token that was revoked' } };
const secrets = { token: '', revoked: 'a-token-that-was-revoked' };

beforeAll(async () => {
  bench = await openN8nBench({
    workflows: [manualWorkflow(workflowId, scimNode({}))],
    credentials: ({ scimBaseUrl: baseUrl }) => [
      { ...revoked.scimApi, type: 'scimApi', data: { baseUrl, token: secrets.revoked } },
    ],
  });
  secrets.token = bench.sandbox.token;
});

afterEach(() => bench.setPlan(() => undefined));

afterAll(() => bench?.close());

const people = (...names: readonly string[]): readonly object[] => names.map((userName) => ({ userName }));
const createUser = { resource: 'user', operation: 'create_user', userName: '={{ $json.userName }}' };

async function run(
  items: readonly object[],
  parameters: Readonly<Record<string, unknown>> = createUser,
  rest: Partial<WorkflowNode> = {},
): Promise<{ execution: Execution; node: NodeRun | undefined }> {
  const execution = await bench.n8n.run(manualWorkflow(workflowId, scimNode(parameters, rest), items));
  return { execution, node: execution.data.resultData.runData.SCIM?.[0] };
}

/** A response of a proxy, or of a provider in trouble, to everything. */
function answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): () => Fault {
  return () => ({ acts: false, kind: 'answer', status, body, headers: () => headers });
}

describe('the error that a user sees', () => {
  it('names a revoked token', async () => {
    const { execution, node } = await run(people('ada@example.com'), createUser, { credentials: revoked });

    expect(execution.status).toBe('error');
    expect(node?.error).toMatchObject({
      name: 'NodeApiError',
      message: 'The provider rejected the token. Provider message: The SCIM token is not valid.',
      httpCode: '401',
    });
    expect(node?.error?.description).toBe(
      'Check that "SCIM Token" is complete, and that it has not expired or been replaced.',
    );
    const all = JSON.stringify(execution);
    expect(all).not.toContain(secrets.revoked);
  });

  it('names a pause that is longer than the deadline', async () => {
    bench.setPlan(answer(429, '', { 'retry-after': '3600' }));
    const { node } = await run(people('ada@example.com'));

    expect(node?.error).toMatchObject({
      message: 'The provider limits the request rate, and the time limit was too short to wait.',
      description:
        'Try again in 3600 seconds. If it happens often, lower "Rate Limit (Requests per Minute)".',
      httpCode: '429',
    });
    expect(bench.seen.length).toBe(1);
  });

  it('does not appear for a pause that fits the deadline', async () => {
    let refusals = 2;
    bench.setPlan(({ method }) => {
      if (method !== 'POST' || refusals === 0) return undefined;
      refusals -= 1;
      return answer(429, '', { 'retry-after': '1' })();
    });
    const { execution, node } = await run(people('patient@example.com'));

    expect(execution.status).toBe('success');
    expect(node?.data?.main[0]).toMatchObject([{ json: { userName: 'patient@example.com' } }]);
    expect(bench.seen.filter(({ method }) => method === 'POST').length).toBe(3);
  });

  it('names the web page of a proxy', async () => {
    bench.setPlan(answer(200, '<!doctype html><title>Sign in</title>', { 'content-type': 'text/html' }));
    const { node } = await run(people('ada@example.com'));

    expect(node?.error).toMatchObject({
      message: 'The response is a web page, not SCIM. It may come from a proxy or a login page.',
      description: expect.stringContaining('Check that "SCIM Base URL" is the URL of the SCIM service'),
    });
  });

  it('does not appear if a response is lost: the user exists once', async () => {
    let isLost = false;
    bench.setPlan(({ method }) => {
      if (method !== 'POST' || isLost) return undefined;
      isLost = true;
      return { acts: true, kind: 'reset' };
    });
    const { execution, node } = await run(people('lost@example.com'));

    expect(execution.status).toBe('success');
    expect(node?.data?.main[0]).toMatchObject([{ json: { userName: 'lost@example.com' } }]);
    expect(bench.seen.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  it('names a required field whose cell was empty', async () => {
    const { node } = await run([{ userName: '' }]);

    expect(node?.error?.message).toBe('Invalid input: "Username" is required.');
    expect(node?.error?.context).toMatchObject({ itemIndex: 0 });
    expect(bench.seen).toEqual([]);
  });
});

describe('a search with a filter that has no value', () => {
  const search = { resource: 'user', operation: 'search_users', returnAll: true };

  it.each([
    ['an expression without a value', { filters: { department: '={{ $json.department }}' } }],
    ['an added filter without a value', { filters: { department: '' } }],
    ['an empty SCIM filter', { filters: {}, options: { filter: '={{ $json.filter }}' } }],
  ])('fails for %s, and reads nobody', async (_, parameters) => {
    const { execution, node } = await run([{}], { ...search, ...parameters });

    expect(execution.status).toBe('error');
    expect(node?.error?.message).toMatch(/^Invalid input: /);
    expect(bench.seen).toEqual([]);
  });

  it('returns everybody without filters', async () => {
    await run(people('everybody@example.com'));
    const { execution, node } = await run([{}], { ...search, filters: {} });

    expect(execution.status).toBe('success');
    expect(node?.data?.main[0]?.length).toBeGreaterThan(0);
  });
});

describe('many items', () => {
  it('return an error for each failed item, and continue', async () => {
    await run(people('taken@example.com'));
    const items = people('one@example.com', 'taken@example.com', 'two@example.com');
    const { execution, node } = await run(items, createUser, { onError: 'continueRegularOutput' });

    expect(execution.status).toBe('success');
    expect(node?.data?.main[0]).toMatchObject([
      { json: { userName: 'one@example.com' }, pairedItem: { item: 0 } },
      {
        json: {
          error: expect.stringContaining('update it instead of creating it'),
          details: { code: 'conflict', status: 409, scimType: 'uniqueness' },
        },
        pairedItem: { item: 1 },
      },
      { json: { userName: 'two@example.com' }, pairedItem: { item: 2 } },
    ]);
  });

  it('continue after an expression that fails', async () => {
    const items = people('first@example.com', 'second@example.com', 'third@example.com');
    const userName =
      '={{ $json.userName.startsWith("second") ? $("No such node").item.json.x : $json.userName }}';
    const { execution, node } = await run(
      items,
      { ...createUser, userName },
      { onError: 'continueRegularOutput' },
    );

    expect(execution.status).toBe('success');
    expect(node?.data?.main[0]).toMatchObject([
      { json: { userName: 'first@example.com' } },
      { json: { error: "Referenced node doesn't exist" }, pairedItem: { item: 1 } },
      { json: { userName: 'third@example.com' } },
    ]);
  });

  it('send failed items to the error output', async () => {
    const items = people('three@example.com', 'taken@example.com');
    const { node } = await run(items, createUser, { onError: 'continueErrorOutput' });

    const [done, failed] = node?.data?.main ?? [];
    expect(done).toMatchObject([{ json: { userName: 'three@example.com' } }]);
    expect(failed).toMatchObject([
      { json: { userName: 'taken@example.com', details: { code: 'conflict' } } },
    ]);
  });

  it('name the item that ended the run', async () => {
    const items = people('four@example.com', 'taken@example.com', 'five@example.com');
    const { node } = await run(items);

    expect(node?.error).toMatchObject({ name: 'NodeApiError', httpCode: '409', context: { itemIndex: 1 } });
  });

  it('stop if the token is rejected, even if the workflow continues on errors', async () => {
    bench.setPlan(answer(401, ''));
    const items = people(...Array.from({ length: 200 }, (_, index) => `many-${index}@example.com`));
    const { node } = await run(items, createUser, { onError: 'continueRegularOutput' });

    const codes = node?.data?.main[0]?.map(({ json }) => json.details.code);
    expect(codes?.length).toBe(200);
    expect(new Set(codes)).toEqual(new Set(['auth']));
    // As many as were under way at once.
    expect(bench.seen.length).toBeLessThanOrEqual(32);
  });

  it('change one user in the order of the items', async () => {
    const titles = Array.from({ length: 20 }, (_, index) => ({ title: `Title ${index}` }));
    const { node } = await run(titles, {
      resource: 'user',
      operation: 'update_user',
      user: { __rl: true, mode: 'userName', value: 'one@example.com' },
      updateFields: { title: '={{ $json.title }}' },
    });

    expect(node?.data?.main[0]?.map(({ json }) => json.title)).toEqual(titles.map(({ title }) => title));
  });
});
