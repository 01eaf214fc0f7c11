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
    formatPlan({ ...plan, changes }, isScreen).slice(0, changes.length);
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
