import type { ConnectorDefinition, ResourceDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError, type ErrorCode } from '../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import { mapConcurrently } from '../../../connector/map-concurrently.ts';
import { fetchById, readWithId } from '../../../connector/provider/look-up.ts';
import { resourcePath } from '../../../connector/provider/resource-path.ts';
import type { Resource } from '../../../connector/resource.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { type JsonPath, jsonPathOf, valuesAt } from '../../../scim/path.ts';
import { modelOf } from '../../../scim/schema/resource-model.ts';
import { separateActivation } from '../../changes.ts';
import type { TriggerContext } from '../../trigger-context.ts';
import { hasScimId } from '../sources.ts';

/** Why an event stays without its resource. */
export interface FailedRead {
  readonly resource: string;
  readonly id: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * Reads the resources of events without data, each once. An event stays unchanged if its resource is deleted
 * or permanently rejected, if it reports a deletion, and if its resource type is not in `resources`.
 *
 * @param events of a source with SCIM IDs.
 * @param onRead called after each read, with its failure if it is a permanent one.
 * @throws ConnectorError if a resource cannot be read now.
 */
export async function enrichEvents(
  context: TriggerContext,
  events: readonly ProvisioningEvent[],
  resources: readonly string[],
  onRead: (failure: FailedRead | undefined) => void,
): Promise<readonly ProvisioningEvent[]> {
  const { definition, signal } = context;
  const reads = new Map<string, Promise<Resource | undefined>>();
  const read = (kind: ResourceDefinition, id: string): Promise<Resource | undefined> => {
    const path = resourcePath(kind, id);
    const known = reads.get(path) ?? readOrPass(context, kind, id, onRead);
    reads.set(path, known);
    return known;
  };
  const completed = await mapConcurrently(events, readsAtOnce, async (event) => {
    const kind = definition.resources[event.resource];
    if (kind === undefined || !resources.includes(kind.name) || !lacksResource(event)) return [event];
    signal?.throwIfAborted();
    const resource = await read(kind, event.subject.id);
    return resource === undefined ? [event] : enrichEvent(definition, event, resource);
  });
  return completed.flat();
}

/** The connection has its own limit; this one keeps a long list of events from using all of it. */
const readsAtOnce = 4;

function lacksResource(event: ProvisioningEvent): boolean {
  const { type, data, subject } = event;
  return data === null && type !== 'delete' && subject.id !== '' && hasScimId(event);
}

/**
 * Reads a resource; undefined if it is deleted, or can never be read: an event that cannot be enriched must not
 * block later events.
 *
 * @throws ConnectorError if it cannot be read now, or if the token is rejected, since no other resource can be read then.
 */
async function readOrPass(
  context: TriggerContext,
  kind: ResourceDefinition,
  id: string,
  onRead: (failure: FailedRead | undefined) => void,
): Promise<Resource | undefined> {
  const reader = context.reader(kind, context.signal);
  const pass = (error: unknown): undefined => {
    if (!(error instanceof ConnectorError)) throw error;
    const { code, message } = error;
    onRead({ resource: kind.name, id, code, message });
  };
  const response = await fetchById(reader, kind, id).catch((error: unknown) => {
    if (error instanceof ConnectorError && (error.transient || error.code === 'auth')) throw error;
    return pass(error);
  });
  if (response === undefined) return undefined;
  try {
    const resource = readWithId(reader, response.body, id);
    onRead(undefined);
    return resource;
  } catch (error) {
    // The provider has responded: another request would show the same.
    return pass(error);
  }
}

/**
 * Completes an event that arrived without its resource with the resource, and with the values that the source omitted.
 * A notice that `active` changed becomes the activation or deactivation that the resource shows, and a second event if
 * there are other changes.
 *
 * The dedupe keys do not depend on the resource, so that a repeated notice is recognized whenever its resource is read.
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
      // A condition in brackets selects one of several items, which is not resolved.
      if (change.toKnown || kind === undefined || change.path.includes('[')) return change;
      return { ...change, to: valueAt(resource, jsonPathOf(modelOf(kind), change.path)), toKnown: true };
    }),
  };
  const { activation, others } = separateActivation(complete.changes);
  if (activation === undefined || (event.type !== 'patch' && event.type !== 'put')) return [complete];
  const activating: ProvisioningEvent = {
    ...complete,
    type: activation.type,
    changes: [activation.change],
    dedupeKey: `${event.dedupeKey}/active`,
  };
  return others.length === 0 ? [activating] : [activating, { ...complete, changes: others }];
}

/** A list unchanged; below a list, the values of its items. */
function valueAt(value: unknown, path: JsonPath): unknown {
  if (path.length === 0) return value ?? null;
  const [key = '', ...rest] = path;
  if (Array.isArray(value)) return valuesAt(value, path);
  return isRecord(value) ? valueAt(value[key], rest) : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
