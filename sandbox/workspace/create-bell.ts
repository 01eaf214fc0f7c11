/** Wakes those who wait for something to happen. */
export interface Bell {
  /** Wakes all who wait. */
  ring(): void;
  /** Resolves when the bell rings next, or when the signal says that nobody waits any more. */
  next(signal: AbortSignal): Promise<void>;
}

/** Makes a bell. Who looks, finds nothing, and waits, all in one go, misses no ring. */
export function createBell(): Bell {
  const waiting = new Set<() => void>();
  return {
    ring: () => {
      for (const wake of [...waiting]) wake();
    },
    next: (signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener('abort', wake);
        if (signal.aborted) wake();
      }),
  };
}
