import type { QuirkName } from '../../../sandbox/index.ts';
import type { PlainSandbox } from '../../support/open-plain-sandbox.ts';
import { bulkUrn, groupUrn, roleUrn, userUrn } from '../../support/scim-urns.ts';

/** How a quirk shows to someone who speaks plain HTTP. */
export interface Observation {
  /** Looks at the sandbox; without the quirk it sees something else. */
  readonly observe: (api: PlainSandbox) => Promise<unknown>;
  /** What it sees with the quirk. */
  readonly shows: unknown;
}

const sees = (shows: unknown, observe: Observation['observe']): Observation => ({ observe, shows });

const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });
const add = (...ids: readonly string[]) => ({
  op: 'add',
  path: 'members',
  value: ids.map((value) => ({ value })),
});
const removal = (id: string) => ({ op: 'remove', path: `members[value eq "${id}"]` });
const names = (list: { Resources?: readonly { userName: string }[] }) =>
  (list.Resources ?? []).map(({ userName }) => userName.replace('@example.com', ''));
const membersOf = async ({ get }: PlainSandbox, id: string) =>
  (await get(`/Groups/${id}`)).body.members ?? [];

/** Deactivates a user, and returns the status with what the user then shows. */
async function deactivated(api: PlainSandbox) {
  const id = await api.user('ada@example.com');
  const response = await api.patch(`/Users/${id}`, replace('active', false));
  const after = await api.get(`/Users/${id}`);
  return {
    status: response.status,
    shown: response.body?.active,
    after: after.body.active,
    read: after.status,
  };
}

/** Changes a title, and returns the status and body of the response with the title at the provider. */
async function retitled(api: PlainSandbox) {
  const id = await api.user('ada@example.com', { title: 'Old' });
  const { status, body } = await api.patch(`/Users/${id}`, replace('title', 'New'));
  return { id, status, body, title: (await api.get(`/Users/${id}`)).body.title };
}

async function grouped(api: PlainSandbox) {
  const [ada = '', bob = ''] = await api.users(2);
  const group = await api.group('Crew', [ada]);
  return { ada, bob, group, path: `/Groups/${group}` };
}

const bulk = (...operations: readonly object[]) => ({ schemas: [bulkUrn], Operations: operations });
const creation = (userName: string) => ({
  method: 'POST',
  path: '/Users',
  bulkId: userName,
  data: { schemas: [userUrn], userName },
});

/** Of each quirk. */
export const observations: Readonly<Record<QuirkName, Observation>> = {
  'no-versions': sees({ version: undefined, etag: null, stale: 200, config: false }, async (api) => {
    const path = `/Users/${await api.user('ada@example.com')}`;
    const { body, headers } = await api.get(path);
    const patch = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [replace('title', 'x')],
    };
    const { status: stale } = await api.send('PATCH', path, patch, { 'if-match': 'W/"99"' });
    const config = (await api.get('/ServiceProviderConfig')).body.etag.supported;
    return { version: body.meta.version, etag: headers.get('etag'), stale, config };
  }),
  'if-match-ignored': sees({ version: 'W/"1"', stale: 204 }, async (api) => {
    const path = `/Users/${await api.user('ada@example.com')}`;
    const { body } = await api.get(path);
    const { status: stale } = await api.send('DELETE', path, undefined, { 'if-match': 'W/"99"' });
    return { version: body.meta.version, stale };
  }),
  'if-match-rejected': sees([412, 204], async (api) => {
    const path = `/Users/${await api.user('ada@example.com')}`;
    const { headers } = await api.get(path);
    const etag = headers.get('etag') ?? '';
    const { status: right } = await api.send('DELETE', path, undefined, { 'if-match': etag });
    return [right, (await api.send('DELETE', path)).status];
  }),
  'no-bulk': sees([501, { supported: false }], async (api) => [
    (await api.send('POST', '/Bulk', bulk(creation('ada')))).status,
    (await api.get('/ServiceProviderConfig')).body.bulk,
  ]),
  'bulk-stops-at-first-error': sees(['201', '409'], async (api) => {
    const operations = [creation('ada'), { ...creation('ada'), bulkId: 'again' }, creation('bob')];
    const { body } = await api.send('POST', '/Bulk', bulk(...operations));
    return body.Operations.map(({ status }: { status: string }) => status);
  }),
  'bulk-statuses-as-objects': sees([{ code: 201 }, 'string'], async (api) => {
    const operations = [creation('ada'), { ...creation('ada'), bulkId: 'again' }];
    const [first, second] = (await api.send('POST', '/Bulk', bulk(...operations))).body.Operations;
    return [first.status, typeof second.response];
  }),
  'no-discovery': sees([404, 404, 404, 404], async ({ get }) => {
    const paths = ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas', `/Schemas/${userUrn}`];
    return Promise.all(paths.map(async (path) => (await get(path)).status));
  }),
  'rate-limit-403': sees([200, 200, [403, '1', null], 200, 200, [403, null, '0'], 200], async ({ get }) => {
    const seen: unknown[] = [];
    for (let nth = 0; nth < 7; nth += 1) {
      const { status, headers } = await get('/Users');
      const waits = [headers.get('retry-after'), headers.get('x-ratelimit-remaining')];
      seen.push(status === 200 ? 200 : [status, ...waits]);
    }
    return seen;
  }),
  'retry-after-epoch': sees([200, 200, [429, '1767225601'], 200], async ({ get }) => {
    const seen: unknown[] = [];
    for (let nth = 0; nth < 4; nth += 1) {
      const { status, headers } = await get('/Users');
      seen.push(status === 200 ? 200 : [status, headers.get('retry-after')]);
    }
    return seen;
  }),

  'filters-ignored': sees(3, async (api) => {
    await api.users(3);
    return (await api.find('Users', 'userName eq "user-1@example.com"')).body.totalResults;
  }),
  'no-filter': sees([400, 'invalidFilter', false], async (api) => {
    const { status, body } = await api.find('Users', 'userName eq "a"');
    return [status, body.scimType, (await api.get('/ServiceProviderConfig')).body.filter.supported];
  }),
  'unknown-filter-empty': sees([1, 0, 0, 0], async (api) => {
    await api.user('ada@example.com', { externalId: 'e-1', emails: [{ value: 'ada@example.com' }] });
    await api.group('Crew');
    const total = async (type: 'Users' | 'Groups', filter: string) =>
      (await api.find(type, filter)).body.totalResults;
    return [
      await total('Users', 'userName eq "ada@example.com"'),
      await total('Users', 'externalId eq "e-1"'),
      await total('Users', 'emails.value eq "ada@example.com"'),
      await total('Groups', 'displayName eq "Crew"'),
    ];
  }),
  'filter-500': sees([200, 500], async ({ find }) => [
    (await find('Users', 'userName eq "a"')).status,
    (await find('Users', 'title eq "a"')).status,
  ]),
  'email-filter-rejected': sees([400, undefined, 200], async ({ find }) => {
    const { status, body } = await find('Users', 'emails[type eq "work"].value eq "a"');
    return [status, body.scimType, (await find('Users', 'userName eq "a"')).status];
  }),
  'empty-filter-404': sees([404, 200], async (api) => {
    const nobody = await api.find('Users', 'userName eq "nobody"');
    return [nobody.status, (await api.get('/Users')).status];
  }),
  'filter-stamps-local': sees([0, 1], async (api) => {
    await api.user('ada@example.com');
    const total = async (filter: string) => (await api.find('Users', filter)).body.totalResults;
    return [
      await total('meta.lastModified ge "2025-12-31T23:00:00Z"'),
      await total('meta.lastModified ge "2025-12-31T18:00:00Z"'),
    ];
  }),

  'cursor-only-paging': sees(
    {
      byIndex: [['user-1', 'user-2'], 3, undefined],
      byCursor: [['user-3'], undefined, undefined],
      config: { cursor: true, index: false },
    },
    async (api) => {
      await api.users(3);
      const page = (list: Parameters<typeof names>[0] & Record<string, unknown>) => [
        names(list),
        list.totalResults,
        list.startIndex,
      ];
      const byIndex = await api.list('/Users?startIndex=3&count=2');
      const first = await api.list('/Users?cursor&count=2');
      const second = await api.list(`/Users?cursor=${first.nextCursor}&count=2`);
      const { cursor, index } = (await api.get('/ServiceProviderConfig')).body.pagination;
      return {
        byIndex: [...page(byIndex).slice(0, 2), byIndex.nextCursor],
        byCursor: page(second),
        config: { cursor, index },
      };
    },
  ),
  'start-index-required': sees([0, 2, 1], async (api) => {
    await api.users(2);
    return [
      (await api.list('/Users')).totalResults,
      (await api.list('/Users?startIndex=1')).totalResults,
      (await api.find('Users', 'userName eq "user-1@example.com"')).body.totalResults,
    ];
  }),
  'start-index-ignored': sees(['user-1', 'user-2'], async (api) => {
    await api.users(3);
    return names(await api.list('/Users?startIndex=3&count=2'));
  }),
  'start-index-from-zero': sees([['user-1'], ['user-2'], 1], async (api) => {
    await api.users(3);
    const second = await api.list('/Users?startIndex=1&count=1');
    return [names(await api.list('/Users?count=1')), names(second), second.startIndex];
  }),
  'start-index-is-page-number': sees(['user-3'], async (api) => {
    await api.users(3);
    return names(await api.list('/Users?startIndex=2&count=2'));
  }),
  'no-paging': sees([3, undefined], async (api) => {
    await api.users(3);
    const config = (await api.get('/ServiceProviderConfig')).body.pagination;
    return [names(await api.list('/Users?startIndex=2&count=1')).length, config];
  }),
  'count-ignored': sees(3, async (api) => {
    await api.users(3);
    return names(await api.list('/Users?count=1')).length;
  }),
  'large-count-rejected': sees([400, 200], async (api) => {
    await api.users(3);
    return [(await api.get('/Users?count=101')).status, (await api.get('/Users?count=100')).status];
  }),
  'list-cursor-expires': sees([2, [400, 'expiredCursor'], 200], async (api) => {
    await api.users(3);
    const first = await api.list('/Users?count=2');
    const next = `/Users?count=2&cursor=${first.nextCursor}`;
    const { status, body } = await api.get(next);
    return [names(first).length, [status, body.scimType], (await api.get(next)).status];
  }),

  'no-put': sees([404, 'text/html; charset=utf-8', true], async (api) => {
    const path = `/Users/${await api.user('ada@example.com')}`;
    const { status, headers, text } = await api.send('PUT', path, { schemas: [userUrn], userName: 'b' });
    return [status, headers.get('content-type'), text.startsWith('<!DOCTYPE html>')];
  }),
  'create-returns-empty-object': sees([201, '{}', true], async (api) => {
    const { status, text, headers } = await api.send('POST', '/Users', { schemas: [userUrn], userName: 'a' });
    return [status, text, headers.get('location')?.includes('/Users/')];
  }),
  'create-returns-no-id': sees([201, 'a', undefined, null], async (api) => {
    const { status, body, headers } = await api.send('POST', '/Users', { schemas: [userUrn], userName: 'a' });
    return [status, body.userName, body.id ?? body.meta.location, headers.get('location')];
  }),
  'external-id-unique': sees([409, 'uniqueness'], async (api) => {
    await api.user('ada@example.com', { externalId: 'e-1' });
    const body = { schemas: [userUrn], userName: 'bob', externalId: 'e-1' };
    const response = await api.send('POST', '/Users', body);
    return [response.status, response.body.scimType];
  }),
  'deleted-names-stay-taken': sees([409, 0], async (api) => {
    await api.send('DELETE', `/Users/${await api.user('ada@example.com')}`);
    const { status } = await api.send('POST', '/Users', { schemas: [userUrn], userName: 'ADA@example.com' });
    return [status, (await api.find('Users', 'userName eq "ada@example.com"')).body.totalResults];
  }),
  'conflict-400': sees([400, 'invalidValue'], async (api) => {
    await api.user('ada');
    const { status, body } = await api.send('POST', '/Users', { schemas: [userUrn], userName: 'ada' });
    return [status, body.scimType];
  }),
  'deactivate-deletes': sees({ status: 204, shown: undefined, after: undefined, read: 404 }, deactivated),
  'deactivate-ignored': sees({ status: 200, shown: true, after: true, read: 200 }, deactivated),
  'invitation-pending': sees({ changes: [403, 403], active: true, deletion: 204 }, async (api) => {
    const path = `/Users/${await api.user('ada@example.com')}`;
    const { body } = await api.get(path);
    const changes = [
      (await api.patch(path, replace('active', false))).status,
      (await api.send('PUT', path, { ...body, active: false })).status,
    ];
    const { active } = (await api.get(path)).body;
    return { changes, active, deletion: (await api.send('DELETE', path)).status };
  }),
  'delete-gone-500': sees([204, 500], async (api) => {
    const path = `/Users/${await api.user('ada')}`;
    return [(await api.send('DELETE', path)).status, (await api.send('DELETE', path)).status];
  }),
  'unknown-id-500': sees(500, async ({ get }) => (await get('/Users/nobody')).status),
  'single-user-unreadable': sees([500, 200, ['user-1', 'user-2']], async (api) => {
    const [first, second] = await api.users(2);
    const statuses = [(await api.get(`/Users/${first}`)).status, (await api.get(`/Users/${second}`)).status];
    return [...statuses, names(await api.list('/Users'))];
  }),
  'other-id-in-response': sees([true, true, 'user-2'], async (api) => {
    const [first, second] = await api.users(2);
    const read = await api.get(`/Users/${second}`);
    const changed = await api.patch(`/Users/${second}`, replace('title', 'x'));
    return [read.body.id === first, changed.body.id === first, names({ Resources: [read.body] })[0]];
  }),

  'remove-non-member-rejected': sees([400, 'noTarget', 1], async (api) => {
    const { ada, bob, group, path } = await grouped(api);
    const { status, body } = await api.patch(path, removal(ada), removal(bob));
    return [status, body?.scimType, (await membersOf(api, group)).length];
  }),
  'remove-non-member-404': sees([404, 1], async (api) => {
    const { ada, bob, group, path } = await grouped(api);
    const { status } = await api.patch(path, removal(ada), removal(bob));
    return [status, (await membersOf(api, group)).length];
  }),
  'add-member-conflict': sees([409, 1, 204], async (api) => {
    const { ada, bob, group, path } = await grouped(api);
    const { status } = await api.patch(path, add(ada, bob));
    return [status, (await membersOf(api, group)).length, (await api.patch(path, add(bob))).status];
  }),
  'one-member-per-request': sees([400, 204], async (api) => {
    const { ada, bob, path } = await grouped(api);
    return [(await api.patch(path, removal(ada), add(bob))).status, (await api.patch(path, add(bob))).status];
  }),
  'replace-members-rejected': sees([400, 400, 400, 204], async (api) => {
    const { ada, bob, path } = await grouped(api);
    const statuses: number[] = [];
    for (const operation of [
      replace('members', [{ value: bob }]),
      { op: 'replace', value: { members: [{ value: bob }] } },
      { op: 'remove', path: 'members' },
      removal(ada),
    ])
      statuses.push((await api.patch(path, operation)).status);
    return statuses;
  }),
  'max-100-operations': sees([204, 400, 400], async (api) => {
    const ids = await api.users(101);
    const path = `/Groups/${await api.group('Crew')}`;
    return [
      (await api.patch(path, add(...ids.slice(0, 100)))).status,
      (await api.patch(path, ...ids.map(removal))).status,
      (
        await api.send('POST', '/Groups', {
          schemas: [groupUrn],
          displayName: 'All',
          members: ids.map((value) => ({ value })),
        })
      ).status,
    ];
  }),

  'no-patch': sees([405, false], async (api) => [
    (await retitled(api)).status,
    (await api.get('/ServiceProviderConfig')).body.patch.supported,
  ]),
  'no-patch-unannounced': sees([501, true], async (api) => [
    (await retitled(api)).status,
    (await api.get('/ServiceProviderConfig')).body.patch.supported,
  ]),
  'patch-filter-paths-rejected': sees([501, 204], async (api) => {
    const { ada, bob, path } = await grouped(api);
    return [(await api.patch(path, removal(ada))).status, (await api.patch(path, add(bob))).status];
  }),
  'patch-ignored': sees(
    { group: [200, 1, 1], role: [200, 'Analyst', 'Analyst'], title: 'New' },
    async (api) => {
      const { bob, group, path } = await grouped(api);
      const added = await api.patch(path, add(bob));
      const user = `/Users/${await api.user('cleo@example.com', { [roleUrn]: { workato_role: 'Analyst' } })}`;
      const role = await api.patch(user, replace(`${roleUrn}:workato_role`, 'Admin'));
      const { title } = await retitled(api);
      return {
        group: [added.status, added.body?.members.length, (await membersOf(api, group)).length],
        role: [
          role.status,
          role.body[roleUrn]?.workato_role,
          (await api.get(user)).body[roleUrn]?.workato_role,
        ],
        title,
      };
    },
  ),
  'no-op-patch-rejected': sees([200, 400], async (api) => {
    const path = `/Users/${await api.user('ada')}`;
    return [
      (await api.patch(path, replace('title', 'x'))).status,
      (await api.patch(path, replace('title', 'x'))).status,
    ];
  }),
  'patch-returns-empty-object': sees([200, {}, 'New'], async (api) => {
    const { status, body, title } = await retitled(api);
    return [status, body, title];
  }),
  'patch-returns-list': sees([200, 1, true, 'New'], async (api) => {
    const { id, status, body, title } = await retitled(api);
    return [status, body.totalResults, body.Resources?.[0].id === id, title];
  }),
  'patch-returns-stale': sees([200, 'Old', 'New'], async (api) => {
    const { status, body, title } = await retitled(api);
    return [status, body.title, title];
  }),
  'patch-returns-no-content': sees([204, undefined, 'New'], async (api) => {
    const { status, body, title } = await retitled(api);
    return [status, body, title];
  }),

  'numeric-ids': sees([1001, 1002, 200], async (api) => {
    const [first, second] = await api.users(2);
    const [one, two] = (await api.list('/Users')).Resources;
    return [one.id, two.id, (await api.get(`/Users/${second}`)).status, first].slice(0, 3);
  }),
  'numeric-ids-beyond-2-53': sees(['"id":9007199254740992,', '"id":9007199254740993,', 200], async (api) => {
    await api.users(2);
    const { text } = await api.get('/Users');
    const ids = text.match(/"id":[^,]*,/g) ?? [];
    return [...ids, (await api.get('/Users/9007199254740993')).status];
  }),
  'id-case-changes': sees([true, true, 200, 1], async (api) => {
    const { ada, group } = await grouped(api);
    const [{ id, members }] = (await api.list('/Groups')).Resources;
    const upper = ada.toUpperCase();
    return [
      id === group.toUpperCase() && members[0].value === upper,
      (await api.get(`/Users/${upper}`)).body.id === ada,
      (await api.get(`/Users/${ada}`)).status,
      (await api.find('Groups', `members.value eq "${upper}"`)).body.totalResults,
    ];
  }),
  'ids-reused': sees(true, async (api) => {
    const id = await api.user('ada');
    await api.send('DELETE', `/Users/${id}`);
    return (await api.user('bob')) === id;
  }),
  'active-omitted-when-false': sees([false, true], async (api) => {
    const id = await api.user('ada', { active: false });
    const other = await api.user('bob');
    return [
      'active' in (await api.get(`/Users/${id}`)).body,
      'active' in (await api.get(`/Users/${other}`)).body,
    ];
  }),
  'booleans-as-text': sees(['False', 'True'], async (api) => {
    const id = await api.user('ada', { active: false, emails: [{ value: 'a', primary: true }] });
    const { active, emails } = (await api.get(`/Users/${id}`)).body;
    return [active, emails[0].primary];
  }),
  'emails-as-strings': sees([['a@example.com'], ['+1']], async (api) => {
    const more = { emails: [{ value: 'a@example.com', primary: true }], phoneNumbers: [{ value: '+1' }] };
    const { emails, phoneNumbers } = (await api.get(`/Users/${await api.user('ada', more)}`)).body;
    return [emails, phoneNumbers];
  }),
  'emails-not-kept': sees([undefined, 0], async (api) => {
    const id = await api.user('ada', { emails: [{ value: 'a@example.com' }] });
    const { emails } = (await api.get(`/Users/${id}`)).body;
    return [emails, (await api.find('Users', 'emails.value eq "a@example.com"')).body.totalResults];
  }),
  'roles-hidden': sees([undefined, false], async (api) => {
    const id = await api.user('ada@example.com', { [roleUrn]: { workato_role: 'Admin' } });
    const { body } = await api.get(`/Users/${id}`);
    return [body[roleUrn], body.schemas.includes(roleUrn)];
  }),
  'no-created-stamp': sees([undefined, '2026-01-01T00:00:00.000Z'], async (api) => {
    const { meta } = (await api.get(`/Users/${await api.user('ada')}`)).body;
    return [meta.created, meta.lastModified];
  }),
  'no-stamps': sees([undefined, undefined, 'User'], async (api) => {
    const { meta } = (await api.get(`/Users/${await api.user('ada')}`)).body;
    return [meta.created, meta.lastModified, meta.resourceType];
  }),
  'zoneless-stamps': sees(['2026-01-01T00:00:00.000', '2026-01-01T00:00:00.000'], async (api) => {
    const { meta } = (await api.get(`/Users/${await api.user('ada')}`)).body;
    return [meta.created, meta.lastModified];
  }),
  'last-modified-frozen': sees({ role: 0, name: 0, title: 60_000, members: 0 }, async (api) => {
    const { bob, path: group } = await grouped(api);
    const movedBy = async (path: string, operation: object) => {
      const stamp = async () => Date.parse((await api.get(path)).body.meta.lastModified);
      const before = await stamp();
      api.tick(60_000);
      await api.patch(path, operation);
      return (await stamp()) - before;
    };
    const fresh = async (name: string) => `/Users/${await api.user(name)}`;
    return {
      role: await movedBy(await fresh('a@example.com'), replace(`${roleUrn}:workato_role`, 'Admin')),
      name: await movedBy(await fresh('b@example.com'), replace('displayName', 'B')),
      title: await movedBy(await fresh('c@example.com'), replace('title', 'C')),
      members: await movedBy(group, add(bob)),
    };
  }),
  'numeric-version': sees(2, async (api) => {
    const path = `/Users/${await api.user('ada')}`;
    await api.patch(path, replace('title', 'x'));
    return (await api.get(path)).body.meta.version;
  }),

  'repeats-in-list': sees([['user-1', 'user-1', 'user-1', 'user-2'], 4], async (api) => {
    await api.users(2);
    const list = await api.list('/Users');
    return [names(list), list.totalResults];
  }),
  'unstable-order': sees({ orders: true, sorted: true, complete: 20 }, async (api) => {
    await api.users(20);
    const orders = new Set<string>();
    const sorted = new Set<string>();
    for (let nth = 0; nth < 5; nth += 1) {
      orders.add(names(await api.list('/Users')).join());
      sorted.add(names(await api.list('/Users?sortBy=userName')).join());
    }
    return {
      orders: orders.size > 1,
      sorted: sorted.size === 1,
      complete: new Set(names(await api.list('/Users'))).size,
    };
  }),
  'list-skips-one': sees([['user-2', 'user-3'], 3, 200], async (api) => {
    const [first] = await api.users(3);
    const list = await api.list('/Users');
    return [names(list), list.totalResults, (await api.get(`/Users/${first}`)).status];
  }),
  'list-entry-without-id': sees([false, true], async (api) => {
    await api.users(2);
    return (await api.list('/Users')).Resources.map((user: object) => 'id' in user);
  }),
  'inactive-users-unlisted': sees([['bob'], 1, false], async (api) => {
    const ada = await api.user('ada', { active: false });
    await api.user('bob');
    const list = await api.list('/Users');
    return [names(list), list.totalResults, (await api.get(`/Users/${ada}`)).body.active];
  }),
  'list-without-active': sees([undefined, true], async (api) => {
    const id = await api.user('ada');
    return [(await api.list('/Users')).Resources[0].active, (await api.get(`/Users/${id}`)).body.active];
  }),
  'late-visibility': sees(
    { at0: [['bob', 'ada'], 'Old'], byId: 'New', at5: [['bob', 'cleo'], 'New'] },
    async (api) => {
      const bob = await api.user('bob', { title: 'Old' });
      const ada = await api.user('ada');
      api.tick(10_000);
      await api.patch(`/Users/${bob}`, replace('title', 'New'));
      await api.send('DELETE', `/Users/${ada}`);
      await api.user('cleo');
      const look = async () => {
        const list = await api.list('/Users');
        return [names(list), list.Resources[0].title];
      };
      const at0 = await look();
      const byId = (await api.get(`/Users/${bob}`)).body.title;
      api.tick(5_000);
      return { at0, byId, at5: await look() };
    },
  ),
  'directory-empty': sees([0, 404, 0], async (api) => {
    const id = await api.user('ada');
    await api.group('Crew', [id]);
    return [
      (await api.list('/Users')).totalResults,
      (await api.get(`/Users/${id}`)).status,
      (await api.list('/Groups')).totalResults,
    ];
  }),
  'empty-list-without-resources': sees([false, true], async (api) => {
    const empty = await api.list('/Users');
    await api.user('ada');
    return ['Resources' in empty, 'Resources' in (await api.list('/Users'))];
  }),
  'groups-list-without-members': sees([undefined, 1], async (api) => {
    const { group } = await grouped(api);
    return [(await api.list('/Groups')).Resources[0].members, (await membersOf(api, group)).length];
  }),
  'groups-list-empty-members': sees([[], 1], async (api) => {
    const { group } = await grouped(api);
    return [(await api.list('/Groups')).Resources[0].members, (await membersOf(api, group)).length];
  }),
  'members-never-shown': sees([[], []], async (api) => {
    const { group } = await grouped(api);
    return [(await api.list('/Groups')).Resources[0].members, await membersOf(api, group)];
  }),
  'members-cut-at-100': sees(100, async (api) => {
    const group = await api.group('Crew', await api.users(101));
    return (await membersOf(api, group)).length;
  }),
  'nested-groups-unlisted': sees([['User'], ['User', 'Group']], async (api) => {
    const { ada, group } = await grouped(api);
    const outer = await api.group('Outer', [ada, group]);
    const types = (members: readonly { type: string }[]) => members.map(({ type }) => type);
    return [types((await api.list('/Groups')).Resources[1].members), types(await membersOf(api, outer))];
  }),

  'totals-count-page': sees([2, 1], async (api) => {
    await api.users(3);
    return [
      (await api.list('/Users?count=2')).totalResults,
      (await api.list('/Users?count=2&startIndex=3')).totalResults,
    ];
  }),
  'totals-shrink': sees([3, 1], async (api) => {
    await api.users(3);
    return [
      (await api.list('/Users?count=2')).totalResults,
      (await api.list('/Users?count=2&startIndex=3')).totalResults,
    ];
  }),
  'totals-missing': sees([undefined, 1], async (api) => {
    await api.users(1);
    const { totalResults, itemsPerPage } = await api.list('/Users');
    return [totalResults, itemsPerPage];
  }),
  'totals-as-text': sees(['1', '1', '1'], async (api) => {
    await api.users(1);
    const { totalResults, itemsPerPage, startIndex } = await api.list('/Users');
    return [totalResults, itemsPerPage, startIndex];
  }),
};
