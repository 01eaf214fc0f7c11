import { expect, it, onTestFinished } from 'vitest';
import { answerContradictory, contradictoryPlans, shownChanges } from '../../support/contradictory-plans.ts';
import { startListServer } from '../../support/start-list-server.ts';

it.each(contradictoryPlans)(
  'a plan reads a user by ID before it believes one of several copies: one $name',
  async ({ listed, byId, rows, changes, problems = [], notes = [], isRead }) => {
    const server = await startListServer((request) => answerContradictory({ listed, byId }, request));
    onTestFinished(() => server.close());
    const input = { users: rows, ownedBy: 'externalId:hr-', safetyLimit: 100 };
    const plan = await server.connector.actions.plan_sync(input);
    expect({
      changes: shownChanges(plan.changes),
      problems: plan.problems.map(({ message }) => message),
      notes: plan.notes,
    }).toEqual({ changes, problems, notes });
    expect(server.asked.some(({ line }) => line === 'GET /Users/1')).toBe(isRead);
    const warning = expect.objectContaining({ event: 'contradictory_copies_listed', ids: ['1'] });
    expect(server.logged.some(({ event }) => event === 'contradictory_copies_listed')).toBe(isRead);
    if (isRead) expect(server.logged).toContainEqual(warning);
  },
);
