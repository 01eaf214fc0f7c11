import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import { mapConcurrently } from '../../connector/map-concurrently.ts';
import type { Resource } from '../../connector/resource.ts';
import { findByGivenId } from '../../connector/scim/find-by-id.ts';
import { resourcePath } from '../../connector/scim/resource-path.ts';
import type { TriggerContext } from '../trigger-context.ts';
import { enrichEvent } from './event-mapping/enrich-event.ts';

/**
 * Reads the resources of events that came without them, each once. An event stays as it came when its resource is gone
 * or is refused for good, when it says that it was deleted, and when it is not about one of the kinds in `resources`.
 *
 * @param events of a source whose subjects are named by their SCIM ids.
 * @throws ConnectorError when a resource cannot be read now.
 */
export async function enrichEvents(
  context: TriggerContext,
  events: readonly ProvisioningEvent[],
  resources: readonly string[],
): Promise<readonly ProvisioningEvent[]> {
  const { definition, signal } = context;
  const reads = new Map<string, Promise<Resource | undefined>>();
  const read = (kind: ResourceDefinition, id: string): Promise<Resource | undefined> => {
    const path = resourcePath(kind, id);
    const known = reads.get(path) ?? readOrPass(context, kind, id);
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

/** The connection has a limit of its own; this one keeps a long list of events from taking all of it. */
const readsAtOnce = 4;

function lacksResource({ type, data, subject }: ProvisioningEvent): boolean {
  return data === null && type !== 'delete' && subject.id !== '';
}

/** An event that nobody can ever complete must not hold up those behind it: it is told as it came. */
async function readOrPass(
  context: TriggerContext,
  kind: ResourceDefinition,
  id: string,
): Promise<Resource | undefined> {
  try {
    return await findByGivenId(context.reader(kind, context.signal), kind, id);
  } catch (error) {
    if (!(error instanceof ConnectorError) || !isAboutOne(error)) throw error;
    const { code, message } = error;
    context.platform.log({
      level: 'warn',
      event: 'event_not_completed',
      resource: kind.name,
      id,
      code,
      message,
    });
    return undefined;
  }
}

/** Whether asking again would give the same: the provider refuses this one, or answers with another. */
function isAboutOne({ code, status }: ConnectorError): boolean {
  return (
    code === 'invalid_input' || code === 'forbidden' || (code === 'provider_fault' && status === undefined)
  );
}
