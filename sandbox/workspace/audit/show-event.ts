import type { JsonObject } from '../../../scim/json.ts';
import { workspaceIdentity } from '../../assumptions.ts';
import type { NumberedEvent } from './audit-event.ts';

/**
 * An event in the form of Workato's audit log stream (the sample of 2020 on docs.workato.com/job-history-replication.html).
 * The sequence number is the ID, because `page[after]` of the activity log API is an integer.
 */
export function showEvent(event: NumberedEvent, rootEmail: string): JsonObject {
  const { id, timestamp, user, resource, details } = event;
  return {
    id,
    content: {
      timestamp,
      tags: [`source:${details.source}`],
      attributes: {
        event: event.event,
        resource,
        details,
        team: { ...workspaceIdentity, email: rootEmail },
        user,
        timestamp,
      },
    },
  };
}

/**
 * The same event in the form of the activity log API (docs.workato.com/workato-api/secrets-management.html), which has the
 * workspace, the user, the details, and the resource next to the ID, the time, and the type.
 */
export function showActivityEntry(event: NumberedEvent, rootEmail: string): JsonObject {
  const { id, timestamp, user, resource, details } = event;
  return {
    id,
    timestamp,
    event_type: event.event,
    workspace: { ...workspaceIdentity, email: rootEmail, environment: 'Development' },
    user,
    details,
    resource,
  };
}
