import { afterEach, describe, expect, it } from 'vitest';
import type { Connector, User } from '../../../runtime/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { pagingHabits, unreadableLists } from '../../support/paging-habits.ts';
import { providers } from '../../support/providers.ts';
import {
  type ListRequest,
  type ListServer,
  pageOf,
  people,
  startListServer,
} from '../../support/start-list-server.ts';

let server: ListServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(answer: (request: ListRequest) => object | number): Promise<Connector> {
  server = await startListServer(answer);
  return server.connector;
}

const idsOf = (users: readonly User[]): string[] =>
  users.map(({ id }) => id).toSorted((a, b) => Number(a) - Number(b));
const numbers = (count: number): string[] => people(count).map(({ id }) => id);

async function streamed(connector: Connector, input: Parameters<Connector['stream']['search_users']>[0]) {
  const users: User[] = [];
  for await (const user of connector.stream.search_users(input)) users.push(user);
  return users;
}

describe('search_users over many pages of the sandbox', () => {
  it('returns every user once, as a list and as a stream, whatever the size of the page', async () => {
    const sandbox = await providers[0]?.start();
    if (sandbox === undefined) throw new Error('There is no provider');
    const { connector } = sandbox;
    const rows = people(23).map(({ userName }) => ({ userName }));
    await connector.actions.bulk_users({ action: 'create_user', rows });
    const filter = 'userName sw "user-"';

    for (const pageSize of [1, 5, 23, 1000]) {
      const { totalResults, truncated, resources } = await connector.actions.search_users({
        filter,
        pageSize,
      });
      expect({ totalResults, truncated }).toEqual({ totalResults: 23, truncated: false });
      expect(new Set(resources.map(({ userName }) => userName)).size).toBe(23);
      expect(await streamed(connector, { filter, pageSize })).toEqual(resources);
    }
    await sandbox.close();
  });
});

describe('paging by index', () => {
  it('requests the next page until it has all users', async () => {
    const connector = await start(({ parameters }) => pageOf(people(7), parameters));

    const { resources, totalResults } = await connector.actions.search_users({ pageSize: 2 });

    expect(idsOf(resources)).toEqual(numbers(7));
    expect(totalResults).toBe(7);
    expect(server?.asked.map(({ parameters }) => parameters.startIndex)).toEqual([undefined, '3', '5', '7']);
  });

  it('accepts pages that are smaller than requested', async () => {
    const connector = await start(({ parameters }) => pageOf(people(7), { ...parameters, count: '3' }));

    expect(idsOf((await connector.actions.search_users({})).resources)).toEqual(numbers(7));
  });

  it('stops at the limit, and reports that there are more users', async () => {
    const connector = await start(({ parameters }) => pageOf(people(70), parameters));

    const output = await connector.actions.search_users({ pageSize: 4, limit: 10 });

    expect(output).toMatchObject({ totalResults: 70, truncated: true });
    expect(idsOf(output.resources)).toEqual(numbers(10));
    expect(server?.asked).toHaveLength(3);
  });

  it('is not truncated if the limit equals the total', async () => {
    const connector = await start(({ parameters }) => pageOf(people(4), parameters));

    expect(await connector.actions.search_users({ pageSize: 2, limit: 4 })).toMatchObject({
      truncated: false,
    });
  });

  it('reads again if a user is deleted between two pages', async () => {
    const all = people(9);
    const connector = await start(({ parameters, number }) => {
      if (number === 1) all.splice(0, 1);
      return pageOf(all, parameters);
    });

    expect(idsOf((await connector.actions.search_users({ pageSize: 3 })).resources)).toEqual(numbers(9));
  });

  it('reads again if a user is created between two pages', async () => {
    const all = people(9);
    const connector = await start(({ parameters, number }) => {
      if (number === 1) all.unshift({ id: '10', userName: 'user-10' });
      return pageOf(all, parameters);
    });

    expect(idsOf((await connector.actions.search_users({ pageSize: 3 })).resources)).toEqual(numbers(10));
  });

  it.each([3, 5, 9, 200])('reports a pagination loop in a list of %i', async (total) => {
    const connector = await start(() => ({ totalResults: total, Resources: people(2) }));

    const error = await failureOf(connector.actions.search_users({}));

    expect(error.code).toBe('provider_fault');
    expect(error.message).toContain(
      'Pagination loop: the provider returned the same page again after 2 results.',
    );
    expect(server?.asked.length).toBeLessThan(6);
  });

  it.each([
    [
      'an empty page',
      ({ number }: ListRequest) => ({ totalResults: 9, Resources: number === 0 ? people(3) : [] }),
    ],
    ['nothing at all', () => ({ totalResults: 9, Resources: [] })],
    ['no Resources', () => ({ totalResults: 9 })],
  ])('detects that a list is truncated by %s', async (_, answer) => {
    const connector = await start(answer);

    const error = await failureOf(connector.actions.search_users({}));

    expect(error.code).toBe('provider_fault');
    expect(error.message).toContain('The list is incomplete: the provider reported 9 results');
  });
});

describe('paging by cursor', () => {
  const byCursor =
    (pages: number, total: number | undefined) =>
    ({ parameters }: ListRequest): object => {
      const page = Number(parameters.cursor ?? '0');
      return {
        ...(total !== undefined && { totalResults: total }),
        Resources: people(pages * 2).slice(page * 2, page * 2 + 2),
        ...(page + 1 < pages && { nextCursor: String(page + 1) }),
      };
    };

  it.each([undefined, 10])('follows the cursors to the last page (total: %s)', async (total) => {
    const connector = await start(byCursor(5, total));

    const { resources, truncated } = await connector.actions.search_users({ pageSize: 2 });

    expect(idsOf(resources)).toEqual(numbers(10));
    expect(truncated).toBe(false);
    expect(server?.asked.map(({ parameters }) => parameters.cursor)).toEqual([undefined, '1', '2', '3', '4']);
    expect(server?.asked.every(({ parameters }) => parameters.startIndex === undefined)).toBe(true);
  });

  it('reports a pagination loop when a cursor is repeated', async () => {
    const connector = await start(({ parameters }) => ({
      totalResults: 100,
      Resources: [{ id: parameters.cursor ?? 'first' }],
      nextCursor: parameters.cursor === 'a' ? 'b' : 'a',
    }));

    expect((await failureOf(connector.actions.search_users({}))).message).toContain('Pagination loop');
  });

  it('detects that the cursors end before the total', async () => {
    const connector = await start(byCursor(3, 50));

    expect((await failureOf(connector.actions.search_users({}))).message).toContain(
      'reported 50 results but returned 6',
    );
  });

  it('fails with the error of an expired cursor', async () => {
    const connector = await start((request) => (request.number === 0 ? byCursor(3, 6)(request) : 400));

    expect((await failureOf(connector.actions.search_users({}))).code).toBe('invalid_input');
  });
});

describe('paging habits', () => {
  it.each(pagingHabits)('reads all users of a list with $name', async ({ noticed, answer }) => {
    const connector = await start(answer);

    const { resources, totalResults, truncated } = await connector.actions.search_users({});

    expect(idsOf(resources)).toEqual(numbers(130));
    expect({ totalResults, truncated }).toEqual({ totalResults: 130, truncated: false });
    expect(idsOf(await streamed(connector, { pageSize: 20 }))).toEqual(numbers(130));
    const logged = server?.logged.filter(({ event }) => event === 'provider_habit_noticed');
    expect(logged?.map(({ trait }) => trait)).toEqual(noticed);
  });

  it.each(unreadableLists)('fails at a list with $name', async ({ noticed, answer }) => {
    const connector = await start(answer);

    expect((await failureOf(connector.actions.search_users({}))).code).toBe('provider_fault');
    expect(server?.asked.length).toBeLessThan(150);
    const logged = server?.logged.filter(({ event }) => event === 'provider_habit_noticed');
    expect(logged?.map(({ trait }) => trait)).toEqual(noticed);
  });

  it('checks once per connection whether a total counts the page', async () => {
    const connector = await start(({ parameters }) => pageOf(people(7), parameters));

    for (let run = 0; run < 3; run += 1) await connector.actions.search_users({});

    expect(server?.asked.map(({ parameters }) => parameters.startIndex)).toEqual([
      undefined,
      '8',
      undefined,
      undefined,
    ]);
  });

  it.each([400, 404, 501])('treats a %i for a "startIndex" after the end as the end', async (status) => {
    const connector = await start(({ parameters }) =>
      Number(parameters.startIndex ?? 1) > 7 ? status : pageOf(people(7), parameters),
    );

    expect((await connector.actions.search_users({})).resources).toHaveLength(7);
  });

  it('starts a list over when its cursor expires', async () => {
    let expired = 0;
    const connector = await start((request) => {
      if (request.parameters.cursor === '4' && expired < 2) {
        expired += 1;
        return { status: 400, scimType: 'expiredCursor', detail: 'The cursor has expired' };
      }
      const from = Number(request.parameters.cursor ?? 0);
      return {
        totalResults: 7,
        Resources: people(7).slice(from, from + 2),
        ...(from + 2 < 7 && { nextCursor: `${from + 2}` }),
      };
    });

    expect(idsOf((await connector.actions.search_users({})).resources)).toEqual(numbers(7));
    expired = -10;
    expect((await failureOf(connector.actions.search_users({}))).code).toBe('unavailable');
  });

  it('says each time that an entry without an id is missing', async () => {
    const entries = [{ userName: 'legacy' }, ...people(4), 'text'];
    const connector = await start(({ parameters }) => pageOf(entries, parameters));

    for (const _ of [1, 2]) {
      const output = await connector.actions.search_users({ pageSize: 3 });
      expect(idsOf(output.resources)).toEqual(numbers(4));
      expect(output).toMatchObject({ totalResults: 6, truncated: true });
    }
    expect(server?.logged.filter(({ event }) => event === 'search_truncated')).toMatchObject([
      { level: 'warn', message: expect.stringContaining('2 of 6 results are missing') },
      { level: 'warn' },
    ]);
    expect(server?.logged.filter(({ trait }) => trait === 'list-entry-without-id')).toMatchObject([
      { level: 'warn' },
    ]);
  });

  it('fails when no entry of a list has an id', async () => {
    const connector = await start(({ parameters }) =>
      pageOf([{ userName: 'a' }, { userName: 'b' }], parameters),
    );

    expect((await failureOf(connector.actions.search_users({}))).code).toBe('provider_fault');
  });

  it.each([
    ['to the maximum that the provider declares', { filter: { maxResults: 4 } }, '4'],
    ['to what the provider chooses', {}, undefined],
  ])('lowers a count that is rejected %s, once per connection', async (_, configuration, lowered) => {
    const connector = await start(({ line, parameters }) => {
      if (line.endsWith('/ServiceProviderConfig')) return configuration;
      const { count = '3' } = parameters;
      if (Number(count) > 4) return { scimType: 'invalidCount', detail: 'too many' };
      return pageOf(people(9), { ...parameters, count });
    });

    for (const _ of [1, 2])
      expect(idsOf((await connector.actions.search_users({})).resources)).toEqual(numbers(9));

    const lists = server?.asked.filter(({ line }) => line.endsWith('/Users')) ?? [];
    expect(lists.map(({ parameters }) => parameters.count)).toEqual([
      '100',
      ...Array.from({ length: lists.length - 1 }, () => lowered),
    ]);
    expect(server?.logged.filter(({ trait }) => trait === 'large-count-rejected')).toHaveLength(1);
  });

  it.each([
    ['says so in words', { scimType: null, detail: 'The page size is limited to 50.' }],
    ['names count', { scimType: 'invalidValue', detail: '"count" must be at most 50' }],
  ])('lowers a count whose rejection %s', async (_, rejection) => {
    const connector = await start(({ line, parameters }) => {
      if (line.endsWith('/ServiceProviderConfig')) return { filter: { maxResults: 50 } };
      return Number(parameters.count) > 50 ? rejection : pageOf(people(7), parameters);
    });

    expect(idsOf((await connector.actions.search_users({})).resources)).toEqual(numbers(7));
  });

  it('logs that a search without a limit was truncated', async () => {
    const connector = await start(({ parameters }) => pageOf(people(1_205), parameters));

    await connector.actions.search_users({ pageSize: 500 });
    await connector.actions.search_users({ pageSize: 500, limit: 3 });

    expect(server?.logged.filter(({ event }) => event === 'search_truncated')).toEqual([
      {
        level: 'warn',
        event: 'search_truncated',
        message: 'Only the first 1000 of 1205 results were read. Set "limit" to read more.',
      },
    ]);
  });
});

describe('a provider that ignores filters', () => {
  it('is filtered by the client, with the total of the matches', async () => {
    const all = people(10).map((user, index) => ({
      ...user,
      title: index % 2 === 0 ? 'Analyst' : 'Admiral',
    }));
    const connector = await start(({ parameters }) => pageOf(all, parameters));

    const output = await connector.actions.search_users({ title: 'ANALYST', pageSize: 4 });

    expect(idsOf(output.resources)).toEqual(['1', '3', '5', '7', '9']);
    expect(output).toMatchObject({ totalResults: 5, truncated: false });
  });

  it('finds a user on a later page of the list', async () => {
    const connector = await start(({ parameters }) => pageOf(people(130), parameters));
    const last = people(130).at(-1);

    const found = await connector.actions.find_user({ user: { userName: last?.userName ?? '' } });

    expect(found).toMatchObject({ id: '130' });
  });

  it('reports that no user matches only after a comparison of the whole list', async () => {
    const connector = await start(({ parameters }) => pageOf(people(3), parameters));

    const error = await failureOf(connector.actions.deactivate_user({ user: { userName: 'someone' } }));

    expect(error.code).toBe('not_found');
    expect(server?.asked.length).toBeGreaterThan(1);
  });
});

describe('a search whose URL would be too long', () => {
  const filter = `userName ne "${'x'.repeat(3_000)}"`;

  it('goes into the body of a POST to /.search, page by page', async () => {
    const connector = await start(({ parameters }) => pageOf(people(5), parameters));

    const { resources } = await connector.actions.search_users({
      filter,
      pageSize: 2,
      attributes: ['userName'],
    });

    expect(idsOf(resources)).toEqual(numbers(5));
    expect(server?.asked.map(({ line }) => line)).toEqual(Array(3).fill('POST /Users/.search'));
    expect(server?.asked.map(({ parameters }) => parameters)).toEqual(
      [undefined, 3, 5].map((startIndex) => ({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
        filter,
        attributes: ['userName'],
        count: 2,
        ...(startIndex !== undefined && { startIndex }),
      })),
    );
  });

  it.each([404, 405, 501])('goes into the URL if /.search responds with %i', async (status) => {
    const connector = await start(({ line, parameters }) =>
      line.startsWith('POST') ? status : pageOf(people(2), parameters),
    );

    expect(idsOf((await connector.actions.search_users({ filter })).resources)).toEqual(['1', '2']);
  });

  it('is one whose filter exceeds the limit of a URL', async () => {
    const connector = await start(({ parameters }) => pageOf(people(1), parameters));

    for (const length of [1_500, 2_500])
      await connector.actions.search_users({ filter: `title eq "${'x'.repeat(length)}"` });

    expect(new Set(server?.asked.map(({ line }) => line))).toEqual(
      new Set(['GET /Users', 'POST /Users/.search']),
    );
    expect(server?.asked.at(0)?.line).toBe('GET /Users');
    expect(server?.asked.at(-1)?.line).toBe('POST /Users/.search');
  });
});

describe('a stream', () => {
  it('requests no page before it is consumed', async () => {
    const connector = await start(({ parameters }) => pageOf(people(100), parameters));

    let taken = 0;
    for await (const _ of connector.stream.search_users({ pageSize: 10 })) {
      taken += 1;
      if (taken === 15) break;
    }

    expect(server?.asked).toHaveLength(2);
  });

  it('has no limit by default, unlike the list', async () => {
    const connector = await start(({ parameters }) => pageOf(people(1_205), parameters));

    expect(await streamed(connector, { pageSize: 500 })).toHaveLength(1_205);
    expect(await streamed(connector, { pageSize: 500, limit: 7 })).toHaveLength(7);
    expect(await connector.actions.search_users({ pageSize: 500 })).toMatchObject({
      totalResults: 1_205,
      truncated: true,
      resources: { length: 1_000 },
    });
  });

  it('fails at a failed page, after the results before it', async () => {
    const connector = await start((request) =>
      request.number === 1 ? 403 : pageOf(people(9), request.parameters),
    );
    const seen: string[] = [];

    const error = await failureOf(async () => {
      for await (const { id } of connector.stream.search_users({ pageSize: 3 })) seen.push(id);
    });

    expect(error.code).toBe('forbidden');
    expect(seen).toEqual(['1', '2', '3']);
  });

  it('rejects an invalid input before any request', async () => {
    const connector = await start(() => 500);

    expect((await failureOf(() => streamed(connector, { limit: 0 }))).code).toBe('invalid_input');
    expect(server?.asked).toEqual([]);
  });
});
