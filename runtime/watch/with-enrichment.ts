import { ConnectorError } from '../../connector/errors.ts';
import type { PushReceiver } from '../../triggers/sources/source.ts';
import type { EnrichEvents } from './event-pipeline.ts';

/** What a sender waits before it sends again what could not be read, where the provider does not say, in seconds. */
const retryAfterInSeconds = 10;

/** A receiver whose events have their resources. While one cannot be read, the sender is told to try later. */
export function withEnrichment(receiver: PushReceiver, enrich: EnrichEvents | undefined): PushReceiver {
  if (enrich === undefined) return receiver;
  return {
    async receive(request) {
      const received = await receiver.receive(request);
      if (received.kind === 'refused') return received;
      try {
        return { ...received, events: await enrich(received.events) };
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        const waitInSeconds =
          error.retryAfterInMs === undefined ? retryAfterInSeconds : Math.ceil(error.retryAfterInMs / 1000);
        const headers = { 'retry-after': String(Math.max(1, waitInSeconds)) };
        return { kind: 'refused', reason: error, reply: { status: 503, headers, body: '' } };
      }
    },
  };
}
