import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connector, type ConnectorError, createConnector } from '../../../runtime/index.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import { listen } from '../../support/listen.ts';
import { type MembershipHabits, membershipProvider } from '../../support/membership-provider.ts';
import { definition } from '../../support/open-test-session.ts';
import { pageOf } from '../../support/start-list-server.ts';
import { readJobError } from './job-error.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

type Values = Readonly<Record<string, unknown>>;

let ruby: RubyConnector;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});
beforeEach(() => ruby.ask({ do: 'reset' }));
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => ruby.close());

/** The pauses between the runs of a step, in seconds. The stub of the SDK skips all waits. */
async function pauses(): Promise<readonly number[]> {
  const waits = (await ruby.value({ do: 'reset' })) as readonly number[];
  return waits.filter((seconds) => seconds === 60);
}

/** What differs between two plans of the same state: the time, and so the ID. */
function withoutTime(output: unknown): unknown {
  const { planId: _, plan, ...parts } = Object(output);
  const { createdAt, id, ...rest } = JSON.parse(plan);
  return { ...parts, plan: rest };
}

describe('a plan that takes longer than one run of a step', () => {
  /** A provider that returns 50 users per page, with a group of some of them. */
  async function provider(
    count: number,
    idOf: (at: number) => string = (at) => `u${at}`,
  ): Promise<{ readonly baseUrl: string; readonly token: string }> {
    const users = Array.from({ length: count }, (_, at) => ({
      id: idOf(at),
      userName: `user-${at}@example.com`,
      externalId: `hr-${at}`,
      active: at % 7 !== 0,
      title: 'Analyst',
      emails: [{ value: `user-${at}@example.com`, type: 'work', primary: true }],
    }));
    const group = { id: 'g', displayName: 'Builders', members: [{ value: 'u1' }, { value: 'u2' }] };
    const { origin, close } = await listen((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
      const isUsers = pathname.startsWith('/Users');
      const page = { ...Object.fromEntries(searchParams), count: '50' };
      response.writeHead(200, { 'content-type': 'application/scim+json' });
      response.end(
        JSON.stringify(pathname === '/Groups/g' ? group : pageOf(isUsers ? users : [group], page)),
      );
    });
    closing.push(close);
    return { baseUrl: origin, token: 't' };
  }

  const rows = Array.from({ length: 1_400 }, (_, at) => ({
    userName: `user-${at}@example.com`,
    externalId: `hr-${at}`,
    title: at % 9 === 0 ? 'Director' : 'Analyst',
    manager: 'user-1399@example.com',
    ...(at < 3 && { groups: ['Builders'] }),
  }));
  const input = { users: rows, ownedBy: 'externalId:hr-', safetyLimit: 5 };

  it('is the same as one that is made at once', async () => {
    const connection = await provider(1_500);
    const connector = createConnector(connection);
    closing.push(() => connector.close());
    const expected = await connector.run('plan_sync', input);
    // 7.5 seconds for each of its 30 pages.
    const settings = { ...connection, requestsPerMinute: 8 };
    const made = await ruby.value({ do: 'execute', key: 'plan_sync', input, settings });
    expect(withoutTime(made)).toEqual(withoutTime(expected));
    expect(await pauses()).toHaveLength(2);
  });

  it('fails once what was read takes more than a job can keep, and says what to do', async () => {
    const idOf = (at: number): string => `${at}`.padStart(300, '0');
    const settings = { ...(await provider(4_000, idOf)), requestsPerMinute: 8 };
    const long = { users: [], ownedBy: 'externalId:hr-' };
    const { error } = await ruby.ask({ do: 'execute', key: 'plan_sync', input: long, settings });
    expect(error).toMatch(
      /^unsupported: The list of users takes longer than this host allows: \d{4} users were read\. Plan with rolecall plan .+\.$/,
    );
  });
});

describe('a plan that takes longer than one run of a step to apply', () => {
  /** A service with some of the users, and a plan that creates or changes each of them. */
  async function planned(
    count: number,
    existing: number,
  ): Promise<{ settings: Values; plan: string; world: Connector }> {
    const sandbox = await startSandbox();
    const settings = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token };
    const world = createConnector(settings);
    closing.push(() => world.close(), sandbox.close);
    const users = Array.from({ length: count }, (_, at) => ({
      userName: `user-${at}@example.com`,
      title: 'Analyst',
      ...(at % 3 === 0 && { groups: ['Builders'] }),
    }));
    for (const { userName } of users.slice(0, existing)) await world.actions.create_user({ userName });
    await world.actions.create_group({ displayName: 'Builders' });
    const { plan } = await world.actions.plan_sync({ users });
    return { settings, plan, world };
  }

  const countsOf = (output: unknown): Values => Object(output).counts;

  it('has the outcome of each change, whatever run made it', async () => {
    const count = 30;
    const { settings, plan, world } = await planned(count, count / 2);
    // The memberships take three requests, which must end within the 30 seconds of a part.
    const slow = { ...settings, requestsPerMinute: 8 };
    const output = await ruby.value({ do: 'execute', key: 'apply_sync', input: { plan }, settings: slow });
    expect(countsOf(output)).toMatchObject({
      changed: count + count / 3,
      unchanged: 0,
      failed: 0,
      stopped: 0,
    });
    expect((await pauses()).length).toBeGreaterThan(3);
    const { changes } = JSON.parse(plan);
    expect(Object(output).results.map(({ id }: { id: string }) => id)).toEqual(
      changes.map(({ id }: { id: string }) => id),
    );
    expect(await world.actions.search_users({ title: 'Analyst' })).toMatchObject({ totalResults: count });
  });

  it('returns what became of each change when the job must end, and goes on in another one', async () => {
    const count = 210;
    const { settings, plan, world } = await planned(count, count);
    const slowest = { ...settings, requestsPerMinute: 6 };
    const first = await ruby.value({ do: 'execute', key: 'apply_sync', input: { plan }, settings: slowest });
    const { changed, stopped, failed } = countsOf(first);
    expect(failed).toBe(0);
    expect(changed).toBeGreaterThan(100);
    expect(Number(changed) + Number(stopped)).toBe(count + count / 3);
    expect(stopped).toBeGreaterThan(0);
    const second = await ruby.value({ do: 'execute', key: 'apply_sync', input: { plan }, settings });
    expect(countsOf(second)).toMatchObject({ changed: stopped, failed: 0, refused: 0, stopped: 0 });
    expect(await world.actions.search_users({})).toMatchObject({ totalResults: count });
  });
});

describe('a change of which a run that ends shows nothing', () => {
  /** A service that makes one request, but answers it and the reads right after it with an error. */
  async function losing(lostReads: number) {
    const sandbox = await startSandbox();
    const sent: string[] = [];
    let lost: RegExp | undefined;
    let readsToLose = 0;
    const { origin, close } = await listen(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const method = request.method ?? '';
      const { authorization = '', 'content-type': type = 'application/scim+json' } = request.headers;
      const answer = await fetch(`${sandbox.scimBaseUrl}${request.url}`, {
        method,
        headers: { authorization, 'content-type': type },
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      const body = await answer.text();
      const asked = `${method} ${request.url} ${chunks.join('')}`;
      const isLost = method === 'GET' ? readsToLose > 0 : lost?.test(asked);
      if (method === 'GET') readsToLose = Math.max(0, readsToLose - 1);
      else sent.push(asked);
      if (method !== 'GET' && isLost) {
        lost = undefined;
        readsToLose = lostReads;
      }
      // The wait does not fit into the run.
      if (isLost) response.writeHead(503, { 'retry-after': '300' }).end();
      else response.writeHead(answer.status, { 'content-type': 'application/scim+json' }).end(body);
    });
    const settings = { baseUrl: origin, token: sandbox.token, deadlineInMs: 600_000 };
    const world = createConnector(settings);
    closing.push(() => world.close(), close, sandbox.close);
    const lose = (request: RegExp): void => {
      lost = request;
      sent.splice(0);
    };
    return { settings, world, lose, sent };
  }

  const ada = { userName: 'ada@example.com', externalId: 'hr-ada' };
  const owned = { ownedBy: 'externalId:hr-', safetyLimit: 5 };

  it.each([
    ['create', /^POST .Users.*bob/, 1, { users: [ada, { userName: 'bob@example.com' }] }],
    ['create_group', /^POST .Groups/, 1, { users: [{ ...ada, groups: ['Cooks'] }], createGroups: true }],
    ['update', /^PATCH .Users/, 0, { users: [{ ...ada, title: 'Director' }] }],
    ['delete', /^DELETE .Users/, 1, { users: [], ...owned, missing: 'delete' as const }],
    ['join', /^PATCH .Groups/, 1, { users: [{ ...ada, groups: ['Builders'] }] }],
    [
      'leave',
      /^PATCH .Groups.*"remove"/,
      1,
      {
        users: [
          { ...ada, groups: [] },
          { userName: 'bob@example.com', groups: ['Builders'] },
        ],
        ...owned,
      },
    ],
  ])('is reported as made by the next run: %s', async (kind, lost, lostReads, { users, ...input }) => {
    const { settings, world, lose, sent } = await losing(lostReads);
    const { id } = await world.actions.create_user(ada);
    const { id: other } = await world.actions.create_user({ userName: 'zoe@example.com' });
    const members = [...(kind === 'leave' ? [id] : []), other].map((value) => ({ value }));
    await world.actions.create_group({ displayName: 'Builders', members });
    const first = { userName: 'first@example.com', externalId: 'hr-first' };
    const { plan, holds } = await world.actions.plan_sync({ users: [first, ...users], ...input });
    const approve = holds.map((hold) => hold.id);
    lose(lost);
    const output = await ruby.value({ do: 'execute', key: 'apply_sync', input: { plan, approve }, settings });
    expect(Object(output).results.findLast((one: Values) => one.kind === kind)).toMatchObject({
      outcome: 'changed',
    });
    expect(await pauses()).toHaveLength(1);
    expect(sent).toEqual([...new Set(sent)]);
  });

  it('may have been made if no other run follows', async () => {
    const { settings, world, lose } = await losing(1);
    const users = ['first', 'lost', 'left'].map((name) => ({ userName: `${name}@example.com` }));
    const { plan } = await world.actions.plan_sync({ users });
    lose(/^POST .Users.*lost/);
    const lastTurn = { begunAt: 0, turn: 100 };
    const output = await ruby.value({
      do: 'execute',
      key: 'apply_sync',
      input: { plan },
      settings,
      continue: lastTurn,
    });
    expect(Object(output).results).toMatchObject([
      { outcome: 'changed' },
      { outcome: 'stopped', maybeMade: true, message: expect.stringContaining('may have been made') },
      { outcome: 'stopped', message: 'The run ended before this change.' },
    ]);
    expect(await world.actions.search_users({})).toMatchObject({ totalResults: 2 });
  });
});

describe('rows that take longer than one run of a step', () => {
  const rows = (count: number): readonly Values[] =>
    Array.from({ length: count }, (_, at) => ({ userName: `user-${at}@example.com`, title: 'Analyst' }));

  /** A service without /Bulk, so that each row is a request or more. */
  async function service(): Promise<{ settings: Values; world: Connector }> {
    const sandbox = await startSandbox({ quirks: ['no-bulk'] });
    const settings = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token };
    const world = createConnector(settings);
    closing.push(() => world.close(), sandbox.close);
    return { settings, world };
  }

  it('have one result each, whatever run made it', async () => {
    const { settings, world } = await service();
    const output = await ruby.value({
      do: 'execute',
      key: 'bulk_users',
      input: { action: 'create_user', rows: [...rows(40), { userName: 'user-0@example.com' }, {}] },
      settings: { ...settings, requestsPerMinute: 6 },
    });
    expect(output).toMatchObject({ succeeded: 40, failed: 2 });
    expect(Object(output).results.map(({ row }: { row: number }) => row)).toEqual(
      Array.from({ length: 42 }, (_, at) => at + 1),
    );
    expect((await pauses()).length).toBeGreaterThan(2);
    expect(await world.actions.search_users({ title: 'Analyst' })).toMatchObject({ totalResults: 40 });
  });

  it('are reported as not reached when the job must end', async () => {
    const { settings } = await service();
    const output = await ruby.value({
      do: 'execute',
      key: 'bulk_users',
      input: { action: 'create_user', rows: rows(400) },
      settings: { ...settings, requestsPerMinute: 6 },
    });
    const { succeeded, failed, results } = Object(output);
    expect(succeeded).toBeGreaterThan(100);
    expect(succeeded + failed).toBe(400);
    expect(results.at(-1)).toMatchObject({
      row: 400,
      ok: false,
      error: {
        code: 'unavailable',
        message: 'The run was stopped before this row. Run the rows with this error again.',
      },
    });
  });
});

describe('an offboarding that takes longer than one run of a step', () => {
  /** Of every group, only its PATCH shows whether the user was in it. */
  const hidden: MembershipHabits = { filter: 'rejected', lists: 'hide', byId: 'hide' };

  /** What the offboarding came to on each side, and the requests of Workato, each with how often it was sent. */
  async function offboard(habits: MembershipHabits, requestsPerMinute: number) {
    const sent = new Map<string, number>();
    const start = async (onRequest: (request: string) => void): Promise<Values & { baseUrl: string }> => {
      const provider = membershipProvider(habits);
      const { origin, close } = await listen((request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
        const given = `${request.method} ${pathname}`;
        onRequest(given);
        const { status = 200, body } = provider(given, searchParams);
        response.writeHead(status, { 'content-type': 'application/scim+json' });
        response.end(body === undefined ? undefined : JSON.stringify(body));
      });
      closing.push(close);
      return { baseUrl: origin, token: 't' };
    };
    const input = { user: { id: 'u1' } };
    const settings = await start((request) => sent.set(request, (sent.get(request) ?? 0) + 1));
    const slow = { ...settings, requestsPerMinute };
    const { value, error } = await ruby.ask({ do: 'execute', key: 'offboard_user', input, settings: slow });
    await using connector = createConnector({ ...(await start(() => undefined)), token: 't' });
    const node = await connector.run('offboard_user', input).catch((problem: unknown) => problem);
    return { ruby: value, error: error ?? '', node, sent };
  }

  const patches = (sent: ReadonlyMap<string, number>): readonly number[] =>
    [...sent].filter(([request]) => request.startsWith('PATCH /Groups/')).map(([, times]) => times);

  it('leaves every group once, whatever run it is in', async () => {
    const { ruby: output, node, sent } = await offboard({ ...hidden, empty: 40 }, 8);
    expect(output).toEqual(node);
    expect(output).toMatchObject({
      steps: [{ outcome: 'done' }, { outcome: 'confirmed' }, { outcome: 'not_shown' }],
    });
    expect(patches(sent)).toEqual(new Array(42).fill(1));
    expect(sent.get('PATCH /Users/u1')).toBe(1);
    expect((await pauses()).length).toBeGreaterThan(3);
  }, 60_000);

  it('fails for the groups that the provider keeps, in an early run as in the last one', async () => {
    const removal = { g1: 'broken', e30: 'rejected' } as const;
    const { error, node, sent } = await offboard({ ...hidden, empty: 30, removal }, 8);
    expect(error).toContain('The user may still be in 2 of 32 groups: One (');
    expect(readJobError(error).message).toBe((node as ConnectorError).message);
    expect(patches(sent)).toEqual(new Array(32).fill(1));
  }, 60_000);

  it('says what is left when the job must end', async () => {
    const { error, sent } = await offboard({ ...hidden, empty: 150 }, 6);
    expect(error).toMatch(
      /^unavailable: 1 of 3 steps are done\. Not done: "Leave all groups": The user may still be in \d+ of 152 groups: e\d+ \(The run was stopped before this step\)/,
    );
    expect(patches(sent).length).toBeLessThan(152);
    expect(new Set(patches(sent))).toEqual(new Set([1]));
  }, 60_000);
});
