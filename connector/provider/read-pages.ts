import { messages } from '../../scim/messages.ts';
import { ConnectorError } from '../errors.ts';
import { formatQuery } from '../http/format-query.ts';
import type { ScimClient, ScimResponse } from '../http/scim-client.ts';
import type { Resource } from '../resource.ts';
import type { Normalizer } from './normalize.ts';
import { type ListPage, readList } from './read-list.ts';

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
  readonly normalize: Normalizer;
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
 * not there. A list that shifts while it is read by index is read a second time for those who slipped through.
 *
 * @throws ConnectorError
 */
export async function* readPages(
  reader: PageReader,
  query: PageQuery,
): AsyncGenerator<Page, void, undefined> {
  const ids = new Set<string>();
  const cursors = new Set<string>();
  let progress: Progress = { pass: 1, read: 0, stalePages: 0, fewest: Number.POSITIVE_INFINITY, most: 0 };
  let position: Readonly<Record<string, string>> = {};
  for (;;) {
    const page = await readPage(reader, query, position);
    const all = page.resources.map(reader.normalize);
    const fresh = all.filter(({ id }) => !ids.has(id) && ids.add(id));
    progress = advance(progress, page, fresh.length);
    // One page of old acquaintances can come of an insert between two requests; two in a row cannot.
    const isRound = progress.pass === 1 && progress.stalePages === 2;
    if (isRound || (page.nextCursor !== undefined && cursors.has(page.nextCursor))) throw goesRound(ids.size);
    const next = nextStep(page, progress, ids.size, fresh.length, 'cursor' in position);
    yield {
      resources: fresh,
      totalResults: Math.max(page.totalResults ?? 0, ids.size),
      isLast: next === 'end',
    };
    if (next === 'end') return;
    if (next === 'again') {
      progress = { ...progress, pass: 2, read: 0, most: 0 };
      position = { startIndex: '1' };
    } else if (page.nextCursor === undefined) position = { startIndex: String(progress.read + 1) };
    else {
      cursors.add(page.nextCursor);
      position = { cursor: page.nextCursor };
    }
  }
}

/** How far the reading of a list has come. */
interface Progress {
  readonly pass: 1 | 2;
  /** How many entries came in this pass, those who came before included. */
  readonly read: number;
  /** How many pages in a row had nobody new. */
  readonly stalePages: number;
  /** The smallest total that was stated. */
  readonly fewest: number;
  /** The largest total that was stated in this pass. */
  readonly most: number;
}

function advance(progress: Progress, { resources, totalResults }: ListPage, fresh: number): Progress {
  return {
    pass: progress.pass,
    read: progress.read + resources.length,
    stalePages: resources.length > 0 && fresh === 0 ? progress.stalePages + 1 : 0,
    fewest: Math.min(progress.fewest, totalResults ?? progress.fewest),
    most: Math.max(progress.most, totalResults ?? progress.most),
  };
}

function nextStep(
  { resources, nextCursor, totalResults }: ListPage,
  { pass, read, fewest, most }: Progress,
  known: number,
  fresh: number,
  isByCursor: boolean,
): 'on' | 'again' | 'end' {
  if (nextCursor !== undefined) return 'on';
  if (isByCursor) {
    // The total may grow meanwhile, and cursors need not show who came, so the fewest that it was counts.
    if (Number.isFinite(fewest) && known < fewest) throw cutShort(known, fewest);
    return 'end';
  }
  // RFC 7644 §3.4.2 wants a total; without one the list ends where nobody new comes.
  if (totalResults === undefined) return fresh === 0 ? 'end' : 'on';
  if (resources.length === 0 && read < totalResults) throw cutShort(read, totalResults);
  if (read < totalResults) return 'on';
  // Who came in between moved others onto the page before; who went moved them past the page after.
  const hasShifted = known < totalResults || totalResults < most;
  if (pass === 1) return hasShifted ? 'again' : 'end';
  if (known < totalResults) throw cutShort(known, totalResults);
  return 'end';
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
  const length = client.connection.baseUrl.length + endpoint.length + formatQuery(parameters).length;
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
): Promise<ScimResponse | undefined> {
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
      idempotent: true,
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
