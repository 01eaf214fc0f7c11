import { pathsOf } from '../connector/definition/attribute-path.ts';
import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import { type Equality, fitsEqualities } from '../connector/provider/equality-filter.ts';
import { mostListed, unprovedFilters } from '../connector/provider/find-by-value.ts';
import { isRefusal } from '../connector/provider/list-errors.ts';
import type { PageQuery } from '../connector/provider/read-list.ts';
import { type Page, readPages } from '../connector/provider/read-pages.ts';
import type { Resource } from '../connector/resource.ts';
import type { Filter } from '../scim/filter/filter.ts';
import { formatPath } from '../scim/filter/format-filter.ts';
import { createFilterMatcher } from '../scim/filter/match-filter.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import type { ActionContext } from './operation.ts';

/** What a search compares. */
export interface Criteria {
  readonly equalities: readonly Equality[];
  readonly raw: Filter | undefined;
}

/**
 * The pages of a search. Providers answer a filter that they do not know with an empty list: if nothing matches, and the
 * criteria can be compared here, the pages are those of the list that match.
 */
export async function* readMatching(
  context: ActionContext,
  definition: ResourceDefinition,
  query: PageQuery,
  criteria: Criteria,
): AsyncGenerator<Page, void, undefined> {
  let nothing: Page | undefined;
  for await (const page of readPages(context.reader(definition, context.signal), query)) {
    const isEmpty = query.filter !== undefined && page.resources.length === 0 && page.totalResults === 0;
    if (page.isLast && isEmpty) nothing = page;
    else yield page;
  }
  if (nothing === undefined) return;
  if (criteria.raw !== undefined && !needsValue(criteria.raw)) yield nothing;
  else yield* compareList(context, definition, query, criteria, nothing);
}

const listedPerPage = 100;

/**
 * The resources of the list that match, page by page. It ends early if nothing matches: once filters are found to work, so
 * that the empty response is proved, or when the list is long.
 *
 * @param nothing - the empty response, which is believed if the provider has no list without a filter
 */
async function* compareList(
  context: ActionContext,
  definition: ResourceDefinition,
  query: PageQuery,
  criteria: Criteria,
  nothing: Page,
): AsyncGenerator<Page, void, undefined> {
  const reader = context.reader(definition, context.signal);
  const paths = comparedPaths(criteria);
  const isMatch = createMatcher(definition, criteria);
  let read = 0;
  let found = 0;
  try {
    for await (const page of readPages(reader, { ...query, ...unfiltered(query, paths) })) {
      const isFirst = read === 0;
      const resources = page.resources.filter(isMatch);
      read += page.resources.length;
      found += resources.length;
      if (found > 0) context.habits.notice('unknown-filter-empty', { path: paths.join() });
      const mayEnd = found === 0 && !page.isLast;
      const isProved =
        mayEnd && isFirst && (await unprovedFilters(reader, definition, paths, page.resources)).length === 0;
      const isTooLong = mayEnd && !isProved && read >= mostListed;
      if (isTooLong) context.platform.log({ level: 'info', event: 'absence_not_proved', paths });
      const isLast = page.isLast || isProved || isTooLong;
      yield { ...nothing, resources, totalResults: found, isLast };
      if (isLast) return;
    }
  } catch (error) {
    // A part of the list is no result.
    if (found > 0 || !isListRefused(error)) throw error;
    yield nothing;
  }
}

function isListRefused(error: unknown): boolean {
  return error instanceof ConnectorError && (isRefusal(error) || error.code === 'forbidden');
}

function comparedPaths({ equalities, raw }: Criteria): readonly string[] {
  const filtered = raw === undefined ? [] : pathsOf(raw).map(formatPath);
  return [...equalities.map(({ path }) => path), ...filtered];
}

function createMatcher(
  definition: ResourceDefinition,
  { equalities, raw }: Criteria,
): (resource: Resource) => boolean {
  const matches = raw === undefined ? () => true : createFilterMatcher(raw, modelOf(definition));
  return (resource) => fitsEqualities(definition, resource, equalities) === true && matches(resource);
}

/**
 * Whether only resources match that show a value. Whether a missing one differs from a value, providers decide
 * differently, and a search that finds nobody must not become one that finds many.
 */
function needsValue(filter: Filter): boolean {
  switch (filter.kind) {
    case 'not':
      return false;
    case 'and':
    case 'or':
      return filter.filters.every(needsValue);
    case 'present':
      return filter.path.filter === undefined || needsValue(filter.path.filter);
    case 'compare':
      return (
        filter.operator !== 'ne' &&
        filter.value !== null &&
        (filter.path.filter === undefined || needsValue(filter.path.filter))
      );
  }
}

/** The same query for the whole list, with the attributes to compare. */
function unfiltered({ attributes, excludedAttributes }: PageQuery, paths: readonly string[]): PageQuery {
  return {
    filter: undefined,
    count: listedPerPage,
    attributes: attributes && [...new Set([...attributes, ...paths])],
    excludedAttributes: excludedAttributes?.filter((name) => !paths.some((path) => path.startsWith(name))),
  };
}
