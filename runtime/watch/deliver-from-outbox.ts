import type { Platform } from '../../connector/platform.ts';
import type { Outbox } from './outbox.ts';
import type { Poller } from './poller.ts';
import { retryForever } from './retry-forever.ts';
import type { OutboxEntry } from './watch-store.ts';

/** How a watch goes on. */
export interface WatchPace {
  /** From the end of one poll, with its events delivered, to the next, in milliseconds. */
  readonly everyInMs: number;
  /** Ends it when every poller has given all that it has, and that is delivered; the first failure ends it too. */
  readonly isOnce?: boolean | undefined;
  /** How many events are given at once, at the most. */
  readonly batchSize: number;
  /** Ends it; what is not yet delivered stays in the outbox. */
  readonly signal: AbortSignal;
}

type World = Pick<Platform, 'log' | 'random' | 'sleep'>;

/**
 * Polls on and on, and gives what is in the outbox, whoever put it there. A batch counts as delivered when the body of
 * the loop comes back for the next one; until then it is given again by the next watch.
 *
 * @throws ConnectorError what a poller failed with, when it does not pass by itself.
 */
export async function* deliverFromOutbox(
  outbox: Outbox,
  pollers: readonly Poller[],
  { everyInMs, isOnce = false, batchSize, signal: stop }: WatchPace,
  world: World,
): AsyncGenerator<readonly OutboxEntry[], void, undefined> {
  const inner = new AbortController();
  const end = (): void => {
    inner.abort(stop.reason);
    outbox.close();
  };
  if (stop.aborted) end();
  stop.addEventListener('abort', end, { once: true });
  const pace = { everyInMs, isOnce, signal: inner.signal };
  const polling = Promise.all(pollers.map((poller) => pollLoop(outbox, poller, pace, world))).then(
    () => (isOnce ? outbox.close() : undefined),
    outbox.fail,
  );
  try {
    for (;;) {
      const batch = await outbox.next(batchSize);
      if (batch === undefined) return;
      yield batch;
      await outbox.acknowledge(batch.at(-1)?.position ?? 0);
    }
  } finally {
    stop.removeEventListener('abort', end);
    end();
    await polling;
  }
}

/** Poll, keep, let it be delivered, wait; until it is stopped. */
async function pollLoop(
  outbox: Outbox,
  { origin, poll }: Poller,
  { everyInMs, isOnce, signal }: { everyInMs: number; isOnce: boolean; signal: AbortSignal },
  world: World,
): Promise<void> {
  const { store } = outbox;
  const pollOnce = async (): ReturnType<Poller['poll']> =>
    poll(await store.cursorOf(origin), store.pagesOf(origin), signal);
  try {
    // What a watch before this one left behind comes first, so that nothing is overtaken by what happened later.
    await outbox.whenEmpty();
    while (!signal.aborted) {
      const { more, ...arrival } = isOnce
        ? await pollOnce()
        : await retryForever(pollOnce, { name: 'poll', origin, everyInMs, signal }, world);
      await outbox.append({ origin, ...arrival });
      await outbox.whenEmpty();
      if (more) continue;
      if (isOnce) return;
      await world.sleep(everyInMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
