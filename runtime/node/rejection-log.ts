import type { LogEntry, Platform } from '../../connector/platform.ts';

/** A rejected request, as the log shows it. */
export interface Rejection {
  /** The source that it was for. */
  readonly origin?: string;
  /** The status of the response; 0 without a response. */
  readonly status: number;
  readonly code?: string;
  readonly message: string;
}

/** Logs rejected requests, without a line for each. */
export interface RejectionLog {
  add(rejection: Rejection): void;
  /** Logs what has been counted since the last line. */
  close(): void;
}

const windowInMs = 60_000;

/**
 * Logs the first rejection of a kind at once. Those of the next minute are counted, and logged as one line with their
 * `count`: whoever tries secrets fills no disk.
 */
export function createRejectionLog({ log, now }: Pick<Platform, 'log' | 'now'>): RejectionLog {
  const kinds = new Map<string, { readonly entry: LogEntry; readonly sinceInMs: number; count: number }>();
  let timer: NodeJS.Timeout | undefined;

  function flush(until: number): void {
    for (const [key, { entry, sinceInMs, count }] of kinds) {
      if (sinceInMs > until - windowInMs) continue;
      kinds.delete(key);
      if (count > 0) log({ ...entry, count });
    }
  }

  function tick(): void {
    timer = undefined;
    flush(now());
    schedule();
  }

  function schedule(): void {
    if (kinds.size > 0) timer ??= setTimeout(tick, windowInMs).unref();
  }

  return {
    add(rejection) {
      flush(now());
      const key = JSON.stringify([rejection.origin, rejection.status, rejection.code]);
      const kind = kinds.get(key);
      if (kind !== undefined) {
        kind.count += 1;
        return;
      }
      const entry: LogEntry = { level: 'warn', event: 'push_rejected', ...rejection };
      log(entry);
      kinds.set(key, { entry, sinceInMs: now(), count: 0 });
      schedule();
    },
    close() {
      clearTimeout(timer);
      flush(Number.POSITIVE_INFINITY);
    },
  };
}
