import type { ActionDefinition } from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { keptPlan } from '../words.ts';

/** Plans that the server keeps for its clients: a model would have to repeat a large one character by character. */
export interface KeptPlans {
  /** The output of an action; in that of a plan, a large plan is replaced by its ID. */
  keep(action: ActionDefinition, output: unknown): unknown;
  /** The input of an action, with the plan in place of its ID. @throws ConnectorError `invalid_input` if it is kept no more */
  restore(action: ActionDefinition, input: unknown): unknown;
}

/** The size of the largest plan that a model passes on itself, in characters. It has the changes of about ten users. */
const mostCharacters = 4_000;

/** Keeps the last plans of a server. */
export function createKeptPlans(mostPlans = 20): KeptPlans {
  const plans = new Map<string, string>();
  return {
    keep({ operation }, output) {
      if (operation.type !== 'plan' || !isRecord(output)) return output;
      const { planId, plan } = output;
      if (typeof planId !== 'string' || typeof plan !== 'string' || plan.length <= mostCharacters)
        return output;
      // The plan is the last one now, also if it was made before.
      plans.delete(planId);
      plans.set(planId, plan);
      for (const [oldest] of plans) {
        if (plans.size <= mostPlans) break;
        plans.delete(oldest);
      }
      return { ...output, plan: planId };
    },
    restore({ operation }, input) {
      if (operation.type !== 'apply' || !isRecord(input) || !isPlanId(input.plan)) return input;
      const plan = plans.get(input.plan);
      if (plan === undefined) throw invalidInput([{ path: 'plan', message: keptPlan.unknown }]);
      return { ...input, plan };
    },
  };
}

function isPlanId(value: unknown): value is string {
  return typeof value === 'string' && /^plan-[0-9a-f]+$/.test(value);
}
