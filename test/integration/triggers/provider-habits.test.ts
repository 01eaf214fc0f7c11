import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureOf } from '../../support/failure-of.ts';
import { type Directory, type DirectoryHabits, startDirectory } from '../../support/start-directory.ts';

// No wait between two attempts takes time.
vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

let directory: Directory;

beforeEach(async () => {
  directory = await startDirectory();
});

afterEach(async () => {
  await directory.close();
  vi.useRealTimers();
});

function addUsers(count: number): void {
  for (let number = 1; number <= count; number += 1) directory.setUser(`u${number}`);
}

const warnings = (): readonly string[] =>
  directory.logged.filter(({ level }) => level === 'warn').map(({ event }) => event);

describe('a group whose members the list hides', () => {
  const hiding = (shown: (group: object) => object): DirectoryHabits => ({
    listed: (resources, kind) => (kind === 'Groups' ? resources.map(shown) : resources),
  });

  it.each([
    ['leaves out', hiding(({ members: _, ...group }: { members?: unknown }) => group)],
    ['empties', hiding((group) => ({ ...group, members: [] }))],
    [
      'cuts after 2',
      hiding((group) => ({ ...group, members: (group as { members: unknown[] }).members.slice(0, 2) })),
    ],
  ])('is read by ID when the list %s them', async (_, habits) => {
    directory.habits = habits;
    directory.setGroup('admins', ['u1', 'u2', 'u3']);
    directory.setGroup('empty', []);
    expect(await directory.poll('group_membership_changed')).toEqual([]);
    directory.setGroup('admins', ['u1', 'u3']);
    expect(await directory.poll('group_membership_changed')).toEqual(['patch admins']);
    expect(directory.events[0]?.changes).toMatchObject([{ path: 'members[value eq "u2"]', to: null }]);
    directory.setGroup('admins', ['u1', 'u3', 'u4']);
    expect(await directory.poll('group_membership_changed')).toEqual(['patch admins']);
    expect(await directory.poll('group_membership_changed')).toEqual([]);
    expect(directory.logged.filter(({ event }) => event === 'members_read_by_id')).toHaveLength(1);
  });

  it('reports members that join a group which was empty at the first poll', async () => {
    directory.habits = hiding(({ members: _, ...group }: { members?: unknown }) => group);
    directory.setGroup('admins', []);
    await directory.poll('group_membership_changed');
    expect(warnings()).toEqual(['members_not_shown']);
    directory.setGroup('admins', ['u1']);
    expect(await directory.poll('group_membership_changed')).toEqual(['patch admins']);
  });

  it('is logged once when no members are shown anywhere', async () => {
    directory.habits = {
      listed: (resources) => resources.map((group) => ({ ...group, members: [] })),
      byId: (group) => (group === undefined ? undefined : { body: { ...group, members: [] } }),
    };
    directory.setGroup('admins', ['u1']);
    for (let poll = 0; poll < 3; poll += 1) await directory.poll('group_membership_changed');
    expect(warnings()).toEqual(['members_not_shown']);
  });

  it('keeps its members when it is listed empty for one poll', async () => {
    directory.setGroup('admins', ['u1', 'u2']);
    await directory.poll('group_membership_changed');
    directory.habits = hiding((group) => ({ ...group, members: [] }));
    expect(await directory.poll('group_membership_changed')).toEqual([]);
    directory.setGroup('admins', []);
    expect(await directory.poll('group_membership_changed')).toEqual(['patch admins']);
  });

  it('keeps its members while it cannot be read by ID, and the events of other groups come', async () => {
    directory.habits = hiding(({ members: _, ...group }: { members?: unknown }) => group);
    directory.setGroup('admins', ['u1', 'u2']);
    directory.setGroup('staff', ['u1']);
    await directory.poll('group_membership_changed');
    directory.habits = {
      ...directory.habits,
      byId: (_, id) => (id === 'admins' ? { status: 403, body: { detail: 'No' } } : undefined),
    };
    directory.setGroup('admins', ['u1']);
    directory.setGroup('staff', ['u1', 'u2']);
    expect(await directory.poll('group_membership_changed')).toEqual(['patch staff']);
    const { byId: _, ...readable } = directory.habits;
    directory.habits = readable;
    expect(await directory.poll('group_membership_changed')).toEqual(['patch admins']);
  });
});

describe('a timestamp', () => {
  const still = { created: '2024-05-01T10:00:00Z', lastModified: '2024-05-01T10:00:00Z' };

  it('that does not move is detected by a full read, and every later poll reads everything', async () => {
    addUsers(3);
    directory.setUser('u4', { meta: { lastModified: '2024-06-01T10:00:00Z' } });
    directory.setUser('u1', { meta: still });
    await directory.poll('user_updated');
    directory.setUser('u1', { title: 'Countess', meta: still });
    const found = [await directory.poll('user_updated'), await directory.poll('user_updated')];
    expect(found).toEqual([[], ['patch u1@example.com']]);
    expect(warnings()).toEqual(['last_modified_unreliable']);
    directory.setUser('u1', { title: 'Queen', meta: still });
    expect(await directory.poll('user_updated')).toEqual(['patch u1@example.com']);
  });

  it('that does not move is not detected with the strategy "changed_since"', async () => {
    const input = { strategy: 'changed_since' };
    directory.setUser('u1', { meta: still });
    directory.setUser('u2');
    await directory.poll('user_updated', input);
    directory.setUser('u1', { title: 'Countess', meta: still });
    for (let poll = 0; poll < 4; poll += 1) expect(await directory.poll('user_updated', input)).toEqual([]);
    expect(directory.logged.filter(({ event }) => event === 'full_reads_disabled')).toMatchObject([
      { level: 'info', resource: 'User' },
    ]);
  });

  it('is ignored by every poll if the full read interval is 0', async () => {
    const input = { fullReadIntervalInMinutes: 0 };
    directory.setUser('u1', { meta: still });
    directory.setUser('u2');
    await directory.poll('user_updated', input);
    directory.setUser('u1', { title: 'Countess', meta: still });
    expect(await directory.poll('user_updated', input)).toEqual(['patch u1@example.com']);
  });

  it('that moves makes full reads less and less frequent', async () => {
    addUsers(3);
    const reads: string[] = [];
    for (let poll = 0; poll < 22; poll += 1) {
      await directory.poll('user_updated');
      const done = directory.logged.findLast(({ event }) => event === 'poll_done');
      reads.push(done?.read === 'snapshot' ? 'full' : '.');
    }
    expect(reads.join(' ')).toBe('full . full . . full . . . . full . . . . . . . . full . .');
  });

  it.each([
    [undefined, ['patch u1@example.com']],
    [0, []],
  ])('of a change that appears late is found by a look-back of %s seconds', async (seconds, expected) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await directory.close();
    directory = await startDirectory();
    const input = { strategy: 'changed_since', ...(seconds !== undefined && { lookBackInSeconds: seconds }) };
    addUsers(3);
    await directory.poll('user_updated', input);
    const before = directory.users.get('u1');
    directory.setUser('u1', { title: 'Countess' });
    const late = directory.users.get('u1');
    if (before !== undefined) directory.users.set('u1', before);
    vi.setSystemTime(Date.now() + 1_100);
    directory.setUser('u2', { title: 'Analyst' });
    expect(await directory.poll('user_updated', input)).toEqual(['patch u2@example.com']);
    vi.setSystemTime(Date.now() + 1_100);
    expect(await directory.poll('user_updated', input)).toEqual([]);
    if (late !== undefined) directory.users.set('u1', late);
    expect(await directory.poll('user_updated', input)).toEqual(expected);
  });
});

describe('a directory that disappears', () => {
  it.each([1, 2, 15, 25])('is blocked if all %i users are missing from the list', async (count) => {
    addUsers(count);
    await directory.poll('user_deprovisioned');
    const users = new Map(directory.users);
    directory.users.clear();
    const error = await failureOf(directory.poll('user_deprovisioned'));
    expect(error.code).toBe('mass_change_blocked');
    expect(error.message).toContain(`The list of users is empty, and ${count} were known.`);
    for (const [id, user] of users) directory.users.set(id, user);
    expect(await directory.poll('user_deprovisioned')).toEqual([]);
    directory.users.clear();
    expect(await directory.poll('user_deprovisioned', { massChangeLimit: count })).toHaveLength(count);
  });

  it.each(['user_provisioned', 'user_deprovisioned', 'provisioning_event'])(
    'is blocked if %s sees the users of another tenant',
    async (key) => {
      addUsers(20);
      await directory.poll(key);
      directory.users.clear();
      for (let number = 1; number <= 20; number += 1) directory.setUser(`other${number}`);
      const error = await failureOf(directory.poll(key, { strategy: 'snapshot' }));
      expect(error.code).toBe('mass_change_blocked');
      expect(error.message).toContain('none of the 20 known users, but 20 others');
    },
  );

  it.each([
    [3, 2],
    [4, 3],
    [10, 5],
    [15, 8],
    [40, 20],
    [100, 20],
    [300, 30],
  ])('allows %2$i of %1$i users to leave at once, and blocks one more', async (count, most) => {
    addUsers(count);
    await directory.poll('user_deprovisioned');
    for (let number = 1; number <= most + 1; number += 1) directory.setUser(`u${number}`, { active: false });
    expect((await failureOf(directory.poll('user_deprovisioned'))).code).toBe('mass_change_blocked');
    directory.setUser('u1', { active: true });
    expect(await directory.poll('user_deprovisioned')).toHaveLength(most);
  });
});

describe('a user who cannot be read', () => {
  it.each([400, 403, 409, 500])(
    'by ID (%i) stays known, and the events of other users are reported',
    async (status) => {
      addUsers(4);
      await directory.poll('user_deprovisioned');
      directory.users.delete('u1');
      directory.setUser('u2', { active: false });
      directory.habits = {
        byId: (user) => (user === undefined ? { status, body: { detail: 'Error' } } : undefined),
      };
      expect(await directory.poll('user_deprovisioned')).toEqual(['deactivate u2@example.com']);
      expect(await directory.poll('user_deprovisioned')).toEqual([]);
      expect(directory.logged.filter(({ event }) => event === 'resource_unreadable')).toMatchObject([
        { level: 'warn', id: 'u1', status },
      ]);
      directory.habits = {};
      expect(await directory.poll('user_deprovisioned')).toEqual(['delete u1@example.com']);
    },
    30_000,
  );

  it('by ID is not reported as deleted if the provider returns 404 for existing users as well', async () => {
    addUsers(4);
    directory.habits = { byId: () => ({ status: 404, body: { detail: 'There is no GET by ID' } }) };
    await directory.poll('user_deprovisioned');
    expect(warnings()).toEqual(['listed_resource_not_readable']);
    directory.users.delete('u1');
    expect(await directory.poll('user_deprovisioned')).toEqual([]);
    directory.habits = {};
    expect(await directory.poll('user_deprovisioned')).toEqual(['delete u1@example.com']);
  });

  /** What the provider says about IDs that it does not have. */
  const unknownIs = (status: number): DirectoryHabits => ({
    byId: (user) => (user === undefined ? { status, body: { detail: 'Error' } } : undefined),
  });

  it.each([400, 403, 409, 500])(
    'is deleted after three full reads if the provider always said the same (%i) of unknown IDs',
    async (status) => {
      addUsers(4);
      directory.habits = unknownIs(status);
      await directory.poll('user_deprovisioned');
      expect(directory.logged.filter(({ trait }) => trait === 'unknown-id-500')).toMatchObject([
        { event: 'provider_habit_noticed', status },
      ]);
      directory.users.delete('u1');
      const polls = [];
      for (let poll = 0; poll < 4; poll += 1) polls.push(await directory.poll('user_deprovisioned'));
      expect(polls).toEqual([[], [], ['delete u1@example.com'], []]);
    },
  );

  it.each([400, 403, 500, 503])(
    'stays known if the provider says the same (%i) of unknown IDs only since the user is missing',
    async (status) => {
      addUsers(4);
      await directory.poll('user_deprovisioned');
      const user = directory.users.get('u1');
      directory.habits = unknownIs(status);
      directory.users.delete('u1');
      for (let poll = 0; poll < 5; poll += 1) expect(await directory.poll('user_deprovisioned')).toEqual([]);
      expect(warnings()).toEqual(['resource_unreadable', 'missing_users_not_verified']);
      if (user !== undefined) directory.users.set('u1', user);
      expect(await directory.poll('user_deprovisioned')).toEqual([]);
    },
  );

  it('stays known if the provider never lets anybody be read by ID', async () => {
    addUsers(4);
    directory.habits = { byId: () => ({ status: 403, body: { detail: 'Not allowed' } }) };
    await directory.poll('user_deprovisioned');
    directory.users.delete('u1');
    for (let poll = 0; poll < 5; poll += 1) expect(await directory.poll('user_deprovisioned')).toEqual([]);
  });

  it('counts only the full reads whose list lacked the user', async () => {
    addUsers(4);
    directory.habits = unknownIs(500);
    await directory.poll('user_deprovisioned');
    const user = directory.users.get('u1');
    directory.users.delete('u1');
    for (let poll = 0; poll < 2; poll += 1) await directory.poll('user_deprovisioned');
    if (user !== undefined) directory.users.set('u1', user);
    expect(await directory.poll('user_deprovisioned')).toEqual([]);
    directory.users.delete('u1');
    const polls = [];
    for (let poll = 0; poll < 3; poll += 1) polls.push(await directory.poll('user_deprovisioned'));
    expect(polls).toEqual([[], [], ['delete u1@example.com']]);
  });

  it('stays known while not even listed users can be read by ID, although they could before', async () => {
    addUsers(4);
    await directory.poll('user_deprovisioned');
    directory.users.delete('u1');
    directory.habits = { byId: () => ({ status: 404, body: { detail: 'No such route' } }) };
    for (let poll = 0; poll < 3; poll += 1) expect(await directory.poll('user_deprovisioned')).toEqual([]);
    expect(warnings()).toEqual(['listed_resource_not_readable', 'missing_users_not_verified']);
    directory.habits = {};
    expect(await directory.poll('user_deprovisioned')).toEqual(['delete u1@example.com']);
  });

  it.each([
    [404, ['delete u4@example.com']],
    [500, []],
  ])(
    'and is the newest of all is judged by a full read under changed_since, too (%i)',
    async (status, expected) => {
      const input = { strategy: 'changed_since', lookBackInSeconds: 0 };
      addUsers(4);
      directory.setUser('u4', { title: 'The newest' });
      await directory.poll('user_deprovisioned', input);
      directory.habits = unknownIs(status);
      directory.users.delete('u4');
      expect(await directory.poll('user_deprovisioned', input)).toEqual(expected);
      for (let poll = 0; poll < 3; poll += 1)
        expect(await directory.poll('user_deprovisioned', input)).toEqual([]);
    },
  );

  it('stays known if the provider does not return 404 for unknown IDs', async () => {
    addUsers(4);
    await directory.poll('user_deprovisioned');
    directory.habits = {
      byId: (_, id) => (id === 'u1' ? { status: 403, body: { detail: 'No' } } : undefined),
    };
    directory.users.delete('u1');
    for (let poll = 0; poll < 5; poll += 1) expect(await directory.poll('user_deprovisioned')).toEqual([]);
  });

  it('by ID because the connection breaks fails the poll, which then runs again from the same cursor', async () => {
    addUsers(4);
    await directory.poll('user_deprovisioned');
    directory.users.delete('u1');
    directory.habits = { byId: () => ({ status: 401, body: { detail: 'Expired' } }) };
    expect((await failureOf(directory.poll('user_deprovisioned'))).code).toBe('auth');
    directory.habits = {};
    expect(await directory.poll('user_deprovisioned')).toEqual(['delete u1@example.com']);
  });

  it('in a list, because the entry has no ID, is skipped', async () => {
    addUsers(3);
    directory.habits = { listed: (users) => [...users, { userName: 'legacy' }] };
    await directory.poll('user_deprovisioned');
    directory.setUser('u1', { active: false });
    expect(await directory.poll('user_deprovisioned')).toEqual(['deactivate u1@example.com']);
    expect(directory.logged.filter(({ trait }) => trait === 'list-entry-without-id')).toHaveLength(1);
  });
});

describe('an "active" that the list stops showing', () => {
  const hidden: DirectoryHabits = {
    listed: (users) => users.map(({ active, ...user }) => (active === false ? user : { ...user, active })),
  };

  it('is read by ID', async () => {
    addUsers(3);
    await directory.poll('user_deprovisioned');
    directory.habits = hidden;
    directory.setUser('u1', { active: false });
    expect(await directory.poll('user_deprovisioned')).toEqual(['deactivate u1@example.com']);
  });

  it('is logged once, without a change, if reading by ID does not show it either', async () => {
    addUsers(3);
    await directory.poll('user_deprovisioned');
    directory.habits = {
      ...hidden,
      byId: (user) => {
        const { active: _, ...rest } = user ?? {};
        return user === undefined ? undefined : { body: rest };
      },
    };
    directory.setUser('u1', { active: false });
    for (let poll = 0; poll < 3; poll += 1) expect(await directory.poll('user_deprovisioned')).toEqual([]);
    expect(directory.logged.filter(({ event }) => event === 'active_not_shown')).toMatchObject([
      { level: 'warn', ids: ['u1'], count: 1 },
    ]);
  });
});

describe('an ID', () => {
  it.each(['snapshot', 'changed_since'])('in another case names the same user (%s)', async (strategy) => {
    const input = { strategy };
    addUsers(4);
    directory.setGroup('g', ['u1', 'u2']);
    await directory.poll('provisioning_event', input);
    const ids = [...directory.users.keys()];
    for (const id of ids) {
      const user = directory.users.get(id);
      directory.users.delete(id);
      directory.users.set(id.toUpperCase(), { ...user, id: id.toUpperCase() });
    }
    directory.setGroup('g', ['U1', 'U2']);
    directory.setUser('U1', { id: 'U1', title: 'Countess' });
    expect(await directory.poll('provisioning_event', input)).toEqual(['patch u1@example.com']);
    directory.users.delete('U2');
    expect(await directory.poll('provisioning_event', input)).toEqual(
      strategy === 'snapshot' ? ['delete u2@example.com'] : [],
    );
  });

  it('that differs only in case from the ID of another user belongs to another user', async () => {
    directory.setUser('aB', { userName: 'ada' });
    directory.setUser('other');
    await directory.poll('user_provisioned');
    directory.setUser('Ab', { userName: 'bob' });
    expect(await directory.poll('user_provisioned')).toEqual(['create bob']);
  });

  it.each([
    [
      'created after the last poll',
      { meta: { created: new Date(Date.now() + 86_400_000).toISOString() } },
      {},
    ],
    ['with another external ID', { externalId: '2', meta: {} }, { externalId: '1', meta: {} }],
  ])('that a new user gets, %s, is a deletion and a creation', async (_, after, before) => {
    directory.setUser('1', { userName: 'ada', ...before });
    directory.setUser('2');
    await directory.poll('provisioning_event');
    directory.setUser('1', { userName: 'bob', active: true, ...after });
    expect(await directory.poll('provisioning_event')).toEqual(['delete ada', 'create bob']);
    expect(new Set(directory.events.map(({ dedupeKey }) => dedupeKey)).size).toBe(2);
    expect(await directory.poll('provisioning_event')).toEqual([]);
  });

  it.each([
    ['the same external ID', { externalId: '1' }],
    ['no external ID', {}],
  ])('of a user who is renamed, with %s, is a change', async (_, values) => {
    directory.setUser('1', { userName: 'ada', ...values });
    directory.setUser('2');
    await directory.poll('provisioning_event');
    directory.setUser('1', { userName: 'bob', ...values });
    expect(await directory.poll('provisioning_event')).toEqual(['patch bob']);
  });
});

describe('groups', () => {
  const groups = (count: number): void => {
    for (let number = 1; number <= count; number += 1) directory.setGroup(`g${number}`, ['u1', 'u2']);
  };

  it('reports a group whose ID is reused as deleted and created', async () => {
    groups(4);
    await directory.poll('group_membership_changed');
    const created = new Date(Date.now() + 3_600_000).toISOString();
    directory.setGroup('g1', ['u3'], { displayName: 'New', meta: { created, lastModified: created } });
    expect(await directory.poll('group_membership_changed')).toEqual(['delete g1', 'create New']);
    const membersOf = directory.events.map(({ changes }) => changes.map(({ path }) => path));
    expect(membersOf).toEqual([
      ['members[value eq "u1"]', 'members[value eq "u2"]'],
      ['members[value eq "u3"]'],
    ]);
  });

  it('reports a deleted group before the one that is created with its name', async () => {
    groups(4);
    await directory.poll('group_membership_changed');
    directory.groups.delete('g1');
    directory.setGroup('g9', ['u1'], { displayName: 'g1' });
    await directory.poll('group_membership_changed');
    expect(directory.events.map(({ type, subject }) => `${type} ${subject.id}`)).toEqual([
      'delete g1',
      'create g9',
    ]);
  });

  it('stay known if listed groups cannot be read by ID', async () => {
    groups(4);
    directory.habits = { byId: () => ({ status: 404, body: { detail: 'No such route' } }) };
    await directory.poll('group_membership_changed');
    directory.groups.delete('g1');
    for (let poll = 0; poll < 3; poll += 1)
      expect(await directory.poll('group_membership_changed')).toEqual([]);
    expect(warnings().filter((name) => name === 'missing_users_not_verified')).toHaveLength(1);
  });
});

describe('a list', () => {
  it('with repeats lacks a deleted user, who is reported once', async () => {
    directory.habits = { listed: (users) => [...users, ...users.slice(0, 2)] };
    addUsers(6);
    await directory.poll('user_deprovisioned');
    directory.users.delete('u3');
    expect(await directory.poll('user_deprovisioned')).toEqual(['delete u3@example.com']);
    expect(await directory.poll('user_deprovisioned')).toEqual([]);
  });

  it('by cursor, whose totals count the page, is read to its end', async () => {
    directory.habits = {
      page: (list, query) => {
        const from = Number(query.get('cursor') ?? 0);
        const Resources = list.slice(from, from + 3);
        const isEnd = from + 3 >= list.length;
        return {
          body: { totalResults: Resources.length, Resources, ...(!isEnd && { nextCursor: `${from + 3}` }) },
        };
      },
    };
    addUsers(8);
    await directory.poll('user_deprovisioned');
    directory.setUser('u8', { active: false });
    directory.users.delete('u6');
    expect((await directory.poll('user_deprovisioned')).toSorted()).toEqual([
      'deactivate u8@example.com',
      'delete u6@example.com',
    ]);
  });
});

it('reports a deletion before the creation of the same name', async () => {
  directory.setUser('1', { userName: 'ada' });
  directory.setUser('2');
  directory.setGroup('1', [], { displayName: 'Staff' });
  directory.setGroup('2', []);
  await directory.poll('provisioning_event');
  directory.users.delete('1');
  directory.groups.delete('1');
  const meta = { lastModified: new Date(Date.now() - 5_000).toISOString() };
  directory.setUser('9', { userName: 'Ada', meta });
  directory.setGroup('9', [], { displayName: 'Staff', meta });
  const events = await directory.poll('provisioning_event');
  expect(events.filter((event) => event.endsWith('da'))).toEqual(['delete ada', 'create Ada']);
  expect(events.filter((event) => event.endsWith('Staff'))).toEqual(['delete Staff', 'create Staff']);
});

it('continues when the cursor of a list expires', async () => {
  addUsers(5);
  let expired = 0;
  directory.habits = {
    page(list, query) {
      const from = Number(query.get('cursor') ?? 0);
      if (from === 2 && expired > 0) {
        expired -= 1;
        return { status: 400, body: { scimType: 'expiredCursor', detail: 'The cursor has expired' } };
      }
      const Resources = list.slice(from, from + 2);
      const next = from + 2 < list.length ? { nextCursor: `${from + 2}` } : {};
      return { body: { totalResults: list.length, Resources, ...next } };
    },
  };
  await directory.poll('user_deprovisioned');
  directory.setUser('u4', { active: false });
  expired = 1;
  expect(await directory.poll('user_deprovisioned')).toEqual(['deactivate u4@example.com']);
});

it('logs at the first poll which attributes lists do not show', async () => {
  addUsers(3);
  directory.setUser('u1', { title: 'Countess', roles: [{ value: 'admin' }] });
  directory.habits = { listed: (users) => users.map(({ active: _, roles: __, ...user }) => user) };
  await directory.poll('user_deprovisioned');
  await directory.poll('user_deprovisioned');
  expect(directory.logged.filter(({ event }) => event === 'attributes_not_listed')).toEqual([
    { level: 'warn', event: 'attributes_not_listed', resource: 'User', attributes: ['active', 'roles'] },
  ]);
});

it('reads timestamps without a zone as UTC', async () => {
  const bare = (inMs: number): string => new Date(inMs).toISOString().replace('Z', '');
  for (let number = 1; number <= 3; number += 1)
    directory.setUser(`u${number}`, {
      meta: { created: bare(Date.now() - 86_400_000), lastModified: bare(Date.now() - 86_400_000) },
    });
  const input = { strategy: 'snapshot', pageSize: 2 };
  await directory.poll('user_provisioned', input);
  const now = bare(Date.now() + 2_000);
  directory.setUser('new', { meta: { created: now, lastModified: now } });
  expect(await directory.poll('user_provisioned', input)).toEqual(['create new@example.com']);
  expect(directory.events[0]?.occurredAt).toBe(`${now}Z`);
});
