import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { ConnectorError, InputProblem } from '../../connector/errors.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import type { SourceType } from '../../connector/manifest/source.zod.ts';
import type { Platform } from '../../connector/platform.ts';
import type { PollResult } from '../poll-result.ts';

/** The unchanged request of a sender: the signature covers exactly these bytes. */
export interface PushRequest {
  readonly method: string;
  /** By lower-case name. A repeated header has all its values in order. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Uint8Array;
}

/** A request whose body is still unread. */
export type PushRequestHead = Omit<PushRequest, 'body'>;

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
      /** Empty if there is nothing to report, as for a verification, or an event without a resource. */
      readonly events: readonly ProvisioningEvent[];
      /** To be sent once the events are stored. The sender then does not send them again. */
      readonly reply: PushReply;
    }
  | {
      readonly kind: 'refused';
      /** The reason, for the log. The sender gets only `reply`. */
      readonly reason: ConnectorError;
      readonly reply: PushReply;
    };

/** A rejected request. */
export type Refused = Extract<Received, { readonly kind: 'refused' }>;

/** The context of a source. */
export interface SourceContext {
  readonly definition: ConnectorDefinition;
  readonly platform: Platform;
}

/** Receives the messages of one sender. It caches only the sender's public keys. The caller stores the known keys of messages. */
export interface PushReceiver {
  /** The setting whose secret is short enough to be guessed. Undefined: none. */
  readonly weakSecret?: InputProblem | undefined;
  /**
   * Checks what needs no body: the method, the stated length, the media type, and the secret or the form of the
   * signature. `receive` repeats these checks. Undefined: the body is worth reading.
   */
  checkHead(head: PushRequestHead): Refused | undefined;
  /** Verifies a request before anything in it is parsed, and maps its events. Never throws for an invalid message. */
  receive(request: PushRequest): Promise<Received>;
  /**
   * Fetches what the verification of messages needs, such as public keys. Undefined if it needs nothing: then only a
   * message shows whether the settings are correct.
   *
   * @throws ConnectorError if it cannot be fetched.
   */
  testConnection?(): Promise<void>;
}

/** The traits of a source. */
export interface SourceTraits {
  readonly type: SourceType;
  /** Whether its subjects have SCIM IDs, so that missing data can be read from the provider. */
  readonly usesScimIds: boolean;
  /** Whether its receiver connects to the sender, so that its settings can be tested without an event. */
  readonly connects: boolean;
}

/** A source whose events are pushed. */
export interface PushSource extends SourceTraits {
  readonly delivery: 'push';
  /** Creates the receiver of one sender. @param settings are valid, with the defaults of omitted fields. */
  open(context: SourceContext, settings: Readonly<Record<string, unknown>>): PushReceiver;
  /**
   * Creates the subscriber, if the sender has an API for subscriptions.
   *
   * @param settings are valid, with the defaults of omitted fields; those of the subscription included.
   * @throws ConnectorError `invalid_input`
   */
  openSubscriber?(context: SourceContext, settings: Readonly<Record<string, unknown>>): Subscriber;
}

/** Fetches the pending events of one provider. The next fetch with the returned cursor acknowledges them. */
export interface PullReceiver {
  /** @throws ConnectorError if the provider cannot be reached, or rejects the request. */
  poll(cursor: unknown, signal?: AbortSignal): Promise<PollResult>;
  /** Connects as a poll does. Events stay available: nothing is acknowledged. @throws ConnectorError like `poll`. */
  testConnection(): Promise<void>;
}

/** A source whose events are fetched. */
export interface PullSource extends SourceTraits {
  readonly delivery: 'pull';
  /** Creates the receiver of one provider. @param settings are valid, with the defaults of omitted fields. */
  open(context: SourceContext, settings: Readonly<Record<string, unknown>>): PullReceiver;
}

/** The data that a host stores to end a subscription. */
export interface Subscription {
  /** Its ID at the sender. */
  readonly id: string;
  /** Its location. */
  readonly at: string;
  /** A fingerprint of its settings, to detect changes; the settings cannot be read from it. */
  readonly made: string;
}

/** Subscribes and unsubscribes a URL at one sender. */
export interface Subscriber {
  /** Whether this subscriber can end a subscription. */
  administers(subscription: Subscription): boolean;
  /** Whether the URL is subscribed with the current settings. @throws ConnectorError if the sender does not say. */
  isSubscribed(url: string, subscription: Subscription): Promise<boolean>;
  /**
   * Subscribes the URL. An existing subscription of the same URL is reused, so that a second call
   * creates no second one. The sender can verify the URL immediately.
   *
   * @throws ConnectorError if the sender rejects it; nothing new remains at the sender.
   */
  subscribe(url: string): Promise<Subscription>;
  /** Reads the subscriptions, and changes nothing. @throws ConnectorError if the sender does not show them. */
  testConnection(): Promise<void>;
  /** Ends the subscription. A deleted one is not an error. @throws ConnectorError */
  unsubscribe(subscription: Subscription): Promise<void>;
}

/**
 * Settings as the source's own type. The manifest declares the same fields: the code that opens a source has
 * validated the settings and applied the defaults, and the contract tests open every source with its sample.
 */
export function settingsAs<Settings>(settings: Readonly<Record<string, unknown>>): Settings {
  return settings as Settings;
}
