import type { ProvisioningEvent } from '../../connector/event.ts';
import type { OutboxEntry } from './watch-store.ts';

/**
 * Where the events of a watch go. Rolecall brings sinks for standard output ({@link stdoutSink}), for any stream
 * ({@link streamSink}), and for signed POSTs ({@link webhookSink}); a function that receives one event is a sink, too.
 *
 * @example
 * ```ts
 * const queue: Sink = {
 *   batchSize: 100,
 *   async deliver(events) {
 *     const body = events.map(({ text }) => text).join('\n');
 *     const { ok } = await fetch('https://queue.example.com/events', { method: 'POST', body });
 *     // Transient: the same events are delivered again.
 *     if (!ok) throw new ConnectorError('unavailable', { what: 'The queue is down.', nextStep: 'Start it.' });
 *   },
 * };
 * await connector.watch('user_deprovisioned', { store: 'leavers.state', sink: queue });
 * ```
 */
export interface Sink {
  /** The largest number of events in one call. After a crash, up to this many are delivered again. Default: 1. */
  readonly batchSize?: number | undefined;
  /** The name of the consumer in the log, such as the origin of its URL. Default: `sink`. */
  readonly origin?: string | undefined;
  /**
   * For how long a failed delivery is retried before the failure is logged as a warning, or ends a watch that runs
   * `once`, in milliseconds. Default: 120,000.
   */
  readonly deadlineInMs?: number | undefined;
  /**
   * Hands events over, in order. When it resolves, they are **acknowledged**: they are never delivered again, unless
   * someone asks for a replay. So it must resolve only once the consumer has them for good.
   *
   * When it rejects, none of them is acknowledged. After a {@link ConnectorError}, they are delivered again, for as long
   * as it takes, and the order per user is kept. If the error is about one event (its `status` is 400, 413, or 422, or it
   * has none and its code is `invalid_input`), or if other events get through, only the events of the same user or group
   * wait, and the event becomes a dead letter in the end. A batch is split to find the event. Any other error ends the
   * watch. Either way, a consumer can get an event twice, with the same `dedupeKey`.
   *
   * @param signal - aborts the call. A watch that drains waits for it instead.
   * @throws {@link SinkClosed} if the consumer is gone: the watch then ends without an error.
   */
  deliver(events: readonly OutboxEntry[], signal: AbortSignal): Promise<void>;
}

/**
 * A sink that receives the parsed events one by one.
 *
 * @example
 * ```ts
 * const print: SinkFunction = ({ type, subject }) => console.log(type, subject.userName);
 * await connector.watch('provisioning_event', { store: 'all.state', sink: print });
 * ```
 */
export type SinkFunction<Event = ProvisioningEvent> = (event: Event, signal: AbortSignal) => unknown;

/**
 * A sink throws this to end a watch without an error: the consumer accepts no more events.
 *
 * @example
 * ```ts
 * const firstOnly: SinkFunction = ({ dedupeKey }) => {
 *   console.log(dedupeKey);
 *   throw new SinkClosed(); // the event stays in the store
 * };
 * ```
 */
export class SinkClosed extends Error {
  override readonly name = 'SinkClosed';
}

/**
 * A sink throws this to end its own deliveries, and no others: the consumer is gone for good. For the sinks that can be
 * removed from a watch that runs; see {@link startDeliveries}.
 */
export class SinkEnded extends Error {
  override readonly name = 'SinkEnded';
}

/** The sink of a function: an event is acknowledged when the function returns, or its promise resolves. */
export function callbackSink(handle: SinkFunction): Sink {
  return {
    async deliver(events, signal) {
      for (const { text } of events) await handle(JSON.parse(text), signal);
    },
  };
}
