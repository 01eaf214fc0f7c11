/** The system's clock, but for sleeping, which skips the time instead of spending it. */
export interface SkippingClock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Every wait, in milliseconds. */
  readonly slept: readonly number[];
}

/** Creates a clock that shows the system's time. */
export function createSkippingClock(): SkippingClock {
  const slept: number[] = [];
  let skippedInMs = 0;
  return {
    slept,
    now: () => Date.now() + skippedInMs,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
      skippedInMs += ms;
    },
  };
}
