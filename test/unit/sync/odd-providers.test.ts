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
function openOddDirectory(habits: Partial<Pick<MemoryDirectory, 'show' | 'onWrite'>> = {}): MemoryDirectory {
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
});
