import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConnector, type LogEntry } from '../../runtime/index.ts';
import { expectNoSecret } from '../support/expect-no-secret.ts';
import { failureOf } from '../support/failure-of.ts';
import { type FaultBench, openFaultBench } from '../support/open-fault-bench.ts';

let bench: FaultBench;

beforeEach(async () => {
  bench = await openFaultBench();
});

afterEach(() => bench.close());

const user = { user: { userName: 'ada@example.com' } };
const runs: readonly (readonly [string, unknown])[] = [
  ['create_user', { userName: 'ada@example.com' }],
  ['upsert_user', { userName: 'ada@example.com' }],
  ['get_user', user],
  ['find_user', user],
  ['search_users', {}],
  ['update_user', { ...user, title: 'Changed' }],
  ['deactivate_user', user],
  ['delete_user', user],
  ['add_group_members', { group: { id: '1' }, members: [user.user] }],
  ['bulk_users', { rows: [{ userName: 'a' }, { userName: 'b' }] }],
  ['discover_provider', {}],
  ['custom_request', { path: '/Users' }],
];

describe('a wrong token', () => {
  it.each(runs)('fails %s with auth after one attempt, and says what to do', async (key, input) => {
    const logged: LogEntry[] = [];
    const token = 'wrong-token-8c1f';
    const baseUrl = `${bench.proxy.origin}/scim/v2`;
    const connector = createConnector({ baseUrl, token, log: (entry) => logged.push(entry) });

    const error = await failureOf(connector.run(key, input));
    connector.close();

    expect(error).toMatchObject({ code: 'auth', status: 401, attempts: 1 });
    expect(error.message).toContain('Check that `token` is complete');
    expectNoSecret(error, token);
    expectNoSecret(logged, token);
  });
});

describe('a token that is revoked during an action', () => {
  const rows = Array.from({ length: 12 }, (_, index) => ({ userName: `user-${index}@example.com` }));
  const revoked = { kind: 'answer', acts: false, status: 401, body: '{"detail":"revoked"}' } as const;

  it('fails the remaining rows with auth, keeps the completed rows, and sends no further requests', async () => {
    let posts = 0;
    bench.setPlan(({ method, path }) => {
      if (path.endsWith('/ServiceProviderConfig'))
        return { kind: 'answer', acts: false, status: 404, body: '{}' };
      posts += method === 'POST' ? 1 : 0;
      return posts > 4 ? revoked : undefined;
    });

    const output = await bench.run('bulk_users', { action: 'create_user', rows });

    expect(output).toMatchObject({ succeeded: 4, failed: 8 });
    const { results } = output as { results: { ok: boolean; error?: { code: string } }[] };
    expect(results.filter(({ ok }) => !ok).every(({ error }) => error?.code === 'auth')).toBe(true);
    expect((await bench.direct.actions.search_users({ filter: 'userName sw "user-"' })).totalResults).toBe(4);
  });

  it('fails the whole action if no row was completed', async () => {
    bench.setPlan(({ method }) => (method === 'POST' ? revoked : undefined));

    expect((await failureOf(bench.run('bulk_users', { action: 'create_user', rows }))).code).toBe('auth');
    expect(bench.proxy.seen.filter(({ method }) => method === 'POST').length).toBe(1);
  });

  it('fails a list with auth between two pages, and returns no part of it', async () => {
    await bench.direct.actions.bulk_users({ action: 'create_user', rows });
    let pages = 0;
    bench.setPlan(() => {
      pages += 1;
      return pages > 2 ? revoked : undefined;
    });

    expect((await failureOf(bench.run('search_users', { pageSize: 3 }))).code).toBe('auth');
  });

  it('reports that a create with a lost response may have succeeded', async () => {
    bench.setPlan(({ method }) => (method === 'POST' ? { kind: 'reset', acts: true } : revoked));

    const error = await failureOf(bench.run('create_user', { userName: 'ada@example.com' }));

    expect(error.code).toBe('auth');
    expect(error.message).toContain('The request may have succeeded');
  });
});

describe('a provider that echoes the token', () => {
  it.each(runs)('does not leak it into the error or the log of %s', async (key, input) => {
    const say = `bearer ${bench.token} is not welcome`;
    bench.setPlan(() => ({
      kind: 'answer',
      acts: false,
      status: 400,
      headers: () => ({ 'x-request-id': say, 'content-type': 'application/scim+json' }),
      body: JSON.stringify({ scimType: bench.token, detail: say }),
    }));
    const ended: unknown = await bench.run(key, input).catch((error: unknown) => error);

    expectNoSecret(ended, bench.token);
    expectNoSecret(bench.logged, bench.token);
  });

  it('does not leak it into the error of a redirect', async () => {
    bench.setPlan(() => ({
      kind: 'answer',
      acts: false,
      status: 307,
      headers: () => ({
        location: `https://other.example.com/${bench.token}/Users`,
        'x-request-id': bench.token,
      }),
    }));

    expectNoSecret(await failureOf(bench.run('get_user', { user: { id: '1' } })), bench.token);
  });
});
