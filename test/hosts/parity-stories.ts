import type { Connector } from '../../runtime/index.ts';

/** Runs a step by its key, or its dry run. */
type Run = (
  key: string,
  input: Readonly<Record<string, unknown>>,
  options?: { readonly dryRun: true },
) => Promise<unknown>;

/** A story, run in a host and in the library; the results of its steps are compared. */
export type Story = (run: Run, world: Connector) => Promise<void>;

const ada = { userName: 'ada@example.com' };
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const idOf = async ({ actions }: Connector, userName: string): Promise<string> =>
  (await actions.get_user({ user: { userName } })).id;

/** Those whom the samples of the manifest speak of. */
export async function populate({ actions }: Connector): Promise<void> {
  const { id } = await actions.create_user({
    userName: 'ada@example.com',
    externalId: '00u1a2b3c4d5E6F7g8h9',
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
    department: 'Engineering',
    workato_role: 'Operator',
  });
  const grace = await actions.create_user({ userName: 'grace@example.com', active: false });
  // A group without any members may be one that hides them.
  const members = [{ value: id }, { value: grace.id }];
  await actions.create_group({ displayName: 'Engineering', members });
}

/** What both sides must do alike, beyond the samples: `ada`, `grace` (inactive) and `Engineering` are there. */
export const parityStories: Readonly<Record<string, Story>> = {
  async 'every way to name a user'(run, world) {
    const id = await idOf(world, ada.userName);
    for (const user of [{ id }, ada, { externalId: '00u1a2b3c4d5E6F7g8h9' }, { email: 'ada@example.com' }])
      await run('get_user', { user });
    for (const user of [
      { id: 'nobody' },
      { id: '..' },
      { userName: 'x "y" \\ z' },
      { externalId: 'ß/?#' },
      { email: 'x' },
    ]) {
      await run('find_user', { user });
      await run('get_user', { user });
    }
  },
  async 'names that fit two'(run, world) {
    await world.actions.create_group({ displayName: 'Engineering' });
    await run('get_group', { group: { displayName: 'engineering' } });
    await run('update_group', { group: { displayName: 'Engineering' }, externalId: 'x' });
  },
  async 'names of fields that do not exist'(run) {
    for (const name of ['user_nam', 'titel', 'dept', 'disp', 'zone', 'name', 'salary', 'i'])
      await run('create_user', { userName: 'new@example.com', [name]: 'x' });
  },
  async 'dry runs'(run, world) {
    const id = await idOf(world, ada.userName);
    const grace = await idOf(world, 'grace@example.com');
    const dryRun = { dryRun: true } as const;
    const patch = (operations: readonly object[]) => ({
      method: 'PATCH',
      path: `/Users/${id}`,
      body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations },
    });
    for (const [key, input] of [
      ['create_user', { userName: 'ADA@example.com' }],
      ['create_user', { userName: 'new@example.com', password: 'correct horse', name: { givenName: 'New' } }],
      ['update_user', { user: ada, password: 'correct horse', name: { familyName: 'Byron' } }],
      ['update_user', { user: { id }, title: 'Manager', department: 'Engineering', emails: [] }],
      ['replace_user', { user: { id }, userName: 'ada@example.com', title: 'Manager' }],
      ['deactivate_user', { user: { id: 'nobody' } }],
      ['delete_user', { user: { id: 'nobody' } }],
      ['delete_user', { user: ada }],
      ['set_user_manager', { user: ada, manager: { userName: 'grace@example.com' } }],
      ['update_group', { group: { displayName: 'Engineering' }, members: [{ value: grace }] }],
      ['add_group_members', { group: { displayName: 'Engineering' }, members: [{ id }, { id: grace }] }],
      ['remove_group_members', { group: { displayName: 'Engineering' }, members: [{ id }, { id: grace }] }],
      [
        'create_group',
        { displayName: 'All', members: Array.from({ length: 101 }, (_, at) => ({ value: `u${at}` })) },
      ],
      [
        'bulk_users',
        {
          rows: [
            { userName: 'one@example.com' },
            { userName: 'ada@example.com', title: 'Manager' },
            { userName: 'ONE@example.com', title: 'Analyst' },
          ],
        },
      ],
      [
        'bulk_users',
        {
          action: 'deactivate_user',
          rows: [
            { userName: 'ada@example.com' },
            { userName: 'nobody' },
            { userName: 'ada@example.com' },
            {},
          ],
        },
      ],
      ['custom_request', { method: 'POST', path: '/Reports', query: { year: 2026 }, body: { a: [1] } }],
      ['custom_request', { method: 'GET', path: '/Users', query: { count: 1 } }],
      ['custom_request', { method: 'POST', path: '/Users/.search', body: { count: 1 } }],
      ['custom_request', patch([{ op: 'Replace', value: { title: 'Manager', unknown: 'x' } }])],
      ['custom_request', patch([{ op: 'remove', path: 'userName' }])],
      ['custom_request', patch([{ op: 'replace', path: 'groups', value: [] }])],
      ['custom_request', patch([])],
    ] as const)
      await run(key, input, dryRun);
  },
  async projections(run) {
    await run('get_user', { user: ada, attributes: ['userName', 'name.givenName'] });
    await run('search_users', { attributes: ['userName'], excludedAttributes: ['groups'] });
    await run('get_group', { group: { displayName: 'Engineering' }, excludedAttributes: ['members'] });
  },
  async searches(run) {
    await run('search_users', { active: true });
    await run('search_users', { active: false, limit: 1 });
    await run('search_users', { limit: 1 });
    await run('search_users', { pageSize: 1 });
    await run('search_users', { email: 'ADA@example.com', givenName: 'Ada' });
    await run('search_users', { workato_role: 'operator' });
    await run('search_users', { department: 'engineering', filter: 'userName sw "a" or title pr' });
    await run('search_users', { filter: `userName co "${'x'.repeat(2_100)}" or userName pr` });
    await run('search_users', { sortBy: 'userName', sortOrder: 'descending' });
    await run('search_groups', { displayName: 'Engineering' });
  },
  async 'invalid filters'(run) {
    const filters = [
      'userName like "a"',
      'userName eq',
      '(userName pr',
      'not userName pr',
      'emails[type eq "work"',
      '',
      'userName eq "a" and',
      'userName eq "a\\q"',
      '1 eq 2',
      'a.b.c pr',
      'emails[type eq "work"].value co "@" x',
      `${'('.repeat(70)}userName pr${')'.repeat(70)}`,
    ];
    for (const filter of filters) await run('search_users', { filter });
    for (const filter of [
      'emails[type eq "work"]',
      'not (active eq false)',
      'name.givenName eq "Ada" AND active EQ true',
      'meta.created gt "2020-01-01T00:00:00Z"',
    ])
      await run('search_users', { filter });
  },
  async changes(run, world) {
    const id = await idOf(world, ada.userName);
    await run('update_user', {
      user: { id },
      title: 'Countess',
      name: { familyName: 'King' },
      department: null,
    });
    await run('update_user', { user: ada, [enterprise]: { department: 'Research', costCenter: '4130' } });
    await run('update_user', {
      user: ada,
      phoneNumbers: [{ value: '1', type: 'work' }],
      externalId: null,
      emails: [],
    });
    await run('update_user', { user: ada });
    await run('update_user', { user: ada, department: 'a', [enterprise]: { department: 'b' } });
    await run('update_user', { user: ada, title: 'x', ifVersion: 'W/"0"' });
    await run('update_user', { user: ada, title: 'x', ifVersion: 'a\nb' });
    await run('update_user', { user: { id: 'nobody' }, title: 'x' });
    await run('replace_user', { user: ada, ...ada, title: 'Countess' });
    await run('replace_user', { user: { id }, ...(await world.actions.get_user({ user: { id } })), ...ada });
    await run('upsert_user', { ...ada, title: 'Countess' });
    await run('upsert_user', { ...ada, title: 'Analyst', emails: [{ value: 'a@b.c' }] });
    await run('deactivate_user', { user: ada, ifVersion: 'W/"0"' });
    await run('search_users', {});
  },
  async 'matches by external ID'(run) {
    const matchBy = 'externalId';
    const externalId = '00u1a2b3c4d5E6F7g8h9';
    await run('upsert_user', { userName: 'king@example.com', externalId, matchBy, title: 'Countess' });
    await run('upsert_user', { userName: 'king@example.com', externalId, matchBy, title: 'Countess' });
    await run('upsert_user', { userName: 'grace@example.com', externalId, matchBy });
    await run('upsert_user', { userName: 'grace@example.com', externalId: 'other', matchBy });
    await run('upsert_user', { userName: 'new@example.com', externalId: 'new', matchBy });
    await run('upsert_user', { userName: 'new@example.com', matchBy });
    await run('upsert_user', { userName: 'new@example.com', matchBy: 'title' });
    await run('create_user', { userName: 'twin@example.com', externalId });
    await run('upsert_user', { userName: 'king@example.com', externalId, matchBy });
    await run('bulk_users', {
      rows: [
        { userName: 'newer@example.com', externalId: 'new', matchBy },
        { userName: 'newest@example.com', externalId: 'new', matchBy },
        { userName: 'last@example.com', externalId, matchBy },
      ],
    });
    await run('search_users', {});
  },
  async renames(run, world) {
    const id = await idOf(world, ada.userName);
    for (const newUserName of ['king@example.com', 'king@example.com', 'grace@example.com', ''])
      await run('rename_user', { user: { externalId: '00u1a2b3c4d5E6F7g8h9' }, newUserName });
    await run('rename_user', { user: { id }, newUserName: 'ada@example.com' });
    await run('rename_user', { user: { id: 'nobody' }, newUserName: 'x@example.com' });
    await run('update_user', { user: { id }, userName: 'grace@example.com' });
    await run('replace_user', { user: { id }, userName: 'grace@example.com' });
    await run('search_users', {});
  },
  async offboarding(run) {
    const group = { displayName: 'Engineering' };
    const none = { deactivate: false, leaveGroups: false, removeRoles: false };
    await run('add_group_members', { group, members: [ada, { userName: 'grace@example.com' }] });
    await run('set_workato_role', { user: ada, environment: 'prod', role: 'Admin' });
    await run('offboard_user', { user: ada, ...none });
    await run('offboard_user', { user: ada, ...none, removeRoles: true });
    await run('offboard_user', { user: ada, removeRoles: false });
    for (const user of [ada, ada, { userName: 'grace@example.com' }, { id: 'nobody' }])
      await run('offboard_user', { user });
    const crew = { userName: 'crew@example.com' };
    await run('create_user', crew);
    // One member stays in the group, so that it shows members.
    await run('add_group_members', { group, members: [ada, { userName: 'grace@example.com' }, crew] });
    const rows = [
      { ...ada, removeRoles: false },
      { userName: 'nobody' },
      { user: { userName: 'grace@example.com' } },
    ];
    for (const _ of ['first', 'again']) await run('bulk_users', { action: 'offboard_user', rows });
    await run('search_users', {});
    await run('search_groups', {});
  },
  async roles(run) {
    for (const environment of [undefined, 'dev', 'test', 'prod', 'moon'])
      await run('set_workato_role', { user: ada, role: 'Admin', ...(environment && { environment }) });
    await run('set_workato_role', { user: ada, role: 'nobody knows this' });
    await run('create_user', { userName: 'r@example.com', workato_role_prod: 'NoAccess' });
    await run('search_users', {});
  },
  async managers(run, world) {
    await run('create_user', { userName: 'boss@example.com', externalId: 'e-boss' });
    const { id } = await world.actions.get_user({ user: { userName: 'boss@example.com' } });
    for (const manager of [{ id }, { userName: 'boss@example.com' }, { externalId: 'e-boss' }])
      await run('set_user_manager', { user: ada, manager });
    await run('set_user_manager', { user: ada, manager: { userName: 'nobody@example.com' } });
    await run('set_user_manager', { user: ada, manager: {} });
    await run('set_user_manager', { user: ada });
    await run('set_user_manager', { user: { userName: 'nobody@example.com' }, manager: { id } });
    await run('search_users', {});
  },
  async 'inputs that are wrong'(run) {
    await run('create_user', {});
    await run('create_user', { userName: '' });
    await run('create_user', { usrName: 'x', userName: 'x@example.com' });
    await run('create_user', { userName: 'x@example.com', active: 'yes', emails: 'x' });
    await run('create_user', { userName: 'x@example.com', emails: [{ value: '', kind: 'x' }], name: [] });
    await run('create_user', { userName: null });
    await run('get_user', {});
    await run('get_user', { user: {} });
    await run('get_user', { user: { id: '1', userName: '2' } });
    await run('get_user', { user: 'ada' });
    await run('search_users', { limit: 0, pageSize: 10_001, sortOrder: 'up' });
    await run('search_users', { limit: 1.5 });
    await run('add_group_members', { group: { displayName: 'Engineering' }, members: [] });
    await run('bulk_users', { rows: [] });
    await run('bulk_users', { action: 'create_group', rows: [{}] });
  },
  async 'groups and members'(run, world) {
    const group = { displayName: 'Engineering' };
    const adaId = await idOf(world, ada.userName);
    await run('add_group_members', {
      group,
      members: [ada, { userName: 'grace@example.com' }, { id: adaId }],
    });
    await run('add_group_members', { group, members: [{ userName: 'x' }, { email: 'y' }, ada] });
    await run('remove_group_members', { group, members: [ada] });
    await run('remove_group_members', { group: { displayName: 'None' }, members: [ada] });
    await run('update_group', { group, members: [{ value: adaId }] });
    await run('update_group', { group, members: [] });
    await run('create_group', { displayName: 'Engineering' });
    await run('delete_group', { group: { id: 'nothing' } });
    await run('search_groups', { member: adaId });
    await run('set_group_members', { group, members: [] });
    await run('set_group_members', { group });
    await run('set_group_members', { group, members: [ada, { userName: 'nobody' }] });
    await run('set_group_members', { group, members: [ada, { userName: 'grace@example.com' }, ada] });
    await run('set_group_members', { group, members: [{ userName: 'grace@example.com' }] });
    await run('set_group_members', { group, allowEmpty: true });
    await run('get_group_members', { group });
    await run('get_group_members', { group: { id: 'nothing' } });
    for (const user of [ada, { userName: 'grace@example.com' }, { id: 'nobody' }])
      await run('get_user_groups', { user });
    await run('search_groups', {});
  },
  async 'many rows'(run, world) {
    const id = await idOf(world, 'grace@example.com');
    await run('bulk_users', {
      rows: [
        { ...ada, title: 'Countess' },
        { userName: 'new@example.com' },
        { title: 'Nobody' },
        { userName: 'x', active: 'no' },
        { userName: 'new@example.com', title: 'Second' },
      ],
    });
    await run('bulk_users', {
      action: 'create_user',
      rows: [ada, { userName: 'n2@example.com' }, { userName: 'n3@example.com' }],
    });
    await run('bulk_users', {
      action: 'update_user',
      rows: [
        { user: { id }, title: 'a' },
        { user: ada, title: 'b' },
        { user: { userName: 'x' }, title: 'c' },
        { user: ada },
      ],
    });
    await run('bulk_users', {
      action: 'deactivate_user',
      rows: [{ user: ada }, { user: { id } }, { user: { id: 'gone' } }],
    });
    await run('bulk_users', {
      action: 'set_workato_role',
      rows: [
        { user: ada, role: 'Admin' },
        { user: { id }, role: 'Operator', environment: 'prod' },
      ],
    });
    await run('bulk_users', {
      action: 'update_user',
      rows: [
        { ...ada, title: 'flat' },
        { id, userName: 'grace.hopper@example.com' },
        { id: '', userName: 'new@example.com', title: 'flat' },
        { email: 'nobody@example.com', title: 'flat' },
        { title: 'flat' },
        { user: ada, userName: ['x'] },
      ],
    });
    await run('bulk_users', {
      action: 'set_workato_role',
      rows: [
        { ...ada, role: 'Admin' },
        { id, userName: 'x' },
      ],
    });
    await run('bulk_users', {
      action: 'delete_user',
      rows: [{ user: ada }, { id }, { user: { id: 'gone' } }, ada],
    });
    await run('search_users', {});
  },
  async 'requests of any kind'(run, world) {
    const id = await idOf(world, ada.userName);
    await run('custom_request', { path: `/Users/${id}`, query: { attributes: 'title,userName' } });
    await run('custom_request', {
      method: 'POST',
      path: '/Users',
      body: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'c@example.com' },
    });
    await run('custom_request', { method: 'DELETE', path: `/Users/${id}` });
    for (const path of [
      '/Nothing',
      'Users',
      '//example.com/Users',
      '/Users?x=1',
      '/Users#x',
      '/../../admin',
      '/%2e%2e/%2E%2e/admin',
      '/Users\\x',
    ])
      await run('custom_request', { path });
    await run('custom_request', { path: '/Users', query: { filter: { a: 1 }, count: 1 } });
    await run('custom_request', { method: 'HEAD', path: '/Users' });
    await run('custom_request', {
      path: '/Users',
      query: { count: 0, startIndex: '1', filter: 'userName eq "a b+c&d"' },
    });
  },
};
