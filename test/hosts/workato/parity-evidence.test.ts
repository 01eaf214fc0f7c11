import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { withFieldNames } from '../../../hosts/workato/field-names.ts';
import { ConnectorError, createConnector } from '../../../runtime/index.ts';
import { listen } from '../../support/listen.ts';
import { type MembershipHabits, membershipProvider } from '../../support/membership-provider.ts';
import { type OddReply, oddAnswers } from '../../support/odd-answers.ts';
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
type Provider = (request: string, query: URLSearchParams) => OddReply | undefined;
const listOf = (...resources: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: resources.length,
  Resources: resources,
});

/** Starts a provider. @returns the settings of a connection to it */
async function connectionTo(startProvider: () => Provider): Promise<{ baseUrl: string; token: string }> {
  const provider = startProvider();
  const { origin, close } = await listen((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const reply = provider(`${request.method} ${pathname}`, searchParams);
    if (reply === undefined) return void request.socket.destroy();
    const { status = 200, body, text, headers } = reply;
    response.writeHead(status, { 'content-type': 'application/scim+json', ...headers });
    response.end(text ?? (body === undefined ? undefined : JSON.stringify(body)));
  });
  closing.push(close);
  return { baseUrl: origin, token: 'secret' };
}

/** Runs an action on both sides, each against a provider of its own, and expects the same. */
async function onBoth(
  key: string,
  input: object,
  startProvider: () => Provider,
): Promise<{ readonly output?: unknown; readonly code?: string; readonly message?: string }> {
  const start = async () => ({ ...(await connectionTo(startProvider)), deadlineInMs: 60_000 });
  await ruby.ask({ do: 'reset' });
  const { value, error } = await ruby.ask({ do: 'execute', key, input, settings: await start() });
  const onRuby = error === undefined ? { output: value } : readJobError(error);
  await using node = createConnector(await start());
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
  return { body: request === 'GET /Groups/c' ? crew : empty };
};

it('notices an ignored addition to a group without members, if other groups show theirs', async () => {
  const input = { group: { id: 'g' }, members: [{ id: '1' }] };
  const crew = { id: 'c', displayName: 'Crew', members: [{ value: '2' }] };

  expect(await onBoth('add_group_members', input, groupsOf(crew))).toMatchObject({ code: 'provider_fault' });
  const hidden = groupsOf({ id: 'c', displayName: 'Crew' });
  expect(await onBoth('add_group_members', input, hidden)).toMatchObject({ output: { id: 'g' } });
});

const crowdOf = (size: number) => ({
  id: 'crowd',
  displayName: 'Crowd',
  members: Array.from({ length: size }, (_, at) => ({ value: `m${at}` })),
});

/** How a provider whose users show no groups answers, and what the groups of a member of one group come to. */
const groupProvers: readonly (readonly [string, MembershipHabits, unknown])[] = [
  ['a filter by member works', { filter: 'works' }, 'filter'],
  ['a filter works, and lists hide the members', { filter: 'works', lists: 'hide' }, 'filter'],
  ['filters are ignored', {}, 'list'],
  ['filters are rejected', { filter: 'rejected' }, 'list'],
  ['filters match nothing, and lists hide the members', { filter: 'silent', lists: 'hide' }, 'list'],
  ['another user shows groups', { filter: 'rejected', others: [{ value: 'g1' }] }, 'user'],
  ['no group shows its members', { filter: 'rejected', lists: 'hide', byId: 'hide' }, 'unsupported'],
  ['a group may be cut', { filter: 'rejected', more: crowdOf(100) }, 'unsupported'],
];

const prover = (habits: MembershipHabits) => (): Provider => membershipProvider(habits);

it.each(groupProvers)('finds the groups of users alike where %s', async (_, options, expected) => {
  for (const id of ['u1', 'u2']) {
    const outcome = await onBoth('get_user_groups', { user: { id } }, prover(options));
    if (expected === 'unsupported' && (id === 'u2' || options.byId === 'hide'))
      expect(outcome).toMatchObject({ code: expected });
    else if (expected === 'unsupported') expect(outcome.code).toBe(expected);
    else if (expected === 'user') expect(outcome).toMatchObject({ output: { evidence: 'user', groups: [] } });
    else
      expect(outcome).toEqual({
        output: {
          id,
          groups: id === 'u1' ? [{ value: 'g1', display: 'One', type: 'direct' }] : [],
          evidence: expected,
        },
      });
  }
});

it.each([
  ['all groups hide their members', { lists: 'hide', byId: 'hide' }, 'g1', { code: 'unsupported' }],
  ['lists hide the members', { lists: 'hide' }, 'g2', { output: { members: [], truncated: false } }],
  ['as many are shown as can be the limit', { more: crowdOf(100) }, 'crowd', { output: { truncated: true } }],
] as const)('lists the members of a group alike where %s', async (_, options, id, expected) => {
  expect(await onBoth('get_group_members', { group: { id } }, prover(options))).toMatchObject(expected);
});

/** Neither users, lists, nor groups show who is in what. */
const hidden: MembershipHabits = { filter: 'rejected', lists: 'hide', byId: 'hide' };

it.each([
  ['all removals are confirmed', hidden, { outcome: 'confirmed', groups: [] }],
  ['non-members have no target', { ...hidden, nonMember: 'noTarget' }, { outcome: 'confirmed' }],
  ['non-members are not found', { ...hidden, nonMember: 'missing' }, { outcome: 'confirmed' }],
  ['non-members are rejected', { ...hidden, nonMember: 'rejected' }, undefined],
  ['one group is managed elsewhere', { ...hidden, removal: { g2: 'rejected' } }, undefined],
  [
    'the token is rejected midway',
    { ...hidden, removal: { g1: 'unauthorized', g2: 'unauthorized' } },
    undefined,
  ],
  [
    'a group is left and another is not',
    { removal: { g2: 'broken' }, more: crowdOf(100) },
    { groups: [{ value: 'g1' }] },
  ],
  ['a group keeps its member', { removal: { g1: 'ignored' } }, undefined],
  ['a group cannot be read', { unreadable: true }, undefined],
  ['a filter finds only others', { filter: 'works', lists: 'hide', byId: 'hide' }, { outcome: 'done' }],
] as const)('offboards alike where %s, also again', async (_, habits: MembershipHabits, expected) => {
  const provider = membershipProvider(habits);
  const other = membershipProvider(habits);
  const both = [provider, other, provider, other];
  for (const isFirst of [true, false]) {
    const outcome = await onBoth('offboard_user', { user: { id: 'u1' } }, () => both.shift() as Provider);
    if (expected === undefined)
      expect(outcome.message).toMatch(
        /^[12] of 3 steps are done\. Not done: ("Leave all groups"|`leaveGroups`)/,
      );
    else if (isFirst) expect(outcome).toMatchObject({ output: { steps: [{}, expected, {}] } });
  }
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
});

it('fails a row that is null alone, with its number', async () => {
  const story: Story = async (run) => {
    const rows = [{ userName: 'ada@example.com' }, null, { userName: 'bob@example.com' }];
    await run('bulk_users', { action: 'create_user', rows });
    await run('bulk_users', { action: 'deactivate_user', matchBy: 'userName', rows });
  };
  const { node, ruby: other } = await runBoth(story, { ruby, definition });

  expect(other).toEqual(node);
  const results = [{ ok: true }, { row: 2, ok: false, error: { code: 'invalid_input' } }, { ok: true }];
  for (const outcome of node) expect(outcome).toMatchObject({ output: { failed: 1, results } });
});

it('identifies the users of flat rows by one key, if matchBy names it', async () => {
  const story: Story = async (run) => {
    for (const name of ['ada', 'bob'])
      await run('create_user', { userName: `${name}@example.com`, externalId: `hr-${name}` });
    const rows = [
      { userName: 'ada.king@example.com', externalId: 'hr-ada', title: 'Countess' },
      { userName: 'cid@example.com', externalId: 'hr-cid' },
      { userName: 'bob@example.com', title: 'No external ID' },
      { userName: 'bob@example.com', matchBy: 'userName', title: 'Own key' },
    ];
    await run('bulk_users', { matchBy: 'externalId', rows });
    const references = [
      { userName: 'ada@example.com', externalId: 'hr-ada' },
      { externalId: '', title: 'Nobody' },
      { user: { userName: 'cid@example.com' }, title: 'Reference' },
    ];
    await run('bulk_users', { action: 'update_user', matchBy: 'externalId', rows: references });
    await run('bulk_users', { action: 'create_user', matchBy: 'externalId', rows });
    await run('search_users', { filter: 'externalId sw "hr-"', sortBy: 'userName' });
  };
  const { node, ruby: other } = await runBoth(story, { ruby, definition, isForgetful: true, sandbox: {} });
  expect(other).toEqual(node);
  expect(node.map((outcome) => 'output' in outcome)).toEqual([true, true, true, true, false, true]);
});

const at = (id: string): string => `https://scim.example.com/Users/${id}`;

it.each<[string, readonly object[], readonly string[]]>([
  [
    'in another order',
    [
      { bulkId: 'row1', status: 204 },
      { bulkId: 'row0', status: '204' },
    ],
    [],
  ],
  [
    'with the same bulkId twice',
    [
      { bulkId: 'row0', status: '204' },
      { bulkId: 'row0', status: '404' },
    ],
    ['a', 'b'],
  ],
  ['without any bulkId, alike', [{ status: '204' }, { status: '204' }], []],
  ['without any bulkId, differing', [{ status: '204' }, { status: '404' }], ['a', 'b']],
  [
    'without any bulkId, with locations',
    [
      { status: '404', location: at('b') },
      { status: '204', location: at('a') },
    ],
    ['b'],
  ],
  [
    'with a row that failed',
    [
      { bulkId: 'row0', status: '500' },
      { bulkId: 'row1', status: '204' },
    ],
    ['a'],
  ],
  ['with fewer rows', [{ bulkId: 'row1', status: '204' }], ['a']],
])('believes of a bulk response only what it proves: answers %s', async (_, answers, alone) => {
  const sent: string[][] = [];
  const provider = (): Provider => {
    const deleted: string[] = [];
    sent.push(deleted);
    return (request) => {
      if (request.endsWith('/ServiceProviderConfig')) return { body: { bulk: { supported: true } } };
      if (request === 'POST /Bulk') return { body: { Operations: answers } };
      if (request.startsWith('DELETE')) deleted.push(request.slice(-1));
      return { status: 204 };
    };
  };
  const rows = [{ user: { id: 'a' } }, { user: { id: 'b' } }];
  expect(await onBoth('bulk_users', { action: 'delete_user', rows }, provider)).toMatchObject({
    output: { succeeded: 2 },
  });
  expect(sent.map((ids) => ids.toSorted())).toEqual([alone, alone]);
});

it.each(oddAnswers)('comes to the same: $title', async ({ key, input, start, expected }) => {
  expect(await onBoth(key, input, start)).toMatchObject(expected);
});

interface Applied {
  readonly results: readonly {
    readonly outcome: string;
    readonly code?: string;
    readonly message?: string;
  }[];
}

/** What becomes of a plan on both sides. */
async function applyOnBoth(input: object, startProvider: () => Provider): Promise<readonly unknown[]> {
  await ruby.ask({ do: 'reset' });
  const settings = await connectionTo(startProvider);
  const onRuby = async (key: string, input: object) =>
    Object((await ruby.ask({ do: 'execute', key, input, settings })).value);
  await using node = createConnector(await connectionTo(startProvider));
  const outcomesOf = ({ results }: Applied): readonly unknown[] =>
    results.map(({ outcome, code, message }) => ({ outcome, code, message }));
  const { plan } = await onRuby('plan_sync', input);
  const other = Object(await node.run('plan_sync', input));
  const found = outcomesOf(await onRuby('apply_sync', { plan }));
  expect(found).toEqual(outcomesOf(Object(await node.run('apply_sync', { plan: other.plan }))));
  return found;
}

it('fails a planned change that takes other attributes away', async () => {
  const ada = { id: 'u1', userName: 'ada@example.com', active: true };
  const startProvider = () => {
    let user: object = { ...ada, nickName: 'Ada' };
    return (request: string): OddReply => {
      if (request === 'GET /Users') return { body: listOf(user) };
      if (request === 'PATCH /Users/u1') user = { ...ada, title: 'Lead' };
      return { body: user };
    };
  };

  expect(
    await applyOnBoth({ users: [{ userName: 'ada@example.com', title: 'Lead' }] }, startProvider),
  ).toMatchObject([
    {
      outcome: 'failed',
      code: 'provider_fault',
      message: expect.stringContaining('lost or changed: nickName.'),
    },
  ]);
});

it.each([
  ['join', ['u2', 'u3'], ['u1'], 'u2, u3'],
  ['leave', ['u1', 'u2', 'u3'], [], 'u2, u3'],
] as const)('fails a planned %s that removes other members', async (kind, before, after, lost) => {
  const ada = { id: 'u1', userName: 'ada@example.com', active: true };
  const toMembers = (ids: readonly string[]) => ids.map((value) => ({ value }));
  const startProvider = () => {
    let group: object = { id: 'g1', displayName: 'Crew', members: toMembers(before) };
    return (request: string): OddReply => {
      if (request === 'GET /Users') return { body: listOf(ada) };
      if (request === 'GET /Users/u1') return { body: ada };
      if (request === 'GET /Groups') return { body: listOf(group) };
      if (request !== 'PATCH /Groups/g1')
        return request === 'GET /Groups/g1' ? { body: group } : { status: 404 };
      group = { ...group, members: toMembers(after) };
      return { status: 204 };
    };
  };
  const users = [{ userName: 'ada@example.com', groups: kind === 'join' ? ['Crew'] : [] }];

  expect(await applyOnBoth({ users, groups: ['Crew'] }, startProvider)).toMatchObject([
    { outcome: 'failed', message: expect.stringContaining(`no longer members of the group: ${lost}.`) },
  ]);
});
