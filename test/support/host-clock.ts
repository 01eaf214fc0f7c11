import { syncBuiltinESMExports } from 'node:module';
import type { TimerOptions } from 'node:timers';
import timers from 'node:timers/promises';
import { vi } from 'vitest';

/** The time of this process, for hosts that have no clock of their own. Dispose it to let the real time pass again. */
export interface HostClock extends Disposable {
  /** Lets time pass at once, with everything that is due. */
  advance(ms: number): Promise<void>;
}

/**
 * Stops the time. A wait of a host skips it instead of spending it. Sockets are real.
 *
 * @param hasTimeouts whether timeouts fall due as time is skipped, instead of passing as usual
 */
export function startHostClock(hasTimeouts: boolean): HostClock {
  vi.useFakeTimers({ toFake: hasTimeouts ? ['Date', 'setTimeout', 'clearTimeout'] : ['Date'] });
  const { setTimeout: realWait } = timers;
  const advance = async (ms: number): Promise<void> => {
    if (hasTimeouts) await vi.advanceTimersByTimeAsync(ms);
    else vi.setSystemTime(Date.now() + ms);
  };
  timers.setTimeout = async <T>(ms = 0, value?: T, { signal }: TimerOptions = {}) => {
    signal?.throwIfAborted();
    await advance(ms);
    signal?.throwIfAborted();
    return value as T;
  };
  syncBuiltinESMExports();
  // The fake timers leave it real.
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException('The time is over.', 'TimeoutError')), ms);
    return controller.signal;
  });
  return {
    advance,
    [Symbol.dispose]() {
      timeout.mockRestore();
      timers.setTimeout = realWait;
      syncBuiltinESMExports();
      vi.useRealTimers();
    },
  };
}
