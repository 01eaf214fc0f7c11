/** A clock that stands still, but for waits, which skip the time instead of spending it. */
export interface SkippingClock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Every wait, in milliseconds. */
  readonly slept: readonly number[];
}

/** Creates a clock that begins at a whole second of the system's time, since headers show no milliseconds. */
export function createSkippingClock(): SkippingClock {
  const slept: number[] = [];
  let nowInMs = Math.floor(Date.now() / 1000) * 1000;
  return {
    slept,
    now: () => nowInMs,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
      nowInMs += ms;
    },
  };
}
