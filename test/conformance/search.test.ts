import { beforeAll, describe, expect, it } from 'vitest';
import {
  type FilterCase,
  filterCases,
  invalidFilters,
  lenientFilters,
  populate,
} from '../support/filter-cases.ts';
import {
  type Answer,
  baseUrl,
  enterpriseUrn,
  listUrn,
  makeService,
  names,
  searchUrn,
  userUrn,
} from '../support/scim-fixture.ts';

const service = makeService();

beforeAll(() => {
  populate(service);
  service.group('Tour Guides');
});

const find = (filter: string): Answer => service.search('Users', { filter });

describe('lists', () => {
  it('[list]: a ListResponse', () => {
    const { status, body } = service.call('GET', '/Users');
    expect(status).toBe(200);
    expect(body).toMatchObject({ schemas: [listUrn], totalResults: 3, startIndex: 1, itemsPerPage: 3 });
    expect(names({ status, headers: {}, body })).toEqual(['bjensen', 'James', 'zoe']);
  });

  it('[list]: none found is no error', () => {
    expect(find('userName eq "nobody"')).toMatchObject({
      status: 200,
      body: { totalResults: 0, itemsPerPage: 0, Resources: [] },
    });
  });

  it('[read-one]: with ETag and Location, and 404 for another type’s id', () => {
    const [first] = service.call('GET', '/Users').body.Resources as { id: string }[];
    const answer = service.call('GET', `/Users/${first?.id}/`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(first);
    expect(answer.headers).toMatchObject({ etag: 'W/"1"', location: `${baseUrl}/Users/${first?.id}` });
    expect(service.call('GET', `/Groups/${first?.id}`).status).toBe(404);
    expect(service.call('GET', '/Users/__proto__').status).toBe(404);
  });

  it('[list-root]: all types, in the order of their creation', () => {
    const { body } = service.call('GET', '/');
    expect(
      (body.Resources as { meta: { resourceType: string } }[]).map(({ meta }) => meta.resourceType),
    ).toEqual(['User', 'User', 'User', 'Group']);
    const { call, group, user } = makeService();
    group('Staff', [user('babs')]);
    user('jim');
    const kinds = call('GET', '/').body.Resources as { meta: { resourceType: string } }[];
    expect(kinds.map(({ meta }) => meta.resourceType)).toEqual(['User', 'Group', 'User']);
    const filter = encodeURIComponent('displayName co "o" and meta.resourceType eq "Group"');
    expect(names(service.call('GET', `/?filter=${filter}`), 'displayName')).toEqual(['Tour Guides']);
  });
});

describe('filters', () => {
  it.each<FilterCase>(filterCases.rfc)('[filter-rfc-examples]: %s', (filter, expected) => {
    expect(names(find(filter))).toEqual(expected);
  });

  it.each<FilterCase>([...filterCases.operators, ...lenientFilters])(
    '[filter-operators]: %s',
    (filter, expected) => {
      expect(names(find(filter))).toEqual(expected);
    },
  );

  it.each<FilterCase>(filterCases.letterCase)('[filter-case]: %s', (filter, expected) => {
    expect(names(find(filter))).toEqual(expected);
  });

  it.each<FilterCase>(filterCases.times)('[filter-types]: times: %s', (filter, expected) => {
    expect(names(find(filter))).toEqual(expected);
  });

  it.each([
    ['active gt true', 'boolean'],
    ['active co "tr"', 'boolean'],
    ['active eq "yes"', 'boolean'],
    ['emails.primary le false', 'boolean'],
    ['x509Certificates.value gt "TUlJ"', 'binary'],
    ['meta.created gt "yesterday"', 'dateTime'],
    ['name eq "Babs"', 'complex'],
    ['addresses co "x"', 'complex'],
    ['title gt null', 'null'],
  ])('[filter-types]: refused: %s', (filter, word) => {
    const answer = find(filter);
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
    expect(answer.body.detail).toContain(word);
  });

  it.each<FilterCase>(filterCases.brackets)('[filter-brackets]: %s', (filter, expected) => {
    expect(names(find(filter))).toEqual(expected);
  });

  it.each(invalidFilters)('[filter-invalid]: %s', (filter, position) => {
    const answer = find(filter);
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
    expect(answer.body.detail).toContain(`position ${position}`);
  });

  it.each<FilterCase>(filterCases.unknownAttributes)('[filter-unknown]: %s', (filter, expected) => {
    expect(names(find(filter))).toEqual(expected);
  });

  it('finds the same by an index as by a scan, within the limits', () => {
    const { search, user } = makeService({ limits: { maxComparisons: 20, maxFilterLength: 200 } });
    for (let nth = 0; nth < 21; nth += 1) user(`user${nth}`, { externalId: `e${nth % 3}` });
    expect(search('Users', { filter: 'title eq "x"' })).toMatchObject({
      status: 400,
      body: { scimType: 'tooMany' },
    });
    expect(search('Users', { filter: 'userName eq "USER3" and title eq null' }).body.totalResults).toBe(1);
    expect(search('Users', { filter: 'externalId eq "e1"' }).body.totalResults).toBe(7);
    // Of two conjuncts that an index serves, the one with fewer candidates is taken, in either order.
    const [narrow, wide] = ['userName eq "user4"', 'externalId eq "e1"'];
    for (const filter of [
      `${narrow} and ${wide} and title eq null`,
      `${wide} and ${narrow} and title eq null`,
    ]) {
      expect(names(search('Users', { filter }))).toEqual(['user4']);
    }
    expect(search('Users', { filter: 'userName eq "user3" or userName eq "user1"' }).body).toMatchObject({
      Resources: [{ userName: 'user1' }, { userName: 'user3' }],
    });
    const long = `title eq "${'x'.repeat(200)}"`;
    expect(search('Users', { filter: long })).toMatchObject({
      status: 400,
      body: { scimType: 'invalidFilter' },
    });
  });
});

describe('sorting', () => {
  const sorted = (query: Readonly<Record<string, string>>) => names(service.search('Users', query));

  it('[sort]: both ways, folded, missing values last and first', () => {
    expect(sorted({ sortBy: 'userName' })).toEqual(['bjensen', 'James', 'zoe']);
    expect(sorted({ sortBy: 'userName', sortOrder: 'descending' })).toEqual(['zoe', 'James', 'bjensen']);
    expect(sorted({ sortBy: 'name.familyName' })).toEqual(['bjensen', 'James', 'zoe']);
    expect(sorted({ sortBy: 'name.familyName', sortOrder: 'descending' })).toEqual([
      'zoe',
      'James',
      'bjensen',
    ]);
    expect(sorted({ sortBy: 'meta.created', sortOrder: 'Descending' })).toEqual(['zoe', 'James', 'bjensen']);
    expect(sorted({ sortBy: 'active' })).toEqual(['James', 'bjensen', 'zoe']);
    expect(sorted({ sortBy: `${enterpriseUrn}:department` })).toEqual(['bjensen', 'James', 'zoe']);
    expect(sorted({ sortBy: 'nothing' })).toEqual(['bjensen', 'James', 'zoe']);
    expect(sorted({ sortOrder: 'descending' })).toEqual(['bjensen', 'James', 'zoe']);
  });

  it('[sort]: what cannot be sorted by', () => {
    expect(service.search('Users', { sortBy: 'name' })).toMatchObject({
      status: 400,
      body: { scimType: 'invalidPath' },
    });
    expect(service.search('Users', { sortBy: 'a b' })).toMatchObject({
      status: 400,
      body: { scimType: 'invalidPath' },
    });
    expect(service.search('Users', { sortBy: 'userName', sortOrder: 'up' })).toMatchObject({ status: 400 });
  });

  it('[sort-multi]: the primary value, or else the first', () => {
    const { user, search } = makeService();
    user('second', { emails: [{ value: 'a@x' }, { value: 'm@x', primary: true }] });
    user('third', { emails: [{ value: 'n@x' }, { value: 'b@x' }] });
    user('first', { emails: [{ value: 'c@x' }] });
    expect(names(search('Users', { sortBy: 'emails' }))).toEqual(['first', 'second', 'third']);
    expect(names(search('Users', { sortBy: 'emails.value', sortOrder: 'descending' }))).toEqual([
      'third',
      'second',
      'first',
    ]);
  });
});

describe('paging by index', () => {
  const page = (query: Readonly<Record<string, string>>) => service.search('Users', query).body;

  it('[page-index]: bounds', () => {
    expect(page({ startIndex: '2', count: '1' })).toMatchObject({
      totalResults: 3,
      startIndex: 2,
      itemsPerPage: 1,
      Resources: [{ userName: 'James' }],
    });
    expect(page({ startIndex: '0', count: '1' })).toMatchObject({
      startIndex: 1,
      Resources: [{ userName: 'bjensen' }],
    });
    expect(page({ startIndex: '-5' })).toMatchObject({ startIndex: 1, itemsPerPage: 3 });
    expect(page({ count: '0' })).toMatchObject({ totalResults: 3, itemsPerPage: 0, Resources: [] });
    expect(page({ count: '-1' })).toMatchObject({ totalResults: 3, itemsPerPage: 0, Resources: [] });
    expect(page({ startIndex: '4' })).toMatchObject({
      totalResults: 3,
      startIndex: 4,
      itemsPerPage: 0,
      Resources: [],
    });
    expect(page({ startIndex: 'one' })).toMatchObject({ scimType: 'invalidValue' });
    expect(page({ count: 'ten' })).toMatchObject({ scimType: 'invalidCount' });
  });

  it('[page-index]: a count above the maximum gets the maximum', () => {
    const { user, search } = makeService({ limits: { defaultPageSize: 2, maxPageSize: 3 } });
    for (const name of ['a', 'b', 'c', 'd']) user(name);
    expect(search('Users', {}).body).toMatchObject({ totalResults: 4, itemsPerPage: 2 });
    expect(search('Users', { count: '1000' }).body).toMatchObject({ totalResults: 4, itemsPerPage: 3 });
  });
});

describe('projection', () => {
  const shown = (query: string) => {
    const [first] = service.call('GET', `/Users?filter=userName+eq+bjensen&${query}`).body
      .Resources as object[];
    return first;
  };

  it('[project]: attributes', () => {
    const schemas = [userUrn, enterpriseUrn];
    const id = expect.any(String);
    expect(shown('attributes=userName')).toEqual({ schemas, id, userName: 'bjensen' });
    expect(shown('attributes=USERNAME,Name.GivenName')).toEqual({
      schemas,
      id,
      userName: 'bjensen',
      name: { givenName: 'Barbara' },
    });
    expect(shown('attributes=emails.value')).toEqual({
      schemas,
      id,
      emails: [{ value: 'bjensen@example.com' }, { value: 'babs@jensen.org' }],
    });
    expect(shown(`attributes=${enterpriseUrn}:department`)).toEqual({
      schemas,
      id,
      [enterpriseUrn]: { department: 'Tour Operations' },
    });
    expect(shown(`attributes=${enterpriseUrn}`)).toEqual({
      schemas,
      id,
      [enterpriseUrn]: { department: 'Tour Operations', manager: { value: 'm-1' } },
    });
    expect(shown(`attributes=${userUrn}:title,meta.version,nothing`)).toEqual({
      schemas,
      id,
      title: 'Tour Guide',
      meta: { version: 'W/"1"' },
    });
    expect(shown('attributes=')).toHaveProperty('name');
  });

  it('[project]: excludedAttributes', () => {
    const whole = shown('') as Record<string, unknown>;
    const { emails: _, name, ...rest } = whole;
    expect(shown('excludedAttributes=emails,name.familyName,id,schemas,nothing')).toEqual({
      ...rest,
      name: { givenName: 'Barbara' },
    });
    const withoutExtension = shown(`excludedAttributes=${enterpriseUrn}`);
    expect(withoutExtension).not.toHaveProperty([enterpriseUrn]);
    expect(withoutExtension).toHaveProperty('schemas', [userUrn, enterpriseUrn]);
    expect(shown(`excludedAttributes=${enterpriseUrn}:manager`)).toMatchObject({
      [enterpriseUrn]: { department: 'Tour Operations' },
    });
  });

  it('[project]: on GET of one, POST, PUT and PATCH', () => {
    const { call, patch, group, user } = makeService();
    const staff = group('Staff', [user('babs')]);
    expect(call('GET', `/Groups/${staff}?excludedAttributes=members`).body).not.toHaveProperty('members');
    const body = { schemas: [userUrn], userName: 'jim', title: 'Guide' };
    const created = call('POST', '/Users?attributes=userName', body);
    expect(Object.keys(created.body)).toEqual(['schemas', 'id', 'userName']);
    const path = `/Users/${created.body.id}?attributes=title`;
    expect(Object.keys(call('PUT', path, { ...body, title: 'Chief' }).body)).toEqual([
      'schemas',
      'id',
      'title',
    ]);
    expect(Object.keys(patch(path, { op: 'add', path: 'nickName', value: 'J' }).body)).toEqual([
      'schemas',
      'id',
      'title',
    ]);
  });

  it('[project-exclusive]: both at once, and what is no name', () => {
    const { call, commits } = makeService();
    const both = '?attributes=title&excludedAttributes=name';
    expect(call('GET', `/Users${both}`)).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(call('POST', `/Users${both}`, { schemas: [userUrn], userName: 'a' }).status).toBe(400);
    expect(call('GET', '/Users?attributes=a%20b')).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue' },
    });
    expect(commits).toEqual([]);
  });
});

describe('POST /.search', () => {
  it('[search-post]: the example of RFC 7644 §3.4.3', () => {
    const answer = service.call('POST', '/.search', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      attributes: ['displayName', 'userName'],
      filter: 'displayName sw "zo"',
      startIndex: 1,
      count: 10,
    });
    expect(answer.body).toEqual({
      schemas: [listUrn],
      totalResults: 1,
      startIndex: 1,
      itemsPerPage: 1,
      Resources: [{ schemas: [userUrn], id: expect.any(String), displayName: 'Zoe', userName: 'zoe' }],
    });
  });

  it('[search-post]: of one type, with sorting and exclusion', () => {
    const answer = service.call('POST', '/Users/.search', {
      schemas: [searchUrn],
      sortBy: 'userName',
      sortOrder: 'descending',
      excludedAttributes: ['meta', 'emails'],
      count: 1,
    });
    expect(answer.body).toMatchObject({ totalResults: 3, Resources: [{ userName: 'zoe' }] });
    expect(service.call('POST', '/Groups/.search', { schemas: [searchUrn] }).body).toMatchObject({
      totalResults: 1,
    });
  });

  it.each([
    [{}, 'invalidSyntax'],
    [{ schemas: [userUrn] }, 'invalidSyntax'],
    [{ schemas: [searchUrn], filter: 5 }, 'invalidValue'],
    [{ schemas: [searchUrn], filter: 'title' }, 'invalidFilter'],
    [{ schemas: [searchUrn], count: 'x' }, 'invalidCount'],
    [{ schemas: [searchUrn], attributes: [5] }, 'invalidValue'],
  ])('[search-post]: refused: %j', (body, scimType) => {
    expect(service.call('POST', '/.search', body)).toMatchObject({ status: 400, body: { scimType } });
  });
});

describe('paging by cursor', () => {
  const walk = (fetchPage: (cursor: string) => Answer, between: () => void = () => undefined) => {
    const seen: unknown[] = [];
    for (let cursor = ''; ; ) {
      const answer = fetchPage(cursor);
      expect(answer.status).toBe(200);
      expect(answer.body).not.toHaveProperty('startIndex');
      seen.push(...names(answer));
      if (answer.body.nextCursor === undefined) return seen;
      cursor = String(answer.body.nextCursor);
      expect(cursor).toMatch(/^[A-Za-z0-9._~-]+$/);
      between();
    }
  };
  const filled = () => {
    const made = makeService({ limits: { maxPageSize: 5, defaultPageSize: 4 } });
    for (const name of ['d', 'b', 'e', 'a', 'c']) made.user(name);
    return made;
  };

  it('[cursor]: unsorted and sorted, both ways', () => {
    const { call } = filled();
    expect(walk((cursor) => call('GET', `/Users?cursor=${cursor}&count=2`))).toEqual([
      'd',
      'b',
      'e',
      'a',
      'c',
    ]);
    expect(walk((cursor) => call('GET', `/Users?cursor=${cursor}&count=2&sortBy=userName`))).toEqual([
      ...'abcde',
    ]);
    expect(
      walk((cursor) => call('GET', `/Users?cursor=${cursor}&count=3&sortBy=userName&sortOrder=descending`)),
    ).toEqual([...'edcba']);
    expect(walk((cursor) => call('GET', `/Users?cursor=${cursor}`))).toHaveLength(5);
    expect(call('GET', '/Users?cursor&count=2').body).toMatchObject({ totalResults: 5, itemsPerPage: 2 });
    expect(call('GET', '/Users?cursor&count=0').body).toMatchObject({
      totalResults: 5,
      itemsPerPage: 0,
      Resources: [],
    });
    expect(call('GET', '/Users?cursor&count=5').body).not.toHaveProperty('nextCursor');
  });

  it('[cursor]: nobody is skipped or repeated when others come and go', () => {
    const { call, user, search } = filled();
    let round = 0;
    const seen = walk(
      (cursor) => call('GET', `/Users?cursor=${cursor}&count=2&sortBy=userName`),
      () => {
        round += 1;
        user(`0${round}`);
        const [gone] = search('Users', { filter: `userName eq "${round === 1 ? 'a' : 'x'}"` }).body
          .Resources as { id: string }[];
        if (gone !== undefined) call('DELETE', `/Users/${gone.id}`);
      },
    );
    expect(seen).toEqual([...'abcde']);
  });

  it('[cursor-back]: previousCursor', () => {
    const { call } = filled();
    const url = (cursor: unknown) => `/Users?cursor=${cursor}&count=2&sortBy=userName`;
    const first = call('GET', url(''));
    expect(first.body).not.toHaveProperty('previousCursor');
    const second = call('GET', url(first.body.nextCursor));
    const third = call('GET', url(second.body.nextCursor));
    expect(names(third)).toEqual(['e']);
    const back = call('GET', url(third.body.previousCursor));
    expect(names(back)).toEqual(['c', 'd']);
    const start = call('GET', url(back.body.previousCursor));
    expect(names(start)).toEqual(['a', 'b']);
    expect(start.body).not.toHaveProperty('previousCursor');
  });

  it('[cursor-errors]: forged, foreign, expired, and another count', () => {
    const { call, tick } = filled();
    const cursor = String(call('GET', '/Users?cursor&count=2').body.nextCursor);
    const refused = (query: string) => call('GET', `/Users?${query}`).body.scimType;
    expect(refused('cursor=forged&count=2')).toBe('invalidCursor');
    expect(refused(`cursor=${cursor.slice(0, -2)}AA&count=2`)).toBe('invalidCursor');
    expect(refused(`cursor=${cursor}&count=2&sortBy=userName`)).toBe('invalidCursor');
    expect(refused(`cursor=${cursor}&count=2&filter=title%20pr`)).toBe('invalidCursor');
    expect(call('GET', `/Groups?cursor=${cursor}&count=2`).body.scimType).toBe('invalidCursor');
    expect(refused(`cursor=${cursor}&count=3`)).toBe('invalidCount');
    expect(refused('cursor&count=6')).toBe('invalidCount');
    tick(3_600_000);
    expect(call('GET', `/Users?cursor=${cursor}&count=2`).status).toBe(200);
    tick(1);
    expect(refused(`cursor=${cursor}&count=2`)).toBe('expiredCursor');
  });

  it('[cursor-post]: in the body of a search', () => {
    const { call } = filled();
    const body = { schemas: [searchUrn], sortBy: 'userName', count: 2 };
    expect(walk((cursor) => call('POST', '/Users/.search', { ...body, cursor }))).toEqual([...'abcde']);
  });
});
