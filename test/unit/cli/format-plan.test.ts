import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { formatPlan, summaryOf } from '../../../cli/format-plan.ts';
import { type AttributeChange, countChanges, type Plan, type PlannedChange } from '../../../sync/plan.ts';

const plan: Plan = {
  version: 1,
  id: 'plan-1',
  createdAt: '2026-01-01T00:00:00.000Z',
  baseUrl: 'https://scim.example.com',
  source: 'people.csv',
  read: { desired: 0, users: 0, owned: 0 },
  counts: countChanges([]),
  unchanged: 3,
  untouchable: 0,
  changes: [],
  holds: [],
  problems: [],
  notes: [],
};
const summary = (counts: Partial<Plan['counts']>): string =>
  summaryOf({ ...plan, counts: { ...plan.counts, ...counts } });

describe('the summary of a plan', () => {
  it.each([
    [{}, '3 unchanged'],
    [{ create: 1, delete: 2 }, '1 to create, 2 to delete, 3 unchanged'],
    [{ create_group: 1, join: 1 }, '1 group to create, 1 membership to add, 3 unchanged'],
    [{ delete_group: 2, leave: 2 }, '2 groups to delete, 2 memberships to remove, 3 unchanged'],
  ])('counts %j', (counts, text) => {
    expect(summary(counts)).toBe(`people.csv → https://scim.example.com: ${text}.`);
  });
});

describe('the lines of a plan', () => {
  const update = (userName: string, ...attributes: readonly AttributeChange[]): PlannedChange => ({
    id: userName,
    kind: 'update',
    user: { id: '1', userName },
    row: 2,
    attributes,
  });
  const lines = (isScreen: boolean, ...changes: readonly PlannedChange[]): readonly string[] =>
    formatPlan({ ...plan, changes }, { isScreen, columns: 200 }).slice(0, changes.length);
  const title: AttributeChange = { path: 'title', from: 'Analyst', to: 'Director' };
  const path = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value';

  it('begin their details in the same column, whatever the names are written in', () => {
    expect(lines(false, update('山田', title), update('Zoe\u0308', title))).toEqual([
      '~ update  row 2  山田  title: "Analyst" → "Director"',
      '~ update  row 2  Zoe\u0308   title: "Analyst" → "Director"',
    ]);
  });

  it.each<[string, AttributeChange, string]>([
    [
      'both managers',
      { path, from: '7', to: '8', fromUserName: 'bob', toUserName: 'ann' },
      'manager: "bob" → "ann"',
    ],
    ['a removed manager', { path, from: '7', to: null, fromUserName: 'bob' }, 'manager: "bob" → none'],
    ['a new user as manager', { path, from: null, to: 'cid', toUserOf: 'row 9' }, 'manager: none → "cid"'],
    ['the ID of an unknown manager', { path, from: '7', to: null }, 'manager.value: "7" → none'],
  ])('name %s', (_, change, expected) => {
    expect(lines(false, update('ada', change))).toEqual([`~ update  row 2  ada  ${expected}`]);
  });

  it('isolate a name that runs from right to left on a screen only', () => {
    expect(lines(true, update('משה', title)).join('')).toContain('\u2068משה\u2069  title');
    expect(lines(false, update('משה', title)).join('')).toContain('משה  title');
  });
});

describe('a plan on a narrow terminal', () => {
  const create: PlannedChange = {
    id: 'row 2',
    kind: 'create',
    user: { userName: 'ada@example.com' },
    row: 2,
    attributes: [
      { path: 'userName', from: null, to: 'ada@example.com' },
      { path: 'title', from: null, to: 'Head of machine design' },
      { path: 'department', from: null, to: 'Engineering' },
      { path: 'active', from: null, to: false },
    ],
  };
  const details = 'title: "Head of machine design"; department: "Engineering"; active: false';
  const note = '9995 active users are not in the desired state, and not owned by it: they stay as they are.';
  const problem = 'No user at the provider matches, and a new one needs a username.';
  const problems = [3, 4, 6, 7, 8, 9].map((row) => ({ rows: [row], message: problem }));
  const whole: Plan = { ...plan, changes: [create], notes: [note], problems };
  const plain = (columns: number, isScreen = true): readonly string[] =>
    formatPlan(whole, { isScreen, columns }).map(stripVTControlCharacters);

  it('has the details in their column, or below if that is too narrow', () => {
    expect(plain(80).slice(0, 3)).toEqual([
      '+ create  row 2  ada@example.com  title: "Head of machine design"; department:',
      `${' '.repeat(34)}"Engineering"; active: false`,
      '',
    ]);
    expect(plain(40).slice(0, 4)).toEqual([
      '+ create  row 2  ada@example.com',
      '  title: "Head of machine design";',
      '    department: "Engineering"; active:',
      '    false',
    ]);
  });

  it.each([20, 33, 40, 64, 80, 120])('writes no line past %i columns, and loses no word', (columns) => {
    const lines = plain(columns);
    expect(lines.filter((line) => line.length > Math.max(columns, 32))).toEqual([]);
    const words = lines.join(' ').replaceAll(/\s+/g, '');
    for (const text of [details, note, summaryOf(whole)])
      expect(words).toContain(text.replaceAll(/\s+/g, ''));
  });

  it('names the rows of a problem once', () => {
    expect(plain(200)).toContain(`  Rows 3, 4, 6, 7, 8, and 1 more: ${problem}`);
  });

  it('is whole elsewhere, with a line for each change, problem, and note', () => {
    const lines = plain(40, false);
    expect(lines[0]).toBe(`+ create  row 2  ada@example.com  ${details}`);
    expect(lines.filter((line) => line.endsWith(problem))).toHaveLength(problems.length);
    expect(lines).toContain(`  ${note}`);
  });
});
