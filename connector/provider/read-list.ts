import { isRecord } from '../../schemas/is-record.ts';
import { memberOf } from '../../scim/json.ts';
import { messages } from '../../scim/messages.ts';
import { errorParts, errorTexts, fillError } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';
import { formatQuery } from '../http/format-query.ts';
import type { ScimClient, ScimResponse } from '../http/scim-client.ts';
import type { Resource } from '../resource.ts';
import type { ListHabits } from './habits.ts';
import type { Normalizer } from './normalize.ts';
import type { PageEndpoint } from './reader.ts';

/** A list answer (RFC 7644 §3.4.2), with its resources unread. */
export interface ListPage {
  readonly resources: readonly unknown[];
  /** Undefined when the provider does not say. */
  readonly totalResults: number | undefined;
  /** RFC 9865 §2: where the next page begins; undefined on the last page, and with index paging. */
  readonly nextCursor: string | undefined;
}

/** Reads a list response. @throws ConnectorError `provider_fault` if it is not a list. */
export function readList(body: unknown): ListPage {
  const list = isRecord(body) ? body : {};
  const resources = memberOf(list, 'Resources');
  const totalResults = readCount(memberOf(list, 'totalResults'));
  const cursor = memberOf(list, 'nextCursor');
  // A number is as good as a text, as long as JSON holds it exactly.
  const nextCursor = Number.isSafeInteger(cursor) ? String(cursor) : cursor;
  if (
    Array.isArray(resources) ||
    (isMissing(resources) && (totalResults !== undefined || isListResponse(list)))
  ) {
    return {
      // RFC 7644 §3.4.2: Resources may be omitted from an empty list. Servers that write JSON from protocol buffers
      // omit a total of zero, too: then the schema says that it is a list.
      resources: Array.isArray(resources) ? resources : [],
      totalResults,
      nextCursor: typeof nextCursor === 'string' && nextCursor !== '' ? nextCursor : undefined,
    };
  }
  throw new ConnectorError('provider_fault', {
    ...fillError(errorTexts.notAList, {
      reason: body === undefined ? errorParts.emptyList : errorParts.noResources,
    }),
  });
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isListResponse(list: Readonly<Record<string, unknown>>): boolean {
  const schemas = memberOf(list, 'schemas');
  return Array.isArray(schemas) && schemas.includes(messages.listResponse);
}

function readCount(value: unknown): number | undefined {
  const count = typeof value === 'string' ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined;
}

/** A search, in SCIM's own words (RFC 7644 §3.4.2 and §3.4.3). */
export interface PageQuery {
  readonly filter?: string | undefined;
  readonly sortBy?: string | undefined;
  readonly sortOrder?: string | undefined;
  readonly attributes?: readonly string[] | undefined;
  readonly excludedAttributes?: readonly string[] | undefined;
  /** How many results to request per page; undefined: as many as the provider chooses. */
  readonly count?: number | undefined;
}

/** The part of a list that a request asks for. Empty: the first page, in whichever way the provider pages. */
export interface PagePosition {
  readonly startIndex?: number;
  /** Empty for the first page of a list that is paged by cursor (RFC 9865 §2.1). */
  readonly cursor?: string;
}

/** Longer queries go into the body of a POST: some servers and proxies accept no more than 2,048 characters. */
const longestUrl = 2000;

/** Requests one page of a list. @throws ConnectorError */
export async function requestPage(
  { client, endpoint, signal }: PageEndpoint,
  query: PageQuery,
  position: PagePosition,
  deadlineAtInMs?: number,
): Promise<ListPage> {
  const { startIndex, cursor } = position;
  const parameters: Record<string, string> = {
    ...(query.filter !== undefined && { filter: query.filter }),
    ...(query.sortBy !== undefined && { sortBy: query.sortBy }),
    ...(query.sortOrder !== undefined && { sortOrder: query.sortOrder }),
    ...projectionQuery(query),
    ...(query.count !== undefined && { count: String(query.count) }),
    ...(startIndex !== undefined && { startIndex: String(startIndex) }),
    ...(cursor !== undefined && { cursor }),
  };
  const length = client.connection.baseUrl.length + endpoint.length + formatQuery(parameters).length;
  const limits = { signal, ...(deadlineAtInMs !== undefined && { deadlineAtInMs }) };
  const response =
    (length > longestUrl
      ? await postSearch(client, endpoint, { ...query, ...position }, limits)
      : undefined) ??
    (await client.send({ method: 'GET', path: endpoint, query: parameters, ...limits }).catch(noSuchList));
  return readList(response.body);
}

/** RFC 7644 §3.4.3; undefined if the provider has no such endpoint, so that the long URL is tried after all. */
async function postSearch(
  client: ScimClient,
  endpoint: string,
  search: PageQuery & PagePosition,
  limits: { readonly signal: AbortSignal | undefined; readonly deadlineAtInMs?: number },
): Promise<ScimResponse | undefined> {
  try {
    return await client.send({
      method: 'POST',
      path: `${endpoint}/.search`,
      body: { schemas: [messages.searchRequest], ...search },
      idempotent: true,
      ...limits,
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

/** A list exists even when it is empty: 404 means that there is no SCIM service. */
export function noSuchList(error: unknown): never {
  if (!(error instanceof ConnectorError) || error.code !== 'not_found') throw error;
  throw new ConnectorError('provider_fault', {
    ...error,
    ...errorTexts.listMissing,
    cause: error,
  });
}

/** Where a list begins, in the way that the provider pages. */
export function firstPosition({ needsCursor, needsStartIndex }: ListHabits): PagePosition {
  if (needsCursor === true) return { cursor: '' };
  return needsStartIndex === true ? { startIndex: 1 } : {};
}

/** The count to send; undefined for none. */
export function limitCount(count: number | undefined, { largestCount }: ListHabits): number | undefined {
  if (largestCount === undefined || count === undefined) return count;
  return largestCount === 0 ? undefined : Math.min(count, largestCount);
}

/** One reading of a list from its beginning: what came, and what the provider said about how much there is. */
export class ListPass {
  readonly #known: Set<string>;
  readonly #order: string[] = [];
  #firstPage: readonly string[] | undefined;
  #surplus = 0;
  #pageSizes: number[] = [];
  /** The entries read, repeated and unreadable ones included. */
  read = 0;
  /** The results that no earlier pass had. */
  fresh = 0;
  /** The largest total stated. */
  most = 0;
  /** The smallest total stated. */
  fewest = Number.POSITIVE_INFINITY;
  /** Whether the first page came again in the place of a later one. */
  loops = false;
  /** The IDs that the last page has several times, with different content. */
  contradictory: readonly string[] = [];
  /** The copies on the last page of resources that were read before. */
  repeated: readonly Resource[] = [];
  /** The entries that could not be read. */
  unreadable = 0;
  /** Why the last of them could not be read, such as a missing ID. */
  whyUnreadable: ConnectorError | undefined;

  /** @param known the IDs that were read before; the pass adds to them */
  constructor(known: Set<string>) {
    this.#known = known;
  }

  /** The results accounted for: those read in any pass, and the entries of this pass that add nothing to them. */
  get counted(): number {
    return this.#known.size + this.#surplus;
  }

  /** Whether all pages but the last had the same number of entries: a page that is short may hide a result. */
  get isEven(): boolean {
    return this.#pageSizes.slice(0, -1).every((size) => size === this.#pageSizes[0]);
  }

  /** Whether the last page had as many entries as the others, so that another one may follow. */
  get isFull(): boolean {
    return this.isEven && this.#pageSizes.at(-1) === this.#pageSizes[0];
  }

  /** The number of entries on the last page that had some. */
  get lastPage(): number {
    return this.#pageSizes.findLast((size) => size > 0) ?? 0;
  }

  /** Counts the entries of a page, and returns the resources that no page had before. */
  take({ resources: entries, totalResults }: ListPage, normalize: Normalizer): readonly Resource[] {
    const inResponse = new Map<string, Resource>();
    const contradictory = new Set<string>();
    const repeated: Resource[] = [];
    for (const entry of entries) {
      const resource = this.#readEntry(entry, normalize);
      const copy = resource === undefined ? undefined : inResponse.get(resource.id);
      if (resource !== undefined && copy === undefined) inResponse.set(resource.id, resource);
      // A repeat within one response is no sign that the list moved.
      else this.#surplus += 1;
      if (resource === undefined || copy === undefined) continue;
      repeated.push(resource);
      if (JSON.stringify(resource) !== JSON.stringify(copy)) contradictory.add(resource.id);
    }
    this.contradictory = [...contradictory];
    this.repeated = repeated;
    const ids = [...inResponse.keys()];
    if (this.#firstPage !== undefined && ids.length > 0) this.loops ||= isSame(ids, this.#firstPage);
    this.#firstPage ??= ids;
    const fresh: Resource[] = [];
    for (const [id, resource] of inResponse) {
      this.#order.push(id);
      if (this.#known.has(id)) repeated.push(resource);
      else fresh.push(resource);
      this.#known.add(id);
    }
    this.read += entries.length;
    this.#pageSizes.push(entries.length);
    this.fresh += fresh.length;
    this.most = Math.max(this.most, totalResults ?? 0);
    this.fewest = Math.min(this.fewest, totalResults ?? this.fewest);
    return fresh;
  }

  /** Whether another pass read the same entries in the same order. */
  isSameAs(other: ListPass): boolean {
    return isSame(this.#order, other.#order);
  }

  /** One entry that cannot be read holds up no other. */
  #readEntry(entry: unknown, normalize: Normalizer): Resource | undefined {
    try {
      return normalize(entry);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      this.unreadable += 1;
      this.whyUnreadable = error;
      return undefined;
    }
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}
