import type { ResourceDefinition } from '../definition/definition.ts';
import { ConnectorError } from '../errors.ts';
import type { Resource } from '../resource.ts';
import type { PageReader } from './read-pages.ts';
import { resourcePath } from './resource-path.ts';

/** Reads a resource by its id; undefined when there is none. @throws ConnectorError */
export async function findById(
  { client, normalize, signal }: PageReader,
  definition: ResourceDefinition,
  id: string,
  query?: Readonly<Record<string, string>>,
): Promise<Resource | undefined> {
  try {
    const path = resourcePath(definition, id);
    return normalize(
      (await client.send({ method: 'GET', path, ...(query !== undefined && { query }), signal })).body,
    );
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** The same for an id that the provider gave: an answer that speaks of another is none. @throws ConnectorError */
export async function findByGivenId(
  reader: PageReader,
  definition: ResourceDefinition,
  id: string,
): Promise<Resource | undefined> {
  const found = await findById(reader, definition, id);
  if (found === undefined || found.id === id) return found;
  throw new ConnectorError('provider_fault', {
    what: `The provider was asked for ${id}, and answered with ${found.id}.`,
    nextStep: 'Nothing was reported. Ask the provider; the next poll looks again.',
  });
}
