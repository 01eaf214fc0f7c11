import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../../support/failure-of.ts';
import { type Directory, type DirectoryHabits, startDirectory } from '../../support/start-directory.ts';
import { pageOf } from '../../support/start-list-server.ts';

type Values = Readonly<Record<string, unknown>>;

let directory: Directory;

beforeEach(async () => {
  directory = await startDirectory();
  for (const id of ['u1', 'u2', 'u3']) directory.setUser(id);
  directory.setGroup('crew', ['u1', 'u2']);
  directory.setGroup('staff', ['u1']);
  directory.setGroup('empty', []);
});

afterEach(() => directory.close());

const groupsOf = async (id: string): Promise<unknown> => {
  const { groups, evidence } = await directory.connector.actions.get_user_groups({ user: { id } });
  return [groups.map(({ value }) => value), evidence];
};
const idsOf = ({ members }: Values): readonly unknown[] => (members as Values[]).map(({ value }) => value);
const without = ({ members: _, ...group }: Values): Values => group;
const memberIn = (query: URLSearchParams): string | undefined =>
  /^members\.value eq "(.*)"$/.exec(query.get('filter') ?? '')?.[1];
/** A filter by member that works. */
const filtered: NonNullable<DirectoryHabits['page']> = (_, query) => {
  const member = memberIn(query);
  if (member === undefined) return undefined;
  const matching = [...directory.groups.values()].filter((group) => idsOf(group).includes(member));
  return { body: pageOf(matching, Object.fromEntries(query)) };
};
const rejected: NonNullable<DirectoryHabits['page']> = (_, query) =>
  query.has('filter') ? { status: 400, body: { scimType: 'invalidFilter' } } : undefined;
const silent: NonNullable<DirectoryHabits['page']> = (_, query) =>
  query.has('filter') ? { body: { totalResults: 0, Resources: [] } } : undefined;
const endless = (size: number): readonly string[] => Array.from({ length: size }, (_, index) => `m${index}`);

/** What each provider shows, and what the groups of u1 and of u3, who is in none, rest on. */
const provers: readonly (readonly [string, DirectoryHabits, 'filter' | 'list'])[] = [
  ['a filter by member works', { page: filtered }, 'filter'],
  [
    'a filter works, and lists hide the members',
    { page: filtered, listed: (all, kind) => (kind === 'Groups' ? all.map(without) : all) },
    'filter',
  ],
  ['filters are ignored', {}, 'list'],
  ['filters are rejected', { page: rejected }, 'list'],
  ['filters match nothing', { page: silent }, 'list'],
  [
    'filters match nothing, and lists show groups with no members',
    {
      page: silent,
      listed: (all, kind) => (kind === 'Groups' ? all.map((one) => ({ ...one, members: [] })) : all),
    },
    'list',
  ],
];

describe('the groups of a user who shows none', () => {
  it.each(provers)('are found where %s', async (_, habits, evidence) => {
    directory.habits = habits;

    expect(await groupsOf('u1')).toEqual([['crew', 'staff'], evidence]);
    expect(await groupsOf('u3')).toEqual([[], evidence]);
  });

  it.each(provers)(
    'are proved absent where %s, for the first user that is asked for',
    async (_, habits, evidence) => {
      directory.habits = habits;

      expect(await groupsOf('u3')).toEqual([[], evidence]);
      expect(await groupsOf('u2')).toEqual([['crew'], evidence]);
    },
  );

  it('are proved absent where another user shows groups', async () => {
    directory.habits = { page: rejected };
    directory.setUser('u1', { groups: [{ value: 'crew' }] });

    expect(await groupsOf('u3')).toEqual([[], 'user']);
  });

  it('are proved absent where there are no groups', async () => {
    directory.groups.clear();

    expect(await groupsOf('u3')).toEqual([[], 'list']);
  });

  it.each([
    [
      'no group shows members',
      {
        listed: (all: readonly Values[]) => all.map(without),
        byId: (one: Values | undefined) => one && { body: without(one) },
      },
      'no group shows any members',
    ],
    ['a group shows as many members as can be the limit', {}, 'the group crowd shows 100 members'],
    [
      'a group of the list has no ID',
      {
        listed: (all: readonly Values[]) =>
          all.map(({ id, ...one }) => (id === 'staff' ? one : { id, ...one })),
      },
      'not all groups of the list can be read (unreadable: 1)',
    ],
  ])('are not reported where %s', async (_, habits, reason) => {
    directory.habits = habits;
    directory.setGroup('crowd', endless(100));

    const error = await failureOf(groupsOf('u3'));
    expect([error.code, error.attempts]).toEqual(['unsupported', 0]);
    expect(error.message).toContain(reason);
  });

  it('are an error where the provider has no groups', async () => {
    directory.habits = {
      page: (list) => (list.some((one) => Object(one).displayName) ? { status: 404, body: {} } : undefined),
    };

    expect(await failureOf(groupsOf('u3'))).toMatchObject({ code: 'provider_fault', status: 404 });
  });
});

describe('the members of a group', () => {
  const membersOf = (id: string) => directory.connector.actions.get_group_members({ group: { id } });

  it('may be more where as many are shown as can be the limit', async () => {
    directory.setGroup('crowd', endless(100));

    expect(await membersOf('crowd')).toMatchObject({ truncated: true, members: { length: 100 } });
  });

  it('are all where another group shows more', async () => {
    directory.setGroup('crowd', endless(100));
    directory.setGroup('larger', endless(101));

    expect(await membersOf('crowd')).toMatchObject({ truncated: false, members: { length: 100 } });
  });

  it.each([
    ['a list shows the members of another', {}],
    ['another shows them by ID', { listed: (all: readonly Values[]) => all.map(without) }],
  ])('are proved absent where %s', async (_, habits) => {
    directory.habits = habits;

    expect(await membersOf('empty')).toEqual({ id: 'empty', members: [], truncated: false });
  });

  it('are not reported where no group shows any', async () => {
    directory.habits = {
      listed: (all) => all.map(without),
      byId: (one) => one && { body: without(one) },
    };

    expect(await failureOf(membersOf('crew'))).toMatchObject({ code: 'unsupported' });
  });
});
