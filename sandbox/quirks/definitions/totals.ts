import { isFirstPage, resourcesOf, without } from '../list-bodies.ts';
import { defineQuirk } from '../quirk.ts';

/** Quirks of `totalResults`. */
export const totalsQuirks = [
  defineQuirk({
    name: 'totals-count-page',
    summary: '`totalResults` is the number of results in this page.',
    seenAt: ['AWS IAM Identity Center', 'WSO2 Identity Server', 'better-auth'],
    sources: ['awslabs/ssosync#1', 'wso2/product-is#12717', 'better-auth/better-auth#10398'],
    aspect: 'totalResults',
    play: () => ({ list: (list) => ({ ...list, totalResults: resourcesOf(list).length }) }),
  }),
  defineQuirk({
    name: 'totals-shrink',
    summary: 'The first page has the correct `totalResults`, each later page its own size.',
    seenAt: ['WSO2 Identity Server'],
    sources: ['wso2/product-is#13752'],
    aspect: 'totalResults',
    play: () => ({
      list: (list, query) =>
        isFirstPage(query) ? list : { ...list, totalResults: resourcesOf(list).length },
    }),
  }),
  defineQuirk({
    name: 'totals-missing',
    summary: 'Lists have no `totalResults`.',
    seenAt: ['django-scim2'],
    sources: ['15five/django-scim2#159'],
    aspect: 'totalResults',
    play: () => ({ list: (list) => without(list, 'totalResults') }),
  }),
  defineQuirk({
    name: 'totals-as-text',
    summary: '`totalResults`, `itemsPerPage` and `startIndex` are strings.',
    seenAt: ['no named product: servers that return the query parameters unchanged'],
    sources: ['RFC 7644 §3.4.2, where they are integers'],
    play: () => ({
      list: (list) => {
        const counts = ['totalResults', 'itemsPerPage', 'startIndex'].filter((name) => name in list);
        return { ...list, ...Object.fromEntries(counts.map((name) => [name, String(list[name])])) };
      },
    }),
  }),
] as const;
