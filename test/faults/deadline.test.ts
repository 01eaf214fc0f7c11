import { afterEach, describe, expect, it, vi } from 'vitest';
import { TransportError } from '../../connector/platform.ts';
import { type Connector, createConnector } from '../../runtime/index.ts';
import type { Session } from '../../runtime/open-session.ts';
import { failureOf } from '../support/failure-of.ts';
import { createFakePlatform, type FakePlatform, json, list } from '../support/fake-platform.ts';
import { listen, type TestServer } from '../support/listen.ts';
import { openTestSession } from '../support/open-test-session.ts';

/** A response of a provider. */
interface Response {
  readonly status?: number;
  readonly body?: unknown;
}

type Respond = (method: string, url: URL, number: number) => Response | undefined;

const ada = (version = 1) => ({ id: '1', userName: 'ada', meta: { version: `W/"${version}"` } });
const listOf = (resources: readonly unknown[], totalResults?: number): unknown =>
  JSON.parse(list(resources, totalResults).body);

describe('one deadline covers all requests of an action', () => {
  const deadlineInMs = 1_500;

  /** A provider that takes a while for each response, on a clock that moves with the responses and waits alone. */
  function openSlow(
    respond: Respond,
    { tookInMs = 250, concurrency = 8 } = {},
  ): { readonly platform: FakePlatform; readonly session: Session } {
    const platform = createFakePlatform(({ method, url, timeoutInMs }) => {
      platform.advance(Math.min(tookInMs, timeoutInMs));
      if (timeoutInMs < tookInMs)
        throw new TransportError('ETIMEDOUT', `no response within ${timeoutInMs} ms`, {
          maybeSent: true,
          isTransient: true,
        });
      const { status = 200, body } = respond(method, new URL(url), platform.sent.length) ?? {};
      return body === undefined ? { status } : json(body, status);
    });
    return { platform, session: openTestSession(platform, { deadlineInMs, concurrency }) };
  }

  it.each<readonly [string, string, unknown, Respond, number]>([
    [
      'the pages of a search',
      'search_users',
      {},
      (_, { searchParams }) => ({
        body: listOf([{ id: searchParams.get('startIndex') ?? '1', userName: 'someone' }], 50),
      }),
      250,
    ],
    [
      'the races of a change',
      'update_user',
      { user: { id: '1' }, title: 'x' },
      (method, _, number) => (method === 'PATCH' ? { status: 412, body: {} } : { body: ada(number) }),
      250,
    ],
    [
      'the lookups of an upsert',
      'upsert_user',
      { userName: 'ada', title: 'x' },
      (method, _, number) => {
        if (method === 'POST') return { status: 409, body: { scimType: 'uniqueness' } };
        return method === 'PATCH' ? { status: 204 } : { body: listOf(number > 2 ? [ada()] : []) };
      },
      250,
    ],
    [
      'the check of the service after a 404',
      'get_user',
      { user: { id: '1' } },
      (_, { pathname }) => ({ status: pathname.endsWith('/Users') ? 200 : 404, body: listOf([]) }),
      1_000,
    ],
    [
      'the members of a group, chunk by chunk',
      'add_group_members',
      { group: { id: 'g' }, members: Array.from({ length: 5_000 }, (_, nth) => ({ id: `user${nth}` })) },
      () => ({ status: 204 }),
      250,
    ],
    ['retries and their waits', 'get_user', { user: { id: '1' } }, () => ({ status: 503, body: {} }), 1],
  ])('%s', async (_, key, input, respond, tookInMs) => {
    const { platform, session } = openSlow(respond, { tookInMs });
    const startedAtInMs = platform.now();

    const error = await failureOf(session.runAction(key, input));

    expect(error.code).toBe('unavailable');
    expect(platform.sent.length).toBeGreaterThan(1);
    expect(platform.now() - startedAtInMs).toBeLessThanOrEqual(deadlineInMs);
  });

  it('covers each row of a bulk action separately', async () => {
    const { platform, session } = openSlow(
      (_, { pathname }) =>
        pathname.endsWith('/ServiceProviderConfig') ? { status: 404, body: {} } : { body: ada() },
      { concurrency: 1 },
    );
    const startedAtInMs = platform.now();
    const rows = Array.from({ length: 8 }, () => ({ user: { id: '1' }, title: 'x' }));

    const output = await session.runAction('bulk_users', { action: 'update_user', rows });

    expect(output).toMatchObject({ succeeded: 8, failed: 0 });
    expect(platform.now() - startedAtInMs).toBeGreaterThan(deadlineInMs);
  });

  it('covers each page of a stream separately', async () => {
    const { platform, session } = openSlow((_, { searchParams }) => {
      const id = searchParams.get('startIndex') ?? '1';
      return { body: listOf(Number(id) > 8 ? [] : [{ id, userName: 'someone' }], 8) };
    });
    const startedAtInMs = platform.now();
    const ids: string[] = [];
    for await (const { resources } of session.runSearch('search_users', {}))
      ids.push(...resources.map(({ id }) => id));

    expect(ids).toHaveLength(8);
    expect(platform.now() - startedAtInMs).toBeGreaterThan(deadlineInMs);
  });
});

describe('over real connections', () => {
  let server: TestServer;
  let connector: Connector;
  let lines: string[] = [];

  afterEach(async () => {
    connector.close();
    await server.close();
  });

  /** A provider that leaves a request without a response where it has none, and a connector that waits a minute for it. */
  async function connect(respond: Respond): Promise<Connector> {
    lines = [];
    server = await listen((request, response) => {
      const { method = '', url = '' } = request;
      lines.push(`${method} ${url.split('?')[0]}`);
      const answer = respond(method, new URL(url, 'http://provider'), lines.length);
      request.resume();
      if (answer === undefined) return;
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/scim+json' });
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    });
    connector = createConnector({ baseUrl: server.origin, token: 'a-token', deadlineInMs: 60_000 });
    return connector;
  }

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
      const running = await connect((__, { pathname }) => {
        if (pathname === hanging) return undefined;
        return { status: pathname.startsWith('/Users/') ? 404 : 200, body: listOf([]) };
      });
      const controller = new AbortController();
      const ended = run(running, controller.signal).then(
        () => 'done',
        (error: Error) => error.message,
      );
      await vi.waitFor(() => expect(lines).toContain(`GET ${hanging}`), { timeout: 120_000 });
      controller.abort(new Error('enough'));

      // Without the abort, it would take longer than a test may.
      expect(await ended).toBe('enough');
    });
  });

  it('an abort does not end a concurrent run that sends the same request', async () => {
    const { actions } = await connect((_, { pathname }, number) => {
      if (pathname !== '/ServiceProviderConfig') return { body: ada() };
      return number === 1 ? undefined : { status: 404, body: {} };
    });
    const rows = ['1', '2'].map(() => ({ user: { id: '1' }, title: 'x' }));
    const controller = new AbortController();
    const aborted = actions.bulk_users({ action: 'update_user', rows }, { signal: controller.signal });
    await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 120_000 });
    const other = actions.bulk_users({ action: 'update_user', rows });
    controller.abort(new Error('enough'));

    await expect(aborted).rejects.toThrow('enough');
    expect(await other).toMatchObject({ succeeded: 2 });
  });
});
