import { expect } from 'vitest';
import type { PlannedChange } from '../../sync/plan.ts';
import { planText } from '../support/plan-text.ts';
import type { WireAnswer } from '../support/wire.ts';

/** One action with one input: the responses that it gets, the requests that go out, and what it returns. */
export interface Exchange {
  readonly title: string;
  readonly key: string;
  readonly input: unknown;
  readonly answers: readonly WireAnswer[];
  /** Each request: its line, and its body where it has one. */
  readonly requests: readonly (readonly [line: string, body?: unknown])[];
  readonly output: unknown;
}

const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const group = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const workato = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const listOf = (...Resources: readonly unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: Resources.length,
  Resources,
});
const patchOf = (...Operations: readonly unknown[]) => ({ schemas: [patchOp], Operations });
const ada = { id: '7', userName: 'ada@example.com' };
/** The user after the change of every kind of attribute. */
const changed = {
  ...ada,
  title: 'Lead',
  name: { givenName: 'A', familyName: 'L' },
  [workato]: { workato_role: 'Admin' },
};
const byUserName = 'GET /scim/v2/Users?filter=userName%20eq%20%22ada%40example.com%22';

const bob = { id: '8', userName: 'bob@example.com' };
const leadAda: PlannedChange = {
  id: 'row 1',
  kind: 'update',
  user: ada,
  row: 1,
  attributes: [{ path: 'title', from: 'Analyst', to: 'Lead' }],
};
const createAda: PlannedChange = {
  id: 'row 1',
  kind: 'create',
  user: { userName: 'ada@example.com' },
  row: 1,
  attributes: [{ path: 'userName', from: null, to: 'ada@example.com' }],
};

/** The requests of every action, for a few inputs that stand for the others. */
export const exchanges: readonly Exchange[] = [
  {
    title: 'names only the extensions that are used, and leaves out what was not given',
    key: 'create_user',
    input: {
      userName: 'ada@example.com',
      name: { givenName: 'Ada' },
      active: true,
      department: 'Engineering',
    },
    answers: [{ status: 201, body: ada }],
    requests: [
      [
        'POST /scim/v2/Users',
        {
          schemas: [core, enterprise],
          userName: 'ada@example.com',
          name: { givenName: 'Ada' },
          active: true,
          [enterprise]: { department: 'Engineering' },
        },
      ],
    ],
    output: ada,
  },
  {
    title: 'takes SCIM’s own spelling of an extension too',
    key: 'create_user',
    input: {
      userName: 'ada@example.com',
      workato_role: 'Analyst',
      [workato]: { workato_role_prod: 'NoAccess' },
    },
    answers: [{ status: 201, body: ada }],
    requests: [
      [
        'POST /scim/v2/Users',
        {
          schemas: [core, workato],
          userName: 'ada@example.com',
          [workato]: { workato_role: 'Analyst', workato_role_prod: 'NoAccess' },
        },
      ],
    ],
    output: ada,
  },
  {
    title: 'reads the new user where the answer only says where it is',
    key: 'create_user',
    input: { userName: 'ada@example.com' },
    answers: [
      { status: 201, headers: { location: '/scim/v2/Users/a%20b' } },
      { body: { ...ada, id: 'a b' } },
    ],
    requests: [
      ['POST /scim/v2/Users', { schemas: [core], userName: 'ada@example.com' }],
      ['GET /scim/v2/Users/a%20b'],
    ],
    output: { ...ada, id: 'a b' },
  },
  {
    title: 'keeps any ID within one segment',
    key: 'get_user',
    input: { user: { id: 'a/b?c#d e%2Fé' }, attributes: ['userName', 'emails.value'] },
    answers: [{ body: { ...ada, id: 'a/b?c#d e%2Fé' } }],
    requests: [['GET /scim/v2/Users/a%2Fb%3Fc%23d%20e%252F%C3%A9?attributes=userName%2Cemails.value']],
    output: { ...ada, id: 'a/b?c#d e%2Fé' },
  },
  {
    title: 'never lets an id climb out of the endpoint',
    key: 'get_user',
    input: { user: { id: '..' } },
    answers: [{ status: 404, body: {} }, { body: listOf() }],
    requests: [['GET /scim/v2/Users/%252E%252E'], ['GET /scim/v2/Users?count=1']],
    output: 'not_found',
  },
  {
    title: 'escapes the value of a lookup for the filter, and the filter for the URL',
    key: 'find_user',
    input: { user: { externalId: 'a"b\\c &=+%é' }, excludedAttributes: ['groups'] },
    answers: [{ body: listOf({ id: '7', externalId: 'a"b\\c &=+%é' }) }],
    requests: [
      [
        'GET /scim/v2/Users?filter=externalId%20eq%20%22a%5C%22b%5C%5Cc%20%26%3D%2B%25%C3%A9%22&excludedAttributes=groups',
      ],
    ],
    output: { id: '7', externalId: 'a"b\\c &=+%é' },
  },
  {
    title: 'looks for an email in userName when the provider cannot filter by emails',
    key: 'find_user',
    input: { user: { email: 'ada@example.com' } },
    answers: [{ status: 400, body: { scimType: 'invalidFilter' } }, { body: listOf(ada) }],
    requests: [['GET /scim/v2/Users?filter=emails.value%20eq%20%22ada%40example.com%22'], [byUserName]],
    output: ada,
  },
  {
    title: 'joins the values given and the raw filter with "and", the raw one in brackets',
    key: 'search_users',
    input: {
      active: true,
      department: 'R&D',
      filter: 'title pr or nickName pr',
      limit: 5,
      sortBy: 'userName',
      sortOrder: 'descending',
    },
    answers: [listOf(), listOf(), listOf({ id: '1', active: false }), { totalResults: 1, Resources: [] }].map(
      (body) => ({ body }),
    ),
    requests: [
      ...['', '&startIndex=1'].map((position): [string] => [
        `GET /scim/v2/Users?filter=active%20eq%20true%20and%20${enterprise.replaceAll(':', '%3A')}%3Adepartment%20eq%20%22R%26D%22%20and%20%28title%20pr%20or%20nickName%20pr%29&sortBy=userName&sortOrder=descending&count=5${position}`,
      ]),
      ...['', '&startIndex=2'].map((position): [string] => [
        `GET /scim/v2/Users?sortBy=userName&sortOrder=descending&count=100${position}`,
      ]),
    ],
    output: { totalResults: 0, truncated: false, resources: [] },
  },
  {
    title: 'reads on from where the last page ended',
    key: 'search_users',
    input: { pageSize: 2 },
    answers: [
      { body: { totalResults: 3, Resources: [{ id: '1' }, { id: '2' }] } },
      { body: { totalResults: 3, Resources: [{ id: '3' }] } },
    ],
    requests: [['GET /scim/v2/Users?count=2'], ['GET /scim/v2/Users?count=2&startIndex=3']],
    output: { totalResults: 3, truncated: false, resources: [{ id: '1' }, { id: '2' }, { id: '3' }] },
  },
  {
    title: 'goes on by cursor where the provider returns one',
    key: 'search_users',
    input: { pageSize: 1 },
    answers: [
      { body: { totalResults: 2, nextCursor: 'b=/+', Resources: [{ id: '1' }] } },
      { body: { totalResults: 2, Resources: [{ id: '2' }] } },
    ],
    requests: [['GET /scim/v2/Users?count=1'], ['GET /scim/v2/Users?count=1&cursor=b%3D%2F%2B']],
    output: { totalResults: 2, truncated: false, resources: [{ id: '1' }, { id: '2' }] },
  },
  {
    title: 'sets the given values, removes null ones, and sends the version that it has read',
    key: 'update_user',
    input: {
      user: { userName: 'ada@example.com' },
      title: 'Lead',
      nickName: null,
      emails: [],
      name: { givenName: 'A', familyName: 'L' },
      workato_role: 'Admin',
    },
    answers: [{ body: listOf({ ...ada, meta: { version: 'W/"1"' } }) }, { body: changed }],
    requests: [
      [byUserName],
      [
        'PATCH /scim/v2/Users/7',
        patchOf(
          { op: 'replace', path: 'name.givenName', value: 'A' },
          { op: 'replace', path: 'name.familyName', value: 'L' },
          { op: 'remove', path: 'emails' },
          { op: 'replace', path: 'title', value: 'Lead' },
          { op: 'replace', path: `${workato}:workato_role`, value: 'Admin' },
          { op: 'remove', path: 'nickName' },
        ),
      ],
    ],
    output: changed,
  },
  {
    title: 'reads the user when the provider answers a change with 204',
    key: 'update_user',
    input: { user: { id: '7' }, title: 'Lead' },
    answers: [{ status: 204 }, { body: { ...ada, title: 'Lead' } }],
    requests: [
      ['PATCH /scim/v2/Users/7', patchOf({ op: 'replace', path: 'title', value: 'Lead' })],
      ['GET /scim/v2/Users/7'],
    ],
    output: { ...ada, title: 'Lead' },
  },
  {
    title: 'sends the whole user under its id, without what is null or only the provider’s',
    key: 'replace_user',
    input: {
      user: { id: '7' },
      userName: 'ada@example.com',
      title: 'Lead',
      id: '7',
      meta: { version: 'x' },
      schemas: [core],
    },
    answers: [{ body: { ...ada, title: 'Lead' } }],
    requests: [
      ['PUT /scim/v2/Users/7', { schemas: [core], userName: 'ada@example.com', title: 'Lead', id: '7' }],
    ],
    output: { ...ada, title: 'Lead' },
  },
  {
    title: 'creates the user when the list shows that the user does not exist',
    key: 'upsert_user',
    input: { userName: 'ada@example.com' },
    answers: [{ body: listOf() }, { body: listOf() }, { body: listOf() }, { status: 201, body: ada }],
    requests: [
      [byUserName],
      ['GET /scim/v2/Users?count=100'],
      ['GET /scim/v2/Users?count=100&startIndex=1'],
      ['POST /scim/v2/Users', { schemas: [core], userName: 'ada@example.com' }],
    ],
    output: ada,
  },
  {
    title: 'sets only what differs in a user who is there',
    key: 'upsert_user',
    input: {
      userName: 'ada@example.com',
      title: 'Lead',
      department: 'R&D',
      emails: [{ value: 'a', primary: true }],
    },
    answers: [
      { body: listOf({ ...ada, title: 'Lead', emails: [{ primary: true, value: 'a' }] }) },
      {
        body: {
          ...ada,
          title: 'Lead',
          emails: [{ primary: true, value: 'a' }],
          [enterprise]: { department: 'R&D' },
        },
      },
    ],
    requests: [
      [byUserName],
      ['PATCH /scim/v2/Users/7', patchOf({ op: 'replace', path: `${enterprise}:department`, value: 'R&D' })],
    ],
    output: {
      ...ada,
      title: 'Lead',
      emails: [{ primary: true, value: 'a' }],
      [enterprise]: { department: 'R&D' },
    },
  },
  {
    title: 'sends nothing when nothing differs',
    key: 'upsert_user',
    input: { userName: 'ada@example.com', title: 'Lead' },
    answers: [{ body: listOf({ ...ada, title: 'Lead' }) }],
    requests: [[byUserName]],
    output: { ...ada, title: 'Lead' },
  },
  {
    title: 'sets active to the boolean false',
    key: 'deactivate_user',
    input: { user: { id: '7' } },
    answers: [{ body: { ...ada, active: false } }],
    requests: [['PATCH /scim/v2/Users/7', patchOf({ op: 'replace', path: 'active', value: false })]],
    output: { ...ada, active: false },
  },
  {
    title: 'sets active to the boolean true',
    key: 'reactivate_user',
    input: { user: { id: '7' } },
    answers: [{ body: { ...ada, active: true } }],
    requests: [['PATCH /scim/v2/Users/7', patchOf({ op: 'replace', path: 'active', value: true })]],
    output: { ...ada, active: true },
  },
  {
    title: 'deletes by id',
    key: 'delete_user',
    input: { user: { id: '7' } },
    answers: [{ status: 204 }, { status: 404, body: {} }],
    requests: [['DELETE /scim/v2/Users/7'], ['GET /scim/v2/Users/7']],
    output: { id: '7', deleted: true, alreadyGone: false },
  },
  {
    title: 'counts 404 as deleted',
    key: 'delete_user',
    input: { user: { id: '7' } },
    answers: [{ status: 404, body: {} }, { status: 404, body: {} }, { body: listOf() }],
    requests: [['DELETE /scim/v2/Users/7'], ['GET /scim/v2/Users/7'], ['GET /scim/v2/Users?count=1']],
    output: { id: '7', deleted: true, alreadyGone: true },
  },
  ...[400, 404, 405, 409, 410].map((status) => ({
    title: `counts a deletion that is rejected with ${status} as done once the ID is unknown`,
    key: 'delete_user' as const,
    input: { user: { id: '7' } },
    answers: [{ status, body: {} }, { status: 404, body: {} }, { body: listOf() }],
    requests: [
      ['DELETE /scim/v2/Users/7'] as const,
      ['GET /scim/v2/Users/7'] as const,
      ['GET /scim/v2/Users?count=1'] as const,
    ],
    output: { id: '7', deleted: true, alreadyGone: true },
  })),
  ...(
    [
      [400, 'invalid_input'],
      [404, 'provider_fault'],
      [405, 'unsupported'],
      [409, 'conflict'],
    ] as const
  ).map(([status, output]) => ({
    title: `fails when a deletion is rejected with ${status} and the user can still be read`,
    key: 'delete_user' as const,
    input: { user: { id: '7' } },
    // After a 404, the user may be one who is shown for some time after an earlier run deleted them.
    answers: [{ status, body: {} }, ...Array.from({ length: status === 404 ? 3 : 1 }, () => ({ body: ada }))],
    requests: [
      ['DELETE /scim/v2/Users/7'] as const,
      ...Array.from({ length: status === 404 ? 3 : 1 }, () => ['GET /scim/v2/Users/7'] as const),
    ],
    output,
  })),
  {
    title: 'fails when a deletion is rejected with 400 and nothing can be read',
    key: 'delete_user',
    input: { user: { id: '7' } },
    answers: [
      { status: 400, body: {} },
      { status: 403, body: {} },
    ],
    requests: [['DELETE /scim/v2/Users/7'], ['GET /scim/v2/Users/7']],
    output: 'invalid_input',
  },
  {
    title: 'counts 404 as deleted where a GET by an unknown ID fails with 500',
    key: 'delete_user',
    input: { user: { id: '7' } },
    answers: [{ status: 404, body: {} }, { status: 500, body: {} }, { body: listOf() }],
    requests: [['DELETE /scim/v2/Users/7'], ['GET /scim/v2/Users/7'], ['GET /scim/v2/Users?count=1']],
    output: { id: '7', deleted: true, alreadyGone: true },
  },
  {
    title: 'does not count 404 as deleted where the list is 404 too: the base URL is wrong',
    key: 'delete_user',
    input: { user: { id: '7' } },
    answers: [
      { status: 404, body: {} },
      { status: 404, body: {} },
      { status: 404, body: {} },
    ],
    requests: [['DELETE /scim/v2/Users/7'], ['GET /scim/v2/Users/7'], ['GET /scim/v2/Users?count=1']],
    output: 'provider_fault',
  },
  {
    title: 'counts a name as deleted when the complete list does not have it',
    key: 'delete_user',
    input: { user: { userName: 'ada@example.com' } },
    answers: [
      { body: listOf() },
      { body: listOf({ id: '8', userName: 'bob@example.com' }) },
      { body: { totalResults: 1, Resources: [] } },
    ],
    requests: [[byUserName], ['GET /scim/v2/Users?count=100'], ['GET /scim/v2/Users?count=100&startIndex=2']],
    output: { id: null, deleted: true, alreadyGone: true },
  },
  {
    title: 'deletes the user whom only the list shows, since the filter is ignored',
    key: 'delete_user',
    input: { user: { userName: 'ada@example.com' } },
    answers: [
      { body: listOf() },
      { body: listOf(ada) },
      { body: { totalResults: 1, Resources: [] } },
      { status: 204 },
      { status: 404, body: {} },
    ],
    requests: [
      [byUserName],
      ['GET /scim/v2/Users?count=100'],
      ['GET /scim/v2/Users?count=100&startIndex=2'],
      ['DELETE /scim/v2/Users/7'],
      ['GET /scim/v2/Users/7'],
    ],
    output: { id: '7', deleted: true, alreadyGone: false },
  },
  {
    title: 'does not count an external ID as deleted when neither a filter nor the list shows external IDs',
    key: 'delete_user',
    input: { user: { externalId: 'emp-42' } },
    answers: [{ body: listOf() }, { body: listOf(ada) }, { body: { totalResults: 1, Resources: [] } }],
    requests: [
      ['GET /scim/v2/Users?filter=externalId%20eq%20%22emp-42%22'],
      ['GET /scim/v2/Users?count=100'],
      ['GET /scim/v2/Users?count=100&startIndex=2'],
    ],
    output: 'not_found',
  },
  ...(
    [
      ['dev', 'workato_role'],
      ['test', 'workato_role_test'],
      ['prod', 'workato_role_prod'],
      [undefined, 'workato_role'],
    ] as const
  ).map(([environment, attribute]) => ({
    title: `sets ${attribute} for the environment ${environment}`,
    key: 'set_workato_role',
    input: { user: { id: '7' }, environment, role: 'My {role} of "quotes"' },
    answers: [{ body: { ...ada, [workato]: { [attribute]: 'My {role} of "quotes"' } } }],
    requests: [
      [
        'PATCH /scim/v2/Users/7',
        patchOf({ op: 'replace', path: `${workato}:${attribute}`, value: 'My {role} of "quotes"' }),
      ] as const,
    ],
    output: { ...ada, [workato]: { [attribute]: 'My {role} of "quotes"' } },
  })),
  {
    title: 'sets a manager by ID, after looking the manager up',
    key: 'set_user_manager',
    input: { user: { id: '7' }, manager: { userName: 'grace@example.com' } },
    answers: [
      { body: listOf({ id: '8', userName: 'grace@example.com' }) },
      { body: { ...ada, [enterprise]: { manager: { value: '8' } } } },
    ],
    requests: [
      ['GET /scim/v2/Users?filter=userName%20eq%20%22grace%40example.com%22'],
      [
        'PATCH /scim/v2/Users/7',
        patchOf({ op: 'replace', path: `${enterprise}:manager`, value: { value: '8' } }),
      ],
    ],
    output: { ...ada, [enterprise]: { manager: { value: '8' } } },
  },
  {
    title: 'creates a group with its members',
    key: 'create_group',
    input: { displayName: 'Engineering', members: [{ value: '7' }] },
    answers: [{ status: 201, body: { id: '9' } }],
    requests: [
      ['POST /scim/v2/Groups', { schemas: [group], displayName: 'Engineering', members: [{ value: '7' }] }],
    ],
    output: { id: '9' },
  },
  {
    title: 'looks a group up by its name',
    key: 'get_group',
    input: { group: { displayName: 'R&D' }, excludedAttributes: ['members'] },
    answers: [{ body: listOf({ id: '9', displayName: 'R&D' }) }],
    requests: [['GET /scim/v2/Groups?filter=displayName%20eq%20%22R%26D%22&excludedAttributes=members']],
    output: { id: '9', displayName: 'R&D' },
  },
  {
    title: 'searches groups by a member',
    key: 'search_groups',
    input: { member: '7', limit: 1 },
    answers: [
      { body: listOf({ id: '9', members: [{ value: '7' }] }) },
      { body: { totalResults: 1, Resources: [] } },
    ],
    requests: ['', '&startIndex=2'].map((position): [string] => [
      `GET /scim/v2/Groups?filter=members.value%20eq%20%227%22&count=1${position}`,
    ]),
    output: { totalResults: 1, truncated: false, resources: [{ id: '9', members: [{ value: '7' }] }] },
  },
  {
    title: 'replaces the whole list of members',
    key: 'update_group',
    input: { group: { id: '9' }, displayName: 'Platform', members: [{ value: '7' }] },
    answers: [{ status: 204 }, { body: { id: '9' } }],
    requests: [
      [
        'PATCH /scim/v2/Groups/9',
        patchOf(
          { op: 'replace', path: 'displayName', value: 'Platform' },
          { op: 'replace', path: 'members', value: [{ value: '7' }] },
        ),
      ],
      ['GET /scim/v2/Groups/9'],
    ],
    output: { id: '9' },
  },
  {
    title: 'deletes a group by its name',
    key: 'delete_group',
    input: { group: { displayName: 'Engineering' } },
    answers: [
      { body: listOf({ id: '9', displayName: 'engineering' }) },
      { status: 204 },
      { status: 404, body: {} },
    ],
    requests: [
      ['GET /scim/v2/Groups?filter=displayName%20eq%20%22Engineering%22'],
      ['DELETE /scim/v2/Groups/9'],
      ['GET /scim/v2/Groups/9'],
    ],
    output: { id: '9', deleted: true, alreadyGone: false },
  },
  {
    title: 'adds members in one operation, each of them once',
    key: 'add_group_members',
    input: { group: { id: '9' }, members: [{ id: '7' }, { userName: 'ada@example.com' }, { id: '8' }] },
    answers: [
      { body: listOf(ada) },
      { status: 204 },
      { body: { id: '9', members: [{ value: '7' }, { value: '8' }] } },
    ],
    requests: [
      [byUserName],
      [
        'PATCH /scim/v2/Groups/9',
        patchOf({ op: 'add', path: 'members', value: [{ value: '7' }, { value: '8' }] }),
      ],
      ['GET /scim/v2/Groups/9'],
    ],
    output: { id: '9', members: [{ value: '7' }, { value: '8' }], requests: 1 },
  },
  {
    title: 'takes members out one by one, each named in the path and escaped there',
    key: 'remove_group_members',
    input: { group: { id: '9' }, members: [{ id: '7' }, { id: 'a"] or (b' }] },
    answers: [{ status: 204 }, { body: { id: '9', members: [{ value: '6' }] } }],
    requests: [
      [
        'PATCH /scim/v2/Groups/9',
        patchOf(
          { op: 'remove', path: 'members[value eq "7"]' },
          { op: 'remove', path: 'members[value eq "a\\"] or (b"]' },
        ),
      ],
      ['GET /scim/v2/Groups/9'],
    ],
    output: { id: '9', members: [{ value: '7' }, { value: 'a"] or (b' }], requests: 1 },
  },
  {
    title: 'reads the user after a rename, whatever the response shows',
    key: 'rename_user',
    input: { user: { id: '7' }, newUserName: 'ada.king@example.com' },
    answers: [
      { body: { ...ada, userName: 'ada.king@example.com' } },
      { body: { ...ada, userName: 'ada.king@example.com' } },
    ],
    requests: [
      ['PATCH /scim/v2/Users/7', patchOf({ op: 'replace', path: 'userName', value: 'ada.king@example.com' })],
      ['GET /scim/v2/Users/7'],
    ],
    output: { ...ada, userName: 'ada.king@example.com' },
  },
  {
    title: 'sets members by their differences, and reads what came of it',
    key: 'set_group_members',
    input: { group: { id: '9' }, members: [{ id: '7' }, { id: '8' }] },
    answers: [
      { body: { id: '9', members: [{ value: '6' }, { value: '7' }] } },
      { status: 204 },
      { status: 204 },
      { body: { id: '9', members: [{ value: '7' }, { value: '8' }] } },
    ],
    requests: [
      ['GET /scim/v2/Groups/9'],
      ['PATCH /scim/v2/Groups/9', patchOf({ op: 'add', path: 'members', value: [{ value: '8' }] })],
      ['PATCH /scim/v2/Groups/9', patchOf({ op: 'remove', path: 'members[value eq "6"]' })],
      ['GET /scim/v2/Groups/9'],
    ],
    output: { id: '9', added: [{ value: '8' }], removed: [{ value: '6' }], unchanged: 1, requests: 2 },
  },
  {
    title: 'deactivates first, then leaves the groups, and leaves roles alone that are not shown',
    key: 'offboard_user',
    input: { user: { id: '7' } },
    answers: [
      {
        body: {
          ...ada,
          active: true,
          groups: [
            { value: '9', display: 'Crew' },
            { value: '8', type: 'indirect' },
          ],
        },
      },
      { body: { ...ada, active: false } },
      { status: 204 },
      { body: { id: '9', members: [{ value: '6' }] } },
      { body: { ...ada, active: false } },
    ],
    requests: [
      ['GET /scim/v2/Users/7'],
      ['PATCH /scim/v2/Users/7', patchOf({ op: 'replace', path: 'active', value: false })],
      ['PATCH /scim/v2/Groups/9', patchOf({ op: 'remove', path: 'members[value eq "7"]' })],
      ['GET /scim/v2/Groups/9'],
      ['GET /scim/v2/Users/7'],
    ],
    output: {
      id: '7',
      wasDeleted: false,
      steps: [
        { step: 'deactivate', outcome: 'done', attributes: [{ path: 'active', from: true, to: false }] },
        { step: 'leaveGroups', outcome: 'done', groups: [{ value: '9', display: 'Crew' }] },
        { step: 'removeRoles', outcome: 'not_shown' },
      ],
    },
  },
  {
    title: 'believes the groups that a user shows',
    key: 'get_user_groups',
    input: { user: { id: '7' } },
    answers: [
      { body: { ...ada, groups: [{ value: '9', display: 'Crew', $ref: '../Groups/9' }, { value: '8' }] } },
    ],
    requests: [['GET /scim/v2/Users/7']],
    output: { id: '7', groups: [{ value: '9', display: 'Crew' }, { value: '8' }], evidence: 'user' },
  },
  {
    title: 'believes a filter by member that finds nobody by an unused ID',
    key: 'get_user_groups',
    input: { user: { id: '7' } },
    answers: [{ body: ada }, { body: listOf({ id: '9', displayName: 'Crew' }) }, { body: listOf() }],
    requests: [
      ['GET /scim/v2/Users/7'],
      ['GET /scim/v2/Groups?filter=members.value%20eq%20%227%22&excludedAttributes=members'],
      [expect.stringMatching(/members\.value%20eq%20%22nobody-\d+%40rolecall\.invalid%22/)],
    ],
    output: { id: '7', groups: [{ value: '9', display: 'Crew', type: 'direct' }], evidence: 'filter' },
  },
  {
    title: 'names each member once',
    key: 'get_group_members',
    input: { group: { id: '9' } },
    answers: [{ body: { id: '9', members: [{ value: '7', display: 'Ada' }, { value: '7' }, '8'] } }],
    requests: [['GET /scim/v2/Groups/9']],
    output: { id: '9', members: [{ value: '7', display: 'Ada' }, { value: '8' }], truncated: false },
  },
  {
    title: 'sends many rows in one request where the provider has /Bulk',
    key: 'bulk_users',
    input: { action: 'create_user', rows: [{ userName: 'a' }, { userName: 'b' }] },
    answers: [
      { body: { bulk: { supported: true, maxOperations: 10, maxPayloadSize: 100_000 } } },
      {
        body: {
          Operations: [
            {
              method: 'POST',
              bulkId: 'row1',
              status: '201',
              location: 'https://scim.example.com/scim/v2/Users/2',
              response: { id: '2', userName: 'b' },
            },
            {
              method: 'POST',
              bulkId: 'row0',
              status: 201,
              location: '/scim/v2/Users/1',
              response: { id: '1', userName: 'a' },
            },
          ],
        },
      },
    ],
    requests: [
      ['GET /scim/v2/ServiceProviderConfig'],
      [
        'POST /scim/v2/Bulk',
        {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
          Operations: [
            { method: 'POST', path: '/Users', bulkId: 'row0', data: { schemas: [core], userName: 'a' } },
            { method: 'POST', path: '/Users', bulkId: 'row1', data: { schemas: [core], userName: 'b' } },
          ],
        },
      ],
    ],
    output: {
      succeeded: 2,
      failed: 0,
      results: [
        { row: 1, user: 'a', ok: true, id: '1' },
        { row: 2, user: 'b', ok: true, id: '2' },
      ],
    },
  },
  {
    title: 'reads the users, and changes nothing',
    key: 'plan_sync',
    input: { users: [{ userName: 'ada@example.com', title: 'Lead' }] },
    answers: [{ body: listOf({ ...ada, title: 'Analyst' }) }, { body: listOf() }, { body: {} }],
    requests: [
      ['GET /scim/v2/Users?count=1000'],
      ['GET /scim/v2/Users?count=1000&startIndex=2'],
      ['GET /scim/v2/ServiceProviderConfig'],
    ],
    output: expect.objectContaining({
      unchanged: 0,
      changes: [
        {
          id: 'row 1',
          kind: 'update',
          user: ada,
          row: 1,
          attributes: [{ path: 'title', from: 'Analyst', to: 'Lead' }],
        },
      ],
      holds: [],
      problems: [],
      plan: expect.stringContaining('"baseUrl":"https://scim.example.com/scim/v2"'),
    }),
  },
  {
    title: 'reads each user, and changes what is still as planned',
    key: 'apply_sync',
    input: { plan: planText([leadAda]) },
    answers: [{ body: { ...ada, title: 'Analyst' } }, { body: { ...ada, title: 'Lead' } }],
    requests: [
      ['GET /scim/v2/Users/7'],
      ['PATCH /scim/v2/Users/7', patchOf({ op: 'replace', path: 'title', value: 'Lead' })],
    ],
    output: expect.objectContaining({ results: [{ ...leadAda, outcome: 'changed' }], holds: [] }),
  },
  {
    title: 'creates a user only after looking it up, because an earlier run can have created it',
    key: 'apply_sync',
    input: { plan: planText([createAda]) },
    answers: [
      { body: listOf() },
      { body: listOf(bob) },
      { body: listOf() },
      { body: {} },
      { status: 201, body: ada },
    ],
    requests: [
      [byUserName],
      // The filter may not work, so the list is read once.
      ['GET /scim/v2/Users?count=100'],
      ['GET /scim/v2/Users?count=100&startIndex=2'],
      ['GET /scim/v2/ServiceProviderConfig'],
      ['POST /scim/v2/Users', { schemas: [core], userName: 'ada@example.com' }],
    ],
    output: expect.objectContaining({ results: [{ ...createAda, outcome: 'changed' }] }),
  },
  {
    title: 'makes no second user if an earlier run created it',
    key: 'apply_sync',
    input: { plan: planText([createAda]) },
    answers: [{ body: listOf({ ...ada, meta: { created: '2026-05-13T04:43:00Z' } }) }],
    requests: [[byUserName]],
    output: expect.objectContaining({
      results: [{ ...createAda, outcome: 'unchanged', message: 'It is there already, as planned.' }],
    }),
  },
  {
    title: 'reads the three pages that a provider has about itself',
    key: 'discover_provider',
    input: {},
    answers: [
      { body: { patch: { supported: true } } },
      { body: [{ name: 'User' }] },
      { body: listOf({ id: core }) },
    ],
    requests: [
      ['GET /scim/v2/ServiceProviderConfig'],
      ['GET /scim/v2/ResourceTypes'],
      ['GET /scim/v2/Schemas'],
    ],
    output: {
      serviceProviderConfig: { patch: { supported: true } },
      resourceTypes: [{ name: 'User' }],
      schemas: [{ id: core }],
    },
  },
  {
    title: 'sends the given request, and returns the response unchanged',
    key: 'custom_request',
    input: {
      method: 'POST',
      path: '/Things',
      query: { a: 'b c', n: 1, yes: true },
      body: { any: ['thing', null] },
    },
    answers: [{ status: 202, headers: { 'x-more': '1', 'set-cookie': 'session=1' }, body: { ok: 1 } }],
    requests: [['POST /scim/v2/Things?a=b%20c&n=1&yes=true', { any: ['thing', null] }]],
    output: {
      status: 202,
      headers: { 'content-type': 'application/scim+json', 'x-more': '1' },
      body: { ok: 1 },
    },
  },
  {
    title: 'returns null for a body that is not there',
    key: 'custom_request',
    input: { method: 'DELETE', path: '/Things/1' },
    answers: [{ status: 204 }],
    requests: [['DELETE /scim/v2/Things/1']],
    output: { status: 204, headers: { 'content-type': 'application/scim+json' }, body: null },
  },
];
