import type { PollResult, SnapshotPages } from '../../triggers/poll-result.ts';
import type { IngestBatch } from './watch-store.ts';

/** Something that is asked for events again and again: the poll of a trigger, or a source that is fetched. */
export interface Poller {
  /** Under which its cursor and its snapshot are kept. */
  readonly origin: string;
  /** Gives what is new; of a source, with the test of which of it is to be delivered. @throws ConnectorError */
  poll(
    cursor: unknown,
    pages: SnapshotPages,
    signal: AbortSignal,
  ): Promise<PollResult & Pick<IngestBatch, 'shouldDeliver'>>;
}
