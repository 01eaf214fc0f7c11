import type { ConnectorError } from '../../connector/errors.ts';
import { decideRetry, type Outcome, pauseAfterFailure } from '../../connector/http/retry-policy.ts';
import { hasDoubled, OutageLog } from '../../connector/outage-log.ts';
import { type Platform, TransportError } from '../../connector/platform.ts';
import type { Sink } from './sink.ts';
import type { WatchObserver } from './watch-observer.ts';
import type { DeliveryFailure, FailedDelivery, OutboxEntry, WatchStore } from './watch-store.ts';

/** A sink, and the name of its deliveries in the store. */
export interface NamedSink {
  readonly name: string;
  readonly sink: Sink;
}

/** The changes of deliveries that a wait depends on. */
export type DeliveryChanges = Pick<WatchStore, 'recordFailure' | 'moveToDeadLetters' | 'release'>;

/** How a watch delivers to its sinks. */
export interface DeliveryPace {
  /** Ends once everything is delivered. A failure that lasts ends it, too. */
  readonly isOnce?: boolean | undefined;
  /** Ends the deliveries after those in progress. */
  readonly signal: AbortSignal;
  /** Aborts the deliveries in progress, too. */
  readonly abort: AbortSignal;
  /** For how long a consumer can refuse one event before it becomes a dead letter, in milliseconds. */
  readonly deadLetterAfterInMs: number;
  readonly observe?: WatchObserver | undefined;
}

/** What waiting and retrying need of the platform. */
export type DeliveringPlatform = Pick<Platform, 'log' | 'now' | 'random' | 'sleep'>;

/** How long a failure is retried before it is a warning, or ends a watch that runs once, in milliseconds. */
const defaultDeadlineInMs = 120_000;
const firstLaneWaitInMs = 1_000;
/** The longest wait between two attempts of one event that the consumer refuses, in milliseconds. */
const longestLaneWaitInMs = 15 * 60_000;
/** Dead letters that are further apart are news again. */
const deadLettersApartInMs = 3_600_000;
/** The largest number of deliveries that are tried between two pauses while a consumer is down. */
const mostTriedPerRound = 16;

/** A time in which nothing gets through to the consumer. */
interface Outage {
  /** When the last pause ended. Until the next one, each delivery is tried once. */
  roundStartedAtInMs: number;
  /** The number of deliveries that failed since then. */
  tried: number;
  pauses: number;
  /** The number of failures of the current retries, and when these end. */
  attempt: number;
  deadlineAtInMs: number;
  /** How often they have ended without success, each time with a warning. */
  warnings: number;
}

/**
 * What is known about the failures of one sink, and what follows from each: a refused event holds up its lane, and an
 * unreachable consumer all deliveries.
 */
export class DeliveryFailures {
  readonly #sink: string;
  readonly #origin: string;
  readonly #deadlineInMs: number;
  readonly #changes: DeliveryChanges;
  readonly #pace: DeliveryPace;
  readonly #platform: DeliveringPlatform;
  /** The failing deliveries that this watch has attempted. */
  readonly #failing = new Set<number>();
  #outage: Outage | undefined;
  #lastError: ConnectorError | undefined;
  /** A watch that runs once retries a transient failure until then. */
  #graceEndsAtInMs: number | undefined;
  readonly #outages: OutageLog;
  readonly #refusals: OutageLog;
  /** The largest number of lanes that were blocked since the last time that none was. */
  #mostBlocked = 0;
  /** Dead letters, until an hour passes without one. */
  #deadLetters = { count: 0, lastAtInMs: Number.NEGATIVE_INFINITY };

  constructor(
    { name, sink }: NamedSink,
    changes: DeliveryChanges,
    pace: DeliveryPace,
    platform: DeliveringPlatform,
  ) {
    this.#sink = name;
    this.#origin = sink.origin ?? name;
    this.#deadlineInMs = sink.deadlineInMs ?? defaultDeadlineInMs;
    this.#changes = changes;
    this.#pace = pace;
    this.#platform = platform;
    const about = { origin: this.#origin };
    this.#outages = new OutageLog(
      { failed: 'delivery_failed', ended: 'delivery_recovered', about },
      platform,
    );
    this.#refusals = new OutageLog({ failed: 'event_refused', ended: 'refusals_ended', about }, platform);
  }

  /** Whether nothing gets through, as far as is known. */
  get isOutage(): boolean {
    return this.#outage !== undefined;
  }

  /** Whether the watch has waited for the consumer. */
  get isDown(): boolean {
    return this.#outage !== undefined && this.#outage.pauses > 0;
  }

  /** Whether a watch that runs once still retries what fails. */
  get isInGrace(): boolean {
    return this.#graceEndsAtInMs !== undefined && this.#platform.now() < this.#graceEndsAtInMs;
  }

  /** What the last attempt failed with. */
  get lastError(): ConnectorError | undefined {
    return this.#lastError;
  }

  /** Whether the next attempt of a failing delivery is due. */
  isDue({ failure }: FailedDelivery): boolean {
    return this.#outage === undefined
      ? failure.nextAttemptAtInMs <= this.#platform.now()
      : failure.lastFailedAtInMs < this.#outage.roundStartedAtInMs;
  }

  /**
   * Decides what a failed attempt means.
   *
   * @param lastDeliveredAtInMs - when something last got through
   * @returns what to do next: `split` the batch, `pause`, or simply `continue`
   */
  async onFailure(
    batch: readonly OutboxEntry[],
    error: ConnectorError,
    lastDeliveredAtInMs: number,
  ): Promise<'split' | 'pause' | 'continue'> {
    this.#lastError = error;
    const scope = scopeOf(error);
    const [entry] = batch;
    if (scope === 'receiver' || entry === undefined) {
      this.#outage ??= this.#startOutage();
      return 'pause';
    }
    if (batch.length > 1) return 'split';
    // What fails again, while others get through, does so on its own account.
    const isOwn = scope === 'event' || ('failure' in entry && this.#outage === undefined);
    const counts = scope === 'event' || isSince(lastDeliveredAtInMs, entry);
    // One failure of one event says nothing about the others, so they are tried. If all fail, the consumer is down.
    if (!isOwn) this.#outage ??= this.#startOutage();
    await this.#failLane(entry, error, { isOwn, counts });
    if (isOwn || this.#outage === undefined) return 'continue';
    this.#outage.tried += 1;
    const most = Math.min(2 ** (this.#outage.pauses + 1), mostTriedPerRound);
    return this.#outage.tried >= most ? 'pause' : 'continue';
  }

  /** Takes note that something got through. */
  async onSuccess(batch: readonly OutboxEntry[]): Promise<void> {
    this.#setFailing(() => {
      for (const { position } of batch) this.#failing.delete(position);
    });
    const outage = this.#outage;
    if (outage === undefined) return;
    this.#outage = undefined;
    this.#outages.end();
    // What failed because the consumer was down does not wait for its turn.
    if (outage.pauses > 0) await this.#changes.release({ sink: this.#sink, only: 'failing' });
  }

  /** Takes note that no delivery fails any more: a command has skipped them. */
  onNoneFailing(): void {
    this.#setFailing(() => this.#failing.clear());
  }

  /**
   * Waits before anything else is delivered.
   *
   * @param steered - resolves when a command of another process ends the wait
   * @throws the last error, if the watch runs once and has retried for long enough
   */
  async pause(steered: AbortSignal): Promise<void> {
    const [outage, error] = [this.#outage, this.#lastError];
    if (outage === undefined || error === undefined) return;
    const waitInMs = this.#planPause(outage, error);
    const either = AbortSignal.any([this.#pace.signal, steered]);
    await this.#platform.sleep(waitInMs, either).catch(() => undefined);
    outage.tried = 0;
    outage.roundStartedAtInMs = this.#platform.now();
    if (outage.attempt === 0) outage.deadlineAtInMs = outage.roundStartedAtInMs + this.#deadlineInMs;
  }

  #startOutage(): Outage {
    const nowInMs = this.#platform.now();
    const deadlineAtInMs = nowInMs + this.#deadlineInMs;
    return { roundStartedAtInMs: nowInMs, deadlineAtInMs, tried: 0, pauses: 0, attempt: 0, warnings: 0 };
  }

  #planPause(outage: Outage, error: ConnectorError): number {
    const { log, now, random } = this.#platform;
    outage.attempt += 1;
    outage.pauses += 1;
    const decision = decideRetry({
      // A consumer recognizes a repeated event.
      idempotent: true,
      number: outage.attempt,
      outcome: outcomeOf(error),
      nowInMs: now(),
      deadlineAtInMs: outage.deadlineAtInMs,
      random: random(),
    });
    if (decision.kind === 'retry') {
      const { waitInMs } = decision;
      this.#outages.count();
      const { attempt } = outage;
      log({ level: 'debug', event: 'delivery_retried', origin: this.#origin, attempt, waitInMs });
      return waitInMs;
    }
    outage.attempt = 0;
    outage.warnings += 1;
    const { code, message, status, retryAfterInMs } = error;
    const failures = outage.warnings;
    const observed = { kind: 'delivery_failed', sink: this.#sink, code, message, status, failures } as const;
    if (this.#pace.isOnce === true) {
      this.#pace.observe?.({ ...observed, waitInMs: undefined });
      throw error;
    }
    const waitInMs = pauseAfterFailure({ number: failures, everyInMs: 0, retryAfterInMs, random: random() });
    this.#outages.fail({ code, message, waitInMs });
    this.#pace.observe?.({ ...observed, waitInMs });
    return waitInMs;
  }

  /** Stores the failure of an event. The events about the same user or group wait; all others do not. */
  async #failLane(
    entry: OutboxEntry | FailedDelivery,
    error: ConnectorError,
    { isOwn, counts }: { readonly isOwn: boolean; readonly counts: boolean },
  ): Promise<void> {
    const { log, now, random } = this.#platform;
    const { position, trigger } = entry;
    const { code, message, status, retryAfterInMs } = error;
    const before = 'failure' in entry ? entry.failure : undefined;
    const attempts = (before?.attempts ?? 0) + 1;
    const everyInMs = Math.min(longestLaneWaitInMs, firstLaneWaitInMs * 2 ** (attempts - 1));
    const waitInMs = pauseAfterFailure({ number: attempts, everyInMs, retryAfterInMs, random: random() });
    const nowInMs = now();
    const failure: DeliveryFailure = {
      code,
      message,
      attempts,
      firstFailedAtInMs: before?.firstFailedAtInMs ?? nowInMs,
      lastFailedAtInMs: nowInMs,
      refusedForInMs: (before?.refusedForInMs ?? 0) + (counts ? plannedWaitInMs(nowInMs, before) : 0),
      nextAttemptAtInMs: nowInMs + waitInMs,
    };
    await this.#changes.recordFailure(this.#sink, position, failure);
    if (error.transient) this.#graceEndsAtInMs ??= nowInMs + this.#deadlineInMs;
    const { lane, dedupeKey } = namesOf(entry);
    const about = { position, lane, code, attempts, message };
    if (failure.refusedForInMs >= this.#pace.deadLetterAfterInMs) {
      await this.#changes.moveToDeadLetters(this.#sink, position);
      this.#setFailing(() => this.#failing.delete(position));
      const { isNews, deadLetters } = this.#countDeadLetter(nowInMs);
      const level = isNews ? 'warn' : 'debug';
      log({ level, event: 'event_dead_lettered', origin: this.#origin, ...about, deadLetters });
      this.#pace.observe?.({ kind: 'dead_letter', sink: this.#sink, trigger, dedupeKey, code });
      return;
    }
    this.#setFailing(() => this.#failing.add(position));
    if (!isOwn) return;
    const blocked = this.#failing.size;
    const isNews = hasDoubled(this.#mostBlocked, blocked);
    this.#mostBlocked = Math.max(this.#mostBlocked, blocked);
    this.#refusals.fail({ ...about, lanes: blocked, waitInMs }, isNews);
    const observed = { code, message, status, failures: attempts, waitInMs };
    this.#pace.observe?.({ kind: 'delivery_failed', sink: this.#sink, lane, ...observed });
  }

  #setFailing(change: () => void): void {
    const { size } = this.#failing;
    change();
    if (this.#failing.size === size) return;
    this.#pace.observe?.({ kind: 'lanes_blocked', sink: this.#sink, lanes: this.#failing.size });
    if (this.#failing.size > 0) return;
    this.#refusals.end();
    this.#mostBlocked = 0;
  }

  /** Many events can be given up at once, a day after the receiver began to refuse them. */
  #countDeadLetter(nowInMs: number): { readonly isNews: boolean; readonly deadLetters: number } {
    const { count, lastAtInMs } = this.#deadLetters;
    const before = nowInMs - lastAtInMs < deadLettersApartInMs ? count : 0;
    this.#deadLetters = { count: before + 1, lastAtInMs: nowInMs };
    return { isNews: hasDoubled(before, before + 1), deadLetters: before + 1 };
  }
}

/**
 * What a failure of one event is about. `event`: the consumer refuses this one. `receiver`: it accepts none. `unknown`:
 * either, which only other events can show.
 */
function scopeOf({ code, status, cause, retryAfterInMs }: ConnectorError): 'event' | 'receiver' | 'unknown' {
  if (status === undefined ? code === 'invalid_input' : refusals.has(status)) return 'event';
  if (code === 'rate_limited' || (status === 503 && retryAfterInMs !== undefined)) return 'receiver';
  if (cause instanceof TransportError && !cause.maybeSent) return 'receiver';
  return 'unknown';
}

/** The statuses that are about the body of a request: Bad Request, Content Too Large, Unprocessable Content. */
const refusals: ReadonlySet<number> = new Set([400, 413, 422]);

/** Whether something got through since an event failed before. */
function isSince(lastDeliveredAtInMs: number, entry: OutboxEntry | FailedDelivery): boolean {
  return 'failure' in entry && lastDeliveredAtInMs >= entry.failure.lastFailedAtInMs;
}

/** The time since the failure before, but no more than the wait that was planned: the watch may have been stopped. */
function plannedWaitInMs(nowInMs: number, before: DeliveryFailure | undefined): number {
  return before === undefined ? 0 : Math.min(nowInMs, before.nextAttemptAtInMs) - before.lastFailedAtInMs;
}

/** How the attempt ended that an error reports. */
function outcomeOf({ code, cause, status, retryAfterInMs }: ConnectorError): Outcome {
  if (cause instanceof TransportError) {
    const { maybeSent, isTransient } = cause;
    return { kind: 'transport_error', maybeSent, isTransient };
  }
  // An error without a status is the consumer's own: it calls itself transient.
  return { kind: 'answered', status: status ?? 503, isThrottled: code === 'rate_limited', retryAfterInMs };
}

function namesOf({ text }: OutboxEntry): { readonly lane: string; readonly dedupeKey: string } {
  const { resource, subject, dedupeKey } = JSON.parse(text);
  return { lane: `${resource}/${subject.id}`, dedupeKey };
}
