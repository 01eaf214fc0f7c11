import type { EventChange, ProvisioningEvent } from '../../../connector/event.ts';
import { isSameJson } from '../../../connector/scim/attribute-values.ts';
import { type EventParts, makeEvent } from './make-event.ts';

/** How an update is told. */
export interface UpdateOptions {
  readonly type: 'patch' | 'put';
  /** Whether the update is told even when nothing is known to have changed, since the source does not say what did. */
  readonly evenWithoutChanges: boolean;
}

/**
 * The events of one update: a change of `active` is an event of its own, all other changes are one event beside it,
 * and what is known to have changed nothing is none.
 */
export function updateEvents(
  parts: EventParts,
  changes: readonly EventChange[],
  { type, evenWithoutChanges }: UpdateOptions,
): readonly ProvisioningEvent[] {
  const real = changes.filter(
    ({ from, to, fromKnown, toKnown }) => !fromKnown || !toKnown || !isSameJson(from, to),
  );
  const activity = real.find(isActivity);
  const rest = real.filter((change) => change !== activity);
  const events: ProvisioningEvent[] = [];
  if (activity !== undefined)
    events.push(makeEvent(activity.to === true ? 'activate' : 'deactivate', parts, [activity]));
  if (rest.length > 0 || evenWithoutChanges) events.push(makeEvent(type, parts, rest));
  return events;
}

/** Whether a change says that somebody was activated or deactivated. */
function isActivity({ path, to, toKnown }: EventChange): boolean {
  return path === 'active' && toKnown && typeof to === 'boolean';
}
