import { describe, expect, it, vi } from 'vitest';
import type { Progress } from '../../../actions/operation.ts';
import type { ApplyJournal, JournalRecord } from '../../../sync/journal.ts';
import { readPlan } from '../../../sync/read-plan.ts';
import { planRevert } from '../../../sync/revert-plan.ts';
import { failureOf } from '../../support/failure-of.ts';
import { type MemoryDirectory, openMemoryDirectory } from '../../support/memory-directory.ts';
import { definition } from '../../support/open-test-session.ts';

function open(): MemoryDirectory {
  const directory = openMemoryDirectory();
  directory.addUser({ userName: 'ada@example.com', title: 'Analyst' });
  directory.addUser({ userName: 'bob@example.com', title: 'Analyst' });
  return directory;
}

const rows = [
  { userName: 'ada@example.com', title: 'Boss' },
  { userName: 'bob@example.com', title: 'Boss' },
  { userName: 'new@example.com', title: 'Boss' },
];

const planFor = (directory: MemoryDirectory) => directory.session.plan({ source: 'people', rows }, {});

function openJournal(): ApplyJournal & { readonly records: JournalRecord[] } {
  const records: JournalRecord[] = [];
  return { records, append: async (more) => void records.push(...more) };
}

describe('a plan', () => {
  it('is refused for a user who has changed since, with the difference, and for no other', async () => {
    const directory = open();
    const plan = await planFor(directory);
    directory.users.set('1', { ...directory.users.get('1'), title: 'Director' });
    const { counts, results } = await directory.session.apply(plan, {});
    expect(counts).toMatchObject({ changed: 2, refused: 1 });
    expect(results[0]).toMatchObject({
      outcome: 'refused',
      message:
        'ada@example.com has changed since the plan was made: title was "Analyst" and is now "Director". Plan again.',
      differences: [{ path: 'title', from: 'Analyst', to: 'Director' }],
    });
    expect(directory.users.get('1')?.title).toBe('Director');
  });

  it('sets a created manager of a created user, whatever keys both have', async () => {
    const directory = openMemoryDirectory();
    const created = [
      { userName: 'ada@example.com', externalId: 'hr-1', manager: 'bob@example.com' },
      { userName: 'bob@example.com', externalId: 'hr-2' },
    ];
    const plan = await directory.session.plan({ source: 'people', rows: created }, {});
    const { counts, results } = await directory.session.apply(plan, {});
    expect(counts).toMatchObject({ changed: 3, refused: 0 });
    expect(results.map(({ change }) => change)).toEqual(plan.changes);
  });

  it('reads a group once for all who join it, and sends those again who were not made if one is rejected', async () => {
    const directory = openMemoryDirectory();
    const group = directory.addGroup('Engineering', [directory.addUser({ userName: 'ada@example.com' })]);
    const joining = Array.from({ length: 350 }, (_, index) => ({ userName: `user${index}@example.com` }));
    for (const user of joining) directory.addUser(user);
    const groups = ['Engineering'];
    const join = (users: readonly { readonly userName: string }[]) =>
      directory.session.plan({ source: 'people', rows: users.map((user) => ({ ...user, groups })) }, {});
    const first = await join(joining.slice(0, 150));
    const sentBefore = directory.platform.sent.length;
    expect((await directory.session.apply(first, {})).counts.changed).toBe(150);
    const ofGroup = directory.platform.sent
      .slice(sentBefore)
      .filter(({ url }) => url.endsWith(`/Groups/${group}`));
    expect(ofGroup.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'PATCH']);

    const second = await join(joining);
    const rejected = second.changes.flatMap((change) => ('user' in change ? (change.user.id ?? []) : []))[10];
    directory.onWrite = () => {
      const body = String(directory.platform.sent.at(-1)?.body);
      return body.includes(`"${rejected}"`) ? { status: 400, body: '{"status":"400"}' } : undefined;
    };
    const { counts, results } = await directory.session.apply(second, {});
    expect(results.flatMap(({ change, outcome }) => (outcome === 'changed' ? [] : [change]))).toContainEqual(
      expect.objectContaining({ user: expect.objectContaining({ id: rejected }) }),
    );
    expect(counts.changed).toBe(100);
    expect(directory.groups.get(group)?.members).toHaveLength(1 + 150 + 100);
  });

  it('goes on with a large group while requests succeed, however long that takes', async () => {
    const directory = openMemoryDirectory();
    const group = directory.addGroup('Engineering', []);
    const rows = Array.from({ length: 1_000 }, (_, index) => ({ userName: `user${index}@example.com` }));
    for (const user of rows) directory.addUser(user);
    const plan = await directory.session.plan(
      { source: 'people', rows: rows.map((user) => ({ ...user, groups: ['Engineering'] })) },
      {},
    );
    // The provider throttles each request, so that all of them take longer than one deadline.
    let writes = 0;
    directory.onWrite = () => {
      writes += 1;
      return writes % 2 === 1 ? { status: 429, headers: { 'retry-after': '30' } } : undefined;
    };
    const begunAtInMs = directory.platform.now();
    const { counts } = await directory.session.apply(plan, {});
    expect(counts).toMatchObject({ changed: 1_000, failed: 0 });
    expect(directory.platform.now() - begunAtInMs).toBeGreaterThanOrEqual(300_000);
    expect(directory.groups.get(group)?.members).toHaveLength(1_000);
  });

  it('waits for a provider that is down once for each group, not for each part of it', async () => {
    const directory = openMemoryDirectory();
    directory.addGroup('Engineering', []);
    const rows = Array.from({ length: 1_000 }, (_, index) => ({ userName: `user${index}@example.com` }));
    for (const user of rows) directory.addUser(user);
    const plan = await directory.session.plan(
      { source: 'people', rows: rows.map((user) => ({ ...user, groups: ['Engineering'] })) },
      {},
    );
    directory.onWrite = () => ({ status: 503 });
    const begunAtInMs = directory.platform.now();
    const { counts, results } = await directory.session.apply(plan, {});
    expect(counts).toMatchObject({ changed: 0, failed: 1_000 });
    expect(new Set(results.map(({ code }) => code))).toEqual(new Set(['unavailable']));
    expect(directory.platform.now() - begunAtInMs).toBeLessThan(180_000);
    directory.onWrite = () => undefined;
    expect((await directory.session.apply(plan, {})).counts).toMatchObject({ changed: 1_000 });
  });

  describe('whose journal cannot be written any more', () => {
    const full = new Error('the disk is full');
    const many = Array.from({ length: 40 }, (_, index) => ({ userName: `user${index}@example.com` }));
    /** A journal that accepts some records, and then no other. */
    const fullAfter = (count: number): ApplyJournal & { readonly records: JournalRecord[] } => {
      const journal = openJournal();
      return {
        ...journal,
        async append(more) {
          if (journal.records.length + more.length > count) throw full;
          await journal.append(more);
        },
      };
    };

    it.each([2, 3, 10, 25])('says what was done and what is left: %i records', async (count) => {
      const directory = openMemoryDirectory();
      for (const user of many) directory.addUser(user);
      const groups = ['Engineering'];
      directory.addGroup('Engineering', []);
      const desired = many.map((user) => ({ ...user, title: 'Analyst', groups }));
      const plan = await directory.session.plan({ source: 'people', rows: desired }, {});
      const journal = fullAfter(count);
      const progress: Progress[] = [];
      const { counts, results, stoppedBy } = await directory.session.apply(
        plan,
        { journal },
        { onProgress: (step) => progress.push(step) },
      );
      expect(stoppedBy).toBe(full);
      expect(progress.map(({ done }) => done)).toEqual(
        Array.from({ length: counts.changed }, (_, at) => at + 1),
      );
      expect(results).toHaveLength(plan.changes.length);
      expect(counts.changed + counts.stopped).toBe(plan.changes.length);
      const idsOf = (type: string): readonly string[] =>
        journal.records.flatMap((one) => (one.type === type && 'id' in one ? [one.id] : []));
      expect(counts.changed).toBe(idsOf('done').length);
      const maybeMade = results.filter(({ maybeMade }) => maybeMade).map(({ change }) => change.id);
      expect(maybeMade.toSorted()).toEqual(
        idsOf('sending')
          .filter((id) => !idsOf('done').includes(id))
          .toSorted(),
      );

      const resumed = await directory.session.apply(plan, {
        journal: { ...openJournal(), ...journal, append: async (more) => void journal.records.push(...more) },
      });
      expect(resumed.stoppedBy).toBeUndefined();
      expect(resumed.counts.changed + resumed.doneBefore).toBe(plan.changes.length);
      expect((await directory.session.plan({ source: 'people', rows: desired }, {})).changes).toEqual([]);
    });

    it('is rejected with the reason if nothing was sent', async () => {
      const directory = open();
      const plan = await planFor(directory);
      for (const count of [0, 1]) {
        expect(await directory.session.apply(plan, { journal: fullAfter(count) }).catch(String)).toBe(
          String(full),
        );
        expect(directory.writes).toEqual([]);
      }
    });
  });

  it('is refused for a user who was renamed, deactivated, or deleted since', async () => {
    const directory = open();
    for (const name of ['cid', 'dan', 'eve']) directory.addUser({ userName: `${name}@example.com` });
    const plan = await planFor(directory);
    directory.users.set('1', { ...directory.users.get('1'), userName: 'renamed@example.com', active: false });
    directory.users.delete('2');
    const { results } = await directory.session.apply(plan, {});
    expect(results.map(({ outcome, message }) => [outcome, message])).toEqual([
      [
        'refused',
        'renamed@example.com has changed since the plan was made: userName was "ada@example.com" and is now "renamed@example.com"; active was true and is now false. Plan again.',
      ],
      ['refused', 'The user no longer exists.'],
      ['changed', undefined],
    ]);
  });

  it('does nothing where someone else has made the change already', async () => {
    const directory = open();
    const plan = await planFor(directory);
    directory.users.set('1', { ...directory.users.get('1'), title: 'Boss' });
    const { counts } = await directory.session.apply(plan, {});
    expect(counts).toMatchObject({ changed: 2, unchanged: 1 });
    expect(directory.writes.toSorted()).toEqual(['PATCH /Users/2', 'POST /Users']);
  });

  it('is refused for a new user who exists by now', async () => {
    const directory = open();
    const plan = await planFor(directory);
    directory.addUser({ userName: 'new@example.com', title: 'Someone else' });
    const { results } = await directory.session.apply(plan, {});
    expect(results[2]).toMatchObject({ outcome: 'refused' });
    expect(results[2]?.message).toContain(
      'A user with this username exists, whom the list did not show when the plan was made.',
    );
  });

  it('goes on after a change that the provider rejects, and not after rejected credentials', async () => {
    const directory = open();
    const plan = await planFor(directory);
    directory.onWrite = (write) =>
      write === 'PATCH /Users/1'
        ? { status: 400, body: '{"status":"400","detail":"no such title"}' }
        : undefined;
    const { counts, results } = await directory.session.apply(plan, {});
    expect(counts).toMatchObject({ changed: 2, failed: 1 });
    expect(results[0]).toMatchObject({ outcome: 'failed', code: 'invalid_input' });
    const locked = open();
    locked.onWrite = () => ({ status: 401, body: '' });
    expect(await failureOf(locked.session.apply(await planFor(locked), {}))).toMatchObject({ code: 'auth' });
  });

  it('is refused if it was edited, is for another provider, or the journal is of another plan', async () => {
    const directory = open();
    const plan = await planFor(directory);
    const edited = { ...plan, changes: plan.changes.slice(1) };
    expect(await failureOf((async () => readPlan(edited))())).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('was changed after it was made'),
    });
    expect(readPlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    const elsewhere = { ...plan, baseUrl: 'https://other.example.com/scim/v2' };
    expect(await failureOf(directory.session.apply(elsewhere, {}))).toMatchObject({ code: 'invalid_input' });
    const journal = openJournal();
    await directory.session.apply(plan, { journal });
    const later = await directory.session.plan(
      { source: 'people', rows: [{ userName: 'x@example.com' }] },
      {},
    );
    expect(await failureOf(directory.session.apply(later, { journal }))).toMatchObject({
      code: 'invalid_input',
    });
  });
});

describe('a journal', () => {
  it('has what was there before each change, and what was sent', async () => {
    const directory = open();
    const journal = openJournal();
    await directory.session.apply(await planFor(directory), { journal });
    expect(journal.records.map(({ type }) => type).toSorted()).toEqual([
      'done',
      'done',
      'done',
      'sending',
      'sending',
      'sending',
      'start',
    ]);
    expect(
      journal.records.find((record) => record.type === 'sending' && record.id === 'row 1'),
    ).toMatchObject({
      kind: 'update',
      user: { id: '1', userName: 'ada@example.com', active: true },
      attributes: [{ path: 'title', from: 'Analyst', to: 'Boss' }],
    });
  });

  it('reverts one user only, and refuses what someone has changed since', async () => {
    const directory = open();
    const journal = openJournal();
    await directory.session.apply(await planFor(directory), { journal });
    const onlyBob = planRevert(definition, journal.records, { only: 'BOB@example.com' });
    expect((await directory.session.apply(onlyBob, {})).counts.changed).toBe(1);
    expect(directory.users.get('2')?.title).toBe('Analyst');
    expect(directory.users.get('1')?.title).toBe('Boss');
    directory.users.set('1', { ...directory.users.get('1'), title: 'Director' });
    expect(
      await failureOf((async () => planRevert(definition, journal.records, { only: 'eve' }))()),
    ).toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('The journal has no change of a user "eve".'),
    });
    const all = planRevert(definition, journal.records);
    const { results } = await directory.session.apply(all, {});
    expect(results.map(({ change, outcome }) => [change.id, outcome]).toSorted()).toEqual([
      ['revert row 1', 'refused'],
      ['revert row 2', 'unchanged'],
      ['revert row 3', 'changed'],
    ]);
    expect([...directory.users.keys()]).toEqual(['1', '2']);
  });

  it('leaves no hold open, and counts on from what an earlier run has made', async () => {
    const directory = open();
    const ownedBy = { filter: 'userName pr' };
    const none = { source: 'people', rows: [{ userName: 'new@example.com' }] };
    const plan = await directory.session.plan(none, { ownedBy });
    const approve = plan.holds.map(({ id }) => id);
    expect(approve).toHaveLength(1);
    const journal = openJournal();
    const steps: string[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }): void =>
      void steps.push(`${done} of ${total}`);
    const first = await directory.session.apply(plan, { journal }, { onProgress });
    expect([first.counts.held, first.holds, steps]).toEqual([3, plan.holds, []]);
    expect((await directory.session.apply(plan, { journal, approve })).holds).toEqual([]);
    const lastOf = new Set(['row 1']);
    const interrupted = {
      ...journal,
      records: journal.records.filter((one) => !('id' in one && lastOf.has(one.id))),
    };
    const again = await directory.session.apply(plan, { journal: interrupted, approve }, { onProgress });
    expect([again.doneBefore, steps.at(-1)]).toEqual([2, '1 of 1']);
    const resumed = await directory.session.apply(plan, { journal });
    expect([resumed.doneBefore, resumed.holds]).toEqual([3, []]);
  });

  it.each(['before', 'during'])('is done where a deletion is first shown %s the second run', async (when) => {
    const directory = open();
    const ownedBy = { filter: 'userName sw "bob"' };
    const plan = await directory.session.plan({ source: 'people', rows: [] }, { ownedBy, missing: 'delete' });
    const journal = openJournal();
    const approve = plan.holds.map(({ id }) => id);
    directory.onWrite = () => ({ status: 204 });
    const first = await directory.session.apply(plan, { journal, approve });
    expect(first.results).toMatchObject([{ outcome: 'failed', code: 'provider_fault' }]);
    expect(first.results[0]?.message).toBe(
      'The provider confirmed the deletion with status 204, but still returned the user 2 after 2.5 seconds. Try again later: a provider can take a while to show a deletion. If that fails, check the user at the provider: it may only have been deactivated.',
    );

    directory.onWrite = () => ({ status: 404, body: '{"status":"404"}' });
    if (when === 'before') directory.users.delete('2');
    else
      vi.spyOn(directory.platform, 'sleep').mockImplementation(async () => void directory.users.delete('2'));
    const second = await directory.session.apply(plan, { journal, approve });
    expect(second.counts).toMatchObject({ changed: 1, failed: 0 });
    expect((await directory.session.apply(plan, { journal, approve })).doneBefore).toBe(1);
  });

  it('creates a deleted user again, with its memberships', async () => {
    const directory = open();
    const group = directory.addGroup('Engineering', ['2']);
    directory.users.set('2', {
      ...directory.users.get('2'),
      groups: [{ value: group, display: 'Engineering' }],
    });
    const ownedBy = { filter: 'userName sw "bob"' };
    const plan = await directory.session.plan({ source: 'people', rows: [] }, { ownedBy, missing: 'delete' });
    const journal = openJournal();
    await directory.session.apply(plan, { journal, approve: plan.holds.map(({ id }) => id) });
    expect([...directory.users.keys()]).toEqual(['1']);
    directory.groups.set(group, { id: group, displayName: 'Engineering', members: [] });
    const wayBack = planRevert(definition, journal.records);
    expect(wayBack.notes).toEqual([
      'bob@example.com was deleted. The user is created again, and gets another ID.',
    ]);
    expect((await directory.session.apply(wayBack, {})).counts.changed).toBe(2);
    const created = [...directory.users.values()].at(-1);
    expect(created).toMatchObject({ userName: 'bob@example.com', title: 'Analyst' });
    expect(directory.groups.get(group)?.members).toEqual([{ value: created?.id }]);
  });
});
