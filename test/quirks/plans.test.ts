import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type QuirkName, quirkNames } from '../../sandbox/index.ts';
import type { ChangeOutcome } from '../../sync/apply-result.ts';
import { openQuirkBench, type QuirkBench, type Truth } from './open-quirk-bench.ts';

const coreUser = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const options = { ownedBy: { externalIdPrefix: 'hr-' } };

/** The quirks with which a plan cannot be made or applied completely: nothing wrong is done, and it is said. */
const incomplete: { readonly [name in QuirkName]?: string } = {
  'deactivate-ignored': 'the user stays active, and the change fails',
  'directory-empty': 'the users who are hidden are refused when they are to be created',
  'inactive-users-unlisted': 'the user who is hidden is refused',
  'invitation-pending': 'the users who have not accepted are not changed, and the changes fail',
  'late-visibility': 'the users who are not listed yet are refused',
  'list-entry-without-id': 'the user without an ID in the list is refused',
  'list-skips-one': 'the user who is not listed is refused',
  'members-never-shown': 'members who are hidden do not leave, and the plan notes it',
  'numeric-ids-beyond-2-53': 'IDs that JSON cannot hold are rejected',
  'other-id-in-response': 'another user in the response is rejected',
  'patch-ignored': 'memberships stay as they are, and the changes fail',
  'retry-after-epoch': 'the provider requests a wait beyond the time limit',
  'single-user-unreadable': 'a user who cannot be read is not changed',
};

let bench: QuirkBench;

beforeAll(async () => {
  bench = await openQuirkBench();
});
afterAll(() => bench.close());

function fill(): void {
  const ids = [0, 1, 2, 3, 4, 5].map(
    (index) =>
      bench.write('POST', '/Users', {
        schemas: [coreUser, enterprise],
        userName: `user${index}@example.com`,
        externalId: `hr-${index}`,
        title: 'Analyst',
        active: index !== 4,
        [enterprise]: { department: 'Sales' },
      }).id,
  );
  bench.write('POST', '/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Engineering',
    members: ids.slice(0, 2).map((value) => ({ value })),
  });
}

/** User 0 changes, 1 leaves the group, 3 joins it, 4 is reactivated, 5 is missing, and one is new. */
const rows = [
  { userName: 'user0@example.com', externalId: 'hr-0', title: 'Boss', groups: ['Engineering'] },
  { userName: 'user1@example.com', externalId: 'hr-1', title: null, groups: [] },
  { userName: 'user2@example.com', externalId: 'hr-2', [enterprise]: { department: 'Research' } },
  { userName: 'user3@example.com', externalId: 'hr-3', groups: ['Engineering'] },
  { userName: 'user4@example.com', externalId: 'hr-4', active: true },
  { userName: 'new@example.com', externalId: 'hr-new', title: 'Analyst', groups: ['Engineering'] },
];

const expected = [
  'new@example.com, active: Analyst, undefined',
  'user0@example.com, active: Boss, Sales',
  'user1@example.com, active: undefined, Sales',
  'user2@example.com, active: Analyst, Research',
  'user3@example.com, active: Analyst, Sales',
  'user4@example.com, active: Analyst, Sales',
];
const members = ['new@example.com', 'user0@example.com', 'user3@example.com'];

const lineOf = ({ userName, active, title, [enterprise]: extension }: Truth): string =>
  `${userName}, ${active === false ? 'inactive' : 'active'}: ${title}, ${Object(extension).department}`;

async function planAndApply(): Promise<readonly (ChangeOutcome | 'noted')[] | Error> {
  try {
    const session = bench.openSession();
    const plan = await session.plan({ source: 'people', rows }, options);
    const approve = plan.holds.map(({ id }) => id);
    const { results } = await session.apply(plan, { approve });
    const isNoted = plan.notes.some((note) => note.startsWith('No group shows members.'));
    return [...results.map(({ outcome }) => outcome), ...(isNoted ? ['noted' as const] : [])];
  } catch (error) {
    return error as Error;
  }
}

describe('a plan at a provider with a quirk', () => {
  it.each(quirkNames)('makes the desired state, or says that it could not: %s', async (quirk) => {
    bench.reset([quirk]);
    fill();
    const outcomes = await planAndApply();
    const users = bench.users().filter(({ userName }) => userName !== 'user5@example.com');
    const shown = users.map(lineOf).toSorted();
    const [group] = bench.groups();
    const nameOf = new Map(bench.users().map(({ id, userName }) => [id, String(userName)]));
    const inGroup = (Array.isArray(group?.members) ? group.members : [])
      .map(({ value }) => nameOf.get(value))
      .toSorted();
    const missing = bench.users().find(({ userName }) => userName === 'user5@example.com');
    if (incomplete[quirk] !== undefined) {
      const isSaid = outcomes instanceof Error || outcomes.some((outcome) => outcome !== 'changed');
      expect(isSaid, incomplete[quirk]).toBe(true);
      // Nobody who is desired has lost access.
      expect(
        bench
          .users()
          .filter(({ userName, active }) => active === false && !/^user[45]@/.test(String(userName))),
      ).toEqual([]);
      return;
    }
    expect(new Set(outcomes as readonly string[])).toEqual(new Set(['changed']));
    expect(shown).toEqual(expected);
    expect(inGroup).toEqual(members);
    expect(missing === undefined || missing.active === false).toBe(true);
  });
});
