import type { ResourceDefinition } from '../connector/definition/definition.ts';
import type { EventChange, ProvisioningEvent } from '../connector/event.ts';
import type { Resource } from '../connector/resource.ts';
import { isRecord } from '../schemas/is-record.ts';
import { jsonPathOf, readPath, setAt, valueOfItemPath, valuesAt } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';

/** The previous state of an event's resource; null if the event does not contain it. */
export function resourceBefore(
  definition: ResourceDefinition,
  { data, changes }: ProvisioningEvent,
): Resource | null {
  if (data === null) return null;
  const before: Record<string, unknown> = structuredClone(data);
  for (const change of changes) {
    // A deactivated user was active before, and the other way around, even if the event does not say so.
    const from = change.path === 'active' && typeof change.to === 'boolean' ? !change.to : change.from;
    if (!change.fromKnown && change.path !== 'active') return null;
    undo(definition, before, { ...change, from });
  }
  return before as Resource;
}

function undo(
  definition: ResourceDefinition,
  resource: Record<string, unknown>,
  { path, from }: EventChange,
): void {
  const model = modelOf(definition);
  const list = jsonPathOf(model, path);
  const value = valueOfItemPath(readPath(model, path));
  if (value === undefined) {
    setAt(resource, list, from);
    return;
  }
  const others = valuesAt(resource, list)
    .flat()
    .filter((item) => !isRecord(item) || item.value !== value);
  setAt(resource, list, from === null ? others : [...others, from]);
}
