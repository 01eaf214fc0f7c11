import { setTimeout as wait } from 'node:timers/promises';

/** The longest delay of Node's timers; a longer one would fire immediately. */
export const longestTimerInMs = 2 ** 31 - 1;

/** Resolves after a number of milliseconds; rejects with the signal's reason if it is aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    let leftInMs = ms;
    do {
      const stretchInMs = Math.min(Math.max(0, leftInMs), longestTimerInMs);
      await wait(stretchInMs, undefined, signal === undefined ? {} : { signal });
      leftInMs -= stretchInMs;
    } while (leftInMs > 0);
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error;
  }
}
