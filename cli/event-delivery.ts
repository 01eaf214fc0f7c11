import type { Platform } from '../connector/platform.ts';
import { type DeliveryStop, postEvent, type WebhookTarget } from '../runtime/watch/post-event.ts';
import { retryForever } from '../runtime/watch/retry-forever.ts';
import type { OutboxEntry } from '../runtime/watch/watch-store.ts';
import { openEventOutput } from './event-output.ts';

/** How events get to their consumer. */
export interface EventDelivery {
  /** How many are delivered at once; after a crash so many may are repeated. */
  readonly batchSize: number;
  /** Resolves when the consumer has them. @throws ConnectorError, OutputClosed, and the reason of a stop */
  deliver(batch: readonly OutboxEntry[]): Promise<void>;
}

const linesAtOnce = 100;

/** Prints each event on a line of standard output. */
export function printEvents({ abort }: DeliveryStop): EventDelivery {
  const output = openEventOutput();
  return {
    batchSize: linesAtOnce,
    deliver: (batch) =>
      output.write(
        batch.map(({ text }) => text),
        abort,
      ),
  };
}

/**
 * Posts each event, one after the other. One that is not taken holds up those behind it, so that none overtakes it.
 *
 * @param isOnce fails when it is not taken in time, instead of trying on and on.
 */
export function postEvents(
  target: WebhookTarget,
  platform: Platform,
  stopping: DeliveryStop,
  isOnce: boolean,
): EventDelivery {
  const persistence = {
    name: 'delivery',
    origin: new URL(target.url).origin,
    everyInMs: 0,
    signal: stopping.stop,
  };
  return {
    batchSize: 1,
    async deliver(batch) {
      for (const { text } of batch) {
        const post = (): Promise<void> => postEvent(target, text, platform, stopping);
        await (isOnce ? post() : retryForever(post, persistence, platform));
      }
    },
  };
}
