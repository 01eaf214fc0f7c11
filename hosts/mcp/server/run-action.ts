import type { CallToolResult, InputRequiredResult } from '@modelcontextprotocol/server';
import type { Connector } from '../../../runtime/connector.ts';
import { hasPartsLeft } from '../parts-left.ts';
import type { CallLimit } from './call-limit.ts';
import type { CallLog } from './call-log.ts';
import type { ActionCall, Confirmation } from './confirm.ts';
import type { KeptPlans } from './kept-plans.ts';
import { errorResult, stoppedResult, successResult } from './tool-result.ts';

/** What all calls of a server share. */
export interface Calls {
  readonly limit: CallLimit;
  readonly log: CallLog;
  readonly plans: KeptPlans;
}

/** Runs an action for a client, after a person has confirmed it if it removes access. */
export async function runAction(
  connector: Connector,
  confirmation: Confirmation,
  { limit, log, plans }: Calls,
  { action, context, ...given }: ActionCall,
): Promise<CallToolResult | InputRequiredResult> {
  try {
    return await limit(context, async (options) => {
      const input = plans.restore(action, given.input);
      const held = await confirmation.check({ ...given, action, context, input }, options);
      if (held !== undefined) return held;
      const run = (runOptions: typeof options): Promise<unknown> =>
        connector.run(action.key, input, runOptions);
      const output = await (action.effect === 'read'
        ? run(options)
        : log.record(action.key, given.input, options, run));
      const shown = plans.keep(action, output);
      return options.signal.aborted && hasPartsLeft(output) ? stoppedResult(shown) : successResult(shown);
    });
  } catch (error) {
    return errorResult(error);
  }
}
