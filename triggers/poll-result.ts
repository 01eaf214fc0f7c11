import type { ConnectorError } from '../connector/errors.ts';
import type { ProvisioningEvent } from '../connector/event.ts';
import type { HeldLoss } from '../connector/safeguard/hold.ts';

/**
 * Result of one poll. Deliver the events, then store the cursor and the pages together.
 *
 * @example
 * ```ts
 * const { events, cursor, more }: PollResult = await connector.poll('user_deprovisioned', {});
 * console.log(events.length, more, JSON.stringify(cursor));
 * ```
 */
export interface PollResult {
  /** The events in order of delivery. */
  readonly events: readonly ProvisioningEvent[];
  /** The start of the next poll: small JSON, to be stored unchanged. */
  readonly cursor: unknown;
  /** Whether more events are available: poll again immediately. */
  readonly more: boolean;
  /**
   * The new pages of the snapshot, by name; null removes a page. Store them in one step with the cursor. Always
   * empty without {@link SnapshotPages}: then the cursor contains everything.
   */
  readonly pages: ReadonlyMap<string, string | null>;
  /**
   * What the safeguard holds, of polls with `approvedLosses`: these losses are not among the events, and the next poll
   * finds them again. Omitted if nothing is held.
   */
  readonly held?: HeldPoll | undefined;
}

/**
 * The losses of a poll that the safeguard holds.
 *
 * @example
 * ```ts
 * const isHeld = ({ held }: PollResult, name: string): boolean =>
 *   held?.losses.some(({ subject }) => subject.name === name) ?? false;
 * ```
 */
export interface HeldPoll {
  readonly losses: readonly HeldLoss[];
  /** `mass_change_blocked`, with the numbers, the first names, and how to approve the losses. */
  readonly error: ConnectorError;
}

/**
 * The pages of a snapshot, as they were stored with the cursor that is passed to a poll.
 *
 * @example
 * ```ts
 * const stored = new Map<string, string>();
 * const pages: SnapshotPages = { read: async (name) => stored.get(name) };
 * await connector.poll('user_deprovisioned', {}, undefined, { pages });
 * ```
 */
export interface SnapshotPages {
  /** Undefined if the page does not exist. */
  read(name: string): Promise<string | undefined>;
}
