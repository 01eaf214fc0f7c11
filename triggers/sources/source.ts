import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { ConnectorError } from '../../connector/errors.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import type { SourceType } from '../../connector/manifest/manifest.zod.ts';
import type { Platform } from '../../connector/platform.ts';
import type { PollResult } from '../poll-result.ts';

/** A request that a sender made, untouched: the signature is about these very bytes. */
export interface PushRequest {
  readonly method: string;
  /** By name in lower case; a header that came several times has all its values, in their order. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Uint8Array;
}

/**
 * The HTTP response to an event producer.
 *
 * @example
 * ```ts
 * const toResponse = ({ body, ...init }: PushReply): Response => new Response(body || null, init);
 * ```
 */
export interface PushReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Result of a webhook request: its events, or why it was rejected.
 *
 * @example
 * ```ts
 * const log = (received: Received): void => {
 *   if (received.kind === 'accepted') console.log(received.events.length);
 *   else console.error(received.reason.message);
 * };
 * ```
 */
export type Received =
  | {
      readonly kind: 'accepted';
      /** None when there is nothing to tell, as with a verification, or an event that is about no resource. */
      readonly events: readonly ProvisioningEvent[];
      /** To be sent when the events are safe: it tells the sender never to send them again. */
      readonly reply: PushReply;
    }
  | {
      readonly kind: 'refused';
      /** Why, for the log; the sender gets only what `reply` says. */
      readonly reason: ConnectorError;
      readonly reply: PushReply;
    };

/** The world of a source. */
export interface SourceContext {
  readonly definition: ConnectorDefinition;
  readonly platform: Platform;
}

/** Receives what one sender pushes. It keeps nothing but the sender's public keys; who calls it keeps what was seen. */
export interface PushReceiver {
  /** Checks a request, before anything in it is parsed, and reads its events. Never throws for what a sender did. */
  receive(request: PushRequest): Promise<Received>;
}

/** What is said of every source. */
export interface SourceTraits {
  readonly type: SourceType;
  /** Whether its subjects are named by their SCIM ids, so that what it does not tell can be read from the provider. */
  readonly usesScimIds: boolean;
}

/** One way in which events are pushed. */
export interface PushSource extends SourceTraits {
  readonly delivery: 'push';
  /** Makes the receiver of one sender. @param settings are valid, with the defaults of omitted fields. */
  open(context: SourceContext, settings: Readonly<Record<string, unknown>>): PushReceiver;
  /**
   * Makes what has the sender send, where it takes that from a receiver.
   *
   * @param settings are valid, with the defaults of omitted fields; those of the subscription included.
   * @throws ConnectorError `invalid_input`
   */
  openSubscriber?(context: SourceContext, settings: Readonly<Record<string, unknown>>): Subscriber;
}

/** Fetches what one provider holds ready. What was given is acknowledged by the fetch that is given its cursor. */
export interface PullReceiver {
  /** @throws ConnectorError when the provider cannot be reached, or refuses. */
  poll(cursor: unknown, signal?: AbortSignal): Promise<PollResult>;
}

/** One way in which events are fetched. */
export interface PullSource extends SourceTraits {
  readonly delivery: 'pull';
  /** Makes the receiver of one provider. @param settings are valid, with the defaults of omitted fields. */
  open(context: SourceContext, settings: Readonly<Record<string, unknown>>): PullReceiver;
}

/** What a host keeps of a subscription, to end it by. */
export interface Subscription {
  /** The sender's name for it. */
  readonly id: string;
  /** Where it is. */
  readonly at: string;
  /** Of what it was made, so that it can be seen to be no longer what is wanted; nothing can be read from it. */
  readonly made: string;
}

/** Has one sender send its events to an address of ours, and no longer. */
export interface Subscriber {
  /** Whether a subscription is where this can end it. */
  administers(subscription: Subscription): boolean;
  /** Whether the sender sends to the address what is wanted, as things stand now. @throws ConnectorError when it does not say. */
  isSubscribed(url: string, subscription: Subscription): Promise<boolean>;
  /**
   * Has it send to the address. What stands there for the same address from before is taken over, so that a second call
   * makes no second subscription. The sender may ask the address at once whether somebody is there.
   *
   * @throws ConnectorError when it will not, and then nothing new is left behind.
   */
  subscribe(url: string): Promise<Subscription>;
  /** Ends it; one that is gone already is no error. @throws ConnectorError */
  unsubscribe(subscription: Subscription): Promise<void>;
}

/**
 * Settings as the type that a source has for them. The manifest declares the same fields: whoever opens a source has
 * validated the settings and filled in the defaults, and the contract tests open every source with its sample.
 */
export function settingsAs<Settings>(settings: Readonly<Record<string, unknown>>): Settings {
  return settings as Settings;
}
