import { invalidInput } from '../connector/errors.ts';
import { fill } from '../schemas/fill.ts';
import { isRecord } from '../schemas/is-record.ts';
import type { Plan } from './plan.ts';
import { planTexts } from './plan-texts.ts';
import { idOfPlan } from './plan-users.ts';

/** @throws ConnectorError `invalid_input` if a plan, or a journal, is for another provider than the connected one */
export function assertProvider(path: 'plan' | 'journal', planned: string, connected: string): void {
  if (planned !== connected)
    throw invalidInput([{ path, message: fill(planTexts.planOfOther, { planned, connected }) }]);
}

/** Reads a plan from JSON. @throws ConnectorError `invalid_input` if it is not a plan, or was changed after it was made */
export function readPlan(json: unknown): Plan {
  if (
    !isRecord(json) ||
    typeof json.id !== 'string' ||
    !Array.isArray(json.changes) ||
    !Array.isArray(json.holds)
  )
    throw invalidInput([{ path: 'plan', message: planTexts.notAPlan }]);
  if (json.version !== 1)
    throw invalidInput([
      {
        path: 'plan',
        message: fill(planTexts.planVersion, { version: String(json.version) }),
      },
    ]);
  const plan = json as unknown as Plan;
  if (idOfPlan(plan) !== plan.id) throw invalidInput([{ path: 'plan', message: planTexts.planChanged }]);
  return plan;
}
