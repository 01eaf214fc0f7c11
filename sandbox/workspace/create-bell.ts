/** Wakes waiting code when something happens. */
export interface Bell {
  /** Wakes all waiters. */
  ring(): void;
  /** Resolves at the next ring, or when the signal aborts the wait. */
  next(signal: AbortSignal): Promise<void>;
}

/** Creates a bell. Code that checks, finds nothing, and waits in the same tick misses no ring. */
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
