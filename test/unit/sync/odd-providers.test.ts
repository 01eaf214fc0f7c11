import { describe, expect, it } from 'vitest';
import { type RoleReport, reportRoles } from '../../../report/role-report.ts';
import { exportDirectory } from '../../../runtime/export-directory.ts';
import type { ApplyJournal, JournalRecord } from '../../../sync/journal.ts';
import type { Plan } from '../../../sync/plan.ts';
import { planRevert } from '../../../sync/revert-plan.ts';
import { type MemoryDirectory, openMemoryDirectory } from '../../support/memory-directory.ts';
import { definition } from '../../support/open-test-session.ts';
import { roleUrn } from '../../support/scim-urns.ts';

type Values = Readonly<Record<string, unknown>>;

/** Ada and Bob (users 1 and 2), and a group of both (3). */
function openOddDirectory(habits: Partial<Pick<MemoryDirectory, 'show'>> = {}): MemoryDirectory {
  const directory = openMemoryDirectory();
  for (const name of ['ada', 'bob'])
    directory.addUser({
      userName: `${name}@example.com`,
      title: 'Analyst',
      nickName: name,
      [roleUrn]: { workato_role: 'Operator' },
    });
  directory.addGroup('Crew', ['1', '2']);
  return Object.assign(directory, habits);
}

function planOf({ session }: MemoryDirectory, ...rows: readonly Values[]): Promise<Plan> {
  return session.plan({ source: 'people', rows }, {});
}

async function applyTo({ session }: MemoryDirectory, plan: Plan) {
  const records: JournalRecord[] = [];
  const journal: ApplyJournal = { records: [], append: async (more) => void records.push(...more) };
  const approve = plan.holds.map(({ id }) => id);
  const { results } = await session.apply(plan, { approve, journal });
  return { results, outcomes: results.map(({ outcome }) => outcome), records };
}

function withMembers(
  change: (member: Values, at: number) => Values,
): (resource: Values) => Values | undefined {
  return (resource) =>
    Array.isArray(resource.members) ? { ...resource, members: resource.members.map(change) } : resource;
}

const without =
  (...names: readonly string[]) =>
  (resource: Values): Values =>
    Object.fromEntries(Object.entries(resource).filter(([name]) => !names.includes(name)));

describe('a report and an export of an odd provider', () => {
  const reportOf = ({ session }: MemoryDirectory): Promise<RoleReport> => reportRoles(session.contextOf());
  const notesOfExport = async ({ session }: MemoryDirectory): Promise<readonly string[]> => {
    const notes: string[] = [];
    const options = { format: 'json', onNote: (note: string) => void notes.push(note) } as const;
    for await (const _ of exportDirectory(session.contextOf(), 'groups', options));
    return notes;
  };

  it('has the groups of users whose IDs have another case as members', async () => {
    const directory = openOddDirectory();
    directory.users.set('a', { id: 'a', userName: 'cyd@example.com', active: true });
    directory.groups.set('4', { id: '4', displayName: 'Others', members: [{ value: 'A' }] });

    const { users, inNoGroup, notes } = await reportOf(directory);
    expect(users.map(({ groups }) => groups)).toEqual([['Crew'], ['Crew'], ['Others']]);
    expect({ inNoGroup, notes }).toEqual({ inNoGroup: [], notes: [] });
  });

  it.each([0, 'disabled', null])('says that it does not know who is active if it is %j', async (active) => {
    const directory = openOddDirectory({
      show: (resource) => (resource.id === '2' ? { ...resource, active } : resource),
    });

    const said =
      active === null ? [] : [expect.stringMatching(/^Who is active is not known of 1 of 2 users/)];
    expect((await reportOf(directory)).notes).toEqual(said);
  });

  it('says that the list does not show who is active', async () => {
    expect((await reportOf(openOddDirectory({ show: without('active') }))).notes).toEqual([
      'The list does not show who is active: every user counts as active.',
    ]);
  });

  it('says which groups are listed, and cannot be read', async () => {
    const directory = openOddDirectory({
      show: (resource, where) => (where === 'byId' && resource.id === '3' ? undefined : resource),
    });
    directory.addGroup('Others', ['1']);
    const note = expect.stringMatching(/The provider lists Crew, but returns nothing for the ID\./);

    expect(await reportOf(directory)).toMatchObject({ inNoGroup: null, notes: [note] });
    expect(await notesOfExport(directory)).toEqual([note]);
  });

  it('says in which groups a member is shown without an ID', async () => {
    const directory = openOddDirectory({
      show: withMembers((member, at) => (at === 1 ? { display: 'Bob' } : member)),
    });
    directory.addGroup('Others', ['1']);
    const note = expect.stringMatching(/The members of Crew are not known: some are shown without an ID\.$/);

    expect(await reportOf(directory)).toMatchObject({ inNoGroup: null, notes: [note] });
    expect(await notesOfExport(directory)).toEqual([note]);
  });
});

describe('a plan for an odd provider', () => {
  it('has a problem for the rows of a group that is listed, and cannot be read', async () => {
    const directory = openOddDirectory({
      show: (resource, where) => (where === 'byId' && resource.id === '3' ? undefined : resource),
    });
    const plan = await planOf(directory, { userName: 'ada@example.com', groups: ['Crew'] });

    expect(plan.problems).toMatchObject([{ message: expect.stringContaining('There is no group "Crew"') }]);
    expect(plan.notes).toContainEqual(expect.stringMatching(/^The provider lists Crew, but returns nothing/));
  });

  it('notes that members without an ID do not leave', async () => {
    const directory = openOddDirectory({
      show: withMembers((member, at) => (at === 1 ? { display: 'Bob' } : member)),
    });
    directory.addGroup('Others', ['1']);
    const plan = await planOf(
      directory,
      { userName: 'bob@example.com', groups: ['Others'] },
      {
        userName: 'ada@example.com',
        groups: ['Crew', 'Others'],
      },
    );

    expect(plan.notes).toContainEqual(expect.stringMatching(/^The members of Crew are not known/));
  });

  it('does not revert values that the provider never shows, and says so', async () => {
    const directory = openOddDirectory({ show: without(roleUrn) });
    const row = { userName: 'ada@example.com', title: 'Lead', workato_role: 'Admin' };
    const { outcomes, records } = await applyTo(directory, await planOf(directory, row));
    expect(outcomes).toEqual(['changed']);

    const back = planRevert(definition, records);
    expect(back.problems.map(({ message }) => message)).toEqual([
      'workato_role of ada@example.com is not reverted: the provider showed no value before the change or after it. Check it there.',
    ]);
    expect((await applyTo(directory, back)).outcomes).toEqual(['changed']);
    expect(directory.users.get('1')).toMatchObject({
      title: 'Analyst',
      [roleUrn]: { workato_role: 'Admin' },
    });
  });

  describe.each(['the user', 'nothing'] as const)('whose PATCH works as a PUT, and shows %s', (shown) => {
    const openPutting = (): MemoryDirectory => {
      const directory = openOddDirectory();
      const { users } = directory;
      directory.afterWrite = (write) => {
        if (write !== 'PATCH /Users/1') return undefined;
        const user = without('nickName', roleUrn)(users.get('1') ?? {});
        users.set('1', user);
        return shown === 'nothing' ? { status: 204 } : { status: 200, body: JSON.stringify(user) };
      };
      return directory;
    };

    it('fails with what is lost', async () => {
      const directory = openPutting();
      const plan = await planOf(directory, { userName: 'ada@example.com', title: 'Lead' });

      expect((await applyTo(directory, plan)).results).toMatchObject([
        {
          outcome: 'failed',
          code: 'provider_fault',
          message: expect.stringContaining(`lost or changed: nickName, ${roleUrn}:workato_role.`),
        },
      ]);
    });

    it('gets back what was lost by a revert', async () => {
      const directory = openPutting();
      const before = directory.state();
      const plan = await planOf(directory, { userName: 'ada@example.com', title: 'Lead' });
      const { records } = await applyTo(directory, plan);
      directory.afterWrite = () => undefined;

      expect((await applyTo(directory, planRevert(definition, records))).outcomes).toEqual(['changed']);
      expect(directory.state()).toEqual(before);
    });
  });

  it.each(['join', 'leave'] as const)('fails where a %s removes other members', async (kind) => {
    const directory = openOddDirectory();
    directory.addUser({ userName: 'cyd@example.com' });
    directory.addUser({ userName: 'dan@example.com' });
    directory.groups.set('3', {
      id: '3',
      displayName: 'Crew',
      members: ['1', '2', '4'].map((value) => ({ value })),
    });
    const row =
      kind === 'join'
        ? { userName: 'dan@example.com', groups: ['Crew'] }
        : { userName: 'ada@example.com', groups: [] };
    const plan = await directory.session.plan({ source: 'people', rows: [row] }, { groups: ['Crew'] });
    directory.afterWrite = () => {
      const members = kind === 'join' ? [{ value: '5' }] : [];
      directory.groups.set('3', { id: '3', displayName: 'Crew', members });
      return { status: 204 };
    };

    expect((await applyTo(directory, plan)).results).toMatchObject([
      {
        change: { kind },
        outcome: 'failed',
        code: 'provider_fault',
        message: expect.stringContaining(
          `no longer members of the group: ${kind === 'join' ? '1, 2, 4' : '2, 4'}.`,
        ),
      },
    ]);
  });
});
