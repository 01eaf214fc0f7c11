import { ConnectorError } from '../errors.ts';
import { printQuery } from '../http/print-query.ts';
import type { ScimAnswer, ScimClient } from '../http/scim-client.ts';
import type { Normaliser } from './normalise.ts';
import { type ListPage, readList } from './read-list.ts';
import type { Resource } from './resource.ts';
import { messages } from './urns.ts';

/** A search, in SCIM's own words (RFC 7644 §3.4.2 and §3.4.3). */
export interface PageQuery {
  readonly filter?: string | undefined;
  readonly sortBy?: string | undefined;
  readonly sortOrder?: string | undefined;
  readonly attributes?: readonly string[] | undefined;
  readonly excludedAttributes?: readonly string[] | undefined;
  /** How many to ask for in one request. */
  readonly count: number;
}

/** What {@link readPages} reads with. */
export interface PageReader {
  readonly client: ScimClient;
  /** `/Users` */
  readonly endpoint: string;
  readonly normalise: Normaliser;
  /** The time, in milliseconds since 1970. */
  now(): number;
  readonly signal?: AbortSignal | undefined;
}

/** One page: only resources that no page before it had. */
export interface Page {
  readonly resources: readonly Resource[];
  /** How many there are at the provider, as far as it says. */
  readonly totalResults: number;
  readonly isLast: boolean;
}

/** A query longer than this goes into the body of a POST: some servers and proxies take no more than 2,048 characters. */
const longestUrl = 2000;

/**
 * Reads a list page by page, by index or, where the provider gives cursors, by cursor (RFC 9865). A list that ends
 * before the total it states, or that comes round again, is an error: what was not read must not look like what is
 * not there.
 *
 * @throws ConnectorError
 */
export async function* readPages(
  reader: PageReader,
  query: PageQuery,
): AsyncGenerator<Page, void, undefined> {
  const ids = new Set<string>();
  const cursors = new Set<string>();
  let read = 0;
  let stalePages = 0;
  let fewest = Number.POSITIVE_INFINITY;
  let position: Readonly<Record<string, string>> = {};
  for (;;) {
    const page = await readPage(reader, query, position);
    const all = page.resources.map(reader.normalise);
    const fresh = all.filter(({ id }) => !ids.has(id) && ids.add(id));
    read += all.length;
    // One page of old acquaintances can come of an insert between two requests; two in a row cannot.
    stalePages = all.length > 0 && fresh.length === 0 ? stalePages + 1 : 0;
    fewest = Math.min(fewest, page.totalResults ?? fewest);
    if (stalePages === 2 || (page.nextCursor !== undefined && cursors.has(page.nextCursor)))
      throw goesRound(ids.size);
    const isLast =
      'cursor' in position ? endsCursorPaging(page, read, fewest) : endsIndexPaging(page, read, fresh.length);
    yield { resources: fresh, totalResults: Math.max(page.totalResults ?? 0, ids.size), isLast };
    if (isLast) return;
    if (page.nextCursor !== undefined) cursors.add(page.nextCursor);
    position = page.nextCursor === undefined ? { startIndex: String(read + 1) } : { cursor: page.nextCursor };
  }
}

function endsIndexPaging(
  { resources, nextCursor, totalResults }: ListPage,
  read: number,
  fresh: number,
): boolean {
  if (nextCursor !== undefined) return false;
  // RFC 7644 §3.4.2 wants a total; without one the list ends where nothing new comes.
  if (totalResults === undefined) return fresh === 0;
  if (resources.length === 0 && read < totalResults) throw cutShort(read, totalResults);
  return read >= totalResults;
}

/** The total may grow while pages are read, and cursors need not show who came, so the fewest that it was counts. */
function endsCursorPaging({ nextCursor }: ListPage, read: number, fewest: number): boolean {
  if (nextCursor !== undefined) return false;
  if (Number.isFinite(fewest) && read < fewest) throw cutShort(read, fewest);
  return true;
}

type Reader = Pick<PageReader, 'client' | 'endpoint' | 'signal'>;

async function readPage(
  { client, endpoint, signal }: Reader,
  query: PageQuery,
  position: Readonly<Record<string, string>>,
): Promise<ListPage> {
  const parameters: Record<string, string> = {
    ...(query.filter !== undefined && { filter: query.filter }),
    ...(query.sortBy !== undefined && { sortBy: query.sortBy }),
    ...(query.sortOrder !== undefined && { sortOrder: query.sortOrder }),
    ...projectionQuery(query),
    count: String(query.count),
    ...position,
  };
  const length = client.connection.baseUrl.length + endpoint.length + printQuery(parameters).length;
  const answer =
    (length > longestUrl ? await postSearch({ client, endpoint, signal }, query, position) : undefined) ??
    (await client.send({ method: 'GET', path: endpoint, query: parameters, signal }).catch(noSuchList));
  return readList(answer.body);
}

/** RFC 7644 §3.4.3; undefined where the provider has no such endpoint, so that a long URL is tried after all. */
async function postSearch(
  { client, endpoint, signal }: Reader,
  { filter, sortBy, sortOrder, attributes, excludedAttributes, count }: PageQuery,
  { startIndex, cursor }: Readonly<Record<string, string>>,
): Promise<ScimAnswer | undefined> {
  const body = {
    schemas: [messages.searchRequest],
    filter,
    sortBy,
    sortOrder,
    attributes,
    excludedAttributes,
    count,
    cursor,
    ...(startIndex !== undefined && { startIndex: Number(startIndex) }),
  };
  try {
    return await client.send({
      method: 'POST',
      path: `${endpoint}/.search`,
      body,
      isRepeatable: true,
      signal,
    });
  } catch (error) {
    if (error instanceof ConnectorError && (error.code === 'not_found' || error.code === 'unsupported'))
      return undefined;
    throw error;
  }
}

/** `attributes` and `excludedAttributes` as query parameters (RFC 7644 §3.9). */
export function projectionQuery({
  attributes,
  excludedAttributes,
}: Pick<PageQuery, 'attributes' | 'excludedAttributes'>): Record<string, string> {
  return {
    ...(attributes !== undefined && attributes.length > 0 && { attributes: attributes.join(',') }),
    ...(excludedAttributes !== undefined &&
      excludedAttributes.length > 0 && { excludedAttributes: excludedAttributes.join(',') }),
  };
}

/** A list is always there, even when it is empty: 404 means that no SCIM service is. */
export function noSuchList(error: unknown): never {
  if (!(error instanceof ConnectorError) || error.code !== 'not_found') throw error;
  throw new ConnectorError('provider_fault', {
    ...error,
    what: 'There is no SCIM service at the base URL, or it has no resources of this kind: the answer is 404.',
    nextStep: 'Check the base URL; discover_provider shows what the provider has.',
    cause: error,
  });
}

function cutShort(read: number, total: number): ConnectorError {
  return new ConnectorError('provider_fault', {
    what: `The list was cut short: the provider counts ${total} results, but gave ${read}.`,
    nextStep: 'Run the step again; if it goes on, try a smaller page size, and ask the provider.',
  });
}

function goesRound(read: number): ConnectorError {
  return new ConnectorError('provider_fault', {
    what: `The list comes round again after ${read} results: the provider gives the same page for ever.`,
    nextStep: 'Narrow the search so that it fits into fewer pages, and ask the provider.',
  });
}
