import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import type { Progress } from '../../../actions/operation.ts';
import type { Connector } from '../../../runtime/connector.ts';
import type { RunOptions } from '../../../runtime/open-session.ts';
import type { ActionCall, Confirmation } from './confirm.ts';
import type { KeptPlans } from './kept-plans.ts';
import { errorResult, successResult } from './tool-result.ts';

/** Runs an action for a client, after a person has confirmed it if it removes access. */
export async function runAction(
  connector: Connector,
  confirmation: Confirmation,
  plans: KeptPlans,
  { action, context, ...given }: ActionCall,
): Promise<CallToolResult | InputRequiredResult> {
  try {
    const input = plans.restore(action, given.input);
    const held = await confirmation.check({ ...given, action, context, input });
    if (held !== undefined) return held;
    return successResult(plans.keep(action, await connector.run(action.key, input, runOptions(context))));
  } catch (error) {
    return errorResult(error);
  }
}

const notifyEveryInMs = 100;

/** A run that ends when the client cancels the call, and reports progress if the client has asked for it. */
export function runOptions({ mcpReq }: ServerContext): RunOptions {
  const { signal, _meta } = mcpReq;
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return { signal };
  let notified = { progress: 0, atInMs: 0 };
  const onProgress = ({ done, total }: Progress): void => {
    const now = Date.now();
    // Each notification must have more progress than the one before.
    if (done <= notified.progress || (done < total && now - notified.atInMs < notifyEveryInMs)) return;
    notified = { progress: done, atInMs: now };
    const params = { progressToken, progress: done, total, message: `${done} of ${total}` };
    // A client that is gone needs no progress, and the call itself reports what is wrong.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  };
  return { signal, onProgress };
}
