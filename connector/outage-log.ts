import type { LogEntry, Platform } from './platform.ts';

/** How a lasting failure is logged. */
export interface OutageLogOptions {
  /** The event of a failure: `poll_failed`. */
  readonly failed: string;
  /** The event of its end: `poll_recovered`. */
  readonly ended: string;
  /** What fails, as every entry shows it. */
  readonly about: Readonly<Record<string, unknown>>;
}

/** When a failure that lasts is logged again for the first time, and how often after that. */
const firstReminderAfterInMs = 6 * 3_600_000;
const reminderEveryInMs = 24 * 3_600_000;
/** A failure within this time after a success continues the outage before it. */
const calmInMs = 10 * 60_000;

/**
 * Logs an outage in a few lines: a warning when it begins, one for each other error code, reminders, and an entry with
 * its duration and the number of failures when it ends. Every other failure is logged at `debug`.
 *
 * Something that fails and succeeds by turns is one outage: its successes are logged as rarely as its failures.
 */
export class OutageLog {
  readonly #options: OutageLogOptions;
  readonly #platform: Pick<Platform, 'log' | 'now'>;
  #startedAtInMs = 0;
  #remindAtInMs = 0;
  #failures = 0;
  readonly #codes = new Set<unknown>();
  /** When the current failures in a row began. Undefined after a success. */
  #failingSinceInMs: number | undefined;
  /** Whether the log has said that it fails, since the last success. */
  #isLogged = false;
  #succeededAtInMs = Number.NEGATIVE_INFINITY;

  constructor(options: OutageLogOptions, platform: Pick<Platform, 'log' | 'now'>) {
    this.#options = options;
    this.#platform = platform;
  }

  /** Counts a failure that is retried at once, and that is worth no entry yet. */
  count(): void {
    const nowInMs = this.#platform.now();
    if (this.#failingSinceInMs === undefined) {
      if (nowInMs - this.#succeededAtInMs >= calmInMs) this.#start(nowInMs);
      this.#failingSinceInMs = nowInMs;
      this.#isLogged = false;
    }
    this.#failures += 1;
  }

  /**
   * Takes note of a failure.
   *
   * @param isNews - whether the caller has something new to say, whatever the time
   */
  fail(details: Readonly<Record<string, unknown>> & { readonly code?: unknown }, isNews = false): void {
    this.count();
    const level = isNews || this.#isDue(details.code) ? 'warn' : 'debug';
    if (level === 'warn') this.#isLogged = true;
    this.#codes.add(details.code);
    const since = { failures: this.#failures, since: new Date(this.#startedAtInMs).toISOString() };
    const { failed, about } = this.#options;
    this.#write({ level, event: failed, ...about, ...details, ...(this.#failures > 1 && since) });
  }

  /** Takes note of a success. */
  end(): void {
    if (this.#failingSinceInMs === undefined) return;
    this.#failingSinceInMs = undefined;
    this.#succeededAtInMs = this.#platform.now();
    const durationInMs = this.#succeededAtInMs - this.#startedAtInMs;
    const { ended, about } = this.#options;
    const level = this.#isLogged ? 'info' : 'debug';
    this.#write({ level, event: ended, ...about, durationInMs, failures: this.#failures });
  }

  #start(nowInMs: number): void {
    this.#startedAtInMs = nowInMs;
    this.#remindAtInMs = nowInMs + firstReminderAfterInMs;
    this.#failures = 0;
    this.#codes.clear();
  }

  #isDue(code: unknown): boolean {
    const nowInMs = this.#platform.now();
    if (nowInMs >= this.#remindAtInMs) {
      this.#remindAtInMs = nowInMs + reminderEveryInMs;
      return true;
    }
    const failingForInMs = nowInMs - (this.#failingSinceInMs ?? nowInMs);
    return !this.#codes.has(code) || (!this.#isLogged && failingForInMs >= calmInMs);
  }

  #write(entry: LogEntry): void {
    this.#platform.log(entry);
  }
}

/** Whether a count has reached 1, 2, 4, 8, and so on: what grows is news each time it has doubled. */
export function hasDoubled(before: number, after: number): boolean {
  return after > 0 && Math.floor(Math.log2(after)) > Math.floor(Math.log2(before));
}
