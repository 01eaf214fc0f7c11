import type { ProvisioningEvent } from '../../connector/event.ts';
import type { Platform } from '../../connector/platform.ts';
import { deliverFromOutbox } from './deliver-from-outbox.ts';
import { createMemoryWatchStore } from './memory-watch-store.ts';
import { createOutbox } from './outbox.ts';
import type { Poller } from './poller.ts';
import type { WatchStore } from './watch-store.ts';

/**
 * Options of a watch.
 *
 * @example
 * ```ts
 * const options: WatchOptions = { store: await openWatchStore('leavers.state'), everyInMs: 30_000 };
 * for await (const event of connector.triggers.user_deprovisioned.watch({}, options)) console.log(event.type);
 * ```
 */
export interface WatchOptions {
  /** Where it goes on, after the process has ended too. Default: in memory, so that each process begins anew. */
  readonly store?: WatchStore | undefined;
  /** From one poll to the next, in milliseconds. Default: a minute. */
  readonly everyInMs?: number | undefined;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
}

/** The origin of what a trigger's own poll finds. */
export const pollOrigin = 'poll';

/**
 * Gives the events of a trigger one by one, and commits by itself: an event counts as delivered when the body of the
 * loop comes back for the next one. One that was not, because the body threw or the process died, is given again.
 *
 * @throws ConnectorError what a poll failed with, when it does not pass by itself.
 */
export async function* watch(
  trigger: string,
  poll: Poller['poll'],
  {
    store = createMemoryWatchStore(),
    everyInMs = 60_000,
    signal = new AbortController().signal,
  }: WatchOptions,
  platform: Platform,
): AsyncGenerator<ProvisioningEvent, void, undefined> {
  await store.claim(trigger);
  const pollers = [{ origin: pollOrigin, poll }];
  const pace = { everyInMs, batchSize: 1, signal };
  for await (const [next] of deliverFromOutbox(createOutbox(store), pollers, pace, platform)) {
    if (next !== undefined) yield JSON.parse(next.text) as ProvisioningEvent;
  }
}
