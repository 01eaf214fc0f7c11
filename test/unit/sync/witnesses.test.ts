import { describe, expect, it } from 'vitest';
import type { ApplyJournal, JournalRecord } from '../../../sync/journal.ts';
import type { Plan } from '../../../sync/plan.ts';
import { planRevert } from '../../../sync/revert-plan.ts';
import { WitnessKeeper } from '../../../sync/witnesses.ts';
import { failureOf } from '../../support/failure-of.ts';
import { type MemoryDirectory, openMemoryDirectory } from '../../support/memory-directory.ts';
import { definition } from '../../support/open-test-session.ts';

const email = (name: string): string => `${name}@example.com`;

/** A directory behind the one URL that all of them have, with IDs from 1. */
function directoryOf(...names: readonly string[]): MemoryDirectory {
  const directory = openMemoryDirectory();
  for (const name of names) directory.addUser({ userName: email(name), title: 'Analyst' });
  return directory;
}

const created = { userName: 'new@example.com', title: 'Analyst' };
const planFor = ({ session }: MemoryDirectory, ...rows: readonly object[]): Promise<Plan> =>
  session.plan({ source: 'people', rows: rows as Record<string, unknown>[] }, {});

function openJournal(): ApplyJournal & { readonly records: JournalRecord[] } {
  const records: JournalRecord[] = [];
  return { records, append: async (more) => void records.push(...more) };
}

describe('a plan that creates users', () => {
  it('names the five users with the first usernames whom it leaves, in any order of the list', async () => {
    const users = Array.from({ length: 40 }, (_, index) => ({
      id: String(index + 1).padStart(2, '0'),
      userName: email(`user-${index + 10}`),
    }));
    const witnessesIn = (listed: typeof users, changes: Plan['changes']): readonly string[] => {
      const keeper = new WitnessKeeper();
      for (const user of listed) keeper.add(user);
      return keeper.witnessesOf(changes).map(({ id }) => id);
    };
    const change = (id: string, kind: 'delete' | 'deactivate' | 'update', path: string) => ({
      id: `user ${id}`,
      kind,
      user: { id },
      attributes: [{ path, from: 'a', to: 'b' }],
    });
    const changes = [
      change('01', 'delete', 'active'),
      change('02', 'deactivate', 'active'),
      change('03', 'update', 'userName'),
      change('04', 'update', 'title'),
    ];
    for (const listed of [users, users.toReversed(), [...users, ...users]]) {
      expect(witnessesIn(listed, [])).toEqual(['01', '02', '03', '04', '05']);
      expect(witnessesIn(listed, changes)).toEqual(['04', '05', '06', '07', '08']);
    }
  });

  it('is refused in the directory of another tenant, before anything is changed', async () => {
    const plan = await planFor(directoryOf('ada', 'bob', 'cid'), created);
    const other = directoryOf('dan', 'eve', 'fay', 'gil');
    const journal = openJournal();
    const error = await failureOf(other.session.apply(plan, { journal }));
    expect(error).toMatchObject({ code: 'invalid_input', problems: [{ path: 'plan' }] });
    expect(error.message).toContain(
      '3 of 3 users by whom it recognizes the directory are gone, or have another username (ada@example.com, ID 1,',
    );
    expect([other.writes, journal.records]).toEqual([[], []]);
  });

  it('is applied while half of its witnesses are there, and refused once most of them are gone', async () => {
    const directory = directoryOf('ada', 'bob', 'cid', 'dan');
    const plan = await planFor(directory, created);
    directory.users.delete('1');
    expect((await directory.session.apply(plan, {})).counts).toMatchObject({ changed: 1 });
    directory.users.set('2', { ...directory.users.get('2'), userName: email('renamed') });
    expect((await directory.session.apply(plan, {})).counts).toMatchObject({ unchanged: 1 });
    directory.users.delete('3');
    expect(await failureOf(directory.session.apply(plan, {}))).toMatchObject({ code: 'invalid_input' });
  });

  it('is resumed after it has deactivated, renamed, and deleted users itself', async () => {
    const directory = directoryOf('ada', 'bob', 'cid', 'dan');
    const rows = [{ id: '1', userName: email('ada-2') }, { id: '4', userName: email('dan') }, created];
    const plan = await directory.session.plan(
      { source: 'people', rows },
      { ownedBy: { filter: 'id pr' }, missing: 'delete' },
    );
    const approve = plan.holds.map(({ id }) => id);
    const journal = openJournal();
    expect((await directory.session.apply(plan, { journal, approve })).counts).toMatchObject({ changed: 4 });
    expect(await directory.session.apply(plan, { journal, approve })).toMatchObject({ doneBefore: 4 });
    expect((await directory.session.apply(plan, { approve })).counts).toMatchObject({ unchanged: 4 });
  });

  it('says that nothing shows its directory if that is empty', async () => {
    const plan = await planFor(directoryOf(), created);
    expect(plan.notes).toEqual([
      expect.stringContaining('nothing can show whether it is applied to the same directory'),
    ]);
    expect((await directoryOf('dan').session.apply(plan, {})).counts).toMatchObject({ changed: 1 });
  });

  it('passes its witnesses to the way back', async () => {
    const directory = directoryOf('ada', 'bob', 'cid');
    const rows = ['ada', 'bob'].map((name) => ({ userName: email(name) }));
    const plan = await directory.session.plan(
      { source: 'people', rows },
      { ownedBy: { filter: 'id pr' }, missing: 'delete' },
    );
    const journal = openJournal();
    await directory.session.apply(plan, { journal, approve: plan.holds.map(({ id }) => id) });
    const wayBack = planRevert(definition, journal.records);
    expect(wayBack.changes.map(({ kind }) => kind)).toEqual(['create']);
    const other = directoryOf('dan', 'eve');
    expect(await failureOf(other.session.apply(wayBack, {}))).toMatchObject({ code: 'invalid_input' });
    expect((await directory.session.apply(wayBack, {})).counts).toMatchObject({ changed: 1 });
  });

  it('fails with the error of the reads if nothing shows its directory', async () => {
    const directory = directoryOf('ada');
    const plan = await planFor(directory, created);
    const send = async () => ({ status: 403, headers: {}, body: '{}' });
    Object.assign(directory.platform, { send });
    expect(await failureOf(directory.session.apply(plan, {}))).toMatchObject({ code: 'forbidden' });
    expect(directory.writes).toEqual([]);
  });
});

it('a plan that only changes users is applied without witnesses, because each user is read first', async () => {
  const plan = await planFor(directoryOf('ada', 'bob'), { userName: email('ada'), title: 'Director' });
  const other = directoryOf('dan', 'eve');
  expect((await other.session.apply(plan, {})).counts).toMatchObject({ refused: 1 });
  expect(other.writes).toEqual([]);
});

describe('a plan that is applied again without a journal', () => {
  it('says that a user whom an earlier run created is there as planned, and sends nothing', async () => {
    const directory = directoryOf('ada');
    const plan = await planFor(directory, created);
    expect((await directory.session.apply(plan, {})).counts).toMatchObject({ changed: 1 });
    const { results } = await directory.session.apply(plan, {});
    expect(results).toMatchObject([{ outcome: 'unchanged', message: 'It is there already, as planned.' }]);
    expect(directory.writes).toEqual(['POST /Users']);
  });

  it('refuses a user who was created since, and does not show all that is planned', async () => {
    const directory = directoryOf('ada');
    const plan = await planFor(directory, created);
    await directory.session.apply(plan, {});
    for (const [id, user] of directory.users)
      if (user.userName === created.userName) directory.users.set(id, { ...user, title: undefined });
    const { counts, results } = await directory.session.apply(plan, {});
    expect(counts).toMatchObject({ changed: 0, refused: 1 });
    expect(results[0]?.message).toBe(
      `${created.userName} was created after the plan was made, and is not as planned: title. Plan again.`,
    );
    expect(results[0]?.differences).toEqual([{ path: 'title', from: null, to: null }]);
    expect(directory.writes).toEqual(['POST /Users']);
  });
});
