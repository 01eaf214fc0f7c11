import type { ConnectorError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { CredentialLimits } from './authenticator.ts';

/** What shared work knows of those who wait for it. */
export interface Wait {
  /** The latest deadline of all who wait, in milliseconds since 1970: it moves when a waiter joins or leaves. */
  deadlineAtInMs(): number;
  /** Aborted when nobody waits any longer. */
  readonly signal: AbortSignal;
  /** The work may take until then: `late` is the error of those whose deadline passes before it is done. */
  onAttempt(endsAtInMs: number, late: ConnectorError): void;
  /** Nothing happens until then: those whose deadline comes first need not wait for it. */
  onPause(endsAtInMs: number, late: ConnectorError): void;
}

interface Waiter extends CredentialLimits {
  reject(error: unknown): void;
  /** Ends the timer of the deadline. */
  readonly left: AbortController;
  hasTimer: boolean;
}

/** One piece of work for all who need its result. Each waits until their own deadline, or until their own signal is aborted. */
export class SharedWait<Result> {
  readonly #platform: Pick<Platform, 'now' | 'sleep'>;
  readonly #waiters = new Set<Waiter>();
  readonly #nobodyWaits = new AbortController();
  readonly #result: Promise<Result>;
  #attemptEndsAtInMs = 0;
  #pauseEndsAtInMs = 0;
  #late: ConnectorError | undefined;
  #isOver = false;

  constructor(platform: Pick<Platform, 'now' | 'sleep'>, work: (wait: Wait) => Promise<Result>) {
    this.#platform = platform;
    // The first waiter joins before the work begins.
    this.#result = Promise.resolve()
      .then(() =>
        work({
          deadlineAtInMs: () => this.#deadlineAtInMs(),
          signal: this.#nobodyWaits.signal,
          onAttempt: (endsAtInMs, late) => this.#during(endsAtInMs, 0, late),
          onPause: (endsAtInMs, late) => this.#during(0, endsAtInMs, late),
        }),
      )
      .finally(() => {
        this.#isOver = true;
      });
    this.#result.catch(() => undefined);
  }

  /** Whether the work has ended, or was given up because nobody waited for it. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The result of the work. @throws the error of the work, or the reason why this waiter left */
  join({ deadlineAtInMs, signal }: CredentialLimits): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      signal?.throwIfAborted();
      const waiter: Waiter = { deadlineAtInMs, signal, reject, left: new AbortController(), hasTimer: false };
      const onAbort = (): void => this.#leave(waiter, signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      waiter.left.signal.addEventListener('abort', () => signal?.removeEventListener('abort', onAbort));
      this.#waiters.add(waiter);
      this.#result.then(resolve, reject).finally(() => {
        this.#waiters.delete(waiter);
        waiter.left.abort();
      });
      this.#watchDeadline(waiter);
    });
  }

  #deadlineAtInMs(): number {
    return Math.max(...Array.from(this.#waiters, ({ deadlineAtInMs }) => deadlineAtInMs));
  }

  #during(attemptEndsAtInMs: number, pauseEndsAtInMs: number, late: ConnectorError): void {
    this.#attemptEndsAtInMs = attemptEndsAtInMs;
    this.#pauseEndsAtInMs = pauseEndsAtInMs;
    this.#late = late;
    for (const waiter of this.#waiters) this.#watchDeadline(waiter);
  }

  /** Most deadlines come after the work: only the others need a timer. */
  #watchDeadline(waiter: Waiter): void {
    const { deadlineAtInMs, left } = waiter;
    if (deadlineAtInMs <= this.#pauseEndsAtInMs) this.#leave(waiter, this.#late);
    else if (!waiter.hasTimer && deadlineAtInMs < this.#attemptEndsAtInMs) {
      waiter.hasTimer = true;
      const waitInMs = Math.max(0, deadlineAtInMs - this.#platform.now());
      void this.#platform.sleep(waitInMs, left.signal).then(
        () => this.#leave(waiter, this.#late),
        () => undefined,
      );
    }
  }

  #leave(waiter: Waiter, reason: unknown): void {
    if (!this.#waiters.delete(waiter)) return;
    waiter.left.abort();
    waiter.reject(reason);
    if (this.#waiters.size > 0) return;
    this.#isOver = true;
    this.#nobodyWaits.abort(reason);
  }
}
