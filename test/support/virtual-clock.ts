/** A clock whose timers fire in order, each as soon as everything before it has settled. */
export interface VirtualClock {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Runs until no timer is left. */
  run(): Promise<void>;
}

/**
 * Creates a clock that begins at 0.
 *
 * @param isBusy - whether something is under way that takes real time, such as a signature: no time passes meanwhile
 */
export function createVirtualClock(isBusy: () => boolean = () => false): VirtualClock {
  const timers: { readonly atInMs: number; readonly fire: () => void }[] = [];
  let nowInMs = 0;
  return {
    now: () => nowInMs,
    sleep: (ms) =>
      new Promise((resolve) => {
        timers.push({ atInMs: nowInMs + Math.max(0, ms), fire: resolve });
        // A stable sort: of those that are due together, the one that was set first fires first.
        timers.sort((one, other) => one.atInMs - other.atInMs);
      }),
    async run() {
      for (;;) {
        do await settle();
        while (isBusy());
        const next = timers.shift();
        if (next === undefined) return;
        nowInMs = Math.max(nowInMs, next.atInMs);
        next.fire();
      }
    },
  };
}

// setImmediate comes after every promise that can settle by itself, however long the chain.
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
