import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import type { Progress } from '../../../actions/operation.ts';
import type { Connector } from '../../../runtime/connector.ts';
import type { RunOptions } from '../../../runtime/open-session.ts';
import type { ActionCall, Confirmation } from './confirm.ts';
import { errorResult, successResult } from './tool-result.ts';

/** Runs an action for a client, after a person has confirmed it if it removes access. */
export async function runAction(
  connector: Connector,
  confirmation: Confirmation,
  call: ActionCall,
): Promise<CallToolResult | InputRequiredResult> {
  try {
    const held = await confirmation.check(call);
    if (held !== undefined) return held;
    return successResult(await connector.run(call.action.key, call.input, runOptions(call.context)));
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
  let notifiedAtInMs = 0;
  const onProgress = ({ done, total }: Progress): void => {
    const now = Date.now();
    if (done < total && now - notifiedAtInMs < notifyEveryInMs) return;
    notifiedAtInMs = now;
    // A client that is gone needs no progress, and the call itself reports what is wrong.
    mcpReq
      .notify({ method: 'notifications/progress', params: { progressToken, progress: done, total } })
      .catch(() => {});
  };
  return { signal, onProgress };
}
