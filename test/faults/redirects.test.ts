import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectNoSecret } from '../support/expect-no-secret.ts';
import { failureOf } from '../support/failure-of.ts';
import type { Fault } from '../support/fault.ts';
import { listen, type TestServer } from '../support/listen.ts';
import { type FaultBench, openFaultBench } from '../support/open-fault-bench.ts';
import { redirectPrefix } from '../support/start-fault-proxy.ts';

let bench: FaultBench;
let stranger: TestServer;
const visits: string[] = [];

beforeEach(async () => {
  visits.length = 0;
  bench = await openFaultBench();
  stranger = await listen((request, response) => {
    visits.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.end('{}');
  });
});

afterEach(async () => {
  await stranger.close();
  await bench.close();
});

const to = (status: number, location: string): Fault => ({
  kind: 'answer',
  acts: false,
  status,
  headers: () => ({ location }),
});

const user = { user: { id: '1' } };
const actions: readonly (readonly [string, unknown])[] = [
  ['create_user', { userName: 'ada' }],
  ['get_user', user],
  ['find_user', { user: { userName: 'ada' } }],
  ['search_users', {}],
  ['update_user', { ...user, title: 'Changed' }],
  ['delete_user', user],
  ['upsert_user', { userName: 'ada' }],
  ['custom_request', { path: '/Users' }],
];

describe.each([301, 302, 303, 307, 308])('a redirect (%i) to another origin', (status) => {
  it.each(actions)(
    'is not followed by %s, and neither a request nor the token reaches the target',
    async (key, input) => {
      bench.setPlan(() => to(status, `${stranger.origin}/scim/v2/Users?token=x`));

      const error = await failureOf(bench.run(key, input));

      expect(error).toMatchObject({ code: 'provider_fault', status });
      expect(error.message).toContain(`${stranger.origin}/scim/v2/Users`);
      expect(error.message).toContain('use it as `baseUrl`');
      expect(visits).toEqual([]);
      expectNoSecret(error, bench.token);
    },
  );
});

it.each([
  ['another port', () => stranger.origin],
  ['another scheme', () => bench.proxy.origin.replace('http:', 'https:')],
  ['another spelling of the host', () => bench.proxy.origin.replace('127.0.0.1', 'localhost')],
])('treats a redirect to %s as one to another origin', async (_, origin) => {
  bench.setPlan(() => to(307, `${origin()}/scim/v2/Users`));

  expect((await failureOf(bench.run('search_users', {}))).code).toBe('provider_fault');
  expect(visits).toEqual([]);
});

it('bulk_users reports the error of the redirect for every row', async () => {
  bench.setPlan(() => to(307, `${stranger.origin}/`));

  const output = await bench.run('bulk_users', { rows: [{ userName: 'a' }, { userName: 'b' }] });

  expect(output).toMatchObject({ failed: 2, results: [{ error: { code: 'provider_fault' } }, {}] });
  expect(visits).toEqual([]);
});

describe.each([307, 308])('a redirect (%i) within the origin', (status) => {
  it('is followed with the same method, body, and token', async () => {
    bench.setPlan(({ path }) => {
      const last = bench.proxy.seen.at(-2);
      return last?.path === path ? undefined : to(status, `${redirectPrefix}${path}`);
    });

    const created = await bench.run('create_user', { userName: 'ada@example.com' });

    const { resources } = await bench.direct.actions.search_users({ userName: 'ada@example.com' });
    expect(resources).toMatchObject([{ id: (created as { id: string }).id }]);
  });
});

it('does not follow a 302 of a POST, even within the origin', async () => {
  bench.setPlan(({ method, path }) => (method === 'POST' ? to(302, path) : undefined));

  expect(await failureOf(bench.run('create_user', { userName: 'ada' }))).toMatchObject({
    code: 'provider_fault',
    status: 302,
  });
  expect(bench.proxy.seen.map(({ method }) => method)).toEqual(['POST']);
});

it('stops at a redirect loop', async () => {
  bench.setPlan(({ path }) => to(307, path));

  expect((await failureOf(bench.run('search_users', {}))).code).toBe('provider_fault');
  expect(bench.proxy.seen.length).toBeLessThanOrEqual(4);
});

it.each(['', 'http://', '::not a url::'])(
  'reports a redirect to an invalid location (%j) as a provider_fault',
  async (location) => {
    bench.setPlan(() => to(307, location));

    expect((await failureOf(bench.run('get_user', user))).code).toBe('provider_fault');
  },
);
