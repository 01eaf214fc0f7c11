import { ConnectorError } from '../../connector/errors.ts';
import type { EventType, ProvisioningEvent } from '../../connector/event.ts';
import type { SelectedEvent } from '../../triggers/poll/collect-differences.ts';
import {
  type DeliveringPlatform,
  type DeliveryChanges,
  DeliveryFailures,
  type DeliveryPace,
  type NamedSink,
} from './delivery-failures.ts';
import { SinkEnded } from './sink.ts';
import { isSubscription } from './store-rules.ts';
import type { WatchObserver } from './watch-observer.ts';
import {
  defaultSink,
  type FailedDelivery,
  type IngestBatch,
  type OutboxEntry,
  type WatchStore,
} from './watch-store.ts';

/** What a sink is doing; by default, `delivering`. */
export type SinkProgress =
  /** It has caught up when no event is ready. */
  | 'delivering'
  /** It has not caught up: the watch must not end yet. */
  | 'retrying'
  /** It receives nothing. The polls go on without it, until too many events wait. */
  | 'down';

/**
 * The undelivered events of a store, between the many that append them and the sinks that receive them. Each change of a
 * delivery goes through it, since it wakes those who wait for one.
 */
export interface Outbox extends DeliveryChanges {
  readonly store: WatchStore;
  /** Stores batches, and wakes `next`. If they cannot be stored, the outbox closes with the error. */
  append(...batches: readonly IngestBatch[]): Promise<void>;
  /**
   * The next ready events of a sink, in order, once there are any; undefined once the outbox is closed.
   *
   * @param alarm - returns without events when it resolves, or when anything has changed.
   * @throws what it failed with
   */
  next(
    limit: number,
    sink?: string,
    alarm?: () => Promise<void>,
  ): Promise<readonly OutboxEntry[] | undefined>;
  /** Adds a sink, or removes it: then `next` returns no more events for it. The store is changed by `append`. */
  addSink(sink: string): void;
  removeSink(sink: string): void;
  /** Ends the deliveries of these events: the sink has them. */
  acknowledge(entries: readonly OutboxEntry[], sink?: string): Promise<void>;
  /** Sets what a sink is doing. */
  setProgress(sink: string, progress: SinkProgress): void;
  /** Resolves once every sink has caught up, or the outbox is closed. */
  whenCaughtUp(): Promise<void>;
  /** Aborted when another process changes something, or the outbox is closed. A signal per change: it is never reused. */
  steered(): AbortSignal;
  /** Whether it is not closed. @throws what it failed with */
  isOpen(): boolean;
  /** Resolves once it is closed, for whatever reason. */
  whenClosed(): Promise<void>;
  /** Ends the waiting: `next` returns no more events. Undelivered events stay in the store. */
  close(): void;
  /** Closes the outbox with an error. */
  fail(error: unknown): void;
}

/** With more undelivered events, the polls wait for sinks that are down, which limits the size of the store. */
const mostUndelivered = 10_000;

/** The same batch. Says which events the store adds: without duplicates, and without those that are held. */
function withNotice(
  batch: IngestBatch,
  onAdded: (events: readonly ProvisioningEvent[]) => void,
): IngestBatch {
  return {
    ...batch,
    admit(fresh, pages) {
      const events = batch.admit?.(fresh, pages) ?? fresh;
      onAdded(events);
      return events;
    },
  };
}

function countByType(events: readonly ProvisioningEvent[]): Readonly<Partial<Record<EventType, number>>> {
  const counts: Partial<Record<EventType, number>> = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

/** Creates the outbox of a store, for these sinks. */
export function createOutbox(
  store: WatchStore,
  names: readonly string[] = [defaultSink],
  observe: WatchObserver = () => undefined,
): Outbox {
  const sinks = new Set<string>();
  /** Those that the polls wait for. A subscriber must not be able to stop them. */
  const awaited = new Set<string>();
  const addSink = (sink: string): void => {
    sinks.add(sink);
    if (!isSubscription(sink)) awaited.add(sink);
  };
  for (const name of names) addSink(name);
  const closed = Promise.withResolvers<void>();
  let end: { readonly error?: unknown } | undefined;
  let bell = Promise.withResolvers<void>();
  let steering = new AbortController();
  const progress = new Map<string, SinkProgress>();
  const ring = (): void => {
    bell.resolve();
    bell = Promise.withResolvers();
  };
  const steer = (): void => {
    steering.abort();
    steering = new AbortController();
    ring();
  };
  const finish = (how: { readonly error?: unknown }): void => {
    end ??= how;
    closed.resolve();
    steer();
  };
  store.onSteered(steer);
  const ringing =
    <Args extends unknown[], Result>(change: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      const result = await change(...args);
      ring();
      return result;
    };
  const isOpen = (): boolean => {
    if (end !== undefined && 'error' in end) throw end.error;
    return end === undefined;
  };
  const hasCaughtUp = async (sink: string): Promise<boolean> => {
    switch (progress.get(sink)) {
      case 'retrying':
        return false;
      case 'down': {
        // Its own events: those of subscriptions must not be able to stop the polls.
        const states = await store.sinkStates(0);
        return (states.find((one) => one.sink === sink)?.undelivered ?? 0) < mostUndelivered;
      }
      default:
        return (await store.undelivered(1, sink)).length === 0;
    }
  };
  return {
    store,
    async append(...batches) {
      const added = new Map<IngestBatch, readonly ProvisioningEvent[]>();
      try {
        await store.append(
          ...batches.map((batch) => withNotice(batch, (events) => added.set(batch, events))),
        );
      } catch (error) {
        finish({ error });
        throw error;
      }
      ring();
      for (const [{ origin, trigger }, events] of added) {
        if (events.length > 0)
          observe({ kind: 'events_stored', origin, trigger, counts: countByType(events) });
      }
    },
    async next(limit, sink = defaultSink, alarm) {
      for (;;) {
        // Read before the store is, so that an append in between is not slept through.
        const { promise } = bell;
        if (!isOpen() || !sinks.has(sink)) return undefined;
        const events = await store.undelivered(limit, sink);
        if (events.length > 0) return events;
        await Promise.race(alarm === undefined ? [promise] : [promise, alarm()]);
        if (alarm !== undefined && isOpen()) return store.undelivered(limit, sink);
      }
    },
    addSink,
    removeSink(sink) {
      sinks.delete(sink);
      awaited.delete(sink);
      progress.delete(sink);
      ring();
    },
    acknowledge: ringing((entries, sink) =>
      store.acknowledge(
        entries.map(({ position }) => position),
        sink,
      ),
    ),
    recordFailure: ringing((...failure) => store.recordFailure(...failure)),
    moveToDeadLetters: ringing((...delivery) => store.moveToDeadLetters(...delivery)),
    release: ringing((selection) => store.release(selection)),
    setProgress(sink, now) {
      if (progress.get(sink) === now) return;
      progress.set(sink, now);
      ring();
    },
    async whenCaughtUp() {
      for (;;) {
        const { promise } = bell;
        if (end !== undefined) return;
        let isCaughtUp = true;
        for (const sink of awaited) isCaughtUp &&= await hasCaughtUp(sink);
        if (isCaughtUp) return;
        await promise;
      }
    },
    steered: () => (end === undefined ? steering.signal : AbortSignal.abort()),
    isOpen,
    whenClosed: () => closed.promise,
    close: () => finish({}),
    fail: (error) => finish({ error }),
  };
}

/** The deliveries to the sinks of a watch, which can change while it runs. */
export interface Deliveries {
  /**
   * Starts the deliveries to a sink. The store has it already.
   *
   * @param onEnded - called once the sink has thrown {@link SinkEnded}, and nothing more is delivered to it.
   */
  add(sink: NamedSink, onEnded: (reason: SinkEnded) => void): void;
  /** Ends the deliveries to a sink, and aborts the one in progress. Resolves once nothing is delivered. */
  remove(name: string): Promise<void>;
  /**
   * Resolves when the outbox is closed, which an abort does, too, and nothing more is delivered.
   *
   * @throws what the outbox failed with, an error of a sink that is no ConnectorError, and, if the watch runs once, the
   *   error of an event that is not delivered.
   */
  readonly done: Promise<void>;
}

/**
 * Delivers the events of the outbox to each sink, at its own pace. What fails is retried until it succeeds, or until the
 * event is a dead letter.
 */
export function startDeliveries(
  outbox: Outbox,
  sinks: readonly NamedSink[],
  pace: DeliveryPace,
  platform: DeliveringPlatform,
): Deliveries {
  const running = new Map<string, { readonly end: AbortController; readonly over: Promise<void> }>();
  let failure: { readonly error: unknown } | undefined;

  async function run(
    sink: NamedSink,
    own: DeliveryPace,
    onEnded: (reason: SinkEnded) => void,
  ): Promise<void> {
    try {
      await new SinkDelivery(sink, outbox, own, platform).run();
    } catch (error) {
      if (error instanceof SinkEnded) return onEnded(error);
      // It ends the deliveries to the other sinks, too.
      failure ??= { error };
      outbox.fail(error);
    }
  }

  function add(sink: NamedSink, onEnded: (reason: SinkEnded) => void = () => undefined): void {
    const end = new AbortController();
    const either = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, end.signal]);
    const own = { ...pace, signal: either(pace.signal), abort: either(pace.abort) };
    outbox.addSink(sink.name);
    running.set(sink.name, { end, over: run(sink, own, onEnded) });
  }

  async function whenDone(): Promise<void> {
    // An aborted delivery is followed by no other.
    pace.abort.addEventListener('abort', outbox.close, { once: true });
    if (pace.abort.aborted) outbox.close();
    await outbox.whenClosed();
    pace.abort.removeEventListener('abort', outbox.close);
    await Promise.all([...running.values()].map(({ over }) => over));
    if (failure !== undefined) throw failure.error;
    // Without a sink, nobody else has met the error that closed it.
    outbox.isOpen();
  }

  for (const sink of sinks) add(sink);
  return {
    add,
    async remove(name) {
      const known = running.get(name);
      outbox.removeSink(name);
      known?.end.abort();
      await known?.over;
      running.delete(name);
    },
    done: whenDone(),
  };
}

/** Delivers to one sink: one batch at a time, in order, except that an event that is refused holds up only its lane. */
class SinkDelivery {
  readonly #named: NamedSink;
  readonly #outbox: Outbox;
  readonly #pace: DeliveryPace;
  readonly #platform: DeliveringPlatform;
  /** Halved when a batch is refused, to find the event that is, and doubled again with each success. */
  #limit: number;
  #lastDeliveredAtInMs = Number.NEGATIVE_INFINITY;
  /** Since the first failure. */
  #failures: DeliveryFailures | undefined;
  /** Whether the last attempt was that of a failing delivery. The next one is not, so that ready events go on. */
  #hasRetried = false;

  constructor(named: NamedSink, outbox: Outbox, pace: DeliveryPace, platform: DeliveringPlatform) {
    this.#named = named;
    this.#outbox = outbox;
    this.#pace = pace;
    this.#platform = platform;
    this.#limit = named.sink.batchSize ?? 1;
  }

  async run(): Promise<void> {
    const { name } = this.#named;
    const { store } = this.#outbox;
    // A restart is often what helps: nothing waits longer for what failed before it.
    if ((await store.nextFailing(name)) !== undefined)
      await this.#outbox.release({ sink: name, only: 'failing' });
    for (;;) {
      const batch = await this.#next();
      if (batch === undefined) break;
      if (batch.length > 0 && !(await this.#attempt(batch))) return;
    }
    if (this.#pace.isOnce !== true || this.#pace.signal.aborted) return;
    const failing = await store.nextFailing(name);
    if (failing !== undefined) throw this.#failures?.lastError ?? new Error(failing.failure.message);
  }

  /** What to deliver next; nothing if something else has to be done first; undefined at the end. */
  async #next(): Promise<readonly OutboxEntry[] | undefined> {
    const { name } = this.#named;
    const failing = await this.#outbox.store.nextFailing(name);
    if (failing !== undefined) this.#failures ??= this.#startFailing();
    this.#outbox.setProgress(name, this.#progress(failing));
    if (this.#pace.signal.aborted || !this.#outbox.isOpen()) return undefined;
    const failures = this.#failures;
    if (failures === undefined) return this.#outbox.next(this.#limit, name);
    if (failing === undefined) failures.onNoneFailing();
    const hasReady = (await this.#outbox.store.undelivered(1, name)).length > 0;
    if (failing !== undefined && failures.isDue(failing) && !(this.#hasRetried && hasReady)) {
      this.#hasRetried = true;
      return [failing];
    }
    this.#hasRetried = false;
    if (failures.isOutage && !hasReady) return this.#pause(failures);
    const isRetried = failing !== undefined && (this.#pace.isOnce !== true || failures.isInGrace);
    return isRetried ? this.#nextUntilDue(failing) : this.#outbox.next(this.#limit, name);
  }

  async #nextUntilDue({ failure }: FailedDelivery): Promise<readonly OutboxEntry[] | undefined> {
    const cancel = new AbortController();
    const waitInMs = Math.max(0, failure.nextAttemptAtInMs - this.#platform.now());
    const alarm = (): Promise<void> => this.#platform.sleep(waitInMs, cancel.signal).catch(() => undefined);
    try {
      return await this.#outbox.next(this.#limit, this.#named.name, alarm);
    } finally {
      cancel.abort();
    }
  }

  /** @returns whether the deliveries go on */
  async #attempt(batch: readonly OutboxEntry[]): Promise<boolean> {
    const { name, sink } = this.#named;
    const { abort, signal, observe } = this.#pace;
    const startedAtInMs = this.#platform.now();
    try {
      await sink.deliver(batch, abort);
    } catch (error) {
      // A watch that ends makes no other attempt.
      if (signal.aborted || abort.aborted) return false;
      if (!(error instanceof ConnectorError)) throw error;
      await this.#fail(batch, error);
      return true;
    }
    await this.#outbox.acknowledge(batch, name);
    const nowInMs = this.#platform.now();
    const durationInMs = nowInMs - startedAtInMs;
    observe?.({ kind: 'delivered', sink: name, events: batch.length, durationInMs });
    for (const { trigger, position, text } of batch) {
      const { dedupeKey } = JSON.parse(text) as ProvisioningEvent;
      this.#platform.log({
        level: 'debug',
        event: 'event_delivered',
        sink: name,
        trigger,
        position,
        dedupeKey,
      });
    }
    this.#lastDeliveredAtInMs = nowInMs;
    this.#limit = Math.min(this.#limit * 2, sink.batchSize ?? 1);
    await this.#failures?.onSuccess(batch);
    return true;
  }

  async #fail(batch: readonly OutboxEntry[], error: ConnectorError): Promise<void> {
    // Before the failure is stored: a watch that runs once has not caught up.
    if (this.#pace.isOnce === true) this.#outbox.setProgress(this.#named.name, 'retrying');
    this.#failures ??= this.#startFailing();
    const failures = this.#failures;
    const next = await failures.onFailure(batch, error, this.#lastDeliveredAtInMs);
    if (next === 'split') this.#limit = Math.ceil(batch.length / 2);
    if (next === 'pause') await this.#pause(failures);
  }

  #startFailing(): DeliveryFailures {
    return new DeliveryFailures(this.#named, this.#outbox, this.#pace, this.#platform);
  }

  async #pause(failures: DeliveryFailures): Promise<readonly OutboxEntry[]> {
    const pausing = failures.pause(this.#outbox.steered());
    this.#outbox.setProgress(this.#named.name, this.#progress(undefined));
    await pausing;
    return [];
  }

  #progress(failing: FailedDelivery | undefined): SinkProgress {
    const failures = this.#failures;
    if (failures === undefined) return 'delivering';
    if (this.#pace.isOnce !== true) return failures.isDown ? 'down' : 'delivering';
    return failures.isOutage || (failing !== undefined && failures.isInGrace) ? 'retrying' : 'delivering';
  }
}

/** Which events each trigger emits, by the key of the trigger. */
export type Selectors = ReadonlyMap<string, Pick<IngestBatch, 'shouldDeliver' | 'admit'>>;

/** The batch of a source, once for each trigger. */
export function batchPerTrigger(batch: IngestBatch, selectors: Selectors): readonly IngestBatch[] {
  return [...selectors].map(([trigger, selector]) => ({ ...batch, trigger, ...selector }));
}

/** The events of a read of the provider, in order, each once for every trigger that reports it. */
export function batchesInOrder(
  {
    events,
    ...state
  }: Omit<IngestBatch, 'events' | 'trigger'> & { readonly events: readonly SelectedEvent[] },
  nameOf: (trigger: string) => string,
): readonly IngestBatch[] {
  const batches: (IngestBatch & { readonly events: ProvisioningEvent[] })[] = [{ ...state, events: [] }];
  for (const { event, triggers } of events) {
    for (const trigger of triggers.map(nameOf)) {
      const last = batches.at(-1);
      if (last?.trigger === trigger) last.events.push(event);
      else batches.push({ origin: state.origin, trigger, events: [event] });
    }
  }
  return batches;
}
