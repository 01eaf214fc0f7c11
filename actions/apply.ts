import { errorParts, errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import { fill } from '../schemas/fill.ts';
import { applyPlan } from '../sync/apply-plan.ts';
import type { ApplyResult } from '../sync/apply-result.ts';
import type { Plan } from '../sync/plan.ts';
import { planTexts } from '../sync/plan-texts.ts';
import { readPlan } from '../sync/read-plan.ts';
import type { OperationHandler } from './operation.ts';

/**
 * Makes the changes of a plan. It has no journal: if it runs again, a change that was made is recognized by what the
 * provider shows, and a created user by its username and creation time.
 */
export const apply: OperationHandler<'apply'> = {
  type: 'apply',
  isLongRunning: true,
  async run(context, _action, input) {
    const made = readPlan(parsePlan(input.plan as string));
    const approve = input.approve as readonly string[] | undefined;
    const applied = await applyPlan(context, made, { approve });
    if (applied.holds.length > 0 && input.whenHeld !== 'report') throw planHeld(made, applied);
    const results = applied.results.map(({ change, ...result }) => ({ ...change, ...result }));
    return { planId: applied.planId, counts: applied.counts, results, holds: applied.holds };
  },
};

function parsePlan(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidInput([{ path: 'plan', message: planTexts.notAPlan }]);
  }
}

/** The number of users that a sentence names. */
const mostNamed = 10;

/** The error of a plan of which a part is held. The other changes have been made. */
function planHeld({ changes: planned }: Plan, { holds, counts }: ApplyResult): ConnectorError {
  const held = holds.reduce((sum, { changes }) => sum + changes, 0);
  const names = holds.flatMap((hold) => hold.names).slice(0, mostNamed);
  const rest = held - names.length;
  const more = rest > 0 ? fill(errorParts.andMore, { count: rest }) : '';
  return new ConnectorError(
    'mass_change_blocked',
    fillError(errorTexts.planHeld, {
      held,
      planned: planned.length,
      reasons: holds.map(({ reason }) => reason).join(' '),
      names: `${names.join(', ')}${more}`,
      made: counts.changed,
      ids: holds.map(({ id }) => id).join(', '),
    }),
  );
}
