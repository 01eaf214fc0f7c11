import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { withFieldNames } from '../../../hosts/workato/field-names.ts';
import { ConnectorError, createConnector } from '../../../runtime/index.ts';
import { listen } from '../../support/listen.ts';
import { definition } from '../../support/open-test-session.ts';
import { asJobError, readJobError } from './job-error.ts';
import { runBoth, type Story } from './run-both.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

let ruby: RubyConnector;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => ruby.close());

/** A request, as `METHOD /path`, and what to respond: a status, a body, and headers; undefined breaks the connection. */
type Provider = (request: string, query: URLSearchParams) => Reply | undefined;
interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const listOf = (...resources: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: resources.length,
  Resources: resources,
});

/** Runs an action on both sides, each against a provider of its own, and expects the same. */
async function onBoth(
  key: string,
  input: object,
  startProvider: () => Provider,
): Promise<{ readonly output?: unknown; readonly code?: string; readonly message?: string }> {
  const start = async (): Promise<object> => {
    const provider = startProvider();
    const { origin, close } = await listen((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
      const reply = provider(`${request.method} ${pathname}`, searchParams);
      if (reply === undefined) return void request.socket.destroy();
      const { status = 200, body, headers } = reply;
      response.writeHead(status, { 'content-type': 'application/scim+json', ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    });
    closing.push(close);
    return { baseUrl: origin, token: 't', deadlineInMs: 60_000 };
  };
  await ruby.ask({ do: 'reset' });
  const { value, error } = await ruby.ask({ do: 'execute', key, input, settings: await start() });
  const onRuby = error === undefined ? { output: value } : readJobError(error);
  await using node = createConnector((await start()) as { baseUrl: string; token: string });
  const onNode = await node.run(key, input).then(
    (output) => ({ output: withFieldNames(output ?? {}) }),
    (failure: unknown) => {
      if (!(failure instanceof ConnectorError)) throw failure;
      return asJobError(failure, definition);
    },
  );
  expect(onRuby).toEqual(onNode);
  return onRuby;
}

it.each([
  ['the Kelvin sign', 'kim@example.com', '\u212aim@example.com'],
  ['the long s', 'sam@example.com', '\u017fam@example.com'],
  ['a dotted capital I', 'ivy@example.com', '\u0130vy@example.com'],
  ['a decomposed accent', 'ren\u00e9@example.com', 'rene\u0301@example.com'],
  ['a zero-width space', 'ada@example.com', 'ada\u200b@example.com'],
  ['a zero-width joiner', 'ada@example.com', 'a\u200dda@example.com'],
  ['a Cyrillic letter', 'ada@example.com', '\u0430da@example.com'],
])('finds nobody by a name that differs in %s', async (_, userName, similar) => {
  const provider = () => () => ({ body: listOf({ id: '1', userName }) });

  expect(await onBoth('find_user', { user: { userName: similar } }, provider)).toEqual({ output: {} });
  expect(await onBoth('find_user', { user: { userName } }, provider)).toMatchObject({ output: { id: '1' } });
});

it.each([
  ['compares times by the provider', 0, 'output'],
  ['claims nothing on the evidence of a cached time', 3_600_000, 'conflict'],
] as const)('%s after a lost create', async (_, ageInMs, expected) => {
  // The same second on both sides.
  const second = new Date(Math.floor(Date.now() / 1_000) * 1_000);
  const provider = () => {
    let isCreated = false;
    return (request: string) => {
      if (request.startsWith('POST')) {
        isCreated = true;
        return undefined;
      }
      const one = { id: '1', userName: 'ada@example.com', meta: { created: second.toISOString() } };
      const date = new Date(second.getTime() - ageInMs).toUTCString();
      return { body: isCreated ? listOf(one) : listOf(), headers: { date } };
    };
  };

  const outcome = await onBoth('create_user', { userName: 'ada@example.com' }, provider);
  if (expected === 'output') expect(outcome).toMatchObject({ output: { id: '1' } });
  else expect(outcome.code).toBe('conflict');
});

const groupsOf = (crew: object) => () => (request: string) => {
  const empty = { id: 'g', displayName: 'Empty' };
  if (request === 'GET /Groups') return { body: listOf(empty, crew) };
  return { body: empty };
};

it('notices an ignored addition to a group without members, if other groups show theirs', async () => {
  const input = { group: { id: 'g' }, members: [{ id: '1' }] };
  const crew = { id: 'c', displayName: 'Crew', members: [{ value: '2' }] };

  expect(await onBoth('add_group_members', input, groupsOf(crew))).toMatchObject({ code: 'provider_fault' });
  const hidden = groupsOf({ id: 'c', displayName: 'Crew' });
  expect(await onBoth('add_group_members', input, hidden)).toMatchObject({ output: { id: 'g' } });
});

it('deletes a user who is gone, where the provider fails with status 500', async () => {
  const provider = () => (request: string) => {
    if (request === 'GET /Users') return { body: listOf() };
    return { status: request.startsWith('DELETE') ? 500 : 404, body: { detail: 'no such user' } };
  };

  expect(await onBoth('delete_user', { user: { id: '7' } }, provider)).toMatchObject({
    output: { id: '7', deleted: true },
  });
});

it('changes groups of more than 100 members in chunks', async () => {
  const story: Story = async (run) => {
    const rows = Array.from({ length: 130 }, (_, at) => ({ userName: `user${at}@example.com` }));
    await run('bulk_users', { action: 'create_user', rows });
    const found = await run('search_users', { attributes: ['userName'], sortBy: 'userName' });
    const { resources } = ('output' in found ? found.output : {}) as { resources: { id: string }[] };
    const members = resources.map(({ id }) => ({ value: id }));
    const references = resources.map(({ id }) => ({ id }));
    const group = { displayName: 'Everybody' };
    await run('create_group', { ...group, members });
    await run('remove_group_members', { group, members: references });
    await run('add_group_members', { group, members: references });
    await run('update_group', { group, members: members.slice(0, 120) });
    await run('get_group', { group });
  };
  for (const quirks of [[], ['members-cut-at-100'], ['max-100-operations']] as const) {
    const { node, ruby: other } = await runBoth(story, {
      ruby,
      definition,
      isForgetful: true,
      sandbox: { quirks },
    });

    expect(other).toEqual(node);
    expect(node.filter((outcome) => 'output' in outcome).length).toBeGreaterThan(4);
  }
}, 60_000);
