import type { Parcel } from '../create-deliverer.ts';
import { streamId, type WorkspaceData } from '../open-workspace-data.ts';
import { eventsAfter } from './audit-event.ts';
import { showEvent } from './show-event.ts';

/**
 * The next event for the audit log endpoint; undefined if there is no event or no endpoint. The audit log is the
 * outbox, and a record stores the last delivered event across restarts. A repeated event has the same ID.
 */
export function nextAuditParcel(data: WorkspaceData): Parcel | undefined {
  const stream = data.streams.get(streamId);
  const [event] = stream === undefined ? [] : eventsAfter(data, stream.deliveredTo);
  if (stream === undefined || event === undefined) return undefined;
  return {
    url: stream.url,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(showEvent(event, data.settings().rootEmail)),
    faultOf: async ({ ok, status }) => (ok ? undefined : `The endpoint answered ${status}.`),
    isCurrent: () => data.streams.get(streamId) === stream,
    taken: () => [data.streams.put(streamId, { ...stream, deliveredTo: event.id })],
  };
}
