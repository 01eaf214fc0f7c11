import type { ErrorCode } from '../../connector/errors.ts';
import type { EventType } from '../../connector/event.ts';

/** A failure, as observers see it: nothing of a body, and no secret. */
interface ObservedFailure {
  readonly code: ErrorCode;
  /** What happened, and what to do. */
  readonly message: string;
  /** The HTTP status of the response, if there was one. */
  readonly status?: number | undefined;
  /** The number of failures in a row, from 1. */
  readonly failures: number;
  /** The time until the next attempt, in milliseconds. Undefined without a next attempt: the watch ends. */
  readonly waitInMs: number | undefined;
}

/**
 * Something that happened in a watch, by `kind`. `origin` names what is polled or received, `sink` the consumer,
 * as in the log.
 *
 * @example
 * ```ts
 * const isAlarming = (one: WatchObservation): boolean =>
 *   one.kind === 'dead_letter' || (one.kind === 'poll_failed' && one.needsAdministrator);
 * ```
 */
export type WatchObservation =
  /** The state is open, and the server listens. `polls` are the origins that are polled from now on. */
  | { readonly kind: 'watch_started'; readonly polls: readonly string[] }
  /** The watch ends: it polls, receives, and delivers nothing new. */
  | { readonly kind: 'watch_stopping' }
  /** A poll of the provider, or of a source that is fetched, starts. */
  | { readonly kind: 'poll_started'; readonly origin: string }
  /** It succeeded; its events are in the store. */
  | {
      readonly kind: 'poll_finished';
      readonly origin: string;
      readonly durationInMs: number;
      /** The number of events that it returned, for all triggers. */
      readonly events: number;
    }
  | ({
      readonly kind: 'poll_failed';
      readonly origin: string;
      readonly durationInMs: number;
      /** Whether retrying alone will not help: the token is revoked, for example. The poll is retried slowly. */
      readonly needsAdministrator: boolean;
    } & ObservedFailure)
  /** The next poll waits until the events before it are delivered, or until too many of them wait. */
  | { readonly kind: 'poll_waiting'; readonly origin: string }
  /** The next poll starts after this time, in milliseconds. */
  | { readonly kind: 'poll_scheduled'; readonly origin: string; readonly waitInMs: number }
  /** A sender pushed a message: its events are stored, the message was rejected, or it could not be stored. */
  | {
      readonly kind: 'push_received';
      readonly origin: string;
      readonly outcome: 'accepted' | 'refused' | 'failed';
      /** The HTTP status of the reply. */
      readonly status: number;
    }
  /** Events are in the outbox, or held by the safeguard, after deduplication. */
  | {
      readonly kind: 'events_stored' | 'events_held';
      readonly origin: string;
      readonly trigger: string | undefined;
      /** The number of events of each type. */
      readonly counts: Readonly<Partial<Record<EventType, number>>>;
    }
  /** A sink acknowledged events. */
  | {
      readonly kind: 'delivered';
      readonly sink: string;
      readonly events: number;
      readonly durationInMs: number;
    }
  | ({ readonly kind: 'delivery_failed'; readonly sink: string } & ObservedFailure & {
        /** The user or group whose events wait, as `User/ID`. Undefined if everything waits: the receiver is down. */
        readonly lane?: string | undefined;
      })
  /** An event was given up for a sink, and stays in the state as a dead letter. */
  | {
      readonly kind: 'dead_letter';
      readonly sink: string;
      readonly trigger: string | undefined;
      readonly dedupeKey: string;
      readonly code: ErrorCode;
    }
  /**
   * What waits for a person in the state, at the start, and after each command to it: the dead letters of each sink, and
   * the losses of pushed events that the safeguard holds, by trigger. Those without any are omitted.
   */
  | {
      readonly kind: 'state_read';
      readonly deadLetters: Readonly<Record<string, number>>;
      readonly heldLosses: Readonly<Record<string, number>>;
    }
  /** A sink was removed from a watch that runs: a subscription has ended. */
  | { readonly kind: 'sink_removed'; readonly sink: string }
  /** The number of users and groups whose events wait behind a failed delivery, each time it changes. */
  | { readonly kind: 'lanes_blocked'; readonly sink: string; readonly lanes: number };

/**
 * Receives everything that happens in a watch, synchronously and in order: for figures, health, and traces. It must not
 * throw.
 *
 * @example
 * ```ts
 * let polls = 0;
 * const count: WatchObserver = ({ kind }) => {
 *   if (kind === 'poll_finished') polls += 1;
 * };
 * await connector.watch('user_deprovisioned', { store: 'leavers.state', sink: stdoutSink(), observer: count });
 * ```
 */
export type WatchObserver = (observation: WatchObservation) => void;
