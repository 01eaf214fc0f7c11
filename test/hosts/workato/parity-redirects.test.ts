import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withFieldNames } from '../../../hosts/workato/field-names.ts';
import { ConnectorError } from '../../../runtime/index.ts';
import type { Fault } from '../../support/fault.ts';
import { listen, type TestServer } from '../../support/listen.ts';
import { masked } from '../../support/masked.ts';
import { type FaultBench, openFaultBench } from '../../support/open-fault-bench.ts';
import { definition } from '../../support/open-test-session.ts';
import { type Plan, redirectPrefix } from '../../support/start-fault-proxy.ts';
import { asJobError, readJobError } from './job-error.ts';
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
    response.writeHead(200, { 'content-type': 'application/scim+json' });
    response.end(JSON.stringify({ id: '1', userName: 'ada', title: 'Changed', active: false }));
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

/** Redirects every other request. */
function redirectOnce(redirect: (path: string) => Fault): Plan {
  return ({ path }) => (bench.proxy.seen.length % 2 === 1 ? redirect(path) : undefined);
}

const settings = () => ({ baseUrl: `${bench.proxy.origin}/scim/v2`, token: bench.token });

async function onRuby(key: string, input: object): Promise<Outcome> {
  const { value, error } = await ruby.ask({ do: 'execute', key, input, settings: settings() });
  return masked(error === undefined ? { output: value } : readJobError(error)) as Outcome;
}

async function onNode(key: string, input: object): Promise<Outcome> {
  return masked(
    await bench.run(key, input).then(
      (output) => ({ output: withFieldNames(output) }),
      (failure: unknown) => {
        if (!(failure instanceof ConnectorError)) throw failure;
        return asJobError(failure, definition);
      },
    ),
  ) as Outcome;
}

async function onBoth(key: string, input: object): Promise<Outcome> {
  const outcome = await onRuby(key, input);
  expect(outcome).toEqual(await onNode(key, input));
  return outcome;
}

const everyMethod: readonly (readonly [string, object])[] = [
  ['create_user', { userName: 'ada' }],
  ['get_user', { user: { id: '1' } }],
  ['find_user', { user: { userName: 'ada' } }],
  ['update_user', { user: { id: '1' }, title: 'Changed' }],
  ['replace_user', { user: { id: '1' }, userName: 'ada' }],
  ['deactivate_user', { user: { id: '1' } }],
  ['delete_user', { user: { id: '1' } }],
  ['custom_request', { path: '/Users/1' }],
];

describe.each([301, 302, 307, 308])('a redirect (%i) to another origin', (status) => {
  it.each(everyMethod)(
    'is not followed by %s, and neither a request nor the token reaches the target',
    async (key, input) => {
      bench.setPlan(() => to(status, `${stranger.origin}/scim/v2/Users?token=x`));

      expect(await onBoth(key, input)).toMatchObject({ code: 'provider_fault' });
      expect(visits).toEqual([]);
    },
  );
});

// The SDK follows a 303 by itself, and does not show the address.
describe('a redirect (303)', () => {
  it.each(everyMethod)('to another origin is not followed by %s on Node or on Ruby', async (key, input) => {
    bench.setPlan(() => to(303, `${stranger.origin}/scim/v2/Users/1`));

    expect(await onNode(key, input)).toMatchObject({ code: 'provider_fault' });
    expect(await onRuby(key, input)).toEqual({
      code: 'provider_fault',
      message:
        'The provider redirects the request (status 303) to an address that is not shown. The redirect was not followed, to protect the credentials. If you trust that address, use it as "SCIM base URL".',
    });
    expect(visits).toEqual([]);
  });

  it('within the origin is not followed on Workato, and one request is sent', async () => {
    bench.setPlan(() => to(303, `${redirectPrefix}/scim/v2/Users`));

    for (const [key, input] of everyMethod) {
      const before = bench.proxy.seen.length;
      expect(await onRuby(key, input)).toMatchObject({ code: 'provider_fault' });
      expect(bench.proxy.seen.length).toBe(before + 1);
    }
  });
});

it.each([301, 302, 307, 308])('a redirect (%i) of a GET within the origin is followed', async (status) => {
  const { id } = await bench.direct.actions.create_user({ userName: 'ada@example.com' });
  bench.setPlan(redirectOnce((path) => to(status, `${redirectPrefix}${path}`)));

  expect(await onBoth('get_user', { user: { id } })).toHaveProperty('output.userName', 'ada@example.com');
  expect(bench.proxy.seen.length).toBe(4);
});

it('a username in a redirect within the origin does not replace the token', async () => {
  const host = bench.proxy.origin.replace('http://', '');
  const { id } = await bench.direct.actions.create_user({ userName: 'ada@example.com' });
  bench.setPlan(redirectOnce((path) => to(307, `http://mallory:secret@${host}${path}`)));

  expect(await onBoth('get_user', { user: { id } })).toHaveProperty('output.userName', 'ada@example.com');
  expect(bench.proxy.seen.length).toBe(4);
  expect(new Set(bench.proxy.seen.map(({ authorization }) => authorization))).toEqual(
    new Set([`Bearer ${bench.token}`]),
  );
});

it.each([307, 308])(
  'a redirect (%i) within the origin is followed with the same method and body',
  async (status) => {
    bench.setPlan(({ path }) => {
      const last = bench.proxy.seen.at(-2);
      return last?.path === path ? undefined : to(status, `${redirectPrefix}${path}`);
    });
    const input = { userName: 'ada@example.com', title: 'Analyst' };
    const created = await ruby.value({ do: 'execute', key: 'create_user', input, settings: settings() });

    const { resources } = await bench.direct.actions.search_users({ userName: 'ada@example.com' });
    expect(resources).toMatchObject([{ id: (created as { id: string }).id, title: 'Analyst' }]);
  },
);

it.each([301, 302, 303])(
  'a redirect (%i) of a POST, which becomes a GET, is not followed within the origin',
  async (status) => {
    bench.setPlan(({ method, path }) => (method === 'POST' ? to(status, path) : undefined));

    expect(await onNode('create_user', { userName: 'ada' })).toMatchObject({ code: 'provider_fault' });
    expect(await onRuby('create_user', { userName: 'ada' })).toMatchObject({ code: 'provider_fault' });
  },
);

it('stops at a redirect loop', async () => {
  bench.setPlan(({ path }) => to(307, path));

  expect(await onBoth('search_users', {})).toMatchObject({ code: 'provider_fault' });
});

it.each(['', 'http://'])(
  'reports a redirect to an invalid location (%j) as a provider_fault',
  async (location) => {
    bench.setPlan(() => to(307, location));

    expect(await onBoth('get_user', { user: { id: '1' } })).toMatchObject({ code: 'provider_fault' });
  },
);
