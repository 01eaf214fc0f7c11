import type { ProvisioningEvent } from '../connector/event.ts';

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
  /** In the order in which they are to be delivered. */
  readonly events: readonly ProvisioningEvent[];
  /** Where the next poll goes on: JSON, small, to be kept as it is. */
  readonly cursor: unknown;
  /** Whether there is more at once: poll again without a pause. */
  readonly more: boolean;
  /**
   * The pages of the snapshot that are new, by name; null takes one away. To be kept in one step with the cursor. Always
   * empty where no {@link SnapshotPages} were given: then the cursor holds everything.
   */
  readonly pages: ReadonlyMap<string, string | null>;
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
  /** Undefined when there is no such page. */
  read(name: string): Promise<string | undefined>;
}
