import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../sync/plan.ts';
import type { PlanOptions } from '../../../sync/plan-options.ts';
import { planTexts } from '../../../sync/plan-texts.ts';
import type { SourceRow } from '../../../sync/row-reader.ts';
import { failureOf } from '../../support/failure-of.ts';
import { type MemoryDirectory, openMemoryDirectory } from '../../support/memory-directory.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

function open(names: readonly string[] = ['ada', 'bob', 'carl']): MemoryDirectory {
  const directory = openMemoryDirectory();
  for (const name of names) directory.addUser({ userName: `${name}@example.com`, externalId: `hr-${name}` });
  return directory;
}

const row = (name: string, values: SourceRow = {}): SourceRow => ({
  userName: `${name}@example.com`,
  externalId: `hr-${name}`,
  ...values,
});

const plan = (
  directory: MemoryDirectory,
  rows: readonly SourceRow[],
  options: PlanOptions = {},
): Promise<Plan> => directory.session.plan({ source: 'people', rows }, options);

const changesOf = ({ changes }: Plan): readonly string[] =>
  changes.map(
    (change) => `${change.kind} ${'user' in change ? change.user.userName : change.group.displayName}`,
  );
const problemsOf = ({ problems }: Plan): readonly string[] => problems.map(({ message }) => message);

describe('ownership', () => {
  it('deactivates nobody unless the desired state declares whom it owns', async () => {
    const unowned = await plan(open(), [row('ada')]);
    expect(unowned.changes).toEqual([]);
    expect(unowned.notes).toEqual([
      '2 active users are not in the desired state, which declares no ownership: nobody is deactivated.',
    ]);
    const directory = open();
    directory.addUser({ userName: 'admin@example.com' });
    const owned = await plan(directory, [row('ada'), row('bob')], { ownedBy: { externalIdPrefix: 'hr-' } });
    expect(changesOf(owned)).toEqual(['deactivate carl@example.com']);
    expect(owned.notes).toEqual([
      '1 active user is not in the desired state, and not owned by it: they stay as they are.',
    ]);
  });

  it('is declared by a group, a filter, or an attribute, and those who are desired come to have it', async () => {
    const directory = open(['ada', 'bob', 'carl']);
    directory.addUser({ userName: 'dora@example.com', userType: 'Contractor' });
    directory.addGroup('Contractors', ['1', '2', '3']);
    const rows = [
      { userName: 'ada@example.com' },
      { userName: 'bob@example.com' },
      { userName: 'eve@example.com' },
    ];
    expect(changesOf(await plan(directory, rows, { ownedBy: { group: 'contractors' } }))).toEqual([
      'create eve@example.com',
      'join eve@example.com',
      'deactivate carl@example.com',
    ]);
    const byFilter = { ownedBy: { filter: 'userName sw "carl"' }, massChangeLimit: 9 };
    expect((await plan(directory, rows, byFilter)).counts).toMatchObject({ create: 1, deactivate: 1 });
    const marked = await plan(
      directory,
      [{ userName: 'dora@example.com' }, { userName: 'eve@example.com' }],
      {
        ownedBy: { attribute: 'userType', value: 'Contractor' },
      },
    );
    expect(changesOf(marked)).toEqual(['create eve@example.com']);
    expect(marked.changes[0]).toMatchObject({
      attributes: expect.arrayContaining([{ path: 'userType', from: null, to: 'Contractor' }]),
    });
  });

  it('refuses a row that could never be owned, or that deactivates a user of someone else', async () => {
    const directory = open();
    directory.addUser({ userName: 'admin@example.com' });
    const ownedBy = { externalIdPrefix: 'hr-' };
    const result = await plan(
      directory,
      [row('ada'), row('bob'), row('carl'), { userName: 'x@example.com' }],
      { ownedBy },
    );
    expect(problemsOf(result)).toEqual([
      'The external ID is missing. The users of this desired state have one that begins with "hr-".',
    ]);
    const rows = [row('ada'), row('bob'), row('carl'), { ...row('admin'), active: false }];
    expect(problemsOf(await plan(directory, rows, { ownedBy }))).toEqual([
      'The row deactivates admin@example.com, whom this desired state does not own.',
    ]);
  });

  it('deletes missing users only if asked to, and keeps them if asked to', async () => {
    const ownedBy = { externalIdPrefix: 'hr-' };
    const rows = [row('ada'), row('bob')];
    expect(changesOf(await plan(open(), rows, { ownedBy, missing: 'delete' }))).toEqual([
      'delete carl@example.com',
    ]);
    expect(changesOf(await plan(open(), rows, { ownedBy, missing: 'keep' }))).toEqual([]);
  });
});

describe('a user who must not be touched', () => {
  it('is neither changed, deactivated, nor created', async () => {
    const options = {
      ownedBy: { externalIdPrefix: 'hr-' },
      neverTouch: ['ADA@*', 'hr-carl', 'new@example.com'],
    };
    const result = await plan(open(), [row('ada', { title: 'Boss' }), row('bob'), row('new')], options);
    expect(result.changes).toEqual([]);
    expect(result.untouchable).toBe(3);
    expect(result.notes.join()).not.toContain('never-touch');
  });

  it('is not whom a misspelled pattern means, and the plan names that pattern', async () => {
    const neverTouch = ['ada@exmaple.com', '*@example.com', 'hr-carl', 'svc-*'];
    const { notes } = await plan(open(), [row('ada')], { ownedBy: { externalIdPrefix: 'hr-' }, neverTouch });
    expect(notes).toEqual(
      ['ada@exmaple.com', 'svc-*'].map(
        (pattern) =>
          `The never-touch pattern "${pattern}" protects nobody: no user matches it. Check its spelling.`,
      ),
    );
  });
});

describe('an ownership that nobody matches', () => {
  const note = (ownership: string): string =>
    `No user at the provider is owned (${ownership}), so that nobody is deactivated. Check the spelling if this is not the first plan.`;

  it.each<[string, PlanOptions['ownedBy']]>([
    ['externalId:rh-', { externalIdPrefix: 'rh-' }],
    ['group:Contractors', { group: 'Contractors' }],
    ['filter:title eq "Boss"', { filter: 'title eq "Boss"' }],
    ['userType=Contractor', { attribute: 'userType', value: 'Contractor' }],
  ])('is named: %s', async (text, ownedBy) => {
    const directory = open();
    directory.addGroup('Contractors', []);
    expect((await plan(directory, [], { ownedBy })).notes).toContain(note(text));
  });

  it('is not named if there are no users at all', async () => {
    const { notes } = await plan(open([]), [row('ada')], { ownedBy: { externalIdPrefix: 'hr-' } });
    expect(notes).toEqual([planTexts.noWitnesses]);
  });
});

describe('a row', () => {
  it('reactivates its user, and keeps an attribute that it omits', async () => {
    const directory = open(['ada']);
    directory.users.set('1', { ...directory.users.get('1'), active: false, title: 'Analyst' });
    const result = await plan(directory, [row('ada')]);
    expect(result.changes).toMatchObject([
      { kind: 'reactivate', attributes: [{ path: 'active', from: false, to: true }] },
    ]);
  });

  it('removes a value with null, and with an empty cell only if the map says so', async () => {
    const directory = open(['ada']);
    directory.users.set('1', { ...directory.users.get('1'), title: 'Analyst' });
    expect((await plan(directory, [row('ada', { title: null })])).changes).toMatchObject([
      { attributes: [{ path: 'title', from: 'Analyst', to: null }] },
    ]);
    expect((await plan(directory, [row('ada', { title: '' })])).changes).toEqual([]);
    const map = { Job: { attribute: 'title', whenEmpty: 'remove' as const } };
    const rows = [{ userName: 'ada@example.com', Job: '' }];
    expect((await directory.session.plan({ source: 'people', rows, map }, {})).changes).toHaveLength(1);
  });

  it('sets one email address and keeps the others', async () => {
    const directory = open(['ada']);
    const home = { value: 'ada@home.example', type: 'home' };
    const work = { value: 'old@example.com', type: 'work', primary: true };
    directory.users.set('1', { ...directory.users.get('1'), emails: [home, work] });
    const result = await plan(directory, [row('ada', { emails: 'new@example.com' })]);
    expect(result.changes).toMatchObject([
      {
        attributes: [
          { path: 'emails', to: [home, { value: 'new@example.com', type: 'work', primary: true }] },
        ],
      },
    ]);
  });

  it('does not find a user whose username belongs to another external ID', async () => {
    const directory = open(['ada', 'bob']);
    const rows = [{ userName: 'ada@example.com', externalId: 'hr-someone-else' }, row('bob')];
    const result = await plan(directory, rows, { ownedBy: { externalIdPrefix: 'hr-' } });
    expect(result.changes).toEqual([]);
    expect(problemsOf(result)).toEqual([
      'The username ada@example.com belongs to a user with the external ID "hr-ada", and the row has "hr-someone-else". If this is the same person, correct the external ID, or match by username only. If it is a new person, choose another username.',
    ]);
    const byName = await plan(directory, rows, { matchBy: ['userName'] });
    expect(byName.changes).toMatchObject([
      { attributes: [{ path: 'externalId', from: 'hr-ada', to: 'hr-someone-else' }] },
    ]);
  });

  it('names a manager who exists, or whom the same plan creates', async () => {
    const directory = open(['ada']);
    const rows = [row('ada', { manager: 'new@example.com' }), row('new', { manager: 'ada@example.com' })];
    const result = await plan(directory, rows);
    expect(result.changes.map(({ id, kind }) => [id, kind])).toEqual([
      ['row 2', 'create'],
      ['manager of row 1', 'update'],
    ]);
    const { counts } = await directory.session.apply(result, {});
    expect(counts.changed).toBe(2);
    const [ada, created] = [...directory.users.values()];
    expect(ada?.[enterprise]).toEqual({ manager: { value: created?.id } });
    expect(created?.[enterprise]).toEqual({ manager: { value: ada?.id } });
    expect((await plan(directory, rows)).changes).toEqual([]);
    const [, ...ids] = [...directory.users.keys()];
    const [change] = (await plan(directory, [row('ada', { manager: 'ada@example.com' })])).changes;
    expect(change).toMatchObject({
      attributes: [{ from: ids[0], fromUserName: 'new@example.com', to: '1', toUserName: 'ada@example.com' }],
    });
    const removal = await plan(directory, [row('ada', { manager: null })]);
    expect(removal.changes).toMatchObject([
      { attributes: [{ from: ids[0], fromUserName: 'new@example.com', to: null }] },
    ]);
    const unknown = await plan(directory, [row('ada', { manager: 'nobody@example.com' })]);
    expect(problemsOf(unknown)).toEqual(['There is no user "nobody@example.com" who could be the manager.']);
  });
});

describe('managers in a circle', () => {
  const managedBy = (pairs: Readonly<Record<string, string>>): readonly SourceRow[] =>
    Object.entries(pairs).map(([name, manager]) => row(name, { manager: `${manager}@example.com` }));
  const notesFor = async (names: readonly string[], pairs: Readonly<Record<string, string>>) =>
    (await plan(open(names), managedBy(pairs), { missing: 'keep' })).notes.filter((note) =>
      note.includes('manager'),
    );

  it.each<[string, readonly string[], Readonly<Record<string, string>>, readonly string[]]>([
    ['no circle', ['ada', 'bob', 'carl'], { ada: 'bob', bob: 'carl' }, []],
    [
      'a user who is the manager',
      ['ada'],
      { ada: 'ada' },
      ['Row 1 names ada@example.com as their own manager. Check this row.'],
    ],
    [
      'two users, and one who reports to them',
      ['ada', 'bob', 'carl'],
      { carl: 'bob', bob: 'ada', ada: 'bob' },
      [
        'Rows 2 and 3 have managers in a circle: bob@example.com → ada@example.com → bob@example.com. Check these rows.',
      ],
    ],
    [
      'users whom the plan creates',
      ['ada'],
      { new: 'ada', ada: 'other', other: 'new' },
      [
        'Rows 1, 2, and 3 have managers in a circle: new@example.com → ada@example.com → other@example.com → new@example.com. Check these rows.',
      ],
    ],
    [
      'more users than a note has room for',
      [],
      { a: 'b', b: 'c', c: 'd', d: 'e', e: 'f', f: 'a' },
      [
        'Rows 1, 2, 3, 4, 5, and 1 more have managers in a circle: a@example.com → b@example.com → c@example.com → d@example.com → e@example.com → … → a@example.com. Check these rows.',
      ],
    ],
  ])('are noted: %s', async (_, names, pairs, notes) => {
    expect(await notesFor(names, pairs)).toEqual(notes);
  });

  it('are noted once for each circle, the first five by name, and also once nothing changes', async () => {
    const directory = open([]);
    const rows = managedBy(
      Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => [name, name])),
    );
    const first = await plan(directory, rows);
    expect(first.notes).toContain('More circles of managers in the rows: 2.');
    expect(first.notes.filter((note) => note.includes('own manager'))).toHaveLength(5);
    expect((await directory.session.apply(first, {})).counts.failed).toBe(0);
    const second = await plan(directory, rows);
    expect(second.changes).toEqual([]);
    expect(second.notes.filter((note) => note.includes('manager'))).toHaveLength(6);
  });
});

describe('groups', () => {
  it('are a problem of the row if there is none of the name, unless they are to be created', async () => {
    const directory = open(['ada', 'bob']);
    directory.addGroup('Engineering', []);
    const rows = [row('ada', { groups: 'Enginering' }), row('bob', { groups: ['Engineering'] })];
    const result = await plan(directory, rows);
    expect(changesOf(result)).toEqual(['join bob@example.com']);
    expect(problemsOf(result)).toEqual([
      'There is no group "Enginering" (did you mean "Engineering"?). Correct the name, or let the plan create groups.',
    ]);
    const creating = await plan(directory, rows, { createGroups: true });
    expect(changesOf(creating)).toEqual([
      'join bob@example.com',
      'create_group Enginering',
      'join ada@example.com',
    ]);
    await directory.session.apply(creating, {});
    expect((await plan(directory, rows)).changes).toEqual([]);
  });

  it('keep members whom no row describes, and those of groups that the desired state does not name', async () => {
    const directory = open(['ada', 'bob', 'carl']);
    directory.addGroup('Engineering', ['1', '2', '3']);
    directory.addGroup('Admins', ['1']);
    const rows = [row('ada', { groups: ['Engineering'] }), row('bob', { groups: [] })];
    expect(changesOf(await plan(directory, rows))).toEqual(['leave bob@example.com']);
    expect(changesOf(await plan(directory, rows, { groups: 'all' }))).toEqual([
      'leave bob@example.com',
      'leave ada@example.com',
    ]);
  });

  it('are listed without their members, and read with them only if someone names them', async () => {
    const directory = open(['ada']);
    const id = directory.addGroup('Engineering', ['1']);
    directory.addGroup('Admins', ['1']);
    await plan(directory, [row('ada', { groups: ['Engineering'] })]);
    const sent = directory.platform.sent.map(({ url }) => url.replace(/.*\/scim\/v2/, ''));
    expect(
      new Set(
        sent.filter((url) => url.startsWith('/Groups')).map((url) => url.replace(/&startIndex=\d+/, '')),
      ),
    ).toEqual(new Set(['/Groups?excludedAttributes=members&count=100', `/Groups/${id}`]));
  });

  it('are not read if nobody names one', async () => {
    const directory = open(['ada']);
    await plan(directory, [row('ada')]);
    const paths = directory.platform.sent.map(({ url }) => new URL(url).pathname);
    expect(new Set(paths)).toEqual(new Set(['/scim/v2/Users']));
  });
});

describe('the safeguard of plans', () => {
  const many = Array.from({ length: 100 }, (_, index) => `user${index}`);
  const ownedBy = { externalIdPrefix: 'hr-' };

  it('holds deactivations, lost roles, removed values, and new usernames beyond its limits', async () => {
    const directory = openMemoryDirectory();
    const roles = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
    for (const name of many)
      directory.addUser({ ...row(name), title: 'Analyst', [roles]: { workato_role: 'Admin' } });
    const rows = many.slice(0, 75).map((name, index) => {
      if (index < 25) return row(name, { workato_role: null });
      return index < 50
        ? row(name, { title: null })
        : { userName: `new-${name}@example.com`, externalId: `hr-${name}` };
    });
    const result = await plan(directory, rows, { ownedBy });
    expect(result.holds.map(({ reason, changes }) => [changes, reason])).toEqual([
      [25, '25 of 100 users would be deactivated or deleted, and the limit is 20.'],
      [25, '25 of 75 users would lose a role, and the limit is 20.'],
      [25, 'title would be removed from 25 of 75 users, and the limit is 20.'],
      [25, '25 of 75 users would get another username, and the limit is 20.'],
    ]);
    expect((await plan(directory, rows, { ownedBy, massChangeLimit: 25 })).holds).toEqual([]);
  });

  it('holds values that a spreadsheet has changed by itself, with the row and the attribute', async () => {
    const directory = openMemoryDirectory();
    for (const name of ['ada', 'bob', 'carl'])
      directory.addUser({
        ...row(name),
        [enterprise]: { employeeNumber: '00123', costCenter: '2024-01-30' },
        phoneNumbers: [{ type: 'mobile', value: '0301234' }],
      });
    const result = await plan(directory, [
      row('ada', { employeeNumber: '123', title: 'Analyst' }),
      row('bob', { employeeNumber: '123' }),
      row('carl', { costCenter: '45321', 'phoneNumbers[type eq "mobile"].value': '301234' }),
    ]);
    const advice = 'Format the column as text, and export the sheet again.';
    expect(result.holds.map(({ reason, changes }) => [changes, reason])).toEqual([
      [
        2,
        `2 rows (from row 1) would change employeeNumber as a spreadsheet does by itself, such as from "00123" to "123". ${advice}`,
      ],
      [
        1,
        `Row 3 would change costCenter from "2024-01-30" to "45321", which a spreadsheet does by itself. ${advice}`,
      ],
    ]);
    expect(result.changes.every(({ heldBy }) => heldBy !== undefined)).toBe(true);
    expect((await plan(directory, [row('ada', { employeeNumber: '124' })])).holds).toEqual([]);
  });

  it('counts the losses of earlier plans of the day, without those that were approved', async () => {
    const directory = open(many);
    const rows = (count: number) => many.slice(0, count).map((name) => row(name));
    const first = await plan(directory, rows(85), { ownedBy });
    expect(first.holds).toEqual([]);
    const { losses } = await directory.session.apply(first, {});
    expect(losses).toEqual({ users: 15 });

    expect((await plan(directory, rows(80), { ownedBy, earlierLosses: losses })).holds).toEqual([]);
    const next = await plan(directory, rows(79), { ownedBy, earlierLosses: losses });
    expect(next.holds.map(({ reason }) => reason)).toEqual([
      '21 of 85 users would be deactivated or deleted, and the limit is 20. 15 of them were lost in the past day.',
    ]);
    const approve = next.holds.map(({ id }) => id);
    expect((await directory.session.apply(next, { approve })).losses).toEqual({});
  });

  it('lets exactly the approved part through, and the rest of the plan without approval', async () => {
    const directory = open(many);
    const rows = [...many.slice(0, 70).map((name) => row(name)), row('new')];
    const result = await plan(directory, rows, { ownedBy });
    const [hold] = result.holds;
    expect(result.holds).toHaveLength(1);
    const first = await directory.session.apply(result, {});
    expect(first.counts).toMatchObject({ changed: 1, held: 30 });
    // Another part has another ID, so that an approval is for nothing else.
    const more = await plan(directory, rows.slice(1), { ownedBy });
    expect(more.holds[0]?.id).not.toBe(hold?.id);
    expect(await failureOf(directory.session.apply(more, { approve: [hold?.id ?? ''] }))).toMatchObject({
      code: 'invalid_input',
    });
    // A plan that was made again holds the same part under the same ID.
    const again = await plan(directory, rows, { ownedBy });
    const second = await directory.session.apply(again, { approve: [hold?.id ?? ''] });
    expect(second.counts).toMatchObject({ changed: 30, held: 0 });
  });
});
