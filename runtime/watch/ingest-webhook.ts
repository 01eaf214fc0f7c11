import type { Platform } from '../../connector/platform.ts';
import type { PushReceiver, PushReply, PushRequest } from '../../triggers/sources/source.ts';
import type { EventPipeline } from './event-pipeline.ts';
import type { Outbox } from './outbox.ts';

/** What receives a source's requests, and where its events go. */
export interface WebhookHandler extends Pick<EventPipeline, 'openSelector'> {
  /** The key of the source. */
  readonly origin: string;
  readonly receiver: PushReceiver;
  readonly outbox: Outbox;
}

/**
 * Receives one request: its events are kept before the sender learns that it need not send them again.
 *
 * @throws ConnectorError when they cannot be judged or kept; the sender must then be told to try later.
 */
export async function ingestWebhook(
  { origin, receiver, outbox, openSelector }: WebhookHandler,
  request: PushRequest,
  { log }: Pick<Platform, 'log'>,
): Promise<PushReply> {
  const received = await receiver.receive(request);
  const { reply } = received;
  if (received.kind === 'refused') {
    const { code, message } = received.reason;
    log({ level: 'warn', event: 'push_refused', origin, status: reply.status, code, message });
    return reply;
  }
  const { events } = received;
  try {
    if (events.length > 0) await outbox.append({ origin, events, shouldDeliver: await openSelector() });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log({ level: 'warn', event: 'push_failed', origin, message });
    throw error;
  }
  log({ level: 'debug', event: 'push_accepted', origin, events: events.length });
  return reply;
}
