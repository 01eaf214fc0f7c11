import type { EventChange, EventSubject, EventType, ProvisioningEvent } from '../../../connector/event.ts';
import type { SourceType } from '../../../connector/manifest/manifest.zod.ts';
import type { Resource } from '../../../connector/resource.ts';

/** What a source knows of an event; the rest is the same for all that are pushed. */
export interface EventParts {
  /** The source's own id of it. */
  readonly id: string;
  readonly source: SourceType;
  /** ISO 8601, in UTC. */
  readonly occurredAt: string;
  readonly resource: string;
  readonly subject: EventSubject;
  readonly data?: Resource | null;
  readonly cause?: string | null;
  /** The key of the event of each type that one message can tell of. */
  readonly dedupeKeyOf: (type: EventType) => string;
}

/** Makes an event. Whether a newer one was given before is for whoever keeps what was seen. */
export function makeEvent(
  type: EventType,
  { id, source, occurredAt, resource, subject, data = null, cause = null, dedupeKeyOf }: EventParts,
  changes: readonly EventChange[] = [],
): ProvisioningEvent {
  return {
    id,
    type,
    occurredAt,
    resource,
    subject,
    changes,
    data: type === 'delete' ? null : data,
    source,
    cause,
    isLate: false,
    dedupeKey: dedupeKeyOf(type),
  };
}
