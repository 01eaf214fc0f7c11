import { isRecord } from '../../schemas/is-record.ts';
import { enterpriseUrn, groupUrn, roleUrn, userUrn } from '../support/scim-urns.ts';
import {
  firstOf,
  groupNamed,
  memberIdsOf,
  type Snapshot,
  showsTruth,
  takeSnapshot,
  unless,
  userNamed,
  type Verdict,
} from './judge.ts';
import type { QuirkBench } from './open-quirk-bench.ts';

/** What an action has returned, and what there was before and after it. */
export interface Outcome {
  readonly output: unknown;
  readonly before: Snapshot;
  readonly after: Snapshot;
}

/** An action, and what its success means. */
export interface Scenario {
  readonly name: string;
  /** Changes the world before the action. */
  readonly prepare?: (bench: QuirkBench, world: Snapshot) => void;
  readonly action: string;
  /** The input, given the world after and before {@link Scenario.prepare}. */
  readonly input: (world: Snapshot, start: Snapshot) => unknown;
  /** The users and groups that it may change or make, by name. */
  readonly about: readonly string[];
  /** Whether its success is the truth. */
  readonly judge: (outcome: Outcome) => Verdict;
  /** Whether it fails without quirks as well. */
  readonly fails?: boolean;
}

const ada = 'ada@example.com';
const bob = 'bob@example.com';
const cleo = 'cleo@example.com';
const others = ['dora', 'eric', 'fay', 'gus'].map((name) => `${name}@example.com`);
const fresh = 'new@example.com';
const many = 130;

/** Creates the world: seven users, one of them inactive, and two groups. Ada is the one who was created first. */
export function makeWorld(bench: QuirkBench): Snapshot {
  const names = [ada, bob, cleo, ...others];
  const ids = names.map((userName) => {
    const name = userName.replace('@example.com', '');
    return bench.write('POST', '/Users', {
      schemas: [userUrn, enterpriseUrn, roleUrn],
      userName,
      externalId: `e-${name}`,
      title: 'Old',
      active: userName !== cleo,
      emails: [{ value: `${name}@mail.example`, type: 'work', primary: true }],
      [enterpriseUrn]: { department: 'Sales' },
      [roleUrn]: { workato_role: 'Analyst' },
    }).id;
  });
  const group = (displayName: string, members: readonly string[]) =>
    bench.write('POST', '/Groups', {
      schemas: [groupUrn],
      displayName,
      members: members.map((value) => ({ value })),
    });
  group('Crew', ids.slice(0, 2));
  group('Empty', []);
  bench.tick(3_600_000);
  return takeSnapshot(bench);
}

const idOf = (world: Snapshot, userName: string): string => userNamed(world, userName)?.id ?? '';
const groupId = (world: Snapshot, displayName: string): string => groupNamed(world, displayName)?.id ?? '';
const departmentOf = (user: ReturnType<typeof userNamed>): unknown => {
  const extension = user?.[enterpriseUrn];
  return isRecord(extension) ? extension.department : undefined;
};
const managerOf = (user: ReturnType<typeof userNamed>): unknown => {
  const extension = user?.[enterpriseUrn];
  const manager = isRecord(extension) ? extension.manager : undefined;
  return isRecord(manager) ? manager.value : undefined;
};

const roleOf = (user: ReturnType<typeof userNamed>): unknown => {
  const extension = user?.[roleUrn];
  return isRecord(extension) ? extension.workato_role : undefined;
};

/** Each way to name ada, with what the lookup depends on. */
const references: readonly (readonly [string, (world: Snapshot) => object])[] = [
  ['id', (world) => ({ id: idOf(world, ada) })],
  ['userName', () => ({ userName: ada })],
  ['email', () => ({ email: 'ada@mail.example' })],
  ['externalId', () => ({ externalId: 'e-ada' })],
];

/** A scenario once for each way to name ada. */
function byReference(
  action: string,
  input: (user: object) => unknown,
  judge: (outcome: Outcome, how: string) => Verdict,
): readonly Scenario[] {
  return references.map(([how, user]) => ({
    name: `${action} by ${how}`,
    action,
    input: (world) => input(user(world)),
    about: [ada],
    judge: (outcome) => judge(outcome, how),
  }));
}

const showsAda = ({ output, after }: Outcome): Verdict => showsTruth(output, userNamed(after, ada));
const isOut = (snapshot: Snapshot, userName: string): boolean =>
  (userNamed(snapshot, userName)?.active ?? false) === false;

/** Whether a search that says to be complete has everyone who fits. */
const isComplete =
  (fits: (user: Readonly<Record<string, unknown>>) => boolean, kind: 'users' | 'groups' = 'users') =>
  ({ output, after }: Outcome): Verdict => {
    if (!isRecord(output) || !Array.isArray(output.resources)) return 'has no resources';
    const wanted = after[kind].filter(fits);
    const shown = output.resources.filter(isRecord);
    for (const one of shown) {
      const truth = after[kind].find(({ id }) => id.toLowerCase() === String(one.id).toLowerCase());
      const verdict = showsTruth(one, truth);
      if (verdict !== undefined) return verdict;
      if (truth !== undefined && !fits(truth)) return 'has a user who does not match';
    }
    const ids = new Set(shown.map(({ id }) => String(id).toLowerCase()));
    if (ids.size < shown.length) return 'has a user twice';
    if (output.truncated === true) return undefined;
    return unless(
      ids.size === wanted.length,
      `has ${ids.size} of ${wanted.length} and says that it is complete`,
    );
  };

const memberChange = (
  name: string,
  action: 'add_group_members' | 'remove_group_members',
  members: readonly string[],
  expected: readonly string[],
): Scenario => ({
  name,
  action,
  input: (world) => ({
    group: { id: groupId(world, 'Crew') },
    members: members.map((userName) => ({ id: idOf(world, userName) })),
  }),
  about: ['Crew'],
  judge: ({ after }) => hasMembers(after, 'Crew', expected),
});

function hasMembers(snapshot: Snapshot, displayName: string, userNames: readonly string[]): Verdict {
  const ids = memberIdsOf(groupNamed(snapshot, displayName));
  const wanted = userNames.map((userName) => idOf(snapshot, userName)).sort();
  return unless(
    ids.join() === wanted.join(),
    `${displayName} has ${ids.length} members, not ${wanted.length} as asked`,
  );
}

/** Whether the groups of a user are reported, each of them and no other. */
function hasGroups(output: unknown, snapshot: Snapshot, userName: string): Verdict {
  if (!isRecord(output) || !Array.isArray(output.groups)) return 'has no groups';
  const id = idOf(snapshot, userName).toLowerCase();
  const wanted = snapshot.groups.filter((group) => memberIdsOf(group).includes(id));
  const shown = memberIdsOf({ members: output.groups });
  return unless(
    shown.join() === memberIdsOf({ members: wanted.map((group) => ({ value: group.id })) }).join(),
    `reports ${shown.length} groups of ${wanted.length}`,
  );
}

/** Whether the members of a group are reported, and no others; all of them, unless the output says that some may be missing. */
function hasAllMembers(output: unknown, snapshot: Snapshot, displayName: string): Verdict {
  if (!isRecord(output) || !Array.isArray(output.members)) return 'has no members';
  const wanted = memberIdsOf(groupNamed(snapshot, displayName));
  const shown = memberIdsOf(output);
  return firstOf(
    unless(
      shown.every((id) => wanted.includes(id)),
      'reports members who are not in it',
    ),
    unless(
      output.truncated === true || shown.length === wanted.length,
      `has ${shown.length} of ${wanted.length}`,
    ),
  );
}

const addCrowd = (bench: QuirkBench): void => {
  for (let nth = 1; nth <= many; nth += 1)
    bench.write('POST', '/Users', { schemas: [userUrn], userName: `crowd-${nth}@example.com` });
};
const crowd = (world: Snapshot) =>
  world.users.filter(({ userName }) => String(userName).startsWith('crowd-'));

const nobody = [
  ['id', { id: '00000000-0000-4000-8000-000000000000' }],
  ['userName', { userName: 'nobody@example.com' }],
  ['email', { email: 'nobody@mail.example' }],
  ['externalId', { externalId: 'e-nobody' }],
] as const;

/** What every provider is asked to do. */
export const scenarios: readonly Scenario[] = [
  // Creating
  {
    name: 'create_user',
    action: 'create_user',
    input: () => ({
      userName: fresh,
      title: 'New',
      department: 'R&D',
      workato_role: 'Admin',
      emails: [{ value: 'new@mail.example', primary: true }],
    }),
    about: [fresh],
    judge: ({ output, after }) => showsTruth(output, userNamed(after, fresh)),
  },
  {
    name: 'create_user with a taken name',
    action: 'create_user',
    input: () => ({ userName: bob, title: 'New' }),
    about: [],
    judge: () => 'reports as created who was there before',
    fails: true,
  },
  {
    name: 'create_user under the name of a deleted user',
    prepare: (bench, world) => void bench.write('DELETE', `/Users/${idOf(world, 'gus@example.com')}`),
    action: 'create_user',
    input: () => ({ userName: 'gus@example.com', title: 'New' }),
    about: ['gus@example.com'],
    judge: ({ output, after }) => showsTruth(output, userNamed(after, 'gus@example.com')),
  },
  {
    name: 'create_user with the externalId of another',
    action: 'create_user',
    input: () => ({ userName: fresh, externalId: 'e-bob' }),
    about: [fresh],
    judge: ({ output, after }) => showsTruth(output, userNamed(after, fresh)),
  },

  // Reading
  ...byReference('get_user', (user) => ({ user }), showsAda),
  ...byReference(
    'find_user',
    (user) => ({ user }),
    ({ output, after }, how) =>
      output === null && userNamed(after, ada) !== undefined
        ? unless(!isKnownBy(how, after), 'reports as absent who is there')
        : showsTruth(output, userNamed(after, ada)),
  ),
  {
    name: 'find_user who is inactive',
    action: 'find_user',
    input: (world) => ({ user: { id: idOf(world, cleo) } }),
    about: [],
    judge: ({ output, after }) => showsTruth(output, userNamed(after, cleo)),
  },
  ...nobody.map(
    ([how, user]): Scenario => ({
      name: `find_user nobody by ${how}`,
      action: 'find_user',
      input: () => ({ user }),
      about: [],
      judge: ({ output }) => unless(output === null, 'finds a user'),
    }),
  ),
  {
    name: 'get_user who is not there',
    action: 'get_user',
    input: () => ({ user: { id: 'nobody' } }),
    about: [],
    judge: () => 'shows a user who is not there',
    fails: true,
  },
  {
    name: 'search_users, all',
    action: 'search_users',
    input: () => ({ limit: 1000 }),
    about: [],
    judge: isComplete(() => true),
  },
  {
    name: 'search_users who are active',
    action: 'search_users',
    input: () => ({ active: true }),
    about: [],
    judge: isComplete(({ active }) => active === true),
  },
  {
    name: 'search_users of a department',
    prepare: (bench, world) =>
      void bench.write('PUT', `/Users/${idOf(world, bob)}`, {
        ...userNamed(world, bob),
        [enterpriseUrn]: { department: 'R&D' },
      }),
    action: 'search_users',
    input: () => ({ department: 'Sales' }),
    about: [],
    judge: isComplete((user) => departmentOf(user as never) === 'Sales'),
  },
  {
    name: 'search_users by email',
    action: 'search_users',
    input: () => ({ email: 'bob@mail.example' }),
    about: [],
    judge: isComplete(({ emails }) => JSON.stringify(emails ?? []).includes('bob@mail.example')),
  },

  // Updating
  ...byReference(
    'update_user',
    (user) => ({ user, title: 'New', department: 'R&D' }),
    (outcome) =>
      firstOf(
        unless(userNamed(outcome.after, ada)?.title === 'New', 'has not changed the title'),
        unless(departmentOf(userNamed(outcome.after, ada)) === 'R&D', 'has not changed the department'),
        showsAda(outcome),
      ),
  ),
  {
    name: 'update_user to what it is',
    action: 'update_user',
    input: (world) => ({ user: { id: idOf(world, ada) }, title: 'Old' }),
    about: [],
    judge: showsAda,
  },
  {
    name: 'update_user that removes the title',
    action: 'update_user',
    input: (world) => ({ user: { id: idOf(world, ada) }, title: null }),
    about: [ada],
    judge: (outcome) =>
      firstOf(
        unless(userNamed(outcome.after, ada)?.title === undefined, 'has not removed it'),
        showsAda(outcome),
      ),
  },
  {
    name: 'update_user with a stale version',
    action: 'update_user',
    input: (world) => ({ user: { id: idOf(world, ada) }, title: 'New', ifVersion: 'W/"99"' }),
    about: [],
    judge: () => 'succeeds although the version is stale',
    fails: true,
  },
  {
    name: 'update_user with the right version',
    action: 'update_user',
    input: (world) => ({ user: { id: idOf(world, ada) }, title: 'New', ifVersion: versionOf(world, ada) }),
    about: [ada],
    judge: (outcome) =>
      firstOf(
        unless(userNamed(outcome.after, ada)?.title === 'New', 'has changed nothing'),
        showsAda(outcome),
      ),
  },
  {
    name: 'update_user who is not there',
    action: 'update_user',
    input: () => ({ user: { id: 'nobody' }, title: 'New' }),
    about: [],
    judge: () => 'changes a user who is not there',
    fails: true,
  },
  {
    name: 'replace_user',
    action: 'replace_user',
    input: (world) => ({ user: { id: idOf(world, ada) }, userName: ada, displayName: 'Ada', active: true }),
    about: [ada],
    judge: (outcome) => {
      const now = userNamed(outcome.after, ada);
      return firstOf(
        unless(now?.displayName === 'Ada' && now.title === undefined, 'has not replaced it'),
        showsAda(outcome),
      );
    },
  },
  {
    name: 'upsert_user who is there',
    action: 'upsert_user',
    input: () => ({ userName: ada, title: 'New' }),
    about: [ada],
    judge: (outcome) =>
      firstOf(
        unless(userNamed(outcome.after, ada)?.title === 'New', 'has changed nothing'),
        showsAda(outcome),
      ),
  },
  {
    name: 'upsert_user who is there with what is so',
    action: 'upsert_user',
    input: () => ({ userName: ada, title: 'Old' }),
    about: [],
    judge: showsAda,
  },
  {
    name: 'upsert_user who is new',
    action: 'upsert_user',
    input: () => ({ userName: fresh, title: 'New' }),
    about: [fresh],
    judge: ({ output, after }) => showsTruth(output, userNamed(after, fresh)),
  },
  {
    name: 'upsert_user who is inactive',
    action: 'upsert_user',
    input: () => ({ userName: cleo, active: true }),
    about: [cleo],
    judge: ({ output, after }) =>
      firstOf(unless(!isOut(after, cleo), 'has not activated'), showsTruth(output, userNamed(after, cleo))),
  },

  {
    name: 'upsert_user by externalId under a new name',
    action: 'upsert_user',
    input: () => ({ userName: fresh, externalId: 'e-ada', matchBy: 'externalId', title: 'New' }),
    about: [ada, fresh],
    judge: ({ output, before, after }) =>
      firstOf(
        unless(userNamed(after, fresh)?.id === idOf(before, ada), 'has not renamed'),
        showsTruth(output, userNamed(after, fresh)),
      ),
  },
  {
    name: 'upsert_user by externalId who is new',
    action: 'upsert_user',
    input: () => ({ userName: fresh, externalId: 'e-fresh', matchBy: 'externalId' }),
    about: [fresh],
    judge: ({ output, after }) => showsTruth(output, userNamed(after, fresh)),
  },
  {
    name: 'bulk_users by externalId under new names',
    action: 'bulk_users',
    input: () => ({
      rows: ['ada', 'bob'].map((name) => ({
        userName: `new-${name}@example.com`,
        externalId: `e-${name}`,
        matchBy: 'externalId',
      })),
    }),
    about: [ada, bob, 'new-ada@example.com', 'new-bob@example.com'],
    judge: ({ before, after }) => unless(after.users.length === before.users.length, 'has made another user'),
  },

  // Renaming
  ...references
    .slice(0, 2)
    .concat(references.slice(3))
    .map(
      ([how, user]): Scenario => ({
        name: `rename_user by ${how}`,
        action: 'rename_user',
        input: (world) => ({ user: user(world), newUserName: fresh }),
        about: [ada, fresh],
        judge: ({ output, before, after }) =>
          firstOf(
            unless(userNamed(after, fresh)?.id === idOf(before, ada), 'has not renamed'),
            showsTruth(output, userNamed(after, fresh)),
          ),
      }),
    ),
  {
    name: 'rename_user to a taken name',
    action: 'rename_user',
    input: (world) => ({ user: { id: idOf(world, ada) }, newUserName: bob }),
    about: [],
    judge: () => 'reports a name that another user has',
    fails: true,
  },

  // Access
  ...byReference(
    'deactivate_user',
    (user) => ({ user }),
    ({ after }) => unless(isOut(after, ada), 'reports as deactivated who is active'),
  ),
  {
    name: 'deactivate_user again',
    action: 'deactivate_user',
    input: (world) => ({ user: { id: idOf(world, cleo) } }),
    about: [cleo],
    judge: ({ after }) => unless(isOut(after, cleo), 'reports as deactivated who is active'),
  },
  {
    name: 'deactivate_user who is not there',
    action: 'deactivate_user',
    input: () => ({ user: { userName: 'nobody@example.com' } }),
    about: [],
    judge: () => 'deactivates a user who is not there',
    fails: true,
  },
  {
    name: 'reactivate_user',
    action: 'reactivate_user',
    input: (world) => ({ user: { id: idOf(world, cleo) } }),
    about: [cleo],
    judge: ({ after }) => unless(!isOut(after, cleo), 'reports as reactivated who is not'),
  },
  ...byReference(
    'set_workato_role',
    (user) => ({ user, environment: 'dev', role: 'Admin' }),
    ({ after }) => unless(roleOf(userNamed(after, ada)) === 'Admin', 'reports a role that was not set'),
  ),
  ...byReference(
    'set_user_manager',
    (user) => ({ user, manager: { userName: bob } }),
    ({ after }) =>
      unless(
        managerOf(userNamed(after, ada)) === userNamed(after, bob)?.id,
        'reports a manager that was not set',
      ),
  ),
  {
    name: 'set_workato_role to what it is',
    action: 'set_workato_role',
    input: (world) => ({ user: { id: idOf(world, ada) }, environment: 'dev', role: 'Analyst' }),
    about: [],
    judge: ({ after }) => unless(roleOf(userNamed(after, ada)) === 'Analyst', 'has another role'),
  },
  ...byReference(
    'delete_user',
    (user) => ({ user }),
    ({ after }, how) =>
      unless(
        userNamed(after, ada) === undefined || !isKnownBy(how, after),
        'reports as deleted who is there',
      ),
  ),
  {
    name: 'delete_user who is gone',
    prepare: (bench, world) => void bench.write('DELETE', `/Users/${idOf(world, 'gus@example.com')}`),
    action: 'delete_user',
    input: (_, start) => ({ user: { id: idOf(start, 'gus@example.com') } }),
    about: [],
    judge: ({ after }) => unless(userNamed(after, 'gus@example.com') === undefined, 'is there'),
  },

  // Groups
  {
    name: 'create_group',
    action: 'create_group',
    input: () => ({ displayName: 'Fresh' }),
    about: ['Fresh'],
    judge: ({ output, after }) => showsTruth(output, groupNamed(after, 'Fresh')),
  },
  {
    name: 'create_group with members',
    action: 'create_group',
    input: (world) => ({
      displayName: 'Fresh',
      members: [ada, bob].map((userName) => ({ value: idOf(world, userName) })),
    }),
    about: ['Fresh'],
    judge: ({ output, after }) =>
      firstOf(showsTruth(output, groupNamed(after, 'Fresh')), hasMembers(after, 'Fresh', [ada, bob])),
  },
  {
    name: `create_group with ${many} members`,
    prepare: addCrowd,
    action: 'create_group',
    input: (world) => ({ displayName: 'Fresh', members: crowd(world).map(({ id }) => ({ value: id })) }),
    about: ['Fresh'],
    judge: ({ after }) =>
      hasMembers(
        after,
        'Fresh',
        crowd(after).map(({ userName }) => String(userName)),
      ),
  },
  {
    name: 'get_group by id',
    action: 'get_group',
    input: (world) => ({ group: { id: groupId(world, 'Crew') } }),
    about: [],
    judge: ({ output, after }) => showsTruth(output, groupNamed(after, 'Crew')),
  },
  {
    name: 'get_group by displayName',
    action: 'get_group',
    input: () => ({ group: { displayName: 'Crew' } }),
    about: [],
    judge: ({ output, after }) => showsTruth(output, groupNamed(after, 'Crew')),
  },
  {
    name: 'search_groups',
    action: 'search_groups',
    input: () => ({}),
    about: [],
    judge: isComplete(() => true, 'groups'),
  },
  {
    name: 'update_group',
    action: 'update_group',
    input: (world) => ({ group: { id: groupId(world, 'Crew') }, displayName: 'Crew 2' }),
    about: ['Crew', 'Crew 2'],
    judge: ({ after }) =>
      firstOf(
        unless(groupNamed(after, 'Crew 2') !== undefined, 'has not renamed it'),
        hasMembers(after, 'Crew 2', [ada, bob]),
      ),
  },
  {
    name: 'update_group with other members',
    action: 'update_group',
    input: (world) => ({
      group: { id: groupId(world, 'Crew') },
      members: [bob, ...others].map((userName) => ({ value: idOf(world, userName) })),
    }),
    about: ['Crew'],
    judge: ({ after }) => hasMembers(after, 'Crew', [bob, ...others]),
  },
  {
    name: 'update_group with no members',
    action: 'update_group',
    input: (world) => ({ group: { id: groupId(world, 'Crew') }, members: [] }),
    about: ['Crew'],
    judge: ({ after }) => hasMembers(after, 'Crew', []),
  },
  {
    name: 'delete_group by id',
    action: 'delete_group',
    input: (world) => ({ group: { id: groupId(world, 'Crew') } }),
    about: ['Crew'],
    judge: ({ after }) => unless(groupNamed(after, 'Crew') === undefined, 'reports as deleted what is there'),
  },
  {
    name: 'delete_group by displayName',
    action: 'delete_group',
    input: () => ({ group: { displayName: 'Crew' } }),
    about: ['Crew'],
    judge: ({ after }) => unless(groupNamed(after, 'Crew') === undefined, 'reports as deleted what is there'),
  },

  // Members
  memberChange('add_group_members, one', 'add_group_members', [cleo], [ada, bob, cleo]),
  memberChange('add_group_members, several', 'add_group_members', others, [ada, bob, ...others]),
  memberChange('add_group_members who is in it already', 'add_group_members', [ada], [ada, bob]),
  memberChange(
    'add_group_members of whom one is in it already',
    'add_group_members',
    [ada, cleo],
    [ada, bob, cleo],
  ),
  memberChange('remove_group_members, one', 'remove_group_members', [ada], [bob]),
  memberChange('remove_group_members, all', 'remove_group_members', [ada, bob], []),
  memberChange('remove_group_members who is not in it', 'remove_group_members', [cleo], [ada, bob]),
  memberChange('remove_group_members of whom one is not in it', 'remove_group_members', [cleo, ada], [bob]),
  {
    name: `add_group_members, ${many}`,
    prepare: addCrowd,
    action: 'add_group_members',
    input: (world) => ({
      group: { id: groupId(world, 'Empty') },
      members: crowd(world).map(({ id }) => ({ id })),
    }),
    about: ['Empty'],
    judge: ({ after }) =>
      hasMembers(
        after,
        'Empty',
        crowd(after).map(({ userName }) => String(userName)),
      ),
  },

  ...[
    { label: 'others', members: [bob, cleo, ...others] },
    { label: 'those who are in it', members: [ada, bob] },
    { label: 'one of them', members: [ada] },
  ].map(
    ({ label, members }): Scenario => ({
      name: `set_group_members to ${label}`,
      action: 'set_group_members',
      input: (world) => ({
        group: { displayName: 'Crew' },
        members: members.map((userName) => ({ id: idOf(world, userName) })),
      }),
      about: ['Crew'],
      judge: ({ after }) => hasMembers(after, 'Crew', members),
    }),
  ),
  {
    name: 'set_group_members to no one',
    action: 'set_group_members',
    input: () => ({ group: { displayName: 'Crew' }, members: [], allowEmpty: true }),
    about: ['Crew'],
    judge: ({ after }) => hasMembers(after, 'Crew', []),
  },
  {
    name: 'set_group_members to no one without leave',
    action: 'set_group_members',
    input: () => ({ group: { displayName: 'Crew' }, members: [] }),
    about: [],
    judge: () => 'removes everybody',
    fails: true,
  },
  {
    name: `set_group_members, ${many} of whom ${many - 30} stay`,
    prepare: (bench) => {
      addCrowd(bench);
      const members = crowd(takeSnapshot(bench)).map(({ id }) => ({ value: id }));
      bench.write('POST', '/Groups', { schemas: [groupUrn], displayName: 'Everybody', members });
      bench.tick(3_600_000);
    },
    action: 'set_group_members',
    input: (world) => ({
      group: { displayName: 'Everybody' },
      members: [...crowd(world).slice(30), ...world.users.slice(0, 5)].map(({ id }) => ({ id })),
    }),
    about: ['Everybody'],
    judge: ({ before, after }) =>
      hasMembers(
        after,
        'Everybody',
        [...crowd(before).slice(30), ...before.users.slice(0, 5)].map(({ userName }) => String(userName)),
      ),
  },

  ...byReference(
    'offboard_user',
    (user) => ({ user }),
    ({ output, after }) => {
      const reported = isRecord(output) && Array.isArray(output.steps) ? output.steps.filter(isRecord) : [];
      const [, left, roles] = reported.map(({ outcome }) => outcome);
      const id = idOf(after, ada).toLowerCase();
      const isInside = after.groups.some((group) => id !== '' && memberIdsOf(group).includes(id));
      return firstOf(
        unless(isOut(after, ada), 'reports as deactivated who is active'),
        unless(left === 'skipped' || !isInside, 'reports as left what was not'),
        unless(
          ['skipped', 'not_shown'].includes(String(roles)) || roleOf(userNamed(after, ada)) === 'NoAccess',
          'reports roles as removed that are there',
        ),
      );
    },
  ).map((scenario) => ({ ...scenario, about: [ada, 'Crew'] })),

  // Who is in what
  ...byReference(
    'get_user_groups',
    (user) => ({ user }),
    ({ output, after }) => hasGroups(output, after, ada),
  ),
  {
    name: 'get_user_groups of a user in none',
    action: 'get_user_groups',
    input: (world) => ({ user: { id: idOf(world, others[0] ?? '') } }),
    about: [],
    judge: ({ output, after }) => hasGroups(output, after, others[0] ?? ''),
  },
  {
    name: 'get_user_groups of a user in one of many',
    prepare: (bench, world) => {
      addCrowd(bench);
      const all = bench.users().map(({ id }) => ({ value: id }));
      // The last member is after the first hundred.
      const members = [
        ...all.filter(({ value }) => value !== idOf(world, cleo)),
        { value: idOf(world, cleo) },
      ];
      bench.write('POST', '/Groups', { schemas: [groupUrn], displayName: 'Everybody', members });
    },
    action: 'get_user_groups',
    input: (world) => ({ user: { id: idOf(world, cleo) } }),
    about: [],
    judge: ({ output, after }) => hasGroups(output, after, cleo),
  },
  ...['Crew', 'Empty'].map(
    (displayName): Scenario => ({
      name: `get_group_members of ${displayName}`,
      action: 'get_group_members',
      input: (world) => ({ group: { id: groupId(world, displayName) } }),
      about: [],
      judge: ({ output, after }) => hasAllMembers(output, after, displayName),
    }),
  ),
  {
    name: `get_group_members, ${many}`,
    prepare: (bench) => {
      addCrowd(bench);
      const members = bench.users().map(({ id }) => ({ value: id }));
      bench.write('POST', '/Groups', { schemas: [groupUrn], displayName: 'Everybody', members });
      bench.tick(3_600_000);
    },
    action: 'get_group_members',
    input: () => ({ group: { displayName: 'Everybody' } }),
    about: [],
    judge: ({ output, after }) => hasAllMembers(output, after, 'Everybody'),
  },

  // Many at once
  {
    name: 'bulk_users that deactivates',
    action: 'bulk_users',
    input: (world) => ({
      action: 'deactivate_user',
      rows: [ada, bob, cleo].map((userName) => ({ user: { id: idOf(world, userName) } })),
    }),
    about: [ada, bob, cleo],
    judge: (outcome) => rowsTrue(outcome, [ada, bob, cleo], (userName) => isOut(outcome.after, userName)),
  },
  {
    name: 'bulk_users that creates, one of them under a taken name',
    action: 'bulk_users',
    input: () => ({
      action: 'create_user',
      rows: [fresh, bob, 'newer@example.com'].map((userName) => ({ userName, title: 'New' })),
    }),
    about: [fresh, 'newer@example.com'],
    judge: (outcome) =>
      rowsTrue(
        outcome,
        [fresh, bob, 'newer@example.com'],
        (userName) => userNamed(outcome.after, userName)?.title === 'New',
      ),
  },
  {
    name: 'bulk_users that updates',
    action: 'bulk_users',
    input: (world) => ({
      action: 'update_user',
      rows: [ada, bob].map((userName) => ({ user: { id: idOf(world, userName) }, title: 'New' })),
    }),
    about: [ada, bob],
    judge: (outcome) =>
      rowsTrue(outcome, [ada, bob], (userName) => userNamed(outcome.after, userName)?.title === 'New'),
  },
];

/** Each row that is reported as done was done, and each that was done is not reported as failed for good. */
function rowsTrue({ output }: Outcome, names: readonly string[], isDone: (name: string) => boolean): Verdict {
  if (!isRecord(output) || !Array.isArray(output.results)) return 'has no results';
  for (const result of output.results.filter(isRecord)) {
    const name = names[Number(result.row) - 1] ?? '';
    if (result.ok === true && !isDone(name)) return `reports as done what was not: ${name}`;
  }
  return unless(output.results.length === names.length, 'does not report every row');
}

function versionOf(world: Snapshot, userName: string): unknown {
  const meta = userNamed(world, userName)?.meta;
  return isRecord(meta) ? meta.version : undefined;
}

/** Whether the provider knows ada under a reference: it may not keep email addresses. */
function isKnownBy(how: string, snapshot: Snapshot): boolean {
  return how !== 'email' || userNamed(snapshot, ada)?.emails !== undefined;
}
