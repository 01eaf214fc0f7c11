import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import type { EventChange, ProvisioningEvent } from '../../../connector/event.ts';
import type { Resource } from '../../../connector/resource.ts';
import { type JsonPath, jsonPathOf, valuesAt } from '../../../connector/scim/attribute-values.ts';
import { isRecord } from '../../../schemas/is-record.ts';

/**
 * What becomes of an event that came without its resource, once the resource was read: it has the resource, and the
 * values that the source did not tell. A notice that `active` changed, which cannot say to what, becomes the
 * activation or deactivation that the resource shows, beside the rest of the changes, if there are any.
 *
 * The keys do not depend on what was read, so that a repeated notice is recognised whenever its resource is read.
 */
export function enrichEvent(
  definition: ConnectorDefinition,
  event: ProvisioningEvent,
  resource: Resource,
): readonly ProvisioningEvent[] {
  const kind = definition.resources[event.resource];
  const { subject } = event;
  const complete: ProvisioningEvent = {
    ...event,
    data: resource,
    subject: {
      id: subject.id,
      externalId: subject.externalId ?? textOf(resource.externalId),
      userName: subject.userName ?? textOf(resource.userName),
      displayName: subject.displayName ?? textOf(resource.displayName),
    },
    changes: event.changes.map((change) => {
      // A condition in brackets picks one of several items: which one is not looked for.
      if (change.toKnown || kind === undefined || change.path.includes('[')) return change;
      return { ...change, to: valueAt(resource, jsonPathOf(kind, change.path)), toKnown: true };
    }),
  };
  const activity = complete.changes.find((change) => isToldByNotice(event, change));
  if (activity === undefined) return [complete];
  const rest = complete.changes.filter((change) => change !== activity);
  const told: ProvisioningEvent = {
    ...complete,
    type: activity.to === true ? 'activate' : 'deactivate',
    changes: [activity],
    dedupeKey: `${event.dedupeKey}/active`,
  };
  return rest.length === 0 ? [told] : [told, { ...complete, changes: rest }];
}

function isToldByNotice({ type }: ProvisioningEvent, { path, to }: EventChange): boolean {
  return (type === 'patch' || type === 'put') && path === 'active' && typeof to === 'boolean';
}

/** A list as it stands; what lies below one is the list of what its items have there. */
function valueAt(value: unknown, path: JsonPath): unknown {
  if (path.length === 0) return value ?? null;
  const [key = '', ...rest] = path;
  if (Array.isArray(value)) return valuesAt(value, path);
  return isRecord(value) ? valueAt(value[key], rest) : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
