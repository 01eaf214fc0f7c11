import { foldCase } from '../../scim/fold-case.ts';
import type { ResourceDefinition } from '../definition/definition.ts';
import { errorTexts, fillError } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';
import type { ScimResponse } from '../http/scim-client.ts';
import type { Resource } from '../resource.ts';
import { findByValue, type Projection } from './find-by-value.ts';
import { projectionQuery } from './read-list.ts';
import type { LookupReader, PageReader } from './reader.ts';
import { resourcePath } from './resource-path.ts';

/** Names one resource: an object with exactly one of the lookup keys that the manifest declares. */
export type Reference = Readonly<Record<string, string>>;

/** The ID in a reference; undefined when the reference names the resource by another attribute. */
export function idOfReference(reference: Reference): string | undefined {
  return reference.id;
}

/** What a lookup shows. */
export interface Lookup {
  readonly found: Resource | undefined;
  /**
   * If none was found, whether it is proved that none exists: by its ID, by a complete list, or by a filter that is
   * known to work. An empty response alone is no proof, since providers ignore filters that they do not know.
   */
  readonly isAbsenceProved: boolean;
}

/** Finds the resource that a reference names; undefined if no resource matches. @throws ConnectorError */
export async function findByReference(
  reader: LookupReader,
  definition: ResourceDefinition,
  reference: Reference,
  projection: Projection = {},
): Promise<Resource | undefined> {
  return (await lookUpReference(reader, definition, reference, projection)).found;
}

/** Finds the resource that a reference names, and says how far its absence is proved. @throws ConnectorError */
export async function lookUpReference(
  reader: LookupReader,
  definition: ResourceDefinition,
  reference: Reference,
  projection: Projection = {},
): Promise<Lookup> {
  const id = idOfReference(reference);
  if (id !== undefined)
    return { found: await findById(reader, definition, id, projection), isAbsenceProved: true };
  const [way, value = ''] = Object.entries(reference)[0] ?? [];
  const paths = definition.lookupKeys.find(({ key }) => key === way)?.attributes ?? [];
  const { found, isAbsenceProved } = await findByValue(reader, definition, paths, value, projection);
  return { found: onlyOne(found, definition, reference), isAbsenceProved };
}

/** Reads a resource by its ID; undefined if it does not exist. @throws ConnectorError, also for a response with another ID */
export async function findById(
  reader: PageReader,
  definition: ResourceDefinition,
  id: string,
  projection: Projection = {},
): Promise<Resource | undefined> {
  const response = await fetchById(reader, definition, id, projection);
  return response === undefined ? undefined : readWithId(reader, response.body, id);
}

/** Gets the response about the resource with an ID, unread; undefined if it does not exist. @throws ConnectorError */
export async function fetchById(
  { client, signal }: PageReader,
  definition: ResourceDefinition,
  id: string,
  projection: Projection = {},
): Promise<ScimResponse | undefined> {
  const path = resourcePath(definition, id);
  try {
    return await client.send({ method: 'GET', path, query: projectionQuery(projection), signal });
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** Reads a response about the resource with an ID. @throws ConnectorError `provider_fault` if it shows something else */
export function readWithId({ normalize }: PageReader, body: unknown, id: string): Resource {
  const found = normalize(body);
  if (!isSameId(found.id, id)) throw otherResource(id, found.id);
  return found;
}

/** Whether two IDs name one resource: some providers return an ID in another case than they were asked for. */
export function isSameId(shown: string, wanted: string): boolean {
  // "." and ".." are escaped twice, see resourcePath, so that a server sees something else.
  return shown === wanted || foldCase(shown) === foldCase(wanted) || /^\.{1,2}$/.test(wanted);
}

/** The error for a response about another resource than the one that was asked for. */
export function otherResource(wanted: string, shown: string): ConnectorError {
  return new ConnectorError(
    'provider_fault',
    fillError(errorTexts.wrongResource, { requested: wanted, returned: shown }),
  );
}

/** The error for a reference to a resource that does not exist. */
export function notFound(definition: ResourceDefinition, reference: Reference): ConnectorError {
  return new ConnectorError('not_found', {
    ...fillError(errorTexts.notFound, {
      resource: definition.title.toLowerCase(),
      reference: describe(reference),
    }),
  });
}

function onlyOne(
  found: readonly Resource[],
  definition: ResourceDefinition,
  reference: Reference,
): Resource | undefined {
  if (found.length < 2) return found[0];
  throw new ConnectorError('conflict', {
    ...fillError(errorTexts.ambiguous, {
      count: found.length,
      resource: definition.title.toLowerCase(),
      reference: describe(reference),
      ids: `${found
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}${found.length > 5 ? ', …' : ''}`,
    }),
  });
}

function describe(reference: Reference): string {
  return Object.entries(reference)
    .map(([way, value]) => `${way} ${JSON.stringify(value)}`)
    .join(', ');
}
