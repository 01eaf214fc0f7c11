import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectorError } from '../../../runtime/index.ts';
import { roleUrn } from '../../support/scim-urns.ts';
import { type Directory, startDirectory } from '../../support/start-directory.ts';

type Values = Readonly<Record<string, unknown>>;

let directory: Directory;

beforeEach(async () => {
  directory = await startDirectory();
});

afterEach(() => {
  vi.useRealTimers();
  return directory.close();
});

const strategies = ['auto', 'snapshot', 'changed_since'] as const;
const roleOf = (role: string | undefined) => ({
  [roleUrn]: role === undefined ? {} : { workato_role: role },
});

function addUsers(count: number, values: Values = {}): void {
  for (let number = 1; number <= count; number += 1) directory.setUser(`u${number}`, values);
}

function addGroups(groups: number, size: number): void {
  for (let group = 1; group <= groups; group += 1)
    directory.setGroup(
      `g${group}`,
      Array.from({ length: size }, (_, index) => `u${group}-${index + 1}`),
    );
}

/** What a poll failed with. */
async function blockOf(key: string, input: object = {}): Promise<string> {
  const error: unknown = await directory.poll(key, input).catch((caught: unknown) => caught);
  if (!(error instanceof ConnectorError)) expect.fail(`${key} was not blocked: ${JSON.stringify(error)}`);
  expect(error.code).toBe('mass_change_blocked');
  return error.message;
}

const without =
  (name: string) =>
  ({ [name]: _, ...rest }: Values): Values =>
    rest;

/** Hides an attribute from everybody, in lists and by ID. */
function hide(name: string): void {
  const hidden = without(name);
  directory.habits = {
    listed: (all) => all.map(hidden),
    byId: (one) => (one === undefined ? undefined : { body: hidden(one) }),
  };
}

const hiddenLog = () => directory.logged.filter(({ event }) => event === 'attribute_not_shown');

describe('the mass-change guard', () => {
  it.each([15, 500])('blocks roles removed from all %i users, and loses nothing', async (count) => {
    addUsers(count, roleOf('Admin'));
    await directory.poll('user_role_changed');
    addUsers(count, roleOf(undefined));
    const limit = count === 15 ? 8 : 50;
    const message = await blockOf('user_role_changed');
    expect(message).toContain(
      `${count} of ${count} users would be reported as having lost a role within 24 hours, and the limit is ${limit}. No events were reported`,
    );
    expect(message).toContain('Affected: u1@example.com (workato_role: Admin → none), u2@example.com (');
    expect(message).toContain(`u10@example.com (workato_role: Admin → none), and ${count - 10} more.`);
    expect(message).not.toContain('u11@example.com');
    await blockOf('user_role_changed');
    await blockOf('user_role_changed', { massChangeLimit: count - 1 });
    expect(await directory.poll('user_role_changed', { massChangeLimit: count })).toHaveLength(count);
    expect(await directory.poll('user_role_changed')).toEqual([]);
  });

  it.each([
    ['an empty role', { [roleUrn]: { workato_role: '' } }],
    ['no extension', { [roleUrn]: undefined }],
  ])('counts %s as a lost role', async (_, values) => {
    addUsers(10, roleOf('Admin'));
    await directory.poll('user_updated');
    for (let number = 1; number <= 6; number += 1) directory.setUser(`u${number}`, values);
    expect(await blockOf('user_updated')).toContain('6 of 10 users');
  });

  it('does not count a role in place of another one', async () => {
    addUsers(15, { ...roleOf('Admin'), roles: [{ value: 'editor' }] });
    await directory.poll('user_role_changed');
    addUsers(15, { ...roleOf('NoAccess'), roles: [{ value: 'reader' }] });
    expect(await directory.poll('user_role_changed')).toHaveLength(15);
  });

  it('blocks all of a directory of 15 that is deactivated, and names whom', async () => {
    addUsers(15);
    await directory.poll('user_deprovisioned');
    addUsers(15, { active: false });
    const message = await blockOf('user_deprovisioned');
    expect(message).toContain('15 of 15 users would be reported as deactivated or deleted');
    expect(message).toContain('Affected: u1@example.com (active → inactive), ');
  });

  it('names users who are missing from the list', async () => {
    addUsers(15);
    await directory.poll('user_deprovisioned');
    for (let number = 1; number <= 14; number += 1) directory.users.delete(`u${number}`);
    const requests = directory.requests.length;
    expect(await blockOf('user_deprovisioned')).toContain('u1@example.com (known → deleted)');
    expect(directory.requests.length - requests).toBe(1);
  });

  it.each([
    ['of one group', 1, 500],
    ['of groups of 10', 50, 10],
  ])('blocks 500 members who leave at once, %s', async (_, groups, size) => {
    addGroups(groups, size);
    directory.setGroup('other', ['x']);
    await directory.poll('group_membership_changed');
    addGroups(groups, 0);
    const message = await blockOf('group_membership_changed');
    expect(message).toContain(
      '500 of 501 group memberships would be reported as removed within 24 hours, and the limit is 50.',
    );
    expect(message).toContain(`g1 (members: ${size} → 0)`);
    addGroups(groups, size);
    expect(await directory.poll('group_membership_changed')).toEqual([]);
  });

  it('allows half of 15 memberships to end at once, and blocks one more', async () => {
    addGroups(1, 15);
    await directory.poll('group_membership_changed');
    addGroups(1, 6);
    expect(await blockOf('group_membership_changed')).toContain('g1 (members: 15 → 6)');
    addGroups(1, 7);
    expect(await directory.poll('group_membership_changed')).toEqual(['patch g1']);
  });

  it('blocks deleted groups, whatever members they had', async () => {
    addGroups(10, 3);
    await directory.poll('group_deleted');
    for (let group = 1; group <= 6; group += 1) directory.groups.delete(`g${group}`);
    expect(await blockOf('group_deleted')).toContain(
      '6 of 10 groups would be reported as deactivated or deleted',
    );
    expect(await directory.poll('group_deleted', { massChangeLimit: 6 })).toHaveLength(6);
  });

  it('states each kind that exceeds its limit', async () => {
    addUsers(15, roleOf('Admin'));
    await directory.poll('provisioning_event');
    addUsers(15, { ...roleOf(undefined), active: false });
    const message = await blockOf('provisioning_event');
    expect(message).toContain('15 of 15 users would be reported as deactivated or deleted');
    expect(message).toContain('15 of 15 users would be reported as having lost a role');
  });
});

const idIn = (message: string): string => /"(hold-[0-9a-f]+)"/.exec(message)?.[1] ?? expect.fail(message);
const deactivate = (from: number, to: number): void => {
  for (let number = from; number <= to; number += 1) directory.setUser(`u${number}`, { active: false });
};

describe.each(['auto', 'snapshot', 'changed_since'])(
  'the losses of a rolling day, polled with %s',
  (strategy) => {
    const input = { strategy };
    const key = 'user_updated';

    it('are held once they exceed the limit, 20 at a time or one by one', async () => {
      vi.useFakeTimers({ toFake: ['Date'] });
      await directory.close();
      directory = await startDirectory();
      addUsers(200, roleOf('Admin'));
      await directory.poll(key, input);
      const lose = (from: number, to: number): void => {
        for (let number = from; number <= to; number += 1) directory.setUser(`u${number}`, roleOf(undefined));
      };
      lose(1, 20);
      expect(await directory.poll(key, input)).toHaveLength(20);
      vi.setSystemTime(Date.now() + 23 * 3_600_000);
      lose(21, 21);
      const message = await blockOf(key, input);
      expect(message).toContain(
        '21 of 200 users would be reported as having lost a role within 24 hours (20 of them were reported before), and the limit is 20.',
      );
      expect(message).toContain('Affected: u21@example.com (workato_role: Admin → none). Check');
      vi.setSystemTime(Date.now() + 2 * 3_600_000);
      lose(22, 40);
      expect(await directory.poll(key, input)).toHaveLength(20);
      lose(41, 41);
      await blockOf(key, input);
    });

    it('do not include approved ones', async () => {
      addUsers(15, roleOf('Admin'));
      await directory.poll(key, input);
      addUsers(14, roleOf(undefined));
      const approve = idIn(await blockOf(key, input));
      expect(await directory.poll(key, { ...input, approve })).toHaveLength(14);
      directory.setUser('u15', roleOf(undefined));
      expect(await directory.poll(key, input)).toEqual(['patch u15@example.com']);
    });
  },
);

describe('an approval', () => {
  it('is of exactly the losses that it names', async () => {
    addUsers(15);
    await directory.poll('user_deprovisioned');
    deactivate(1, 14);
    const approve = idIn(await blockOf('user_deprovisioned'));
    directory.setUser('u14', { active: true });
    directory.setUser('u15', { active: false });
    expect(idIn(await blockOf('user_deprovisioned', { approve }))).not.toBe(approve);
    directory.setUser('u14', { active: false });
    await blockOf('user_deprovisioned', { approve });
    directory.setUser('u15', { active: true });
    expect(await directory.poll('user_deprovisioned', { approve })).toHaveLength(14);
  });

  it('is of the deletions that a lookup by ID confirms', async () => {
    addUsers(15);
    await directory.poll('user_deprovisioned');
    for (let number = 1; number <= 14; number += 1) directory.users.delete(`u${number}`);
    directory.habits = {
      byId: (_, id) => (id === 'u1' ? { body: { id, userName: 'u1@example.com' } } : undefined),
    };
    const approve = idIn(await blockOf('user_deprovisioned'));
    const events = await directory.poll('user_deprovisioned', { approve });
    expect(events).toHaveLength(13);
    expect(events).not.toContain('delete u1@example.com');
  });

  it.each([0, 15])('lets through that a whole directory is gone, and %i others are there', async (others) => {
    addUsers(15);
    await directory.poll('user_deprovisioned');
    directory.users.clear();
    for (let number = 1; number <= others; number += 1) directory.setUser(`other${number}`);
    const message = await blockOf('user_deprovisioned');
    expect(message).toContain(others === 0 ? 'is empty, and 15 were known' : 'none of the 15 known users');
    expect(message).toContain('Affected: all 15 users (known → ');
    expect(await directory.poll('user_deprovisioned', { approve: idIn(message) })).toHaveLength(15);
    deactivate(1, 1);
    expect(await directory.poll('user_deprovisioned')).toEqual([]);
  });

  it('covers the users and the groups of one poll', async () => {
    addUsers(15);
    addGroups(15, 1);
    await directory.poll('provisioning_event');
    deactivate(1, 14);
    for (let group = 1; group <= 14; group += 1) directory.groups.delete(`g${group}`);
    const approve = idIn(await blockOf('provisioning_event'));
    expect(await directory.poll('provisioning_event', { approve })).toHaveLength(28);
  });
});

describe.each(['auto', 'snapshot', 'changed_since'])('a poll with a store, with %s', (strategy) => {
  let cursor: unknown;
  const poll = async (key: string, approved: readonly string[] = [], input: object = {}) => {
    const options = { approvedLosses: new Set(approved) };
    const polled = await directory.connector.poll(key, { strategy, ...input }, cursor, options);
    cursor = JSON.parse(JSON.stringify(polled.cursor));
    const names = polled.events.map(
      ({ type, subject }) => `${type} ${subject.userName ?? subject.displayName}`,
    );
    return { names, held: polled.held?.losses ?? [], error: polled.held?.error };
  };

  beforeEach(() => {
    cursor = undefined;
  });

  it('holds the users who lose something, and reports all others', async () => {
    addUsers(15, { title: 'Analyst' });
    await poll('provisioning_event');
    deactivate(1, 14);
    directory.setUser('u15', { title: 'Countess' });
    directory.setUser('u16');
    for (const expected of [['patch u15@example.com', 'create u16@example.com'], [], []]) {
      const { names, held, error } = await poll('provisioning_event');
      expect(names.toSorted()).toEqual(expected.toSorted());
      expect(held).toHaveLength(14);
      expect(error).toMatchObject({ code: 'mass_change_blocked' });
    }
    expect(directory.logged.filter(({ event }) => event === 'losses_held')).toHaveLength(1);
  });

  it('reports only approved losses if there are too many more by now', async () => {
    addUsers(60);
    await poll('user_updated');
    deactivate(1, 25);
    await poll('provisioning_event');
    const { held } = await poll('provisioning_event');
    deactivate(26, 50);
    const { names, held: stillHeld } = await poll(
      'provisioning_event',
      held.map(({ key }) => key),
    );
    expect([names, stillHeld].map(({ length }) => length)).toEqual([25, 25]);
    expect(names).toContain('deactivate u25@example.com');
    expect(names).not.toContain('deactivate u26@example.com');
  });

  it('reports what it held as one change once it is approved', async () => {
    addUsers(15, { ...roleOf('Admin'), title: 'Analyst' });
    await poll('user_updated');
    addUsers(14, roleOf(undefined));
    const { held } = await poll('user_updated');
    for (let number = 1; number <= 14; number += 1) directory.setUser(`u${number}`, { title: 'Countess' });
    expect((await poll('user_updated')).names).toEqual([]);
    expect(
      (
        await poll(
          'user_updated',
          held.map(({ key }) => key),
        )
      ).names,
    ).toHaveLength(14);
    expect(await poll('user_updated')).toEqual({ names: [], held: [], error: undefined });
  });

  it('forgets what it held if it was a fault', async () => {
    addUsers(15);
    await poll('user_updated');
    const before = cursor;
    addUsers(14, { emails: [], active: false });
    await poll('provisioning_event');
    expect(before).toBeDefined();
    addUsers(14, { active: true });
    expect(await poll('provisioning_event')).toMatchObject({ held: [], error: undefined });
  });
});

it('holds a new user behind the held deletion of the user who had the name', async () => {
  addUsers(15);
  const approvedLosses = new Set<string>();
  const first = await directory.connector.poll('provisioning_event', {});
  for (let number = 1; number <= 14; number += 1) directory.users.delete(`u${number}`);
  directory.setUser('new', { userName: 'u1@example.com' });
  directory.setUser('other', {});
  const second = await directory.connector.poll('provisioning_event', {}, first.cursor, { approvedLosses });
  expect(second.events.map(({ subject }) => subject.id)).toEqual(['other']);
  const approved = new Set(second.held?.losses.map(({ key }) => key));
  const third = await directory.connector.poll('provisioning_event', {}, second.cursor, {
    approvedLosses: approved,
  });
  const ids = third.events.map(({ type, subject }) => `${type} ${subject.id}`);
  expect(ids).toHaveLength(15);
  expect(ids.indexOf('delete u1')).toBeLessThan(ids.indexOf('create new'));
});

describe.each(strategies)('an attribute that vanishes from everybody, polled with %s', (strategy) => {
  const input = { strategy };

  it.each([2, 3, 5, 15, 40])(
    'keeps the roles of %i users, and reports a change in between once',
    async (count) => {
      addUsers(count, roleOf('Admin'));
      await directory.poll('user_role_changed', input);
      hide(roleUrn);
      expect(await directory.poll('user_role_changed', input)).toEqual([]);
      directory.setUser('u1', roleOf('Analyst'));
      for (const _ of [1, 2]) expect(await directory.poll('user_role_changed', input)).toEqual([]);
      expect(hiddenLog()).toEqual([
        {
          level: 'warn',
          event: 'attribute_not_shown',
          resource: 'User',
          attribute: `${roleUrn}:workato_role`,
          count,
        },
      ]);
      directory.habits = {};
      expect(await directory.poll('user_role_changed', input)).toEqual(['patch u1@example.com']);
      expect(directory.events[0]?.changes).toEqual([
        { path: `${roleUrn}:workato_role`, from: 'Admin', to: 'Analyst', fromKnown: true, toKnown: true },
      ]);
      expect(await directory.poll('user_role_changed', input)).toEqual([]);
    },
  );

  it('keeps the members of all groups, and reports who left in between once', async () => {
    addGroups(3, 4);
    await directory.poll('group_membership_changed', input);
    hide('members');
    for (const _ of [1, 2]) expect(await directory.poll('group_membership_changed', input)).toEqual([]);
    directory.setGroup('g2', ['u2-1', 'u2-2', 'u2-3']);
    expect(await directory.poll('group_membership_changed', input)).toEqual([]);
    // Only a full read shows the groups that do not change.
    expect(hiddenLog()).toHaveLength(1);
    directory.habits = {};
    expect(await directory.poll('group_membership_changed', input)).toEqual(['patch g2']);
    expect(directory.events[0]?.changes).toMatchObject([{ path: 'members[value eq "u2-4"]', to: null }]);
    expect(await directory.poll('group_membership_changed', input)).toEqual([]);
  });

  it('still reports changes of other attributes', async () => {
    addUsers(5, { title: 'Analyst', roles: [{ value: 'editor' }] });
    await directory.poll('user_updated', input);
    hide('roles');
    directory.setUser('u2', { title: 'Countess' });
    expect(await directory.poll('user_updated', input)).toEqual(['patch u2@example.com']);
    expect(directory.events[0]?.changes.map(({ path }) => path)).toEqual(['title']);
    expect(await directory.poll('user_updated', input)).toEqual([]);
  });

  it('reports a role removed from the only user who had one', async () => {
    addUsers(5);
    directory.setUser('u3', roleOf('Admin'));
    await directory.poll('user_role_changed', input);
    directory.setUser('u3', roleOf(undefined));
    expect(await directory.poll('user_role_changed', input)).toEqual(['patch u3@example.com']);
    expect(hiddenLog()).toEqual([]);
  });

  it('reports the removed roles of the only two users who had one, if the timestamps show a change', async () => {
    addUsers(5);
    for (const id of ['u2', 'u3']) directory.setUser(id, roleOf('Admin'));
    await directory.poll('user_role_changed', input);
    for (const id of ['u2', 'u3']) directory.setUser(id, roleOf(undefined));
    expect(await directory.poll('user_role_changed', input)).toHaveLength(2);
  });
});

describe('an attribute that vanishes without timestamps', () => {
  it.each([
    [2, 0],
    [3, 0],
    [1, 1],
  ])('from all %i users is reported for %i of them', async (count, reported) => {
    addUsers(count, { ...roleOf('Admin'), meta: {} });
    await directory.poll('user_role_changed');
    hide(roleUrn);
    expect(await directory.poll('user_role_changed')).toHaveLength(reported);
  });

  it('from both holders of a larger directory is reported', async () => {
    addUsers(4, { meta: {} });
    for (const id of ['u1', 'u2']) directory.setUser(id, { ...roleOf('Admin'), meta: {} });
    await directory.poll('user_role_changed');
    for (const id of ['u1', 'u2']) directory.setUser(id, { [roleUrn]: undefined, meta: {} });
    expect(await directory.poll('user_role_changed')).toHaveLength(2);
  });
});

it('reads a cursor from before hidden attributes were stored', async () => {
  addUsers(5, roleOf('Admin'));
  const { cursor } = await directory.connector.poll('user_role_changed', {});
  const { attributesNotShown: _, ...resource } = (cursor as { resources: { User: Values } }).resources.User;
  const stored = JSON.parse(JSON.stringify({ ...Object(cursor), resources: { User: resource } }));
  hide(roleUrn);
  expect((await directory.connector.poll('user_role_changed', {}, stored)).events).toEqual([]);
});
