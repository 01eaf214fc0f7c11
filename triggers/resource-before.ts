import type { ResourceDefinition } from '../connector/definition/definition.ts';
import type { EventChange, ProvisioningEvent } from '../connector/event.ts';
import type { Resource } from '../connector/resource.ts';
import { jsonPathOf, setAt } from '../scim/attribute-values.ts';

const itemPath = /^(\w+)\[value eq "(.*)"\]$/;

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
  const [, attribute, value] = itemPath.exec(path) ?? [];
  if (attribute === undefined) {
    setAt(resource, jsonPathOf(definition, path), from);
    return;
  }
  const items: readonly unknown[] = Array.isArray(resource[attribute]) ? resource[attribute] : [];
  const others = items.filter((item) => (item as { value?: unknown } | null)?.value !== value);
  resource[attribute] = from === null ? others : [...others, from];
}
