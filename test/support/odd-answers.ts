import { roleUrn } from './scim-urns.ts';

/** A response of a provider: 200 with JSON, unless it has another status or a text. */
export interface OddReply {
  readonly status?: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An action at a provider that answers oddly, and what the action must come to. */
export interface OddAnswer {
  readonly title: string;
  readonly key: string;
  readonly input: object;
  /** Starts a provider: it answers a request, as `METHOD /path`, with its query. */
  readonly start: () => (request: string, query: URLSearchParams) => OddReply;
  readonly expected: { readonly output?: object; readonly code?: string };
}

const error = (status: number) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  status: String(status),
  detail: 'no',
});
const listOf = (...resources: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: resources.length,
  Resources: resources,
});

const gone: OddReply = { status: 404, body: error(404) };
const created = '2020-01-01T00:00:00Z';
const ada = { id: 'u1', userName: 'ada@example.com', active: true, meta: { created } };
const bob = { id: 'u2', userName: 'bob@example.com', active: true, meta: { created } };
const cid = { id: 'u3', userName: 'cid@example.com', meta: { created } };
const crew = { id: 'g1', displayName: 'Crew', members: [{ value: 'u1' }, { value: 'u2' }] };
const outsider = { user: { id: 'u1' } };
const member = { group: { id: 'g1' }, members: [{ id: 'u1' }] };
const stranger = { group: { id: 'g1' }, members: [{ id: 'u3' }] };

/** A provider of one user and one group, which answers some requests in its own way. */
const where =
  (own: (request: string, query: URLSearchParams) => OddReply | undefined, group: object = crew) =>
  () =>
  (request: string, query: URLSearchParams): OddReply => {
    const reply = own(request, query);
    if (reply !== undefined) return reply;
    if (request === 'GET /Users') return { body: listOf(ada, bob) };
    if (request === 'GET /Groups') return { body: listOf(group) };
    if (request === 'GET /Users/u1') return { body: ada };
    if (request === 'GET /Users/u2') return { body: bob };
    if (request === 'GET /Groups/g1') return { body: group };
    return { status: 404, body: error(404) };
  };
/** The same, where Ada has some attributes before a PATCH of her title, and others after it. */
const whereAdaBecomes =
  (before: object, after: object, shown: 'the user' | 'a part' | 'nothing' = 'the user') =>
  () => {
    let user: object = { ...ada, ...before };
    return where((request) => {
      if (request === 'PATCH /Users/u1') {
        user = { ...ada, title: 'Lead', ...after };
        if (shown === 'nothing') return { status: 204 };
        return { body: shown === 'the user' ? user : { id: 'u1', title: 'Lead' } };
      }
      if (request === 'GET /Users') return { body: listOf(user) };
      return request === 'GET /Users/u1' ? { body: user } : undefined;
    })();
  };
/** The same, where one resource is read as a list of replies says, and then always as the last one says. */
const whereReads = (resource: string, reads: readonly OddReply[], write: OddReply) => () => {
  let count = 0;
  return where((request) => {
    if (!request.startsWith('GET')) return write;
    if (request !== `GET ${resource}`) return undefined;
    count += 1;
    return reads[count - 1] ?? reads.at(-1);
  })();
};
const whereWrites = (reply: OddReply) => where((request) => (request.startsWith('GET') ? undefined : reply));

/** A bulk response that shows two users, with some values. */
const bulkReply = (first: object, second: object, values: object): OddReply => ({
  body: {
    Operations: [first, second].map((user, row) => ({
      bulkId: `row${row}`,
      status: '200',
      response: { ...user, ...values },
    })),
  },
});

/** A provider whose bulk responses report each row as done and show nothing, and which rejects every single change. */
const whereBulkShowsNothing =
  (change: (user: OddUser) => readonly OddUser[], readsUntilShown = 0) =>
  () => {
    const shown = { title: 'Clerk', [roleUrn]: { workato_role: 'Analyst' } };
    const before: readonly OddUser[] = [ada, bob].map((user) => ({ ...user, ...shown }));
    let after = before;
    const reads = new Map<string, number>();
    return (request: string, query: URLSearchParams): OddReply => {
      if (request === 'GET /ServiceProviderConfig') return { body: { bulk: { supported: true } } };
      if (request === 'POST /Bulk') {
        after = before.flatMap(change);
        return { body: { Operations: before.map((_, row) => ({ bulkId: `row${row}`, status: '200' })) } };
      }
      if (!request.startsWith('GET')) return { status: 403, body: error(403) };
      reads.set(request, (reads.get(request) ?? 0) + 1);
      const users = (reads.get(request) ?? 0) > readsUntilShown ? after : before;
      const [, name] = /^userName eq "(.*)"$/.exec(query.get('filter') ?? '') ?? [];
      if (request === 'GET /Users')
        return { body: listOf(...users.filter(({ userName }) => name === undefined || userName === name)) };
      const user = users.find(({ id }) => request === `GET /Users/${id}`);
      return user === undefined ? { status: 404, body: error(404) } : { body: user };
    };
  };

interface OddUser {
  readonly id: string;
  readonly userName: string;
  readonly meta?: object;
}

const newName = ({ id }: OddUser): string => `new-${id}@example.com`;
const withCopy = (user: OddUser): readonly OddUser[] => [
  user,
  {
    id: `new-${user.id}`,
    userName: newName(user),
    meta: { created: new Date().toISOString() },
  },
];

/** The rows of an action that one bulk request performs, and what each makes of its user. */
const bulkChanges: readonly {
  readonly key: string;
  readonly what: string;
  readonly toRow: (user: OddUser) => object;
  readonly change: (user: OddUser) => readonly OddUser[];
}[] = [
  ...['create_user', 'upsert_user'].map((key) => ({
    key,
    what: 'a new user',
    toRow: (user: OddUser) => ({ userName: newName(user) }),
    change: withCopy,
  })),
  ...[
    { what: 'a title', value: { title: 'Lead' } },
    { what: 'an inactive user', value: { active: false } },
    {
      what: 'a role',
      value: { [roleUrn]: { workato_role: 'Admin' } },
    },
  ].map(({ what, value }) => ({
    key: 'update_user',
    what,
    toRow: ({ id }: OddUser) => ({ user: { id }, ...value }),
    change: (user: OddUser) => [{ ...user, ...value }],
  })),
  {
    key: 'update_user',
    what: 'a new username',
    toRow: (user) => ({ user: { id: user.id }, userName: newName(user) }),
    change: (user) => [{ ...user, userName: newName(user) }],
  },
  {
    key: 'delete_user',
    what: 'a deletion',
    toRow: ({ id }) => ({ user: { id } }),
    change: () => [],
  },
];

/** A provider with a number of users, in pages, where some pages are odd. */
const wherePages =
  (
    size: number,
    odd: (page: readonly object[], from: number, query: URLSearchParams) => OddReply | undefined,
  ) =>
  () =>
  (_: string, query: URLSearchParams): OddReply => {
    const from = Number(query.get('startIndex') ?? query.get('cursor') ?? 1) || 1;
    const count = Number(query.get('count') ?? 100);
    const all = Array.from({ length: size }, (_one, at) => ({
      id: `u${at}`,
      userName: `u${at}@example.com`,
    }));
    const page = all.slice(from - 1, from - 1 + count);
    return odd(page, from, query) ?? { body: { ...listOf(...page), totalResults: size } };
  };

/** A provider of 150 users whose filters compare letters exactly; the name of the last one has capital letters. */
const whereCaseMatters = () => {
  const all = Array.from({ length: 150 }, (_, at) => ({
    id: `u${at}`,
    userName: at === 149 ? 'Cy@Example.com' : `u${at}@example.com`,
  }));
  let isDeleted = false;
  return (request: string, query: URLSearchParams): OddReply => {
    if (request === 'DELETE /Users/u149') {
      isDeleted = true;
      return { status: 204 };
    }
    if (request !== 'GET /Users') return isDeleted ? { status: 404, body: error(404) } : { body: all[149] };
    const [, value] = /^userName eq "(.*)"$/.exec(query.get('filter') ?? '') ?? [];
    if (value !== undefined) return { body: listOf(...all.filter(({ userName }) => userName === value)) };
    const from = Number(query.get('startIndex') ?? 1) - 1;
    return { body: { ...listOf(...all.slice(from, from + 100)), totalResults: 150 } };
  };
};

/** What providers are seen to answer, where a report of success or of completeness would not be true. */
export const oddAnswers: readonly OddAnswer[] = [
  ...(['delete_user', 'update_user', 'deactivate_user'] as const).map((key) => ({
    title: `${key} fails where an error comes with status 200`,
    key,
    input: key === 'update_user' ? { ...outsider, title: 'Lead' } : outsider,
    start: whereWrites({ status: 200, body: error(400) }),
    expected: { code: 'invalid_input' },
  })),
  {
    title: 'find_user fails where an error comes with status 200 and an empty list',
    key: 'find_user',
    input: { user: { userName: 'cid@example.com' } },
    start: () => () => ({
      body: { ...listOf(), Errors: [{ code: '403', description: 'no' }], Resources: undefined },
    }),
    expected: { code: 'forbidden' },
  },
  {
    title: 'delete_user fails where the provider confirms the deletion and keeps the user',
    key: 'delete_user',
    input: outsider,
    start: whereWrites({ status: 204 }),
    expected: { code: 'provider_fault' },
  },
  {
    title: 'delete_user succeeds where a confirmed deletion becomes visible later',
    key: 'delete_user',
    input: outsider,
    start: whereReads('/Users/u1', [{ body: ada }, gone], { status: 202 }),
    expected: { output: { id: 'u1', deleted: true, alreadyGone: false } },
  },
  {
    title: 'delete_user succeeds where an earlier deletion becomes visible later',
    key: 'delete_user',
    input: outsider,
    start: whereReads('/Users/u1', [{ body: ada }, { body: ada }, gone], gone),
    expected: { output: { id: 'u1', deleted: true, alreadyGone: true } },
  },
  {
    title: 'delete_user fails where a deleted user is shown, and then cannot be read',
    key: 'delete_user',
    input: outsider,
    start: whereReads('/Users/u1', [{ body: ada }, { status: 403, body: error(403) }], { status: 204 }),
    expected: { code: 'provider_fault' },
  },
  {
    title: 'delete_user believes a provider whose users cannot be read',
    key: 'delete_user',
    input: outsider,
    start: where((request) =>
      request === 'GET /Users/u1' ? { status: 403, body: error(403) } : { status: 204 },
    ),
    expected: { output: { id: 'u1', deleted: true, alreadyGone: false } },
  },
  {
    title: 'add_group_members fails where a 204 adds nobody',
    key: 'add_group_members',
    input: stranger,
    start: whereWrites({ status: 204 }),
    expected: { code: 'provider_fault' },
  },
  {
    title: 'add_group_members believes a 204 where the group may show only its first members',
    key: 'add_group_members',
    input: stranger,
    start: where(
      (request, query) => {
        if (!request.startsWith('GET')) return { status: 204 };
        return query.has('filter') ? { status: 400, body: error(400) } : undefined;
      },
      { ...crew, members: Array.from({ length: 50 }, (_, at) => ({ value: `m${at}` })) },
    ),
    expected: { output: { id: 'g1', requests: 1 } },
  },
  {
    title: 'remove_group_members fails where a 204 removes nobody',
    key: 'remove_group_members',
    input: member,
    start: whereWrites({ status: 204 }),
    expected: { code: 'provider_fault' },
  },
  ...(['add_group_members', 'remove_group_members'] as const).map((key) => ({
    title: `${key} fails where the response shows another group`,
    key,
    input: key === 'add_group_members' ? stranger : member,
    start: whereWrites({ body: { id: 'g2', members: [{ value: 'u3' }] } }),
    expected: { code: 'provider_fault' },
  })),
  {
    title: 'remove_group_members fails where the member stays with its ID in another case',
    key: 'remove_group_members',
    input: member,
    start: whereWrites({ body: { ...crew, members: [{ value: 'U1' }, { value: 'U2' }] } }),
    expected: { code: 'provider_fault' },
  },
  {
    title: 'remove_group_members succeeds where a confirmed removal becomes visible later',
    key: 'remove_group_members',
    input: member,
    start: whereReads('/Groups/g1', [{ body: crew }, { body: { ...crew, members: [{ value: 'u2' }] } }], {
      status: 204,
    }),
    expected: { output: { id: 'g1', requests: 1 } },
  },
  {
    title: 'remove_group_members fails where a removed member is shown, and then cannot be read',
    key: 'remove_group_members',
    input: member,
    start: whereReads('/Groups/g1', [{ body: crew }, { status: 403, body: error(403) }], { status: 204 }),
    expected: { code: 'provider_fault' },
  },
  {
    title: 'remove_group_members believes a 204 where the group cannot be read',
    key: 'remove_group_members',
    input: member,
    start: where((request) =>
      request === 'GET /Groups/g1' ? { status: 403, body: error(403) } : { status: 204 },
    ),
    expected: { output: { id: 'g1', requests: 1 } },
  },
  ...(['response', 'location'] as const).map((part) => ({
    title: `bulk_users believes no success whose ${part} names another user`,
    key: 'bulk_users',
    input: {
      action: 'update_user',
      rows: [outsider, { user: { id: 'u2' } }].map((row) => ({ ...row, title: 'Lead' })),
    },
    start: where((request) => {
      if (request === 'GET /ServiceProviderConfig') return { body: { bulk: { supported: true } } };
      if (request.startsWith('PATCH')) return { status: 403, body: error(403) };
      if (request !== 'POST /Bulk') return undefined;
      const another = part === 'response' ? { response: cid } : { location: '/Users/u3' };
      return {
        body: { Operations: ['row0', 'row1'].map((bulkId) => ({ bulkId, status: '200', ...another })) },
      };
    }),
    expected: { output: { succeeded: 0, failed: 2 } },
  })),
  ...(
    [
      ['an old title', 'update_user', { title: 'Lead' }, { title: 'Clerk' }],
      ['an active user', 'update_user', { active: false }, {}],
      ['an active new user', 'create_user', { active: false }, { userName: undefined }],
      ['another new user', 'create_user', {}, { active: undefined }],
    ] as const
  ).map(([shown, action, given, answered]) => ({
    title: `bulk_users believes no success that shows ${shown}`,
    key: 'bulk_users',
    input: {
      action,
      rows: [ada, bob].map(({ id }) => ({
        ...(action === 'create_user' ? { userName: `new-${id}@example.com` } : { user: { id } }),
        ...given,
      })),
    },
    start: where((request) => {
      if (request === 'GET /ServiceProviderConfig') return { body: { bulk: { supported: true } } };
      if (request === 'PATCH /Users/u1' || request === 'PATCH /Users/u2' || request === 'POST /Users')
        return { status: 403, body: error(403) };
      return request === 'POST /Bulk' ? bulkReply(ada, bob, answered) : undefined;
    }),
    expected: { output: { succeeded: 0, failed: 2 } },
  })),
  ...bulkChanges.flatMap(({ key: action, what, toRow, change }) => {
    const input = { action, rows: [ada, bob].map(toRow) };
    const done = { output: { succeeded: 2, failed: 0 } };
    const notDone = { output: { succeeded: 0, failed: 2 } };
    const isShownLater = action !== 'create_user' && action !== 'upsert_user';
    return [
      {
        title: `bulk_users (${action}) reads ${what} that a success does not show`,
        key: 'bulk_users',
        input,
        start: whereBulkShowsNothing(change),
        expected: done,
      },
      {
        title: `bulk_users (${action}) believes no success that shows nothing where ${what} is not made`,
        key: 'bulk_users',
        input,
        start: whereBulkShowsNothing((user) => [user]),
        expected: notDone,
      },
      ...(isShownLater
        ? [
            {
              title: `bulk_users (${action}) reads ${what} again that becomes visible later`,
              key: 'bulk_users',
              input,
              start: whereBulkShowsNothing(change, 1),
              expected: done,
            },
          ]
        : []),
    ];
  }),
  {
    title: 'bulk_users believes a success that shows nothing else than what was requested',
    key: 'bulk_users',
    input: { action: 'update_user', rows: [ada, bob].map(({ id }) => ({ user: { id }, title: 'Lead' })) },
    start: where((request) => {
      if (request === 'GET /ServiceProviderConfig') return { body: { bulk: { supported: true } } };
      return request === 'POST /Bulk' ? bulkReply(ada, bob, { title: ' lead ' }) : undefined;
    }),
    expected: { output: { succeeded: 2, failed: 0 } },
  },
  {
    title: 'get_group_members lists members that are shown by their URL',
    key: 'get_group_members',
    input: { group: { id: 'g1' } },
    start: where(() => undefined, { ...crew, members: [{ $ref: 'https://example.com/scim/v2/Users/u1' }] }),
    expected: { output: { id: 'g1', members: [{ value: 'u1' }], truncated: false } },
  },
  {
    title: 'get_group_members fails where members have no IDs',
    key: 'get_group_members',
    input: { group: { id: 'g1' } },
    start: where(() => undefined, { ...crew, members: [{ display: 'Ada' }] }),
    expected: { code: 'unsupported' },
  },
  {
    title: 'set_group_members keeps a member that is shown by its URL',
    key: 'set_group_members',
    input: member,
    start: where(() => undefined, { ...crew, members: [{ $ref: '../Users/U1' }] }),
    expected: { output: { id: 'g1', added: [], removed: [], unchanged: 1, requests: 0 } },
  },
  {
    title: 'get_group_members lists the members of an object with positions as keys',
    key: 'get_group_members',
    input: { group: { id: 'g1' } },
    start: where(() => undefined, { ...crew, members: { 0: { value: 'u1' }, 2: { value: 'u2' } } }),
    expected: { output: { members: [{ value: 'u1' }, { value: 'u2' }] } },
  },
  {
    title: 'update_user reads the user where the change is confirmed in words',
    key: 'update_user',
    input: { ...outsider, title: 'Lead' },
    start: () => {
      let title: string | undefined;
      return where((request) => {
        if (request === 'GET /Users/u1') return { body: { ...ada, title } };
        if (request !== 'PATCH /Users/u1') return undefined;
        title = 'Lead';
        return { text: 'OK', headers: { 'content-type': 'text/plain' } };
      })();
    },
    expected: { output: { id: 'u1', title: 'Lead' } },
  },
  {
    title: 'update_user fails where PATCH gets a 404 and the user can be read',
    key: 'update_user',
    input: { ...outsider, title: 'Lead' },
    start: where(() => undefined),
    expected: { code: 'provider_fault' },
  },
  ...(['{"etag":"1"}', '"\\"1\\"\\n"', '""'] as const).map((version) => ({
    title: `update_user succeeds where the version is ${version}`,
    key: 'update_user',
    input: { user: { userName: 'ada@example.com' }, title: 'Lead' },
    start: where((request) => {
      const shown = { ...ada, meta: { version: JSON.parse(version) as unknown } };
      if (request === 'GET /Users') return { body: listOf(shown) };
      return request === 'PATCH /Users/u1' ? { body: { ...shown, title: 'Lead' } } : undefined;
    }),
    expected: { output: { id: 'u1', title: 'Lead' } },
  })),
  {
    title: 'reactivate_user succeeds where a 304 says that nothing changes',
    key: 'reactivate_user',
    input: outsider,
    start: whereWrites({ status: 304 }),
    expected: { output: { id: 'u1', active: true } },
  },
  ...(['deactivate_user', 'delete_user', 'remove_group_members'] as const).map((key) => ({
    title: `${key} fails where a 304 is not true`,
    key,
    input: key === 'remove_group_members' ? member : outsider,
    start: whereWrites({ status: 304 }),
    expected: { code: 'provider_fault' },
  })),
  {
    title: 'update_user fails where PUT drops other attributes',
    key: 'update_user',
    input: { ...outsider, title: 'Lead' },
    start: () => {
      let user: object = { ...ada, nickName: 'Ada', locale: 'en' };
      return where((request) => {
        if (request.startsWith('PATCH')) return { status: 405, body: error(405) };
        if (request === 'PUT /Users/u1') user = { ...ada, title: 'Lead', locale: 'en' };
        return request.endsWith('/Users/u1') ? { body: user } : undefined;
      })();
    },
    expected: { code: 'provider_fault' },
  },
  {
    title: 'update_user succeeds where the response to a PUT shows only a part',
    key: 'update_user',
    input: { ...outsider, title: 'Lead' },
    start: () => {
      let user: object = { ...ada, nickName: 'Ada' };
      return where((request) => {
        if (request.startsWith('PATCH')) return { status: 405, body: error(405) };
        if (request === 'GET /Users/u1') return { body: user };
        if (request !== 'PUT /Users/u1') return undefined;
        user = { ...user, title: 'Lead' };
        return { body: { id: 'u1', title: 'Lead' } };
      })();
    },
    expected: { output: { id: 'u1', title: 'Lead', nickName: 'Ada' } },
  },
  {
    title: 'add_group_members fails where PATCH gets a 404 and the group can be read',
    key: 'add_group_members',
    input: stranger,
    start: where(() => undefined),
    expected: { code: 'provider_fault' },
  },
  {
    title: 'set_group_members fails where adding a member removes the others',
    key: 'set_group_members',
    input: { group: { id: 'g1' }, members: [{ id: 'u1' }, { id: 'u3' }] },
    start: () => {
      let group: object = crew;
      return where((request) => {
        if (request === 'PATCH /Groups/g1') group = { ...crew, members: [{ value: 'u3' }] };
        return request.endsWith('/Groups/g1') ? { body: group } : undefined;
      })();
    },
    expected: { code: 'provider_fault' },
  },
  {
    title: 'add_group_members fails where each request replaces the members of the earlier ones',
    key: 'add_group_members',
    input: {
      group: { id: 'g1' },
      members: Array.from({ length: 130 }, (_, at) => ({ id: `m${at}` })),
    },
    start: () => {
      const added = Array.from({ length: 130 }, (_, at) => ({ value: `m${at}` }));
      let group: object = crew;
      let requests = 0;
      return where((request) => {
        if (request === 'PATCH /Groups/g1') {
          group = { ...crew, members: requests === 0 ? added.slice(0, 100) : added.slice(100) };
          requests += 1;
        }
        return request.endsWith('/Groups/g1') ? { body: group } : undefined;
      })();
    },
    expected: { code: 'provider_fault' },
  },
  ...(['the user', 'a part', 'nothing'] as const).map((shown) => ({
    title: `upsert_user fails where PATCH drops other attributes and shows ${shown}`,
    key: 'upsert_user',
    input: { userName: 'ada@example.com', title: 'Lead' },
    start: whereAdaBecomes({ nickName: 'Ada', [roleUrn]: { workato_role: 'Admin' } }, {}, shown),
    expected: { code: 'provider_fault' },
  })),
  {
    title: 'upsert_user succeeds where a response to PATCH shows only a part',
    key: 'upsert_user',
    input: { userName: 'ada@example.com', title: 'Lead' },
    start: whereAdaBecomes(
      { nickName: 'Ada', [roleUrn]: { workato_role: 'Admin' } },
      { nickName: 'Ada', [roleUrn]: { workato_role: 'Admin' } },
      'a part',
    ),
    expected: { output: { id: 'u1', title: 'Lead', nickName: 'Ada' } },
  },
  {
    title: 'upsert_user succeeds where roles are in another order after PATCH',
    key: 'upsert_user',
    input: { userName: 'ada@example.com', title: 'Lead' },
    start: whereAdaBecomes(
      { roles: [{ value: 'editor', primary: false }, { value: 'viewer' }] },
      { roles: [{ value: 'viewer', display: 'Viewer' }, { value: 'editor' }] },
    ),
    expected: { output: { id: 'u1', title: 'Lead' } },
  },
  {
    title: 'upsert_user fails where PATCH activates an inactive user',
    key: 'upsert_user',
    input: { userName: 'ada@example.com', title: 'Lead' },
    start: whereAdaBecomes({ active: false }, {}),
    expected: { code: 'provider_fault' },
  },
  {
    title: 'replace_user fails where PUT gets a 404 and the user can be read',
    key: 'replace_user',
    input: { ...outsider, userName: 'ada@example.com' },
    start: where(() => undefined),
    expected: { code: 'provider_fault' },
  },
  {
    title: 'create_user fails where the location is that of another user',
    key: 'create_user',
    input: { userName: 'cid@example.com' },
    start: whereWrites({ status: 201, headers: { location: '/Users/u2' } }),
    expected: { code: 'provider_fault' },
  },
  {
    title: 'create_user fails where the existing user comes with status 200',
    key: 'create_user',
    input: { userName: 'ada@example.com' },
    start: whereWrites({ status: 200, body: ada }),
    expected: { code: 'conflict' },
  },
  {
    title: 'create_user finds the new user where the response has an empty ID',
    key: 'create_user',
    input: { userName: 'cid@example.com' },
    start: where((request) => {
      if (request === 'POST /Users') return { status: 201, body: { ...cid, id: '' } };
      // The clock of the provider decides whether the user is new.
      return request === 'GET /Users' ? { body: listOf(cid), headers: { date: created } } : undefined;
    }),
    expected: { output: { id: 'u3' } },
  },
  ...(['find_user', 'delete_user'] as const).map((key) => ({
    title: `${key} finds a user in another case where filters compare letters exactly`,
    key,
    input: { user: { userName: 'cy@example.com' } },
    start: whereCaseMatters,
    expected: { output: { id: 'u149' } },
  })),
  {
    title: 'find_user finds a user where the names of a list have another case',
    key: 'find_user',
    input: { user: { userName: 'ada@example.com' } },
    start: () => () => ({ body: { TotalResults: 1, RESOURCES: [ada] } }),
    expected: { output: { id: 'u1' } },
  },
  ...([1, '1', 'enabled', ' TRUE '] as const).map((active) => ({
    title: `search_users finds active users where active is ${JSON.stringify(active)}`,
    key: 'search_users',
    input: { active: true },
    start: () => () => ({ body: listOf({ ...ada, active }) }),
    expected: { output: { totalResults: 1, resources: [{ id: 'u1' }] } },
  })),
  ...(
    [
      ['a filter', { filter: 'title sw "Le"' }],
      ['an attribute', { active: true }],
      ['a filter and a projection', { filter: 'title eq "lead"', attributes: ['userName'] }],
    ] as const
  ).map(([what, input]) => ({
    title: `search_users searches the list where ${what} finds nothing`,
    key: 'search_users',
    input,
    start: where((request, query) => {
      if (request !== 'GET /Users') return undefined;
      return { body: query.has('filter') ? listOf() : listOf({ ...ada, title: 'Lead' }, cid) };
    }),
    expected: { output: { totalResults: 1, truncated: false, resources: [{ id: 'u1' }] } },
  })),
  ...['title ne "lead"', 'not (title eq "lead")', 'title eq null', 'emails[type ne "work"]'].map(
    (filter) => ({
      title: `search_users believes that nobody is found by ${filter}`,
      key: 'search_users',
      input: { filter },
      start: where((request, query) => {
        if (request !== 'GET /Users') return undefined;
        return {
          body: query.has('filter') ? listOf() : listOf({ ...ada, emails: [{ value: 'a@b.example' }] }),
        };
      }),
      expected: { output: { totalResults: 0, truncated: false, resources: [] } },
    }),
  ),
  {
    title: 'search_users finds nothing where the list without a filter is rejected',
    key: 'search_users',
    input: { filter: 'title sw "Le"' },
    start: where((_, query) =>
      query.has('filter') ? { body: listOf() } : { status: 403, body: error(403) },
    ),
    expected: { output: { totalResults: 0, truncated: false, resources: [] } },
  },
  {
    title: 'search_users reads one page of the list where filters work',
    key: 'search_users',
    input: { filter: 'userName eq "nobody@example.com"' },
    start: wherePages(250, (page, from, query) => {
      const wanted = /^userName eq "(.*)"$/.exec(query.get('filter') ?? '')?.[1]?.toLowerCase();
      if (wanted === undefined) return from > 1 ? { status: 404, body: error(404) } : undefined;
      return { body: listOf(...page.filter((one) => Object(one).userName === wanted)) };
    }),
    expected: { output: { totalResults: 0, truncated: false } },
  },
  {
    title: 'search_users reads all pages where the cursor is a number',
    key: 'search_users',
    input: {},
    start: wherePages(250, (page, from) => ({
      body: { Resources: page, ...(from < 201 && { nextCursor: from + 100 }) },
    })),
    expected: { output: { totalResults: 250, truncated: false } },
  },
  {
    title: 'search_users fails where a page in the middle is empty and there is no total',
    key: 'search_users',
    input: {},
    start: wherePages(350, (page, from) => ({ body: { Resources: from === 101 ? [] : page } })),
    expected: { code: 'provider_fault' },
  },
  {
    title: 'search_users fails where the second page is empty and totals count the page',
    key: 'search_users',
    input: {},
    start: wherePages(350, (page, from) => ({ body: listOf(...(from === 101 ? [] : page)) })),
    expected: { code: 'provider_fault' },
  },
  {
    title: 'search_users fails where the second page is rejected and totals count the page',
    key: 'search_users',
    input: {},
    start: wherePages(250, (page, from) =>
      from > 1 ? { status: 400, body: error(400) } : { body: listOf(...page) },
    ),
    expected: { code: 'provider_fault' },
  },
  {
    title: 'search_users succeeds where a page after the last one is rejected',
    key: 'search_users',
    input: {},
    start: wherePages(100, (_, from) => (from > 100 ? { status: 400, body: error(400) } : undefined)),
    expected: { output: { totalResults: 100, truncated: false } },
  },
];
