import type { SourceTypes } from '../connector/generated/types.ts';
import type { Received } from '../triggers/sources/source.ts';
import type { WebhookRequest } from './read-webhook-request.ts';
import type { WatchStore } from './watch/watch-store.ts';

/**
 * The types of the sources that push events. The other sources are polled.
 *
 * @example
 * ```ts
 * const type: PushSourceType = 'okta_event_hook';
 * ```
 */
export type PushSourceType = Exclude<keyof SourceTypes, 'security_event_poll'>;

/**
 * Options of a receiver.
 *
 * @example
 * ```ts
 * const options: ReceiverOptions = { trigger: 'user_role_changed', input: { roleTo: 'Admin' } };
 * ```
 */
export interface ReceiverOptions {
  /** The key of the trigger that selects the events. Default: every event is returned as received. */
  readonly trigger?: string | undefined;
  /** The trigger's input. Default: `{}`. */
  readonly input?: unknown;
  /**
   * Where the safeguard counts losses, and keeps the events that it holds: these are not among the events of a request,
   * and the reply acknowledges them. {@link readHolds} lists them. After {@link approveHold}, they are among the
   * undelivered events of the store. Default: nothing is held.
   */
  readonly store?: WatchStore | undefined;
}

/**
 * Receives the requests of one sender, in a server of your own.
 *
 * @example
 * ```ts
 * const receiver: WebhookReceiver = connector.receiver('okta_event_hook', { secret: 'a long random secret' });
 *
 * // Hono, and every server that has Fetch requests. Express and Node pass their own request; see docs/watch.md.
 * async function post(request: Request): Promise<Response> {
 *   const received = await receiver.receive(request);
 *   if (received.kind === 'accepted') for (const event of received.events) console.log(event.type);
 *   const { body, ...init } = received.reply;
 *   return new Response(body || null, init);
 * }
 * ```
 */
export interface WebhookReceiver {
  /**
   * Verifies a request over its raw bytes, and reads its events. Store the events of an accepted request, then send the
   * `reply`. Never throws because of what the sender sent.
   *
   * @throws ConnectorError `invalid_input` if the server has parsed the body already.
   */
  receive(request: WebhookRequest): Promise<Received>;
}
