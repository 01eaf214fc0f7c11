import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { ConnectorError } from '../../../runtime/index.ts';
import { definition } from '../../support/open-test-session.ts';
import { roleUrn } from '../../support/scim-urns.ts';
import { type Directory, startDirectory } from '../../support/start-directory.ts';
import type { ProviderResponse } from '../../support/start-provider.ts';
import { asJobError, readJobError } from './job-error.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';
import { withEventPills } from './with-event-pills.ts';

let ruby: RubyConnector;
let directory: Directory;
let cursors: Map<string, unknown>;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});

beforeEach(async () => {
  await ruby.ask({ do: 'reset' });
  directory = await startDirectory();
  cursors = new Map();
});

afterEach(() => directory.close());

afterAll(() => ruby.close());

interface Polled {
  readonly events?: readonly object[];
  readonly code?: string;
  readonly message?: string;
}

async function pollOnNode(key: string, input: object): Promise<Polled> {
  try {
    const { events, cursor } = await directory.connector.poll(key, input, cursors.get('node'));
    cursors.set('node', JSON.parse(JSON.stringify(cursor)));
    return { events: withEventPills(events) as readonly object[] };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return asJobError(error, definition);
  }
}

async function pollOnRuby(key: string, input: object): Promise<Polled> {
  const settings = { baseUrl: directory.baseUrl, token: 'token' };
  const closure = cursors.get('ruby') ?? null;
  const { value, error } = await ruby.ask({ do: 'poll', key, input, closure, settings });
  if (error !== undefined) return readJobError(error);
  const { events, next_poll } = value as { events: object[]; next_poll: unknown };
  cursors.set('ruby', next_poll);
  return { events };
}

/** Masks what each side draws at random, and the time at which a deletion was detected. */
function masked({ events, ...error }: Polled): object {
  if (events === undefined) return error;
  return events.map((event) => {
    const { id: _, dedupeKey, occurredAt, ...rest } = event as Record<string, unknown>;
    const key = String(dedupeKey).replace(/\/[0-9a-z]{8}\.(\d+)\./, '/epoch.$1.');
    return { ...rest, key, occurredAt: rest.type === 'delete' ? 'now' : occurredAt };
  });
}

/** The ID of what the last poll held. */
let heldId: string | undefined;

async function pollBoth(key: string, input: object): Promise<readonly string[] | string> {
  const onNode = await pollOnNode(key, input);
  expect(masked(await pollOnRuby(key, input))).toEqual(masked(onNode));
  if (onNode.events === undefined) {
    heldId = /hold-[0-9a-f]{16}/.exec(JSON.stringify(onNode))?.[0];
    return onNode.code ?? '';
  }
  return onNode.events.map((event) => {
    const { type, subject } = event as { type: string; subject: Record<string, string | null> };
    return `${type} ${subject.userName ?? subject.displayName}`;
  });
}

type Act = (directory: Directory) => void;

interface Story {
  readonly name: string;
  readonly key: string;
  readonly input?: object;
  readonly start: Act;
  /** What happens before each further poll, and what that reports; whether the poll approves what the one before held. */
  readonly steps: readonly (readonly [Act, readonly string[] | string, 'approve'?])[];
}

const nothing: Act = () => undefined;
const users =
  (count: number, more: Act = nothing): Act =>
  (one) => {
    for (let number = 1; number <= count; number += 1) one.setUser(`u${number}`);
    more(one);
  };
const still = { meta: { created: '2024-05-01T10:00:00Z', lastModified: '2024-05-01T10:00:00Z' } };
const withoutMembers = ({ members: _, ...group }: Readonly<Record<string, unknown>>): object => group;

const roleOf = (role: string | undefined) => ({
  [roleUrn]: role === undefined ? {} : { workato_role: role },
});
const withRoles =
  (count: number): Act =>
  (one) => {
    for (let number = 1; number <= count; number += 1) one.setUser(`u${number}`, roleOf('Admin'));
  };
const setRoles = (one: Directory, role: string | undefined): void => {
  for (const id of one.users.keys()) one.setUser(id, roleOf(role));
};
const deactivate =
  (from: number, to: number): Act =>
  (one) => {
    for (let number = from; number <= to; number += 1) one.setUser(`u${number}`, { active: false });
  };
const deactivated = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `deactivate u${from + index}@example.com`);
const setGroups = (one: Directory, count: number, size: number): void => {
  const members = Array.from({ length: size }, (_, index) => `m${index + 1}`);
  for (let number = 1; number <= count; number += 1) one.setGroup(`g${number}`, members);
};
/** Lists show at most this number of members of a group. */
const cutMembersAt = (one: Directory, most: number): void => {
  one.habits = {
    listed: (all, kind) =>
      kind === 'Groups' ? all.map((group) => ({ ...group, members: membersOf(group).slice(0, most) })) : all,
  };
};
const membersOf = ({ members }: Readonly<Record<string, unknown>>): readonly unknown[] =>
  Array.isArray(members) ? members : [];
/** Changes the ID of a user. */
const moveUser = (one: Directory, from: string, to: string, values: object): void => {
  const user = one.users.get(from);
  one.users.delete(from);
  one.users.set(to, { ...user, id: to, ...values });
};
/** What a provider that ignores the case of IDs says about one. */
const ignoringCase = (
  one: Directory,
  found: object | undefined,
  id: string,
): ProviderResponse | undefined => {
  const body = found ?? [...one.users.values()].find((user) => user.id === id.toUpperCase());
  return body && { body };
};
/** Hides an attribute from everybody, in lists and by ID. */
const hide = (one: Directory, name: string): void => {
  const hidden = ({ [name]: _, ...rest }: Readonly<Record<string, unknown>>): object => rest;
  one.habits = {
    listed: (all) => all.map(hidden),
    byId: (found) => (found === undefined ? undefined : { body: hidden(found) }),
  };
};
const show: Act = (one) => {
  one.habits = {};
};

const stories: readonly Story[] = [
  {
    name: 'groups that are listed without members',
    key: 'group_membership_changed',
    start: (one) => {
      one.habits = { listed: (groups) => groups.map(withoutMembers) };
      one.setGroup('admins', ['u1', 'u2']);
      one.setGroup('empty', []);
    },
    steps: [
      [(one) => one.setGroup('admins', ['u1']), ['patch admins']],
      [(one) => one.setGroup('empty', ['u1']), ['patch empty']],
      [nothing, []],
    ],
  },
  {
    name: 'a group that is listed empty for one poll',
    key: 'group_membership_changed',
    start: (one) => one.setGroup('admins', ['u1', 'u2']),
    steps: [
      [
        (one) => {
          one.habits = { listed: (groups) => groups.map((group) => ({ ...group, members: [] })) };
        },
        [],
      ],
      [(one) => one.setGroup('admins', []), ['patch admins']],
    ],
  },
  {
    name: 'timestamps that do not move',
    key: 'user_updated',
    start: (one) => {
      one.setUser('u1', still);
      one.setUser('u2');
    },
    steps: [
      [(one) => one.setUser('u1', { ...still, title: 'Countess' }), []],
      [nothing, ['patch u1@example.com']],
      [(one) => one.setUser('u1', { ...still, title: 'Queen' }), ['patch u1@example.com']],
    ],
  },
  {
    name: 'changes that become visible late',
    key: 'user_updated',
    input: { strategy: 'changed_since' },
    start: users(3),
    steps: [
      [(one) => one.setUser('u2', { title: 'Analyst' }), ['patch u2@example.com']],
      [
        (one) => {
          const meta = { lastModified: new Date(Date.now() - 60_000).toISOString() };
          one.setUser('u1', { title: 'Countess', meta });
        },
        ['patch u1@example.com'],
      ],
    ],
  },
  ...[1, 15].map(
    (count): Story => ({
      name: `a directory of ${count} that is empty`,
      key: 'user_deprovisioned',
      start: users(count),
      steps: [[(one) => one.users.clear(), 'mass_change_blocked']],
    }),
  ),
  {
    name: 'the directory of another tenant',
    key: 'user_provisioned',
    input: { strategy: 'snapshot' },
    start: users(5),
    steps: [
      [
        (one) => {
          one.users.clear();
          for (let number = 1; number <= 5; number += 1) one.setUser(`other${number}`);
        },
        'mass_change_blocked',
      ],
    ],
  },
  {
    name: 'more than half of a small directory',
    key: 'user_deprovisioned',
    start: users(10),
    steps: [
      [
        (one) => {
          for (let number = 1; number <= 6; number += 1) one.setUser(`u${number}`, { active: false });
        },
        'mass_change_blocked',
      ],
      [
        (one) => one.setUser('u6', { active: true }),
        [1, 2, 3, 4, 5].map((one) => `deactivate u${one}@example.com`),
      ],
    ],
  },
  ...[400, 403, 500].map(
    (status): Story => ({
      name: `a missing user who cannot be read (${status})`,
      key: 'user_deprovisioned',
      start: users(4),
      steps: [
        [
          (one) => {
            one.users.delete('u1');
            one.setUser('u2', { active: false });
            one.habits = { byId: (user) => (user === undefined ? { status, body: {} } : undefined) };
          },
          ['deactivate u2@example.com'],
        ],
        [
          (one) => {
            one.habits = {};
          },
          ['delete u1@example.com'],
        ],
      ],
    }),
  ),
  ...[15, 60].map(
    (count): Story => ({
      name: `roles removed from all ${count} users`,
      key: 'user_role_changed',
      start: withRoles(count),
      steps: [
        [(one) => setRoles(one, undefined), 'mass_change_blocked'],
        [nothing, 'mass_change_blocked'],
        [(one) => setRoles(one, 'Admin'), []],
      ],
    }),
  ),
  {
    name: 'roles that are empty, and roles in place of others',
    key: 'user_updated',
    start: withRoles(10),
    steps: [
      [
        (one) => {
          for (const id of ['u1', 'u2', 'u3', 'u4', 'u5', 'u6']) one.setUser(id, roleOf(''));
        },
        'mass_change_blocked',
      ],
      [
        (one) => {
          for (const id of ['u1', 'u2', 'u3', 'u4', 'u5', 'u6']) one.setUser(id, roleOf('NoAccess'));
        },
        [1, 2, 3, 4, 5, 6].map((one) => `patch u${one}@example.com`),
      ],
    ],
  },
  {
    name: 'all users deactivated without roles',
    key: 'provisioning_event',
    start: withRoles(15),
    steps: [
      [
        (one) => {
          for (const id of one.users.keys()) one.setUser(id, { ...roleOf(undefined), active: false });
        },
        'mass_change_blocked',
      ],
    ],
  },
  {
    name: 'losses that exceed the limit in a day, and are approved',
    key: 'user_deprovisioned',
    start: users(60),
    steps: [
      [deactivate(1, 12), deactivated(1, 12)],
      [deactivate(13, 20), deactivated(13, 20)],
      [deactivate(21, 32), 'mass_change_blocked'],
      [nothing, deactivated(21, 32), 'approve'],
      [deactivate(33, 33), 'mass_change_blocked'],
      [deactivate(34, 34), 'mass_change_blocked', 'approve'],
    ],
  },
  {
    name: 'users and groups that are lost at once, and approved',
    key: 'provisioning_event',
    start: (one) => {
      users(10)(one);
      setGroups(one, 4, 10);
    },
    steps: [
      [
        (one) => {
          deactivate(1, 9)(one);
          setGroups(one, 4, 1);
        },
        'mass_change_blocked',
      ],
      [nothing, [...deactivated(1, 9), 'patch g1', 'patch g2', 'patch g3', 'patch g4'], 'approve'],
      [(one) => setGroups(one, 3, 0), ['patch g1', 'patch g2', 'patch g3']],
    ],
  },
  ...[15, 3].map(
    (others): Story => ({
      name: `a directory that is replaced by ${others} others, which is approved`,
      key: 'user_deprovisioned',
      start: users(4),
      steps: [
        [
          (one) => {
            one.users.clear();
            for (let number = 1; number <= others; number += 1) one.setUser(`other${number}`);
          },
          'mass_change_blocked',
        ],
        [nothing, [1, 2, 3, 4].map((one) => `delete u${one}@example.com`), 'approve'],
      ],
    }),
  ),
  {
    name: 'a limit that is a share',
    key: 'user_deprovisioned',
    input: { massChangePercent: 40 },
    start: users(60),
    steps: [
      [deactivate(1, 24), deactivated(1, 24)],
      [deactivate(25, 25), 'mass_change_blocked'],
    ],
  },
  {
    name: 'users who are missing from the list',
    key: 'user_deprovisioned',
    start: users(15),
    steps: [
      [
        (one) => {
          for (let number = 1; number <= 14; number += 1) one.users.delete(`u${number}`);
        },
        'mass_change_blocked',
      ],
    ],
  },
  {
    name: 'members who leave groups at once',
    key: 'group_membership_changed',
    start: (one) => {
      setGroups(one, 10, 10);
      one.setGroup('other', ['x']);
    },
    steps: [
      [(one) => setGroups(one, 10, 0), 'mass_change_blocked'],
      [(one) => setGroups(one, 10, 5), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((one) => `patch g${one}`)],
    ],
  },
  {
    name: 'groups that are deleted at once',
    key: 'group_deleted',
    start: (one) => setGroups(one, 10, 3),
    steps: [
      [
        (one) => {
          for (let number = 1; number <= 6; number += 1) one.groups.delete(`g${number}`);
        },
        'mass_change_blocked',
      ],
    ],
  },
  ...(['auto', 'snapshot', 'changed_since'] as const).flatMap((strategy): Story[] => [
    ...[2, 15].map(
      (count): Story => ({
        name: `roles of ${count} users that are hidden, with one change in between (${strategy})`,
        key: 'user_role_changed',
        input: { strategy },
        start: withRoles(count),
        steps: [
          [(one) => hide(one, roleUrn), []],
          [(one) => one.setUser('u1', roleOf('Analyst')), []],
          [nothing, []],
          [show, ['patch u1@example.com']],
          [nothing, []],
        ],
      }),
    ),
    {
      name: `members that are hidden everywhere, with one change in between (${strategy})`,
      key: 'group_membership_changed',
      input: { strategy },
      start: (one) => setGroups(one, 3, 4),
      steps: [
        [(one) => hide(one, 'members'), []],
        [(one) => one.setGroup('g2', ['m1']), []],
        [show, ['patch g2']],
        [nothing, []],
      ],
    },
    {
      name: `a role removed from the only user who had one (${strategy})`,
      key: 'user_role_changed',
      input: { strategy },
      start: users(5, (one) => one.setUser('u3', roleOf('Admin'))),
      steps: [
        [(one) => one.setUser('u3', roleOf(undefined)), ['patch u3@example.com']],
        [nothing, []],
      ],
    },
  ]),
  ...[2, 3].map(
    (count): Story => ({
      name: `roles of ${count} users without timestamps that are hidden`,
      key: 'user_role_changed',
      start: users(count, (one) => {
        for (const id of one.users.keys()) one.setUser(id, { ...roleOf('Admin'), meta: {} });
      }),
      steps: [[(one) => hide(one, roleUrn), []]],
    }),
  ),
  {
    name: 'a provider that answers 403 to unknown IDs',
    key: 'user_deprovisioned',
    start: users(4, (one) => {
      one.habits = { byId: (user) => (user === undefined ? { status: 403, body: {} } : undefined) };
    }),
    steps: [
      [(one) => one.users.delete('u1'), []],
      [nothing, []],
      [nothing, ['delete u1@example.com']],
      [nothing, []],
    ],
  },
  {
    name: 'a provider that answers 500 to unknown IDs only since a user is missing',
    key: 'user_deprovisioned',
    start: users(4),
    steps: [
      [
        (one) => {
          one.users.delete('u1');
          one.habits = { byId: (user) => (user === undefined ? { status: 500, body: {} } : undefined) };
        },
        [],
      ],
      [nothing, []],
      [nothing, []],
      [nothing, []],
    ],
  },
  {
    name: 'a provider that answers 403 to every ID',
    key: 'user_deprovisioned',
    start: users(4, (one) => {
      one.habits = { byId: () => ({ status: 403, body: {} }) };
    }),
    steps: [
      [(one) => one.users.delete('u1'), []],
      [nothing, []],
      [nothing, []],
      [nothing, []],
    ],
  },
  {
    name: 'a provider that no longer has GET by ID',
    key: 'user_deprovisioned',
    start: users(4),
    steps: [
      [
        (one) => {
          one.users.delete('u1');
          one.habits = { byId: () => ({ status: 404, body: {} }) };
        },
        [],
      ],
      [
        (one) => {
          one.habits = {};
        },
        ['delete u1@example.com'],
      ],
    ],
  },
  {
    name: 'a provider without GET by ID',
    key: 'user_deprovisioned',
    start: users(4, (one) => {
      one.habits = { byId: () => ({ status: 404, body: {} }) };
    }),
    steps: [
      [(one) => one.users.delete('u1'), []],
      [
        (one) => {
          one.habits = {};
        },
        ['delete u1@example.com'],
      ],
    ],
  },
  {
    name: 'an "active" that is omitted when it is false',
    key: 'user_deprovisioned',
    start: users(3),
    steps: [
      [
        (one) => {
          one.habits = {
            listed: (all) => all.map(({ active, ...rest }) => (active === true ? { ...rest, active } : rest)),
          };
          one.setUser('u1', { active: false });
        },
        ['deactivate u1@example.com'],
      ],
      [nothing, []],
    ],
  },
  {
    name: 'IDs that change their case',
    key: 'provisioning_event',
    start: users(4, (one) => one.setGroup('g', ['u1', 'u2'])),
    steps: [
      [
        (one) => {
          for (const [id, user] of [...one.users]) {
            one.users.delete(id);
            one.users.set(id.toUpperCase(), { ...user, id: id.toUpperCase() });
          }
          one.setGroup('g', ['U1', 'U2']);
          one.setUser('U1', { title: 'Countess' });
        },
        ['patch u1@example.com'],
      ],
      [(one) => one.users.delete('U2'), ['delete u2@example.com']],
    ],
  },
  {
    name: 'an ID that is written in another case while its user is renamed',
    key: 'provisioning_event',
    start: users(3),
    steps: [
      [
        (one) => {
          one.habits = { byId: (found, id) => ignoringCase(one, found, id) };
          moveUser(one, 'u1', 'U1', { userName: 'renamed' });
        },
        ['patch renamed'],
      ],
      [(one) => void one.users.delete('U1'), ['delete renamed']],
    ],
  },
  {
    name: 'a new ID that differs from a known one in case only',
    key: 'provisioning_event',
    start: users(3),
    steps: [[(one) => one.setUser('U1', { userName: 'other' }), ['create other']]],
  },
  ...[
    { how: 'shows', members: ['u1', 'u2'], listed: undefined },
    { how: 'leaves out', members: ['u1', 'u2'], listed: withoutMembers },
    { how: 'writes in another case', members: ['U1', 'U2'], listed: undefined },
  ].map(
    ({ how, members, listed }): Story => ({
      name: `users in a group that is named, whose members the list ${how}`,
      key: 'user_deprovisioned',
      input: { group: { displayName: 'admins' } },
      start: users(5, (one) => {
        one.setGroup('admins', members);
        one.setGroup('empty', []);
        if (listed !== undefined)
          one.habits = { listed: (all, kind) => (kind === 'Groups' ? all.map(listed) : all) };
      }),
      steps: [
        [deactivate(2, 3), deactivated(2, 2)],
        [(one) => void one.users.delete('u1'), ['delete u1@example.com']],
      ],
    }),
  ),
  {
    name: 'a list that begins to leave out members',
    key: 'group_membership_changed',
    start: (one) => {
      one.setGroup('admins', ['u1', 'u2', 'u3', 'u4']);
      one.setGroup('staff', ['u1']);
    },
    steps: [
      [(one) => cutMembersAt(one, 2), []],
      [(one) => one.setGroup('admins', ['u1', 'u2', 'u3']), ['patch admins']],
    ],
  },
  {
    name: 'a group that grows beyond the number of members that a list shows',
    key: 'group_membership_changed',
    start: (one) => {
      cutMembersAt(one, 3);
      one.setGroup('admins', ['u1', 'u2']);
      one.setGroup('staff', ['u1']);
    },
    steps: [
      [(one) => one.setGroup('admins', ['u3', 'u4', 'u5', 'u1', 'u2']), ['patch admins']],
      [(one) => one.setGroup('admins', ['u3', 'u4', 'u5', 'u1']), ['patch admins']],
      [(one) => one.setGroup('admins', ['u3', 'u4', 'u5', 'u1', 'u6']), ['patch admins']],
      [nothing, []],
    ],
  },
  {
    name: 'an ID that a new user gets',
    key: 'provisioning_event',
    start: users(3),
    steps: [
      [
        (one) => {
          const created = new Date(Date.now() + 3_600_000).toISOString();
          one.setUser('u1', { userName: 'bob', meta: { created, lastModified: created } });
        },
        ['delete u1@example.com', 'create bob'],
      ],
      [(one) => one.setUser('u2', { userName: 'renamed' }), ['patch renamed']],
    ],
  },
  {
    name: 'a user who is created again under the same name',
    key: 'provisioning_event',
    start: users(3),
    steps: [
      [
        (one) => {
          one.users.delete('u1');
          const meta = { lastModified: new Date(Date.now() - 5_000).toISOString() };
          one.setUser('u9', { userName: 'U1@example.com', meta });
        },
        ['delete u1@example.com', 'create U1@example.com'],
      ],
    ],
  },
  {
    name: 'an entry without an ID',
    key: 'user_deprovisioned',
    start: users(3, (one) => {
      one.habits = { listed: (all) => [...all, { userName: 'legacy' }] };
    }),
    steps: [[(one) => one.setUser('u1', { active: false }), ['deactivate u1@example.com']]],
  },
];

it.each(stories)(
  'Node and Ruby report the same for $name',
  async ({ key, input = {}, start, steps }) => {
    start(directory);
    expect(await pollBoth(key, input)).toEqual([]);
    for (const [act, expected, approves] of steps) {
      act(directory);
      const approval = approves === undefined ? {} : { approve: heldId };
      expect(await pollBoth(key, { ...input, ...approval })).toEqual(expected);
    }
  },
  60_000,
);
