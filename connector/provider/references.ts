import type { ResourceDefinition } from '../definition/definition.ts';
import { ConnectorError } from '../errors.ts';
import type { ScimResponse } from '../http/scim-client.ts';
import type { Resource } from '../resource.ts';
import { type Equality, fitsEqualities, formatEqualities, onlyFitting } from './equality-filter.ts';
import { readList } from './read-list.ts';
import { noSuchList, type PageQuery, type PageReader, projectionQuery } from './read-pages.ts';

/** How a step names a resource: an object with exactly one of the ways that the manifest declares. */
export type Reference = Readonly<Record<string, string>>;

/** What a look-up asks for beside the equality. */
export type LookUpOptions = Pick<PageQuery, 'attributes' | 'excludedAttributes'> & {
  readonly deadlineAtInMs?: number;
};

/** The id that a reference gives by itself, without asking the provider. */
export function idOfReference(reference: Reference): string | undefined {
  return reference.id;
}

/**
 * Finds the one resource that a reference names other than by id.
 *
 * @returns undefined when there is none.
 * @throws ConnectorError `conflict` when there are several, `provider_fault` when the provider ignores filters.
 */
export async function findReferenced(
  reader: PageReader,
  definition: ResourceDefinition,
  reference: Reference,
  options: LookUpOptions = {},
): Promise<Resource | undefined> {
  const [way, value = ''] = Object.entries(reference)[0] ?? [];
  const paths = definition.lookupKeys.find(({ key }) => key === way)?.attributes ?? [];
  let refused: unknown;
  for (const path of paths) {
    try {
      const { found } = await lookUp(reader, definition, { path, value }, options);
      return onlyOne(found, definition, reference);
    } catch (error) {
      if (!isFilterRefused(error)) throw error;
      refused = error;
    }
  }
  throw refused;
}

/** What a look-up found. */
export interface Found {
  readonly found: readonly Resource[];
  /** How far the provider's clock is ahead of ours, in milliseconds, as far as its `Date` shows; 0 without one. */
  readonly clockAheadInMs: number;
}

/**
 * Asks for the resources with a value, and looks again whether they have it.
 *
 * @throws ConnectorError `provider_fault` when only others came: the provider ignores the filter.
 */
export async function lookUp(
  reader: PageReader,
  definition: ResourceDefinition,
  equality: Equality,
  options: LookUpOptions = {},
): Promise<Found> {
  const { all, answer } = await ask(reader, equality, options);
  const fitting = onlyFitting(definition, all, [equality]);
  const isShown = fitting.some((one) => fitsEqualities(definition, one, [equality]) === true);
  const isIgnored =
    all.length > 0 && !isShown && (fitting.length === 0 || (await ignoresFilters(reader, equality, options)));
  if (isIgnored) {
    throw new ConnectorError('provider_fault', {
      what: `The provider was asked for the ${definition.title.toLowerCase()} with ${equality.path} "${equality.value}", and answered with others: it ignores filters.`,
      nextStep: 'Name it by its SCIM id.',
      attempts: answer.attempts,
    });
  }
  const answeredAtInMs = Date.parse(answer.headers.date ?? '');
  return { found: fitting, clockAheadInMs: Number.isNaN(answeredAtInMs) ? 0 : answeredAtInMs - reader.now() };
}

async function ask(
  { client, endpoint, normalize, signal }: PageReader,
  equality: Equality,
  { deadlineAtInMs, ...projection }: LookUpOptions,
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
 * Whether a value that nobody has finds somebody. Asked when nothing that was found shows the attribute: a provider
 * that filters by what it does not return is to be trusted, one that gives everybody is not.
 */
async function ignoresFilters(
  reader: PageReader,
  { path }: Equality,
  options: LookUpOptions,
): Promise<boolean> {
  const { all } = await ask(reader, { path, value: `nobody-${reader.now()}@rolecall.invalid` }, options);
  return all.length > 0;
}

/** The error for a reference that leads nowhere. */
export function notFound(definition: ResourceDefinition, reference: Reference): ConnectorError {
  return new ConnectorError('not_found', {
    what: `There is no ${definition.title.toLowerCase()} with ${describe(reference)}.`,
    nextStep: 'Check its spelling; it may have been deleted, or not been provisioned yet.',
  });
}

function onlyOne(
  found: readonly Resource[],
  definition: ResourceDefinition,
  reference: Reference,
): Resource | undefined {
  if (found.length < 2) return found[0];
  throw new ConnectorError('conflict', {
    what: `${found.length} ${definition.title.toLowerCase()}s have ${describe(reference)}, so it is not clear which one is meant.`,
    nextStep: `Name it by id: ${found
      .slice(0, 5)
      .map(({ id }) => id)
      .join(', ')}${found.length > 5 ? ', …' : ''}.`,
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
