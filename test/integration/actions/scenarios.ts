import { expect } from 'vitest';
import type { ActionTypes, Connector, UpsertUserInput, User } from '../../../runtime/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import type { Provider } from '../../support/providers.ts';

/** Runs one action against a provider that is empty at first, and looks whether it did what it says. */
export type Scenario = (connector: Connector, provider: Provider['name']) => Promise<void>;

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const workato = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';

const ada = {
  userName: 'ada@example.com',
  externalId: 'ext-ada',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  displayName: 'Ada Lovelace',
  emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
  active: true,
  title: 'Analyst',
  department: 'Engineering',
  workato_role: 'Analyst',
};
const byName = { user: { userName: ada.userName } };
const engineering = { group: { displayName: 'Engineering' } };

/** What `ada` becomes when it is read. */
const adaRead = {
  id: expect.stringMatching(/./),
  userName: 'ada@example.com',
  externalId: 'ext-ada',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  displayName: 'Ada Lovelace',
  emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
  active: true,
  title: 'Analyst',
  [enterprise]: { department: 'Engineering' },
  [workato]: { workato_role: 'Analyst' },
};

const createAda = ({ actions }: Connector): Promise<User> => actions.create_user(ada);

const readAda = ({ actions }: Connector): Promise<User> => actions.get_user(byName);

/** A scenario for every action of the manifest. */
export const scenarios: { readonly [Key in keyof ActionTypes]: Scenario } = {
  async create_user(connector) {
    const created = await createAda(connector);

    expect(created).toMatchObject(adaRead);
    expect(await connector.actions.get_user({ user: { id: created.id } })).toEqual(created);
    expect(await failureOf(createAda(connector))).toMatchObject({
      code: 'conflict',
      status: 409,
      attempts: 1,
    });
    expect((await connector.actions.search_users({ userName: ada.userName })).totalResults).toBe(1);
  },

  async get_user(connector) {
    const { id } = await createAda(connector);

    expect(await connector.actions.get_user({ user: { id } })).toMatchObject(adaRead);
    expect(await connector.actions.get_user({ user: { id }, attributes: ['title'] })).not.toHaveProperty(
      'emails',
    );
    expect(await connector.actions.get_user({ ...byName, excludedAttributes: ['title'] })).not.toHaveProperty(
      'title',
    );
    const missing = await failureOf(connector.actions.get_user({ user: { id: 'nobody' } }));
    expect(missing.code).toBe('not_found');
    expect(missing.message).toContain('No user matches id "nobody"');
  },

  async find_user(connector) {
    const { id } = await createAda(connector);

    for (const user of [{ id }, byName.user, { externalId: 'ext-ada' }, { email: 'ada@example.com' }])
      expect(await connector.actions.find_user({ user })).toMatchObject({ id });
    for (const user of [{ id: 'x' }, { userName: 'x' }, { externalId: 'x' }, { email: 'x' }])
      expect(await connector.actions.find_user({ user })).toBeNull();
  },

  async search_users(connector, provider) {
    await createAda(connector);
    await connector.actions.create_user({
      ...ada,
      userName: 'grace@example.com',
      externalId: 'ext-grace',
      active: false,
    });
    const found = async (input: ActionTypes['search_users']['input']) =>
      (await connector.actions.search_users(input)).resources.map(({ userName }) => userName).toSorted();

    expect(await found({ active: true, title: 'Analyst' })).toEqual(['ada@example.com']);
    expect(await found({ active: false })).toEqual(['grace@example.com']);
    expect(await found({ givenName: 'Ada', filter: 'userName sw "gra" or userName sw "nobody"' })).toEqual([
      'grace@example.com',
    ]);
    expect(await found({ title: 'Nobody' })).toEqual([]);
    expect(await connector.actions.search_users({ limit: 1, title: 'Analyst' })).toMatchObject({
      totalResults: 2,
      truncated: true,
      resources: [{}],
    });
    // scimmy finds no user by an attribute of an extension: see scimmy-limits.test.ts.
    if (provider === 'the sandbox')
      expect(await found({ active: true, department: 'engineering' })).toEqual(['ada@example.com']);
    const refused = await failureOf(connector.actions.search_users({ filter: 'userName like "a"' }));
    expect(refused).toMatchObject({ code: 'invalid_input', attempts: 0, problems: [{ path: 'filter' }] });
  },

  async update_user(connector) {
    await createAda(connector);
    const updated = await connector.actions.update_user({
      ...byName,
      title: 'Principal analyst',
      displayName: null,
      name: { familyName: 'King' },
      department: 'Research',
    });

    const { displayName: _, ...kept } = adaRead;
    const wanted = {
      ...kept,
      title: 'Principal analyst',
      name: { givenName: 'Ada', familyName: 'King' },
      [enterprise]: { department: 'Research' },
    };
    expect(updated).toMatchObject(wanted);
    expect(updated).not.toHaveProperty('displayName');
    expect(await readAda(connector)).toMatchObject(wanted);
    expect((await failureOf(connector.actions.update_user({ user: { id: 'x' }, title: 'y' }))).code).toBe(
      'not_found',
    );
  },

  async replace_user(connector) {
    const { id } = await createAda(connector);
    await connector.actions.replace_user({ ...byName, userName: ada.userName, title: 'Countess' });

    const read = await readAda(connector);
    expect(read).toMatchObject({ id, userName: ada.userName, title: 'Countess' });
    expect(read).not.toHaveProperty('displayName');
    expect(read[enterprise]).toBeUndefined();
    // What was read can be given back whole.
    const again = await connector.actions.replace_user({ user: { id }, ...read, userName: ada.userName });
    expect(again).toMatchObject({ id, title: 'Countess' });
  },

  async upsert_user(connector) {
    const { id } = await connector.actions.upsert_user(ada);
    const updated = await connector.actions.upsert_user({ userName: ada.userName, title: 'Countess' });

    expect(updated).toMatchObject({ ...adaRead, id, title: 'Countess' });
    const matchBy = 'externalId';
    const king = { userName: 'ada.king@example.com', externalId: 'ext-ada', matchBy } as const;
    expect(await connector.actions.upsert_user(king)).toMatchObject({ id, userName: king.userName });
    const missing = await failureOf(connector.actions.upsert_user({ userName: 'x@example.com', matchBy }));
    expect(missing).toMatchObject({ code: 'invalid_input', problems: [{ path: 'externalId' }] });
    const taken = await failureOf(connector.actions.upsert_user({ ...king, externalId: 'ext-other' }));
    expect(taken.code).toBe('conflict');
    expect(taken.message).toContain(`belongs to the user ${id}`);
    await connector.actions.upsert_user({ ...king, userName: ada.userName });
    expect((await connector.actions.search_users({ userName: ada.userName })).totalResults).toBe(1);
  },

  async deactivate_user(connector) {
    await createAda(connector);

    expect((await connector.actions.deactivate_user(byName)).active).toBe(false);
    expect(await readAda(connector)).toMatchObject({ ...adaRead, active: false });
  },

  async reactivate_user(connector) {
    await createAda(connector);
    await connector.actions.deactivate_user(byName);

    expect((await connector.actions.reactivate_user(byName)).active).toBe(true);
    expect(await readAda(connector)).toMatchObject(adaRead);
  },

  async delete_user(connector) {
    const { id } = await createAda(connector);

    expect(await connector.actions.delete_user(byName)).toEqual({ id, deleted: true, alreadyGone: false });
    expect(await connector.actions.delete_user({ user: { id } })).toEqual({
      id,
      deleted: true,
      alreadyGone: true,
    });
    expect(await connector.actions.delete_user(byName)).toEqual({
      id: null,
      deleted: true,
      alreadyGone: true,
    });
    expect(await connector.actions.find_user(byName)).toBeNull();
  },

  async set_workato_role(connector) {
    await createAda(connector);
    await connector.actions.set_workato_role({ ...byName, role: 'Operator' });
    await connector.actions.set_workato_role({ ...byName, environment: 'test', role: 'Admin' });
    await connector.actions.set_workato_role({ ...byName, environment: 'prod', role: 'NoAccess' });

    const roles = { workato_role: 'Operator', workato_role_test: 'Admin', workato_role_prod: 'NoAccess' };
    expect(await readAda(connector)).toMatchObject({ ...adaRead, [workato]: roles });
  },

  async set_user_manager(connector) {
    const { id: value } = await connector.actions.create_user({ userName: 'grace@example.com' });
    await createAda(connector);
    const manager = { userName: 'grace@example.com' };
    await connector.actions.set_user_manager({ ...byName, manager });

    const { [enterprise]: shown } = await readAda(connector);
    expect(shown).toMatchObject({ department: 'Engineering', manager: { value } });
    const nobody = { ...byName, manager: { userName: 'nobody@example.com' } };
    expect(await failureOf(() => connector.actions.set_user_manager(nobody))).toMatchObject({
      code: 'not_found',
    });
    expect((await readAda(connector))[enterprise]).toEqual(shown);
  },

  async create_group(connector) {
    const { id: value } = await createAda(connector);
    const created = await connector.actions.create_group({
      displayName: 'Engineering',
      members: [{ value }],
    });

    expect(created).toMatchObject({ displayName: 'Engineering', members: [{ value }] });
    expect(await connector.actions.get_group({ group: { id: created.id } })).toMatchObject({
      id: created.id,
    });
  },

  async get_group(connector) {
    const { id } = await connector.actions.create_group({ displayName: 'Engineering' });

    expect(await connector.actions.get_group({ group: { id } })).toMatchObject({
      displayName: 'Engineering',
    });
    expect(await connector.actions.get_group(engineering)).toMatchObject({ id });
    expect((await failureOf(connector.actions.get_group({ group: { displayName: 'None' } }))).code).toBe(
      'not_found',
    );
  },

  async search_groups(connector) {
    const { id: value } = await createAda(connector);
    const { id } = await connector.actions.create_group({ displayName: 'Engineering', members: [{ value }] });

    const byMember = await connector.actions.search_groups({ member: value });
    expect(byMember.resources).toMatchObject([{ id, displayName: 'Engineering' }]);
    expect((await connector.actions.search_groups({ displayName: 'None' })).totalResults).toBe(0);
  },

  async update_group(connector) {
    const { id: value } = await createAda(connector);
    const { id } = await connector.actions.create_group({ displayName: 'Engineering', members: [{ value }] });
    const updated = await connector.actions.update_group({ ...engineering, displayName: 'Platform' });

    expect(updated).toMatchObject({ id, displayName: 'Platform', members: [{ value }] });
    const emptied = await connector.actions.update_group({ group: { id }, members: [] });
    expect(emptied.members ?? []).toEqual([]);
  },

  async delete_group(connector) {
    const { id: value } = await createAda(connector);
    const { id } = await connector.actions.create_group({ displayName: 'Engineering', members: [{ value }] });

    expect(await connector.actions.delete_group(engineering)).toEqual({
      id,
      deleted: true,
      alreadyGone: false,
    });
    expect(await connector.actions.delete_group({ group: { id } })).toMatchObject({ alreadyGone: true });
    expect(await readAda(connector)).toMatchObject({ id: value });
  },

  async add_group_members(connector, provider) {
    const { id: value } = await createAda(connector);
    const { id } = await connector.actions.create_group({ displayName: 'Engineering' });
    const members = [byName.user, { externalId: 'ext-ada' }, { id: value }];

    const added = await connector.actions.add_group_members({ ...engineering, members });
    await connector.actions.add_group_members({ ...engineering, members });

    expect(added).toEqual({ id, members: [{ value }], requests: 1 });
    // scimmy adds who is in it once more: see scimmy-limits.test.ts.
    const seen = provider === 'the sandbox' ? [{ value }] : [{ value }, { value }];
    expect((await connector.actions.get_group({ group: { id } })).members).toMatchObject(seen);
    const missing = await failureOf(
      connector.actions.add_group_members({ ...engineering, members: [{ userName: 'x' }] }),
    );
    expect(missing).toMatchObject({ code: 'not_found' });
    expect(missing.message).toContain('No members were changed');
  },

  async remove_group_members(connector) {
    const { id: adaId } = await createAda(connector);
    const { id: graceId } = await connector.actions.create_user({ userName: 'grace@example.com' });
    const { id } = await connector.actions.create_group({
      displayName: 'Engineering',
      members: [{ value: adaId }, { value: graceId }],
    });

    await connector.actions.remove_group_members({ ...engineering, members: [byName.user] });
    await connector.actions.remove_group_members({ ...engineering, members: [{ id: adaId }] });

    expect((await connector.actions.get_group({ group: { id } })).members).toMatchObject([
      { value: graceId },
    ]);
  },

  async rename_user(connector) {
    const { id } = await createAda(connector);
    const { id: graceId } = await connector.actions.create_user({ userName: 'grace@example.com' });
    const rename = (newUserName: string) =>
      connector.actions.rename_user({ user: { externalId: 'ext-ada' }, newUserName });

    expect(await rename('ada.king@example.com')).toMatchObject({
      ...adaRead,
      id,
      userName: 'ada.king@example.com',
    });
    expect(await connector.actions.find_user(byName)).toBeNull();
    expect((await rename('ada.king@example.com')).id).toBe(id);
    const taken = await failureOf(rename('grace@example.com'));
    expect(taken).toMatchObject({ code: 'conflict', status: 409 });
    expect(taken.message).toContain(`The userName "grace@example.com" belongs to the user ${graceId}.`);
    expect(await connector.actions.get_user({ user: { id } })).toMatchObject({
      userName: 'ada.king@example.com',
    });
  },

  async offboard_user(connector, provider) {
    const { id: value } = await createAda(connector);
    const { id: graceId } = await connector.actions.create_user({ userName: 'grace@example.com' });
    const members = [{ value }, { value: graceId }];
    const { id } = await connector.actions.create_group({ displayName: 'Engineering', members });
    const offboard = (input: object = {}) =>
      connector.actions.offboard_user({ user: { id: value }, ...input });

    const none = await failureOf(offboard({ deactivate: false, leaveGroups: false, removeRoles: false }));
    expect(none.code).toBe('invalid_input');
    expect(await offboard({ leaveGroups: false, removeRoles: false })).toEqual({
      id: value,
      wasDeleted: false,
      steps: [
        {
          step: 'deactivate',
          outcome: 'done',
          attributes: [{ path: 'active', from: true, to: false }],
        },
      ],
    });
    const { steps } = await offboard();
    expect(steps).toMatchObject([
      { step: 'deactivate', outcome: 'unchanged' },
      { step: 'leaveGroups', outcome: 'done', groups: [{ value: id, display: 'Engineering' }] },
      { step: 'removeRoles', outcome: 'done' },
    ]);
    expect((await connector.actions.get_group_members(engineering)).members).toMatchObject([
      { value: graceId },
    ]);
    const read = await connector.actions.get_user({ user: { id: value } });
    const roles = { workato_role: 'NoAccess', workato_role_test: 'NoAccess', workato_role_prod: 'NoAccess' };
    expect(read).toMatchObject({ active: false, [workato]: roles });
    if (provider === 'the sandbox')
      expect((await offboard()).steps.map(({ outcome }) => outcome)).toEqual([
        'unchanged',
        'unchanged',
        'unchanged',
      ]);
    expect((await failureOf(connector.actions.offboard_user({ user: { id: 'nobody' } }))).code).toBe(
      'not_found',
    );
  },

  async get_user_groups(connector, provider) {
    const { id: value } = await createAda(connector);
    const { id: graceId } = await connector.actions.create_user({ userName: 'grace@example.com' });
    const { id } = await connector.actions.create_group({ displayName: 'Engineering', members: [{ value }] });
    await connector.actions.create_group({ displayName: 'Sales', members: [{ value: graceId }] });

    // scimmy knows no groups of a user, and shows the members of groups.
    const evidence = provider === 'the sandbox' ? 'user' : expect.stringMatching(/^(filter|list)$/);
    const found = await connector.actions.get_user_groups(byName);
    expect(found).toEqual({
      id: value,
      groups: [{ value: id, display: 'Engineering', type: 'direct' }],
      evidence,
    });
    await connector.actions.remove_group_members({ group: { id }, members: [byName.user] });
    expect(await connector.actions.get_user_groups({ user: { id: value } })).toEqual({
      id: value,
      groups: [],
      evidence,
    });
    const nobody = await failureOf(connector.actions.get_user_groups({ user: { id: 'nobody' } }));
    expect(nobody.code).toBe('not_found');
  },

  async set_group_members(connector) {
    const { id: adaId } = await createAda(connector);
    const { id: graceId } = await connector.actions.create_user({ userName: 'grace@example.com' });
    const { id: hedyId } = await connector.actions.create_user({ userName: 'hedy@example.com' });
    const members = [{ value: adaId }, { value: graceId }];
    const { id } = await connector.actions.create_group({ displayName: 'Engineering', members });
    const setTo = (...ids: readonly string[]) =>
      connector.actions.set_group_members({ ...engineering, members: ids.map((one) => ({ id: one })) });

    expect(await setTo(graceId, hedyId)).toEqual({
      id,
      added: [{ value: hedyId }],
      removed: [{ value: adaId }],
      unchanged: 1,
      requests: 2,
    });
    expect(await setTo(hedyId, graceId, hedyId)).toEqual({
      id,
      added: [],
      removed: [],
      unchanged: 2,
      requests: 0,
    });
    const refused = await failureOf(setTo());
    expect(refused).toMatchObject({ code: 'invalid_input', problems: [{ path: 'members' }] });
    expect((await connector.actions.get_group_members(engineering)).members).toHaveLength(2);
    // Someone must be in a group, so that an empty one is not one that hides its members.
    await connector.actions.create_group({ displayName: 'Sales', members });
    expect(await connector.actions.set_group_members({ ...engineering, allowEmpty: true })).toMatchObject({
      added: [],
      removed: [{}, {}],
      unchanged: 0,
    });
    expect((await connector.actions.get_group_members(engineering)).members).toEqual([]);
  },

  async get_group_members(connector) {
    const { id: value } = await createAda(connector);
    const { id } = await connector.actions.create_group({ displayName: 'Engineering', members: [{ value }] });
    const { id: emptyId } = await connector.actions.create_group({ displayName: 'Empty' });

    expect(await connector.actions.get_group_members(engineering)).toMatchObject({
      id,
      members: [{ value }],
      truncated: false,
    });
    expect(await connector.actions.get_group_members({ group: { id: emptyId } })).toEqual({
      id: emptyId,
      members: [],
      truncated: false,
    });
    const none = await failureOf(connector.actions.get_group_members({ group: { id: 'none' } }));
    expect(none.code).toBe('not_found');
  },

  async bulk_users(connector) {
    await createAda(connector);
    const rows: readonly unknown[] = [
      { userName: ada.userName, title: 'Countess' },
      { userName: 'grace@example.com', title: 'Admiral' },
      { title: 'Nobody' },
      { userName: 'hedy@example.com', active: 'yes' },
    ];
    const output = await connector.actions.bulk_users({ rows: rows as UpsertUserInput[] });

    expect(output).toMatchObject({ succeeded: 2, failed: 2 });
    expect(output.results).toMatchObject([
      { row: 1, user: 'ada@example.com', ok: true },
      { row: 2, user: 'grace@example.com', ok: true },
      { row: 3, ok: false, error: { code: 'invalid_input' } },
      { row: 4, user: 'hedy@example.com', ok: false, error: { code: 'invalid_input' } },
    ]);
    expect(await readAda(connector)).toMatchObject({ ...adaRead, title: 'Countess' });
    expect(await connector.actions.find_user({ user: { userName: 'grace@example.com' } })).toMatchObject({
      title: 'Admiral',
    });
    const gone = await connector.actions.bulk_users({
      action: 'delete_user',
      rows: [
        { user: byName.user },
        { user: { userName: 'grace@example.com' } },
        { user: { userName: 'nobody' } },
      ],
    });
    expect(gone).toMatchObject({ succeeded: 3, failed: 0 });
    expect(await connector.actions.find_user(byName)).toBeNull();
  },

  async plan_sync(connector) {
    const { id } = await createAda(connector);
    const grace = { userName: 'grace@example.com', externalId: 'ext-grace' };
    await connector.actions.create_user({ ...grace, active: true });
    const desired = { users: [{ ...byName.user, title: 'Countess' }, { userName: 'hedy@example.com' }] };

    const owned = await connector.actions.plan_sync({ ...desired, ownedBy: 'externalId:ext-' });

    expect(owned).toMatchObject({ changes: [{ kind: 'deactivate' }], problems: [{ rows: [1, 2] }] });
    const free = await connector.actions.plan_sync(desired);
    expect(free.counts).toMatchObject({ create: 1, update: 1, deactivate: 0 });
    expect(free.changes).toMatchObject([
      {
        kind: 'update',
        user: { id },
        row: 1,
        attributes: [{ path: 'title', from: 'Analyst', to: 'Countess' }],
      },
      { kind: 'create', row: 2 },
    ]);
    expect(await readAda(connector)).toMatchObject(adaRead);
    const wrong = await failureOf(connector.actions.plan_sync({ ...desired, ownedBy: 'hr' }));
    expect(wrong).toMatchObject({ code: 'invalid_input', problems: [{ path: 'ownedBy' }] });
  },

  async apply_sync(connector) {
    await createAda(connector);
    const grace = { userName: 'grace@example.com', externalId: 'ext-grace' };
    await connector.actions.create_user({ ...grace, active: true });
    const { plan, holds } = await connector.actions.plan_sync({
      users: [{ ...byName.user, externalId: 'ext-ada', title: 'Countess' }],
      ownedBy: 'externalId:ext-',
      safetyLimit: 0,
    });
    const [hold] = holds;

    const failed = await failureOf(connector.actions.apply_sync({ plan }));
    expect(failed.code).toBe('mass_change_blocked');
    expect(failed.message).toContain('Held by the safeguard: 1 of 2 changes.');
    expect(failed.message).toContain('grace@example.com (deactivate)');
    expect(failed.message).toContain(hold?.id);
    // The changes that are not held have been made.
    expect(await readAda(connector)).toMatchObject({ ...adaRead, title: 'Countess' });
    const made = await connector.actions.apply_sync({ plan, approve: [hold?.id ?? ''] });
    expect(made.counts).toMatchObject({ changed: 1, unchanged: 1, held: 0 });
    expect(made.results.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['update', 'unchanged'],
      ['deactivate', 'changed'],
    ]);
    const user = await connector.actions.get_user({ user: { userName: grace.userName } });
    expect(user.active).toBe(false);
    const edited = await failureOf(connector.actions.apply_sync({ plan: plan.replace('Countess', 'Admin') }));
    expect(edited).toMatchObject({ code: 'invalid_input', problems: [{ path: 'plan' }] });
    const broken = await failureOf(connector.actions.apply_sync({ plan: '{' }));
    expect(broken).toMatchObject({ code: 'invalid_input', problems: [{ path: 'plan' }] });
  },

  async discover_provider(connector) {
    const { serviceProviderConfig, resourceTypes, schemas } = await connector.actions.discover_provider({});

    expect(serviceProviderConfig).toMatchObject({ patch: { supported: true }, filter: { supported: true } });
    expect(resourceTypes.map(({ name }) => name)).toEqual(expect.arrayContaining(['User', 'Group']));
    expect(schemas.map(({ id }) => id)).toContain(workato);
  },

  async custom_request(connector) {
    const { id } = await createAda(connector);

    const read = await connector.actions.custom_request({
      path: `/Users/${id}`,
      query: { attributes: 'title' },
    });
    expect(read).toMatchObject({ status: 200, body: { id, title: 'Analyst' } });
    const gone = await connector.actions.custom_request({ method: 'DELETE', path: `/Users/${id}` });
    expect(gone).toMatchObject({ status: 204, body: null });
    const none = await failureOf(connector.actions.custom_request({ path: '/Nothing' }));
    expect(none).toMatchObject({ code: 'not_found', status: 404 });
  },
};
