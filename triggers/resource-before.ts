import type { ResourceDefinition } from '../connector/definition/definition.ts';
import type { EventChange, ProvisioningEvent } from '../connector/event.ts';
import type { Resource } from '../connector/resource.ts';
import { isRecord } from '../schemas/is-record.ts';
import { jsonPathOf, readPath, setAt, valueOfItemPath, valuesAt } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';

/** The resource of an event as it was before; null when the event does not say what it was. */
export function resourceBefore(
  definition: ResourceDefinition,
  { data, changes }: ProvisioningEvent,
): Resource | null {
  if (data === null) return null;
  const before: Record<string, unknown> = structuredClone(data);
  for (const change of changes) {
    // Who was deactivated was active, and the other way round, also where nobody says so.
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
