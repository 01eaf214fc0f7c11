import { countChanges, type Plan, type PlannedChange } from '../../sync/plan.ts';
import { idOfPlan } from '../../sync/plan-users.ts';
import { testBaseUrl } from './open-test-session.ts';

/** A plan for the fake provider, as text. */
export function planText(changes: readonly PlannedChange[], holds: Plan['holds'] = []): string {
  const plan: Omit<Plan, 'id'> = {
    version: 1,
    createdAt: '2026-05-13T04:42:34.000Z',
    baseUrl: testBaseUrl,
    source: 'the desired state',
    read: { desired: changes.length, users: changes.length, owned: changes.length },
    counts: countChanges(changes),
    unchanged: 0,
    untouchable: 0,
    changes,
    holds,
    problems: [],
    notes: [],
  };
  return JSON.stringify({ ...plan, id: idOfPlan(plan) });
}
