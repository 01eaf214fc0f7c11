import type { ResourceDefinition } from '../definition/definition.ts';
import { errorTexts, fillError } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';
import type { ScimResponse } from '../http/scim-client.ts';
import type { Resource } from '../resource.ts';
import { type Equality, fitsEqualities, formatEqualities, onlyFitting } from './equality-filter.ts';
import { readList } from './read-list.ts';
import type { PageReader } from './read-pages.ts';
import { noSuchList, type PageQuery, projectionQuery } from './request-page.ts';
import { resourcePath } from './resource-path.ts';

/** Names one resource: an object with exactly one of the lookup keys that the manifest declares. */
export type Reference = Readonly<Record<string, string>>;

/** Which attributes of a resource to return (RFC 7644 §3.9). */
export type Projection = Pick<PageQuery, 'attributes' | 'excludedAttributes'>;

/** The ID in a reference; undefined when the reference names the resource by another attribute. */
export function idOfReference(reference: Reference): string | undefined {
  return reference.id;
}

/** Finds the resource that a reference names; undefined if no resource matches. @throws ConnectorError */
export function findByReference(
  reader: PageReader,
  definition: ResourceDefinition,
  reference: Reference,
  projection: Projection = {},
): Promise<Resource | undefined> {
  const id = idOfReference(reference);
  return id === undefined
    ? findByLookupKey(reader, definition, reference, projection)
    : findById(reader, definition, id, projection);
}

/** Reads a resource by its ID; undefined if there is none. @throws ConnectorError */
export async function findById(
  { client, normalize, signal }: PageReader,
  definition: ResourceDefinition,
  id: string,
  projection: Projection = {},
): Promise<Resource | undefined> {
  const path = resourcePath(definition, id);
  try {
    const { body } = await client.send({ method: 'GET', path, query: projectionQuery(projection), signal });
    return normalize(body);
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** Reads a resource by an ID that the provider issued: a response with another ID is an error. @throws ConnectorError */
export async function findByIssuedId(
  reader: PageReader,
  definition: ResourceDefinition,
  id: string,
): Promise<Resource | undefined> {
  const found = await findById(reader, definition, id);
  if (found === undefined || found.id === id) return found;
  throw new ConnectorError('provider_fault', {
    ...fillError(errorTexts.wrongResource, { requested: id, returned: found.id }),
  });
}

/**
 * Tries the attributes of a lookup key in turn, until the provider accepts a filter on one.
 *
 * @throws ConnectorError `conflict` when several resources match, `provider_fault` when the provider ignores filters.
 */
async function findByLookupKey(
  reader: PageReader,
  definition: ResourceDefinition,
  reference: Reference,
  projection: Projection,
): Promise<Resource | undefined> {
  const [way, value = ''] = Object.entries(reference)[0] ?? [];
  const paths = definition.lookupKeys.find(({ key }) => key === way)?.attributes ?? [];
  let refused: unknown;
  for (const path of paths) {
    try {
      const { found } = await findByEquality(reader, definition, { path, value }, projection);
      return onlyOne(found, definition, reference);
    } catch (error) {
      if (!isFilterRefused(error)) throw error;
      refused = error;
    }
  }
  throw refused;
}

/** The resources that have a value. */
export interface Matches {
  readonly found: readonly Resource[];
  /** How far the provider's clock is ahead of ours by its `Date` header, in milliseconds; 0 without one. */
  readonly clockAheadInMs: number;
}

/** A projection, and until when the lookup may take, in milliseconds since 1970. */
export type EqualityOptions = Projection & { readonly deadlineAtInMs?: number };

/**
 * Finds the resources that have a value, and checks that they have it.
 *
 * @throws ConnectorError `provider_fault` when only others came: the provider ignores the filter.
 */
export async function findByEquality(
  reader: PageReader,
  definition: ResourceDefinition,
  equality: Equality,
  options: EqualityOptions = {},
): Promise<Matches> {
  const { all, answer } = await ask(reader, equality, options);
  const fitting = onlyFitting(definition, all, [equality]);
  const isShown = fitting.some((one) => fitsEqualities(definition, one, [equality]) === true);
  const isIgnored =
    all.length > 0 && !isShown && (fitting.length === 0 || (await ignoresFilters(reader, equality, options)));
  if (isIgnored) {
    throw new ConnectorError('provider_fault', {
      ...fillError(errorTexts.filterIgnored, {
        resource: definition.title.toLowerCase(),
        path: equality.path,
        value: String(equality.value),
      }),
      attempts: answer.attempts,
    });
  }
  const answeredAtInMs = Date.parse(answer.headers.date ?? '');
  return { found: fitting, clockAheadInMs: Number.isNaN(answeredAtInMs) ? 0 : answeredAtInMs - reader.now() };
}

async function ask(
  { client, endpoint, normalize, signal }: PageReader,
  equality: Equality,
  { deadlineAtInMs, ...projection }: EqualityOptions,
): Promise<{ readonly all: readonly Resource[]; readonly answer: ScimResponse }> {
  const answer = await client
    .send({
      method: 'GET',
      path: endpoint,
      query: { filter: formatEqualities([equality]), ...projectionQuery(projection) },
      signal,
      ...(deadlineAtInMs !== undefined && { deadlineAtInMs }),
    })
    .catch(noSuchList);
  return { all: readList(answer.body).resources.map(normalize), answer };
}

/**
 * Whether a value that no resource has finds some. Asked when no match shows the attribute: a provider that filters by
 * an attribute that it does not return is right, one that returns every resource is not.
 */
async function ignoresFilters(
  reader: PageReader,
  { path }: Equality,
  options: EqualityOptions,
): Promise<boolean> {
  const { all } = await ask(reader, { path, value: `nobody-${reader.now()}@rolecall.invalid` }, options);
  return all.length > 0;
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

// RFC 7644 Table 9; some providers answer 501 to a filter they do not know.
function isFilterRefused(error: unknown): boolean {
  return (
    error instanceof ConnectorError && (error.scimType === 'invalidFilter' || error.code === 'unsupported')
  );
}

function describe(reference: Reference): string {
  return Object.entries(reference)
    .map(([way, value]) => `${way} "${value}"`)
    .join(', ');
}
