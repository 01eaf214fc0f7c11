import { afterEach, describe, expect, it } from 'vitest';
import { type BulkResult, createConnector } from '../../../runtime/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import type { Fault } from '../../support/fault.ts';
import { listen } from '../../support/listen.ts';
import { type FaultBench, type FaultBenchOptions, openFaultBench } from '../../support/open-fault-bench.ts';

let bench: FaultBench | undefined;

afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function open(options: FaultBenchOptions = {}): Promise<FaultBench> {
  bench = await openFaultBench(options);
  return bench;
}

const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ userName: `user-${index}@example.com` }));
const posts = ({ proxy }: FaultBench, end: string): number =>
  proxy.seen.filter(({ method, path }) => method === 'POST' && path.endsWith(end)).length;
const countUsers = async ({ direct }: FaultBench): Promise<number> =>
  (await direct.actions.search_users({ filter: 'userName sw "user-"' })).totalResults;

describe('bulk_users', () => {
  it('returns a result for every row in order, and continues after a failed row', async () => {
    const opened = await open();
    await opened.direct.actions.create_user({ userName: 'taken@example.com' });
    const rows = [
      { userName: 'user-0@example.com' },
      { userName: '' },
      { userName: 'user-1@example.com', color: 'red' },
      { userName: 'taken@example.com' },
      { userName: 'user-2@example.com', workato_role: 'No such role' },
      'no object',
      { userName: 'user-3@example.com' },
    ];

    const output = (await opened.run('bulk_users', {
      action: 'create_user',
      rows: rows.slice(0, 5),
    })) as BulkResult;

    expect(output.results.map(({ row, ok, error }) => [row, ok, error?.code])).toEqual([
      [1, true, undefined],
      [2, false, 'invalid_input'],
      [3, false, 'invalid_input'],
      [4, false, 'conflict'],
      [5, false, 'invalid_input'],
    ]);
    expect(output).toMatchObject({ succeeded: 1, failed: 4 });
    expect(output.results[2]?.error?.message).toContain('`color` is not a known field');
    // What is no row at all is a mistake in the input as a whole.
    expect((await failureOf(opened.run('bulk_users', { rows }))).message).toContain(
      '`rows[5]` must be an object',
    );
  });

  it('sends at most 200 rows in one request, and reports progress', async () => {
    const opened = await open();
    const progress: { done: number; total: number }[] = [];

    const output = await opened.run(
      'bulk_users',
      { action: 'create_user', rows: rowsOf(450) },
      { onProgress: (step) => progress.push(step) },
    );

    expect(output).toMatchObject({ succeeded: 450, failed: 0 });
    expect(posts(opened, '/Bulk')).toBe(3);
    expect(progress.map(({ done }) => done)).toEqual(Array.from({ length: 450 }, (_, index) => index + 1));
    expect(progress.every(({ total }) => total === 450)).toBe(true);
  });

  it('respects the maximum number of operations of the provider', async () => {
    const opened = await open({ sandbox: { limits: { maxBulkOperations: 7 } } });

    expect(await opened.run('bulk_users', { action: 'create_user', rows: rowsOf(20) })).toMatchObject({
      succeeded: 20,
    });
    expect(posts(opened, '/Bulk')).toBe(3);
    expect(posts(opened, '/Users')).toBe(0);
  });

  it('respects the maximum body size of the provider', async () => {
    const opened = await open({ sandbox: { limits: { maxPayloadBytes: 4_000 } } });

    expect(await opened.run('bulk_users', { action: 'create_user', rows: rowsOf(40) })).toMatchObject({
      succeeded: 40,
    });
    expect(posts(opened, '/Bulk')).toBeGreaterThan(1);
    expect(posts(opened, '/Users')).toBe(0);
  });

  it.each<[string, Fault]>([
    [
      'says that it has none',
      { kind: 'answer', acts: false, status: 200, body: '{"bulk":{"supported":false}}' },
    ],
    ['says nothing of itself', { kind: 'answer', acts: false, status: 404, body: '{}' }],
    ['answers with a page', { kind: 'answer', acts: false, status: 200, body: '<html>' }],
  ])('runs the rows one by one where the provider %s', async (_, fault) => {
    const opened = await open();
    opened.setPlan(({ path }) => (path.endsWith('/ServiceProviderConfig') ? fault : undefined));

    expect(await opened.run('bulk_users', { action: 'create_user', rows: rowsOf(20) })).toMatchObject({
      succeeded: 20,
    });
    expect([posts(opened, '/Bulk'), posts(opened, '/Users')]).toEqual([0, 20]);
    expect(await countUsers(opened)).toBe(20);
  });

  it.each([404, 405, 413, 500, 501])('runs the rows one by one where /Bulk answers %i', async (status) => {
    const opened = await open({ connection: { deadlineInMs: 5_000 } });
    opened.setPlan(({ path }) =>
      path.endsWith('/Bulk') ? { kind: 'answer', acts: false, status, body: '{}' } : undefined,
    );

    expect(await opened.run('bulk_users', { action: 'create_user', rows: rowsOf(5) })).toMatchObject({
      succeeded: 5,
    });
    expect(await countUsers(opened)).toBe(5);
  });

  it('reads only the users that the bulk response does not show as requested', async () => {
    const opened = await open();
    const { results } = await opened.direct.actions.bulk_users({ action: 'create_user', rows: rowsOf(3) });
    const ids = results.map(({ id = '' }) => id);
    const rows = ids.map((id) => ({ user: { id }, title: 'Lead' }));
    await opened.direct.actions.bulk_users({ action: 'update_user', rows: rows.slice(1) });
    const shown = [{ title: 'Lead' }, { title: 'Clerk' }];
    const body = JSON.stringify({
      Operations: rows.map(({ user: { id } }, row) => ({
        bulkId: `row${row}`,
        status: '200',
        ...(shown[row] !== undefined && { response: { id, userName: `user-${row}`, ...shown[row] } }),
      })),
    });
    opened.setPlan(({ path }) =>
      path.endsWith('/Bulk') ? { kind: 'answer', acts: false, status: 200, body } : undefined,
    );

    expect(await opened.run('bulk_users', { action: 'update_user', rows })).toMatchObject({ succeeded: 3 });
    const users = opened.proxy.seen.filter(({ path }) => path.includes('/Users'));
    expect(users.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`).toSorted()).toEqual(
      ids
        .slice(1)
        .map((id) => `GET ${id}`)
        .toSorted(),
    );
  });

  it('sends one row as a plain request', async () => {
    const opened = await open();

    await opened.run('bulk_users', { action: 'create_user', rows: rowsOf(1) });

    expect(opened.proxy.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /scim/v2/Users']);
  });

  it('runs verified actions row by row, within the concurrency of the connection', async () => {
    const opened = await open({ connection: { concurrency: 3 } });
    await opened.direct.actions.bulk_users({ action: 'create_user', rows: rowsOf(12) });
    let underWay = 0;
    let most = 0;
    opened.setPlan(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(setImmediate);
      underWay -= 1;
      return undefined;
    });

    const rows = rowsOf(12).map((user) => ({ user }));
    expect(await opened.run('bulk_users', { action: 'deactivate_user', rows })).toMatchObject({
      succeeded: 12,
    });

    expect(posts(opened, '/Bulk')).toBe(0);
    expect(most).toBeLessThanOrEqual(3);
    expect((await opened.direct.actions.search_users({ active: false })).totalResults).toBe(12);
  });

  it('creates one user for two rows with the same name', async () => {
    const opened = await open();
    const rows = [
      { userName: 'user-0@example.com', title: 'First' },
      { userName: 'USER-0@example.com', title: 'Second' },
    ];

    expect(await opened.run('bulk_users', { rows })).toMatchObject({ succeeded: 2 });
    expect(await opened.direct.actions.search_users({ userName: 'user-0@example.com' })).toMatchObject({
      totalResults: 1,
      resources: [{ title: 'Second' }],
    });
  });

  it.each([
    ['upsert_user', true],
    ['upsert_user', false],
    ['update_user', true],
    ['update_user', false],
  ])('applies several rows about one user in order (%s, in bulk: %s)', async (action, isInBulk) => {
    const opened = await open();
    await opened.direct.actions.bulk_users({ action: 'create_user', rows: rowsOf(3) });
    opened.setPlan(({ path }) =>
      !isInBulk && path.endsWith('/ServiceProviderConfig')
        ? { kind: 'answer', acts: false, status: 404, body: '{}' }
        : undefined,
    );
    const rows = Array.from({ length: 60 }, (_, index) => {
      const { userName = '' } = rowsOf(3)[index % 3] ?? {};
      return {
        ...(action === 'upsert_user' ? { userName } : { user: { userName } }),
        title: `Title ${index}`,
      };
    });

    expect(await opened.run('bulk_users', { action, rows })).toMatchObject({ succeeded: 60, failed: 0 });
    expect(posts(opened, '/Bulk')).toBe(isInBulk ? 1 : 0);

    const { resources } = await opened.direct.actions.search_users({
      filter: 'userName sw "user-"',
      sortBy: 'userName',
    });
    expect(resources.map(({ title }) => title)).toEqual(['Title 57', 'Title 58', 'Title 59']);
  });

  it.each([
    ['update_user', (userName: string) => ({ userName, title: 'Changed' })],
    ['set_workato_role', (userName: string) => ({ userName, role: 'Admin' })],
    ['deactivate_user', (userName: string) => ({ userName })],
    ['deactivate_user', (userName: string) => ({ id: '', userName })],
    ['delete_user', (userName: string) => ({ userName })],
  ])('runs %s for flat rows like for rows with a reference: %#', async (action, toRow) => {
    const opened = await open();
    await opened.direct.actions.bulk_users({ action: 'create_user', rows: rowsOf(3) });
    const rows = rowsOf(3).map(({ userName }) => toRow(userName));

    const output = (await opened.run('bulk_users', { action, rows })) as BulkResult;

    expect(output).toMatchObject({ succeeded: 3, failed: 0 });
    expect(output.results.map(({ row, user }) => [row, user])).toEqual([
      [1, 'user-0@example.com'],
      [2, 'user-1@example.com'],
      [3, 'user-2@example.com'],
    ]);
    const [first] = (await opened.direct.actions.search_users({ filter: 'userName sw "user-0"' })).resources;
    const [title, isActive] = [first?.title, first?.active];
    expect({ isGone: first === undefined, title, isActive }).toEqual({
      isGone: action === 'delete_user',
      title: action === 'update_user' ? 'Changed' : undefined,
      isActive: action === 'delete_user' ? undefined : action !== 'deactivate_user',
    });
  });

  it('identifies the user of a flat row by the first key with a value, and sets the others', async () => {
    const opened = await open();
    const { id } = await opened.direct.actions.create_user({ userName: 'user-0@example.com' });

    const output = (await opened.run('bulk_users', {
      action: 'update_user',
      rows: [
        { id, userName: 'user-9@example.com' },
        { title: 'Nobody' },
        { userName: 'nobody@example.com', title: 'x' },
      ],
    })) as BulkResult;

    expect(await opened.direct.actions.get_user({ user: { id } })).toMatchObject({
      userName: 'user-9@example.com',
    });
    expect(output.results.map(({ row, user, ok, error }) => [row, user, ok, error?.code])).toEqual([
      [1, 'user-9@example.com', true, undefined],
      [2, undefined, false, 'invalid_input'],
      [3, 'nobody@example.com', false, 'not_found'],
    ]);
  });

  it('identifies the users of all flat rows by one key, if matchBy names it', async () => {
    const opened = await open();
    for (const name of ['ada', 'bob'])
      await opened.direct.actions.create_user({ userName: `${name}@example.com`, externalId: `hr-${name}` });
    const titles = async () => {
      const { resources } = await opened.direct.actions.search_users({ filter: 'externalId sw "hr-"' });
      return resources.map(({ userName, title }) => [userName, title]).toSorted();
    };
    const outcomesOf = ({ results }: BulkResult) =>
      results.map(({ row, ok, error }) => [row, ok, error?.message.match(/`(\w+)`/)?.[1]]);

    const matched = (await opened.run('bulk_users', {
      matchBy: 'externalId',
      rows: [
        { userName: 'ada.king@example.com', externalId: 'hr-ada', title: 'Countess' },
        { userName: 'cid@example.com', externalId: 'hr-cid', title: 'Analyst' },
        { userName: 'bob@example.com', title: 'No external ID' },
        { userName: 'bob@example.com', externalId: 'hr-other', matchBy: 'userName', title: 'Own key' },
      ],
    })) as BulkResult;
    expect(outcomesOf(matched)).toEqual([
      [1, true, undefined],
      [2, true, undefined],
      [3, false, 'externalId'],
      [4, true, undefined],
    ]);
    const updated = (await opened.run('bulk_users', {
      action: 'update_user',
      matchBy: 'externalId',
      rows: [
        { userName: 'ada@example.com', externalId: 'hr-ada' },
        { userName: 'cid@example.com', externalId: '', title: 'x' },
        { user: { userName: 'cid@example.com' }, title: 'Reference' },
      ],
    })) as BulkResult;
    expect(outcomesOf(updated)).toEqual([
      [1, true, undefined],
      [2, false, 'externalId'],
      [3, true, undefined],
    ]);
    expect(await titles()).toEqual([
      ['ada@example.com', 'Countess'],
      ['bob@example.com', 'Own key'],
      ['cid@example.com', 'Reference'],
    ]);
    const created = opened.run('bulk_users', {
      action: 'create_user',
      matchBy: 'externalId',
      rows: rowsOf(1),
    });
    expect(await failureOf(created)).toMatchObject({
      problems: [
        { path: 'matchBy', message: 'does not apply to create_user, which matches no existing user' },
      ],
    });
  });

  it('never drops a value of a flat row that its action does not have', async () => {
    const opened = await open();
    const { id } = await opened.direct.actions.create_user({ userName: 'user-0@example.com' });

    const output = (await opened.run('bulk_users', {
      action: 'deactivate_user',
      rows: [{ id, userName: 'other@example.com' }],
    })) as BulkResult;

    expect(output.results[0]?.error?.message).toContain('`userName` is not a known field');
    expect(await opened.direct.actions.get_user({ user: { id } })).toMatchObject({ active: true });
  });

  it('rejects an action that rows cannot run', async () => {
    const opened = await open();

    const error = await failureOf(opened.run('bulk_users', { action: 'delete_group', rows: rowsOf(1) }));

    expect(error).toMatchObject({ code: 'invalid_input', problems: [{ path: 'action' }] });
  });

  it('returns nothing for no rows', async () => {
    const opened = await open();

    expect(await opened.run('bulk_users', { rows: [] })).toEqual({ succeeded: 0, failed: 0, results: [] });
    expect(opened.proxy.seen).toEqual([]);
  });

  it.each([
    ['update_user', (userName: string) => ({ user: { userName }, title: 'Changed' })],
    ['set_workato_role', (userName: string) => ({ user: { userName }, role: 'Admin' })],
    ['reactivate_user', (userName: string) => ({ user: { userName } })],
    ['delete_user', (userName: string) => ({ user: { userName } })],
    ['upsert_user', (userName: string) => ({ userName, title: 'Changed' })],
  ])('runs %s for rows that name their users', async (action, toRow) => {
    const opened = await open();
    await opened.direct.actions.bulk_users({ action: 'create_user', rows: rowsOf(4) });
    const rows = rowsOf(4).map(({ userName }) => toRow(userName));

    expect(await opened.run('bulk_users', { action, rows })).toMatchObject({ succeeded: 4, failed: 0 });
    expect(await countUsers(opened)).toBe(action === 'delete_user' ? 0 : 4);
  });
});

describe('bulk_users that is stopped', () => {
  it('reports rows that a bulk request may have changed, and that nothing confirms', async () => {
    const stop = new AbortController();
    const opened = await open();
    opened.setPlan(({ method, path }) => {
      if (method === 'GET' && path.includes('/Users/')) stop.abort(new Error('Ctrl+C'));
      return undefined;
    });

    const output = (await opened.run(
      'bulk_users',
      { action: 'create_user', rows: rowsOf(20) },
      { signal: stop.signal },
    )) as BulkResult;

    expect(await countUsers(opened)).toBe(20);
    const messages = output.results.flatMap(({ error }) => error?.message ?? []);
    expect(messages.length).toBeGreaterThan(0);
    for (const message of messages) expect(message).toContain('The request may have succeeded');
  });

  it('returns completed rows, rows with an unknown outcome, and rows that were not sent', async () => {
    const stop = new AbortController();
    let created = 0;
    const { origin, close } = await listen((request, response) => {
      if (request.method !== 'POST') return response.writeHead(404).end('{}');
      request.resume();
      created += 1;
      if (created === 5) stop.abort(new Error('Ctrl+C'));
      // The fifth user is created, but its response never comes.
      if (created > 4) return response;
      return response
        .writeHead(201, { 'content-type': 'application/scim+json' })
        .end(JSON.stringify({ id: String(created) }));
    });
    const connector = createConnector({ baseUrl: origin, token: 'token', concurrency: 1 });

    const output = await connector.actions.bulk_users(
      { action: 'create_user', rows: rowsOf(8) },
      { signal: stop.signal },
    );

    connector.close();
    await close();
    expect(output).toMatchObject({ succeeded: 4, failed: 4 });
    expect(output.results.slice(0, 4).every(({ ok }) => ok)).toBe(true);
    expect(output.results[4]?.error?.message).toContain('The request may have succeeded');
    expect(output.results[5]?.error?.message).toContain('stopped before this row');
    expect(created).toBe(5);
  });
});
