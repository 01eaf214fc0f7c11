import { badRequest, notFound, ScimError } from '../../../scim/scim-error.ts';
import type { SearchRequest } from '../../scim/query/search-request.ts';
import { filterAttributes, matchesNothing } from '../filter-attributes.ts';
import { resourcesOf } from '../list-bodies.ts';
import { defineQuirk } from '../quirk.ts';

// The attributes that the simplest servers support in filters.
const simple: ReadonlySet<string> = new Set(['id', 'username']);
const localOffsetInMs = 5 * 3_600_000;

/** Quirks of filters. */
export const filterQuirks = [
  defineQuirk({
    name: 'email-filter-rejected',
    summary: 'A filter by `emails` is rejected with a 400 that has no `scimType`.',
    seenAt: ['AWS IAM Identity Center', 'authentik', 'WSO2 Identity Server'],
    sources: [
      'goauthentik/authentik#12321',
      'docs.aws.amazon.com/singlesignon/latest/developerguide/listusers.html',
    ],
    play: () => ({
      query: onFilter((filter) => {
        if (!filterAttributes(filter).includes('emails')) return filter;
        throw new ScimError(400, 'Filter is not supported.');
      }),
    }),
  }),
  defineQuirk({
    name: 'filters-ignored',
    summary: 'A filter is ignored: the list has every resource.',
    seenAt: ['WSO2 Charon'],
    sources: ['wso2/charon#117', 'RFC 7644 §3.4.2.2, which leaves filtering optional'],
    aspect: 'filters',
    excludes: ['email-filter-rejected', 'empty-filter-404', 'filter-stamps-local'],
    play: () => ({ query: (query) => ({ ...query, filter: undefined }) }),
  }),
  defineQuirk({
    name: 'no-filter',
    summary: 'Every filter is rejected with 400 `invalidFilter`, and `filter.supported` is false.',
    seenAt: ['INDIGO IAM'],
    sources: ['indigo-iam/iam#931', 'RFC 7644 §3.4.2.2, which leaves filtering optional'],
    aspect: 'filters',
    excludes: ['email-filter-rejected', 'empty-filter-404', 'filter-stamps-local'],
    play: () => ({
      query: onFilter(() => {
        throw badRequest('invalidFilter', 'Filters are not supported.');
      }),
      configuration: (configuration) => ({ ...configuration, filter: { supported: false, maxResults: 0 } }),
    }),
  }),
  defineQuirk({
    name: 'unknown-filter-empty',
    summary: 'A filter by anything except `userName` and `id` matches nothing.',
    seenAt: ['Ory Polis', 'django-scim2'],
    sources: [
      'ory/polis: npm/src/directory-sync/scim/DirectoryUsers.ts',
      '15five/django-scim2: src/django_scim/filters.py',
    ],
    aspect: 'filters',
    excludes: ['filter-stamps-local'],
    play: () => ({ query: onFilter((filter) => (isSimple(filter) ? filter : matchesNothing)) }),
  }),
  defineQuirk({
    name: 'filter-500',
    summary: 'A filter by anything except `userName` and `id` gets a 500.',
    seenAt: ['WSO2 Identity Server'],
    sources: ['wso2/product-is#11182'],
    aspect: 'filters',
    excludes: ['email-filter-rejected', 'filter-stamps-local'],
    play: () => ({
      query: onFilter((filter) => {
        if (isSimple(filter)) return filter;
        throw new ScimError(500, 'Unsupported filter.');
      }),
    }),
  }),
  defineQuirk({
    name: 'empty-filter-404',
    summary: 'A filter without a match gets a 404.',
    seenAt: ['scimgateway'],
    sources: ['jelhub/scimgateway#18'],
    play: () => ({
      list: (list, { filter }) => {
        if (filter !== undefined && resourcesOf(list).length === 0) throw notFound('No user found.');
        return list;
      },
    }),
  }),
  defineQuirk({
    name: 'filter-stamps-local',
    summary:
      'A timestamp in a filter is read as the local time of the server, five hours behind UTC, although it ends in "Z".',
    seenAt: ['Cloud Foundry UAA'],
    sources: ['cloudfoundry/uaa#3699'],
    play: () => ({
      query: onFilter((filter) =>
        filter.replace(/"(\d{4}-\d\d-\d\dT[\d:.]+)Z"/g, (whole, time) => {
          const atInMs = Date.parse(`${time}Z`);
          return Number.isNaN(atInMs) ? whole : `"${new Date(atInMs + localOffsetInMs).toISOString()}"`;
        }),
      ),
    }),
  }),
] as const;

function onFilter(change: (filter: string) => string): (query: SearchRequest) => SearchRequest {
  return (query) => (query.filter === undefined ? query : { ...query, filter: change(query.filter) });
}

function isSimple(filter: string): boolean {
  return filterAttributes(filter).every((name) => simple.has(name));
}
