import type { ProvisioningEvent } from '../../connector/event.ts';

/**
 * Orders the events of a poll as they happened; events of one time stay in the order in which they were found. When a
 * deletion happened is not known, but a name belongs to one resource at a time: the deletion of the resource that had it
 * comes before the events of the one that has it now.
 */
export function orderEvents(events: readonly ProvisioningEvent[]): readonly ProvisioningEvent[] {
  const ordered = events.toSorted((one, other) => Date.parse(one.occurredAt) - Date.parse(other.occurredAt));
  const deletions = new Map<string, ProvisioningEvent>();
  for (const event of ordered)
    if (event.type === 'delete') for (const name of namesOf(event)) deletions.set(name, event);
  if (deletions.size === 0) return ordered;
  const placed = new Set<ProvisioningEvent>();
  for (const event of ordered) {
    if (event.type !== 'delete')
      for (const name of namesOf(event)) {
        const deletion = deletions.get(name);
        if (deletion !== undefined) placed.add(deletion);
      }
    // A deletion that was moved before its time is not placed again.
    placed.add(event);
  }
  return [...placed];
}

/** The names and IDs that one resource has at a time. */
function namesOf({ resource, subject }: ProvisioningEvent): readonly string[] {
  const { id, userName, displayName, externalId } = subject;
  const name = resource === 'User' ? userName : displayName;
  return [
    `${resource}/id/${id}`,
    ...(name === null ? [] : [`${resource}/name/${name.toLowerCase()}`]),
    ...(externalId === null ? [] : [`${resource}/externalId/${externalId}`]),
  ];
}
