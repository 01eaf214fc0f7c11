import type { ServerContext } from '@modelcontextprotocol/server';
import type { Progress } from '../../../actions/operation.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { RunOptions } from '../../../runtime/open-session.ts';
import { callTexts, type StartWords } from '../words.ts';

/**
 * Runs what a client asked for within the time that the server allows, and until the client cancels. It ends before the
 * client times out, so that the client learns what was done. @throws ConnectorError `unavailable` if the time is over
 */
export type CallLimit = <Result>(
  context: ServerContext,
  run: (options: CallOptions) => Promise<Result>,
) => Promise<Result>;

/** How a call runs. The signal is aborted if the client cancels, or the time is over. */
export type CallOptions = RunOptions & { readonly signal: AbortSignal };

/** Creates the limit of all calls of a server. @param maxCallInMs - the longest time of one call */
export function createCallLimit(maxCallInMs: number, words: StartWords): CallLimit {
  return async (context, run) => {
    const timer = AbortSignal.timeout(maxCallInMs);
    const signal = AbortSignal.any([context.mcpReq.signal, timer]);
    try {
      return await run(runOptions(context, signal));
    } catch (error) {
      if (!timer.aborted || error instanceof ConnectorError) throw error;
      throw new ConnectorError('unavailable', {
        what: callTexts.stopped(maxCallInMs),
        nextStep: callTexts.stoppedStep(words),
        cause: error,
      });
    }
  };
}

const notifyEveryInMs = 100;

/** The options of a run that reports progress if the client has asked for it. */
export function runOptions({ mcpReq }: ServerContext, signal: AbortSignal): CallOptions {
  const progressToken = mcpReq._meta?.progressToken;
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
