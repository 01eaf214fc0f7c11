import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConnectorError } from '../../../runtime/index.ts';
import type { Fault } from '../../support/fault.ts';
import { listen, type TestServer } from '../../support/listen.ts';
import { type FaultBench, openFaultBench } from '../../support/open-fault-bench.ts';
import { definition } from '../../support/open-test-session.ts';
import { redirectPrefix } from '../../support/start-fault-proxy.ts';
import { asJobError, readJobError } from './job-error.ts';
import { masked } from './masked.ts';
import type { Outcome } from './run-both.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

let ruby: RubyConnector;
let bench: FaultBench;
let stranger: TestServer;
const visits: string[] = [];

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});

afterAll(() => ruby.close());

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

async function onBoth(key: string, input: object): Promise<Outcome> {
  const settings = { baseUrl: `${bench.proxy.origin}/scim/v2`, token: bench.token };
  const { value, error } = await ruby.ask({ do: 'execute', key, input, settings });
  const onRuby = masked(error === undefined ? { output: value } : readJobError(error));
  const onNode = masked(
    await bench.run(key, input).then(
      (output) => ({ output }),
      (failure: unknown) => {
        if (!(failure instanceof ConnectorError)) throw failure;
        return asJobError(failure, definition);
      },
    ),
  );
  expect(onRuby).toEqual(onNode);
  return onRuby as Outcome;
}

// 303 is not among them: the SDK itself goes where it points, as a GET; see docs/hosts/workato.md.
describe.each([301, 302, 307, 308])('a redirect (%i) to another origin', (status) => {
  it.each([
    ['create_user', { userName: 'ada' }],
    ['get_user', { user: { id: '1' } }],
    ['find_user', { user: { userName: 'ada' } }],
    ['update_user', { user: { id: '1' }, title: 'Changed' }],
    ['delete_user', { user: { id: '1' } }],
  ])('is not followed by %s: no request, and no token, arrives there', async (key, input) => {
    bench.setPlan(() => to(status, `${stranger.origin}/scim/v2/Users?token=x`));

    expect(await onBoth(key, input)).toMatchObject({ code: 'provider_fault' });
    expect(visits).toEqual([]);
  });
});

it.each([307, 308])(
  'a redirect (%i) within the origin is followed with the same method and body',
  async (status) => {
    bench.setPlan(({ path }) => {
      const last = bench.proxy.seen.at(-2);
      return last?.path === path ? undefined : to(status, `${redirectPrefix}${path}`);
    });
    const settings = { baseUrl: `${bench.proxy.origin}/scim/v2`, token: bench.token };
    const input = { userName: 'ada@example.com', title: 'Analyst' };
    const created = await ruby.value({ do: 'execute', key: 'create_user', input, settings });

    const { resources } = await bench.direct.actions.search_users({ userName: 'ada@example.com' });
    expect(resources).toMatchObject([{ id: (created as { id: string }).id, title: 'Analyst' }]);
  },
);

it('a redirect of a POST that would turn it into a GET (302) is not followed, even within the origin', async () => {
  bench.setPlan(({ method, path }) => (method === 'POST' ? to(302, path) : undefined));

  expect(await onBoth('create_user', { userName: 'ada' })).toMatchObject({ code: 'provider_fault' });
});

it('redirects that go round are given up', async () => {
  bench.setPlan(({ path }) => to(307, path));

  expect(await onBoth('search_users', {})).toMatchObject({ code: 'provider_fault' });
});

it.each(['', 'http://'])('a redirect to nowhere (%j) is a provider_fault', async (location) => {
  bench.setPlan(() => to(307, location));

  expect(await onBoth('get_user', { user: { id: '1' } })).toMatchObject({ code: 'provider_fault' });
});
