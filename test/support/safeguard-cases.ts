import { expect } from 'vitest';
import { roleUrn } from './scim-urns.ts';
import type { Directory } from './start-directory.ts';

/** The trigger of every case: it reports what is lost, and what else happens. */
export const guardedTrigger = 'provisioning_event';

/** What one poll came to: the events as `type ID`, and the message of what is held. */
export interface GuardedPoll {
  readonly events: readonly string[];
  readonly held?: string | undefined;
}

/** A host that polls a directory. */
export interface GuardedSide {
  /** @param approve the ID of a hold that a person has approved */
  poll(approve?: string): Promise<GuardedPoll>;
}

/** Something that the safeguard must hold, in every host. */
export interface SafeguardCase {
  readonly title: string;
  /** Fills the directory. */
  fill(directory: Directory): void;
  /** What is lost before, within the limit. Omitted: nothing. */
  readonly loseBefore?: (directory: Directory) => void;
  /** Takes away what must be held. */
  lose(directory: Directory): void;
  /** A part of the sentences about the hold: the number, and the first of those who are named. */
  readonly says: readonly (string | RegExp)[];
  /** The number of events that are held. */
  readonly count: number;
  /** Whether nothing of the read can be believed, so that nothing else is reported, either. */
  readonly isWhole?: true;
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

const role = { [roleUrn]: { workato_role: 'Admin' } };
const addUsers = (directory: Directory, count: number, values: object = {}): void => {
  for (const number of range(1, count)) directory.setUser(`u${number}`, { ...values });
};
const deactivate = (directory: Directory, from: number, to: number): void => {
  for (const number of range(from, to)) directory.setUser(`u${number}`, { active: false });
};
const setGroups = (directory: Directory, count: number, size: number): void => {
  for (const group of range(1, count))
    directory.setGroup(
      `g${group}`,
      range(1, size).map((member) => `m${group}-${member}`),
    );
};

export const safeguardCases: readonly SafeguardCase[] = [
  {
    title: 'all of a directory of 15',
    fill: (directory) => addUsers(directory, 15),
    lose: (directory) => deactivate(directory, 1, 15),
    says: [/15 of 1[56] users would be reported as deactivated/, 'u1@example.com (active → inactive), u2@'],
    count: 15,
  },
  {
    title: 'another tenant behind the same URL',
    fill: (directory) => addUsers(directory, 15),
    lose(directory) {
      directory.users.clear();
      for (const number of range(1, 15)) directory.setUser(`other${number}`);
    },
    says: ['none of the 15 known users', 'all 15 users (known → replaced)'],
    count: 15,
    isWhole: true,
  },
  {
    title: '500 roles that become nothing',
    fill: (directory) => addUsers(directory, 500, role),
    lose: (directory) => addUsers(directory, 500, { [roleUrn]: {} }),
    says: [
      /500 of 50[01] users would be reported as having lost a role/,
      '(workato_role: Admin → none), and 490',
    ],
    count: 500,
  },
  {
    title: '500 members who are gone',
    fill: (directory) => setGroups(directory, 50, 10),
    lose: (directory) => setGroups(directory, 50, 0),
    says: ['500 of 500 group memberships would be reported', 'g1 (members: 10 → 0)', 'and 40 more'],
    count: 50,
  },
  {
    title: '20 users in every poll',
    fill: (directory) => addUsers(directory, 200),
    loseBefore: (directory) => deactivate(directory, 1, 20),
    lose: (directory) => deactivate(directory, 21, 40),
    says: [/40 of 20[01] users/, '(20 of them were reported before)', 'u21@example.com (active → inactive)'],
    count: 20,
  },
  {
    title: 'deleted groups',
    fill: (directory) => setGroups(directory, 10, 2),
    lose(directory) {
      for (const group of range(1, 6)) directory.groups.delete(`g${group}`);
    },
    says: ['6 of 10 groups would be reported as deactivated or deleted', 'g1 (known → deleted)'],
    count: 6,
  },
];

/** The ID of the hold in a message, whatever the words of the host around it. */
export const holdIn = (message: string): string =>
  /hold-[0-9a-f]{16}/.exec(message)?.[0] ?? expect.fail(`No ID is in: ${message}`);

/**
 * Checks a case in one host.
 *
 * @param letsOthersPass - whether the host reports the events of others while something is held
 */
export async function expectHeld(
  { fill, loseBefore, lose, says, count, isWhole }: SafeguardCase,
  directory: Directory,
  side: GuardedSide,
  letsOthersPass: boolean,
): Promise<void> {
  fill(directory);
  expect(await side.poll()).toEqual({ events: [] });
  if (loseBefore !== undefined) {
    loseBefore(directory);
    expect((await side.poll()).events).toHaveLength(20);
  }
  lose(directory);
  directory.setUser('new');
  const others = letsOthersPass && isWhole === undefined ? ['create new'] : [];
  for (const expected of [others, []]) {
    const { events, held = '' } = await side.poll();
    expect(events).toEqual(expected);
    for (const part of says) expect(held).toMatch(part);
    // Ten at most are named.
    expect((held.split('Affected: ')[1] ?? '').match(/ → /g)?.length).toBeLessThanOrEqual(10);
  }
  const { held = '' } = await side.poll();
  const through = await side.poll(holdIn(held));
  expect(through.held).toBeUndefined();
  const isNew = (event: string): boolean => /^create (new|other\d+)$/.test(event);
  expect(through.events.filter((event) => !isNew(event))).toHaveLength(count);
  if (!letsOthersPass) expect(through.events).toContain('create new');
  expect(await side.poll()).toEqual({ events: [] });
}

/** Checks in one host that an attribute that vanishes from everybody is no loss, and that nothing else waits for it. */
export async function expectHidden(directory: Directory, side: GuardedSide): Promise<void> {
  addUsers(directory, 15, role);
  expect(await side.poll()).toEqual({ events: [] });
  const hide = ({ [roleUrn]: _, ...shown }: Readonly<Record<string, unknown>>): object => shown;
  directory.habits = {
    listed: (all) => all.map(hide),
    byId: (one) => (one === undefined ? undefined : { body: hide(one) }),
  };
  directory.setUser('new');
  expect(await side.poll()).toEqual({ events: ['create new'] });
  expect(await side.poll()).toEqual({ events: [] });
}
