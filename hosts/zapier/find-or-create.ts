import type { ActionDefinition } from '../../connector/definition/definition.ts';

/**
 * The action that finds a resource, and returns nothing if no resource matches: a read that can return null, or else the search.
 * An action that fails if nothing matches could not be followed by a create.
 */
export function findingAction(
  actions: readonly ActionDefinition[],
  resource: string,
): ActionDefinition | undefined {
  const own = actions.filter(({ operation }) => 'resource' in operation && operation.resource === resource);
  return (
    own.find(({ operation, nullable }) => operation.type === 'read' && nullable) ??
    own.find(({ operation }) => operation.type === 'search')
  );
}

/** The action that creates a resource, and leaves existing ones alone. */
export function creatingAction(
  actions: readonly ActionDefinition[],
  resource: string,
): ActionDefinition | undefined {
  return actions.find(
    ({ operation }) =>
      operation.type === 'create' && operation.resource === resource && operation.onConflict === 'fail',
  );
}
