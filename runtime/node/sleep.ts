import { setTimeout as wait } from 'node:timers/promises';

/** The longest time that Node's timers take; a longer one would end at once. */
export const longestTimerInMs = 2 ** 31 - 1;

/** Resolves after so many milliseconds; rejects with the signal's reason when it is aborted. */
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
