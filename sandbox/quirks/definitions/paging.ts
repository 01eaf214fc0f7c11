import type { JsonObject } from '../../../scim/json.ts';
import { badRequest } from '../../../scim/scim-error.ts';
import { matchesNothing } from '../filter-attributes.ts';
import { without } from '../list-bodies.ts';
import { defineQuirk } from '../quirk.ts';

const fixedPageSize = 100;
const largestCount = 100;
const cursorRestInMs = 60_000;

/** Quirks of pagination. */
export const pagingQuirks = [
  defineQuirk({
    name: 'cursor-only-paging',
    summary:
      'Only requests with `cursor` (RFC 9865) get past the first page, without `totalResults`. `startIndex` is ignored.',
    seenAt: ['AWS IAM Identity Center'],
    sources: ['docs.aws.amazon.com/singlesignon/latest/developerguide/listgroups.html'],
    aspect: 'paging',
    play: () => ({
      query: (query) => ({ ...query, startIndex: undefined }),
      list: (list, { cursor }) =>
        cursor === undefined ? list : without(without(list, 'totalResults'), 'startIndex'),
      configuration: pagination({ cursor: true, index: false, defaultPaginationMethod: 'cursor' }),
    }),
  }),
  defineQuirk({
    name: 'start-index-required',
    summary: 'A list without a filter is empty unless `startIndex` is sent.',
    seenAt: ['Bitwarden'],
    sources: ['bitwarden/server#4034'],
    aspect: 'paging',
    play: () => ({
      query: (query) =>
        query.startIndex === undefined && query.cursor === undefined && query.filter === undefined
          ? { ...query, filter: matchesNothing }
          : query,
    }),
  }),
  defineQuirk({
    name: 'start-index-ignored',
    summary: 'Every page is the first one, whatever `startIndex` says.',
    seenAt: ['better-auth'],
    sources: ['better-auth/better-auth#10398'],
    aspect: 'paging',
    play: () => ({ query: (query) => ({ ...query, startIndex: undefined }) }),
  }),
  defineQuirk({
    name: 'start-index-from-zero',
    summary: '`startIndex` counts from 0.',
    seenAt: ['OSIAM', 'SimpleIdServer'],
    sources: ['osiam/server#7', 'simpleidserver/SimpleIdServer#185'],
    aspect: 'paging',
    play: () => ({
      query: (query) => ({ ...query, startIndex: (query.startIndex ?? 0) + 1 }),
      list: (list) => ({
        ...list,
        ...(typeof list.startIndex === 'number' && { startIndex: list.startIndex - 1 }),
      }),
    }),
  }),
  defineQuirk({
    name: 'start-index-is-page-number',
    summary: '`startIndex` is the number of the page: 1, 2, 3.',
    seenAt: ['no named product: servers that misread the RFC'],
    sources: ['RFC 7644 §3.4.2.4, where it counts resources'],
    aspect: 'paging',
    play: () => ({
      query: (query) => ({
        ...query,
        startIndex: ((query.startIndex ?? 1) - 1) * (query.count ?? fixedPageSize) + 1,
      }),
    }),
  }),
  defineQuirk({
    name: 'no-paging',
    summary: 'Every list has all results, whatever `startIndex` and `count` say.',
    seenAt: ['no named product: several small servers'],
    sources: ['RFC 7644 §3.4.2.4, which leaves pagination optional'],
    aspect: 'paging',
    excludes: ['count-ignored', 'large-count-rejected', 'list-cursor-expires'],
    play: () => ({
      query: (query) => ({
        ...query,
        startIndex: undefined,
        count: Number.POSITIVE_INFINITY,
        cursor: undefined,
      }),
      configuration: (configuration) => without(configuration, 'pagination'),
    }),
  }),
  defineQuirk({
    name: 'count-ignored',
    summary: `Every page has up to ${fixedPageSize} results, whatever \`count\` says.`,
    seenAt: ['Zscaler'],
    sources: ['zscaler/zscaler-sdk-python#230'],
    aspect: 'page size',
    play: () => ({ query: (query) => ({ ...query, count: fixedPageSize }) }),
  }),
  defineQuirk({
    name: 'large-count-rejected',
    summary: `A \`count\` above ${largestCount} is rejected with 400.`,
    seenAt: ['AWS IAM Identity Center'],
    sources: ['docs.aws.amazon.com/singlesignon/latest/developerguide/listusers.html'],
    aspect: 'page size',
    play: () => ({
      query: (query) => {
        if (query.count === undefined || query.count <= largestCount) return query;
        throw badRequest('invalidValue', `The count must be ${largestCount} or less.`);
      },
    }),
  }),
  defineQuirk({
    name: 'list-cursor-expires',
    summary:
      'Lists without `startIndex` use cursors, and once per minute a cursor expires in the middle of a list (400 `expiredCursor`).',
    seenAt: ['Square, as PostHog reads it'],
    sources: ['RFC 9865 §2.1', 'PostHog/posthog#64704'],
    play: ({ now }) => {
      let expiredAt = Number.NEGATIVE_INFINITY;
      return {
        query: (query) => {
          if (query.cursor === undefined) {
            return query.startIndex === undefined ? { ...query, cursor: '' } : query;
          }
          const at = now().getTime();
          if (query.cursor !== '' && at - expiredAt >= cursorRestInMs) {
            expiredAt = at;
            throw badRequest('expiredCursor', 'The cursor has expired. Start the list again.');
          }
          return query;
        },
        configuration: pagination({ cursor: true, index: true, defaultPaginationMethod: 'cursor' }),
      };
    },
  }),
] as const;

function pagination(change: JsonObject): (configuration: JsonObject) => JsonObject {
  return (configuration) => ({
    ...configuration,
    pagination: { ...(configuration.pagination as JsonObject | undefined), ...change },
  });
}
