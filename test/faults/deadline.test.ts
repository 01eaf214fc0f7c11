import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Connector, type ConnectorOptions, createConnector } from '../../runtime/index.ts';
import { failureOf } from '../support/failure-of.ts';
import { listen, type TestServer } from '../support/listen.ts';

/** A response of a slow provider. */
interface SlowResponse {
  readonly status?: number;
  readonly body?: unknown;
  /** Left out: {@link tookInMs}. */
  readonly afterInMs?: number;
}

const tookInMs = 250;
const deadlineInMs = 1_500;
/** Added by a busy machine. */
const toleranceInMs = 5_000;

let server: TestServer;
let connector: Connector;
let lines: string[] = [];

afterEach(async () => {
  connector.close();
  await server.close();
});

async function connect(
  respond: (method: string, url: URL, number: number) => SlowResponse | undefined,
  options: Partial<ConnectorOptions> = {},
): Promise<Connector> {
  lines = [];
  server = await listen((request, response) => {
    const { method = '', url = '' } = request;
    lines.push(`${method} ${url.split('?')[0]}`);
    const answer = respond(method, new URL(url, 'http://provider'), lines.length);
    request.resume();
    if (answer === undefined) return;
    setTimeout(() => {
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/scim+json' });
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    }, answer.afterInMs ?? tookInMs);
  });
  connector = createConnector({ baseUrl: server.origin, token: 'a-token', deadlineInMs, ...options });
  return connector;
}

const ada = (version = 1) => ({ id: '1', userName: 'ada', meta: { version: `W/"${version}"` } });
const listOf = (resources: readonly unknown[], totalResults = resources.length) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults,
  Resources: resources,
});

describe('one deadline covers all requests of an action', () => {
  it.each<readonly [string, (running: Connector) => Promise<unknown>, Parameters<typeof connect>[0]]>([
    [
      'the pages of a search',
      ({ actions }) => actions.search_users({}),
      (_, { searchParams }) => ({
        body: listOf([{ id: searchParams.get('startIndex') ?? '1', userName: 'someone' }], 50),
      }),
    ],
    [
      'the races of a change',
      ({ actions }) => actions.update_user({ user: { id: '1' }, title: 'x' }),
      (method, _, number) => (method === 'PATCH' ? { status: 412, body: {} } : { body: ada(number) }),
    ],
    [
      'the lookups of an upsert',
      ({ actions }) => actions.upsert_user({ userName: 'ada', title: 'x' }),
      (method, _, number) => {
        if (method === 'POST') return { status: 409, body: { scimType: 'uniqueness' } };
        return method === 'PATCH' ? { status: 204 } : { body: listOf(number > 2 ? [ada()] : []) };
      },
    ],
    [
      'the check of the service after a 404',
      ({ actions }) => actions.get_user({ user: { id: '1' } }),
      (_, { pathname }) => ({
        status: pathname === '/Users' ? 200 : 404,
        body: listOf([]),
        afterInMs: 1_000,
      }),
    ],
    [
      'the members of a group, chunk by chunk',
      ({ actions }) =>
        actions.add_group_members({
          group: { id: 'g' },
          members: Array.from({ length: 5_000 }, (_, nth) => ({ id: `user${nth}` })),
        }),
      () => ({ status: 204 }),
    ],
    [
      'retries and their waits',
      ({ actions }) => actions.get_user({ user: { id: '1' } }),
      () => ({ status: 503, body: {}, afterInMs: 1 }),
    ],
  ])('%s', async (_, run, respond) => {
    const running = await connect(respond);
    const startedAt = performance.now();

    const error = await failureOf(run(running));

    expect(error.code).toBe('unavailable');
    expect(performance.now() - startedAt).toBeLessThan(deadlineInMs + toleranceInMs);
  });

  it('covers each row of a bulk action separately', async () => {
    const { actions } = await connect(
      (_, { pathname }) =>
        pathname === '/ServiceProviderConfig' ? { status: 404, body: {} } : { body: ada() },
      { concurrency: 1 },
    );

    const rows = Array.from({ length: 8 }, () => ({ user: { id: '1' }, title: 'x' }));
    const output = await actions.bulk_users({ action: 'update_user', rows });

    expect(output).toMatchObject({ succeeded: 8, failed: 0 });
  });

  it('covers each page of a stream separately', async () => {
    const { stream } = await connect((_, { searchParams }) => ({
      body: listOf([{ id: searchParams.get('startIndex') ?? '1', userName: 'someone' }], 8),
    }));
    const ids: string[] = [];
    for await (const { id } of stream.search_users({})) ids.push(id);

    expect(ids).toHaveLength(8);
  });
});

describe('an abort ends a run at any request', () => {
  it.each<readonly [string, string, (running: Connector, signal: AbortSignal) => Promise<unknown>]>([
    [
      'a lookup',
      '/Users',
      ({ actions }, signal) => actions.find_user({ user: { userName: 'ada' } }, { signal }),
    ],
    [
      'the capabilities, for rows',
      '/ServiceProviderConfig',
      ({ actions }, signal) =>
        actions.bulk_users(
          {
            action: 'update_user',
            rows: [
              { user: { id: '1' }, title: 'x' },
              { user: { id: '2' }, title: 'x' },
            ],
          },
          { signal },
        ),
    ],
    [
      'the capabilities, for a poll',
      '/ServiceProviderConfig',
      ({ triggers }, signal) => triggers.user_deprovisioned.poll({}, undefined, { signal }),
    ],
    [
      'the check of the service after a 404',
      '/Users',
      ({ actions }, signal) => actions.get_user({ user: { id: '1' } }, { signal }),
    ],
    ['the schemas', '/Schemas', ({ actions }, signal) => actions.discover_provider({}, { signal })],
  ])('%s', async (_, hanging, run) => {
    const running = await connect(
      (__, { pathname }) => {
        if (pathname === hanging) return undefined;
        return { status: pathname.startsWith('/Users/') ? 404 : 200, body: listOf([]), afterInMs: 0 };
      },
      { deadlineInMs: 60_000 },
    );
    const controller = new AbortController();
    const ended = run(running, controller.signal).then(
      () => 'done',
      (error: Error) => error.message,
    );
    await vi.waitFor(() => expect(lines).toContain(`GET ${hanging}`), { timeout: 10_000 });
    const abortedAt = performance.now();
    controller.abort(new Error('enough'));

    expect(await ended).toBe('enough');
    expect(performance.now() - abortedAt).toBeLessThan(toleranceInMs);
  });

  it('but not a concurrent run that sends the same request', async () => {
    const { actions } = await connect(
      (_, { pathname }, number) => {
        if (pathname !== '/ServiceProviderConfig') return { body: ada(), afterInMs: 0 };
        return number === 1 ? undefined : { status: 404, body: {}, afterInMs: 0 };
      },
      { deadlineInMs: 60_000 },
    );
    const rows = ['1', '2'].map(() => ({ user: { id: '1' }, title: 'x' }));
    const controller = new AbortController();
    const aborted = actions.bulk_users({ action: 'update_user', rows }, { signal: controller.signal });
    await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 10_000 });
    const other = actions.bulk_users({ action: 'update_user', rows });
    controller.abort(new Error('enough'));

    await expect(aborted).rejects.toThrow('enough');
    expect(await other).toMatchObject({ succeeded: 2 });
  });
});
