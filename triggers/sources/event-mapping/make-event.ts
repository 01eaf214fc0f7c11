import type { EventChange, EventSubject, EventType, ProvisioningEvent } from '../../../connector/event.ts';
import type { SourceType } from '../../../connector/manifest/source.zod.ts';
import type { Resource } from '../../../connector/resource.ts';
import { isSameJson } from '../../../scim/json.ts';
import { separateActivation } from '../../changes.ts';

/** The source's data of an event; the rest is the same for all pushed events. */
export interface EventParts {
  /** The source's own ID of the event. */
  readonly id: string;
  readonly source: SourceType;
  /** ISO 8601, in UTC. */
  readonly occurredAt: string;
  readonly resource: string;
  readonly subject: EventSubject;
  readonly data?: Resource | null;
  readonly cause?: string | null;
  /** The dedupe key of an event of each type: one message can report several. */
  readonly dedupeKeyOf: (type: EventType) => string;
}

/** Creates an event. Deduplication, which knows earlier events, sets `isLate`. */
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

/** How an update is reported. */
export interface UpdateOptions {
  readonly type: 'patch' | 'put';
  /** Whether the update is reported without known changes, since the source does not say what changed. */
  readonly evenWithoutChanges: boolean;
}

/**
 * The events of one update: a change of `active` is a separate event, and all other changes are one event. A change
 * between two equal values is dropped.
 */
export function updateEvents(
  parts: EventParts,
  changes: readonly EventChange[],
  { type, evenWithoutChanges }: UpdateOptions,
): readonly ProvisioningEvent[] {
  const real = changes.filter(
    ({ from, to, fromKnown, toKnown }) => !fromKnown || !toKnown || !isSameJson(from, to),
  );
  const { activation, others } = separateActivation(real);
  return [
    ...(activation === undefined ? [] : [makeEvent(activation.type, parts, [activation.change])]),
    ...(others.length > 0 || evenWithoutChanges ? [makeEvent(type, parts, others)] : []),
  ];
}

/**
 * A key of these parts: the same for the same parts, and unique to them. It is plain text if they are,
 * so that it can be read in a log.
 */
export function dedupeKey(...parts: readonly string[]): string {
  return parts.map(escapePart).join('/');
}

function escapePart(part: string): string {
  return /[%/]/.test(part) ? part.replaceAll('%', '%25').replaceAll('/', '%2F') : part;
}
