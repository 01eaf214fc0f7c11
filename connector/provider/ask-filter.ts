import { ConnectorError } from '../errors.ts';
import type { Resource } from '../resource.ts';
import { type Equality, formatEqualities } from './equality-filter.ts';
import { isRefusal } from './list-errors.ts';
import { type PagePosition, type PageQuery, projectionQuery, readList } from './read-list.ts';
import type { LookupReader } from './reader.ts';

/** What a provider returns for a filter that compares one attribute with a value. */
export interface FilteredAnswer {
  /** Each resource once. */
  readonly all: readonly Resource[];
  /** Whether there are more results than were returned, by the total or by a cursor for more. */
  readonly isShort: boolean;
  /** Where those results would be. */
  readonly next: PagePosition;
  /** The `Date` header of the response, in milliseconds since 1970; undefined without one. */
  readonly answeredAtInMs: number | undefined;
}

type Projection = Pick<PageQuery, 'attributes' | 'excludedAttributes'>;

/** How many pages without a result are read: some providers filter after they page. */
const mostEmptyPages = 100;

/** Asks for the resources whose attribute has a value. @throws ConnectorError, see {@link isFilterRejected} */
export async function askFilter(
  reader: LookupReader,
  equality: Equality,
  projection: Projection,
): Promise<FilteredAnswer> {
  let answer = await askPage(reader, equality, projection, {});
  for (let page = 1; page < mostEmptyPages; page += 1) {
    if (answer.all.length > 0 || answer.next.cursor === undefined) break;
    answer = await askPage(reader, equality, projection, answer.next);
  }
  return answer;
}

/** Asks for the results that an answer did not have. */
export async function askMore(
  reader: LookupReader,
  equality: Equality,
  projection: Projection,
  { next }: FilteredAnswer,
): Promise<readonly Resource[]> {
  try {
    return (await askPage(reader, equality, projection, next)).all;
  } catch (error) {
    // Some providers reject a page after the last one.
    if (isFilterRejected(error)) return [];
    throw error;
  }
}

/**
 * Whether an answer without results says that there are some. A provider whose total counts everybody, whatever the
 * filter, says so of a value that nobody has, too.
 */
export async function hidesMatches(
  reader: LookupReader,
  path: string,
  { all, isShort }: FilteredAnswer,
): Promise<boolean> {
  if (all.length > 0 || !isShort) return false;
  const { isShort: countsEverybody } = await askFilter(reader, { path, value: unusedValue(reader) }, {});
  return !countsEverybody;
}

/**
 * Whether a provider does not accept a filter on an attribute. RFC 7644 Table 9 has `invalidFilter`; others are seen to
 * answer 400 with any word or none, 403, 500, or 501.
 */
export function isFilterRejected(error: unknown): error is ConnectorError {
  return (
    error instanceof ConnectorError &&
    (isRefusal(error) ||
      (error.code === 'unavailable' && error.status === 500) ||
      (error.code === 'forbidden' && error.status === 403))
  );
}

/** A value that nobody has. */
export function unusedValue(clock: Pick<LookupReader, 'now'>): string {
  return `nobody-${clock.now()}@rolecall.invalid`;
}

/** Each resource once: some providers repeat entries. */
export function distinct(resources: readonly Resource[]): readonly Resource[] {
  return [...new Map(resources.map((resource) => [resource.id, resource])).values()];
}

async function askPage(
  reader: LookupReader,
  equality: Equality,
  projection: Projection,
  { startIndex, cursor }: PagePosition,
): Promise<FilteredAnswer> {
  const { client, endpoint, normalize, signal } = reader;
  const query = {
    filter: formatEqualities([equality]),
    ...projectionQuery(projection),
    ...(startIndex !== undefined && { startIndex: String(startIndex) }),
    ...(cursor !== undefined && { cursor }),
  };
  try {
    const { body, headers } = await client.send({
      method: 'GET',
      path: endpoint,
      query,
      signal,
      maxAttemptsOn500: 2,
    });
    const { resources, totalResults = 0, nextCursor } = readList(body);
    const answeredAtInMs = Date.parse(headers.date ?? '');
    return {
      all: distinct(resources.map(normalize)),
      isShort: totalResults > resources.length || nextCursor !== undefined,
      next: nextCursor === undefined ? { startIndex: resources.length + 1 } : { cursor: nextCursor },
      answeredAtInMs: Number.isNaN(answeredAtInMs) ? undefined : answeredAtInMs,
    };
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'not_found') throw error;
    // Some providers answer 404 to a filter that matches nobody; elsewhere it means that there is no SCIM service.
    await reader.confirmList();
    return { all: [], isShort: false, next: {}, answeredAtInMs: undefined };
  }
}
