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

/** Rejections of one kind. */
interface Counted {
  readonly entry: LogEntry;
  /** When the current window began. */
  sinceInMs: number;
  /** The number of windows before it. */
  windows: number;
  /** The number of rejections in it. */
  count: number;
  lastAtInMs: number;
}

/** How often it is checked what is due. */
const tickInMs = 60_000;
/** For how long rejections of a kind are counted, one after the other. The last one repeats. */
const windowsInMs = [60_000, 6 * 3_600_000, 24 * 3_600_000];
const forgottenAfterInMs = 3_600_000;

/**
 * Logs the first rejection of a kind at once. Those of the next minute are counted, and logged as one line with their
 * `count`, then those of the next six hours, then those of each day: an attacker who tries secrets fills no disk. A kind that
 * has not occurred for an hour, and for a whole window, is new again.
 */
export function createRejectionLog({ log, now }: Pick<Platform, 'log' | 'now'>): RejectionLog {
  const kinds = new Map<string, Counted>();
  let timer: NodeJS.Timeout | undefined;

  function flush(nowInMs: number): void {
    for (const [key, kind] of kinds) {
      const { entry, count, lastAtInMs } = kind;
      const windowInMs = windowsInMs.at(Math.min(kind.windows, windowsInMs.length - 1)) ?? tickInMs;
      if (nowInMs < kind.sinceInMs + windowInMs) continue;
      if (count > 0) {
        log({ ...entry, count });
        Object.assign(kind, { sinceInMs: nowInMs, windows: kind.windows + 1, count: 0 });
      } else if (nowInMs >= lastAtInMs + forgottenAfterInMs) kinds.delete(key);
    }
  }

  function tick(): void {
    timer = undefined;
    flush(now());
    schedule();
  }

  function schedule(): void {
    if (kinds.size > 0) timer ??= setTimeout(tick, tickInMs).unref();
  }

  return {
    add(rejection) {
      flush(now());
      const key = JSON.stringify([rejection.origin, rejection.status, rejection.code]);
      const kind = kinds.get(key);
      if (kind !== undefined) {
        kind.count += 1;
        kind.lastAtInMs = now();
        return;
      }
      const entry: LogEntry = { level: 'warn', event: 'push_rejected', ...rejection };
      log(entry);
      kinds.set(key, { entry, sinceInMs: now(), windows: 0, count: 0, lastAtInMs: now() });
      schedule();
    },
    close() {
      clearTimeout(timer);
      flush(Number.POSITIVE_INFINITY);
      kinds.clear();
    },
  };
}
