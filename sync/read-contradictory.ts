import { readById } from '../actions/look-up.ts';
import type { ActionContext } from '../actions/operation.ts';
import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import type { Resource } from '../connector/resource.ts';

/** The number of IDs in the log entry. */
const mostNamed = 10;

/**
 * Reads users by ID of whom a list has copies that contradict each other: only that says which copy is right.
 *
 * @returns those that could be read, by the ID of the list
 */
export async function readContradictory(
  context: ActionContext,
  definition: ResourceDefinition,
  copies: readonly Resource[],
): Promise<ReadonlyMap<string, Resource>> {
  const ids = [...new Set(copies.map(({ id }) => id))];
  if (ids.length > 0)
    context.platform.log({
      level: 'warn',
      event: 'contradictory_copies_listed',
      resource: definition.name,
      ids: ids.slice(0, mostNamed),
    });
  const read = await mapConcurrently(ids, context.client.connection.concurrency, async (id) => {
    try {
      const user = await readById(context.withDeadline(), definition, id);
      // Some providers show an ID in another case than in a list.
      return user === undefined ? [] : [[id, { ...user, id }] as const];
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code === 'auth') throw error;
      return [];
    }
  });
  return new Map(read.flat());
}
