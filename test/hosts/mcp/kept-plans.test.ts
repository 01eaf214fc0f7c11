import { expect, it } from 'vitest';
import { createKeptPlans } from '../../../hosts/mcp/server/kept-plans.ts';
import { actionOf } from '../../support/open-test-session.ts';

const [planSync, applySync] = [actionOf('plan_sync'), actionOf('apply_sync')];
const outputOf = (planId: string): object => ({ planId, plan: planId.padEnd(5_000, '.') });

it('a server keeps its last plans, and forgets the one that was made first', () => {
  const plans = createKeptPlans(2);
  for (const id of ['plan-1', 'plan-2', 'plan-1', 'plan-3']) plans.keep(planSync, outputOf(id));

  for (const id of ['plan-1', 'plan-3'])
    expect(plans.restore(applySync, { plan: id })).toEqual({ plan: id.padEnd(5_000, '.') });
  expect(() => plans.restore(applySync, { plan: 'plan-2' })).toThrow(/`plan` .* plan again/);
});

it('what is no plan of a sync passes a server unchanged', () => {
  const plans = createKeptPlans();
  const output = outputOf('plan-1');

  expect(plans.keep(applySync, output)).toBe(output);
  expect(plans.keep(planSync, null)).toBeNull();
  for (const input of [{ plan: '{"id":"plan-1"}' }, { plan: 7 }, null])
    expect(plans.restore(applySync, input)).toBe(input);
  expect(plans.restore(planSync, { plan: 'plan-1' })).toEqual({ plan: 'plan-1' });
});
