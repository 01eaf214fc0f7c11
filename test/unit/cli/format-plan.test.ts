import { describe, expect, it } from 'vitest';
import { summaryOf } from '../../../cli/format-plan.ts';
import { countChanges, type Plan } from '../../../sync/plan.ts';

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
