import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import { mapConcurrently } from '../../connector/map-concurrently.ts';
import type { Resource } from '../../connector/resource.ts';
import { findByGivenId } from '../../connector/scim/find-by-id.ts';
import { resourcePath } from '../../connector/scim/resource-path.ts';
import type { TriggerContext } from '../trigger-context.ts';
import { completeEvent } from './telling/complete-event.ts';

/**
 * Reads the resources of events that came without them, each once. An event stays as it came when its resource is gone,
 * when it says that it was deleted, and when it is not about one of the kinds in `resources`.
 *
 * @param events of a source whose subjects are named by their SCIM ids.
 * @throws ConnectorError when a resource cannot be read now.
 */
export async function completeEvents(
  context: TriggerContext,
  events: readonly ProvisioningEvent[],
  resources: readonly string[],
): Promise<readonly ProvisioningEvent[]> {
  const { definition, signal } = context;
  const reads = new Map<string, Promise<Resource | undefined>>();
  const read = (kind: ResourceDefinition, id: string): Promise<Resource | undefined> => {
    const path = resourcePath(kind, id);
    const known = reads.get(path) ?? findByGivenId(context.reader(kind, signal), kind, id);
    reads.set(path, known);
    return known;
  };
  const completed = await mapConcurrently(events, readsAtOnce, async (event) => {
    const kind = definition.resources[event.resource];
    if (kind === undefined || !resources.includes(kind.name) || !lacksResource(event)) return [event];
    signal?.throwIfAborted();
    const resource = await read(kind, event.subject.id);
    return resource === undefined ? [event] : completeEvent(definition, event, resource);
  });
  return completed.flat();
}

/** The connection has a limit of its own; this one keeps a long list of events from taking all of it. */
const readsAtOnce = 4;

function lacksResource({ type, data, subject }: ProvisioningEvent): boolean {
  return data === null && type !== 'delete' && subject.id !== '';
}
