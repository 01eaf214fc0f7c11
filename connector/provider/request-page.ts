import { messages } from '../../scim/messages.ts';
import { errorTexts } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';
import { formatQuery } from '../http/format-query.ts';
import type { ScimClient, ScimResponse } from '../http/scim-client.ts';
import { type ListPage, readList } from './read-list.ts';

/** A search, in SCIM's own words (RFC 7644 §3.4.2 and §3.4.3). */
export interface PageQuery {
  readonly filter?: string | undefined;
  readonly sortBy?: string | undefined;
  readonly sortOrder?: string | undefined;
  readonly attributes?: readonly string[] | undefined;
  readonly excludedAttributes?: readonly string[] | undefined;
  /** How many results to request per page. */
  readonly count: number;
}

/** The part of a list that a request asks for. Empty: the first page, in whichever way the provider pages. */
export interface PagePosition {
  readonly startIndex?: number;
  /** Empty for the first page of a list that is paged by cursor (RFC 9865 §2.1). */
  readonly cursor?: string;
}

/** The endpoint that a page is requested from. */
export interface PageEndpoint {
  readonly client: ScimClient;
  /** `/Users` */
  readonly endpoint: string;
  readonly signal?: AbortSignal | undefined;
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
    count: String(query.count),
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
