import { type ListRequest, pageOf, people } from './start-list-server.ts';

/** A way in which a provider pages its 130 users. */
export interface PagingHabit {
  readonly name: string;
  /** The quirks that are logged. */
  readonly noticed: readonly string[];
  /** Answers a request; a number is a status. */
  readonly answer: (request: ListRequest) => object | number;
}

/** The users of every provider in the tables. */
export const everybody = people(130);

/** A page of at most `cap` results from `startIndex`, whatever the total is said to be. */
function slice({ startIndex = '1', count = '100' }: ListRequest['parameters'], cap: number) {
  const from = Number(startIndex) - 1;
  return everybody.slice(from, from + Math.min(Number(count), cap));
}

function ownSize(resources: readonly unknown[]): object {
  return { totalResults: resources.length, Resources: resources };
}

function cursorPage({ cursor, count = '100' }: ListRequest['parameters']) {
  const from = Number(cursor === undefined || cursor === '' ? 0 : cursor);
  const resources = everybody.slice(from, from + Number(count));
  const next = from + resources.length;
  return { resources, ...(cursor !== undefined && next < everybody.length && { nextCursor: `${next}` }) };
}

const cursorsDeclared = { pagination: { cursor: true, index: false } };

function isServiceProviderConfig({ line }: ListRequest): boolean {
  return line.endsWith('/ServiceProviderConfig');
}

let shuffles = 0;
function shuffled(items: readonly { readonly id: string }[]) {
  shuffles += 1;
  const rank = ({ id }: { readonly id: string }) => (Number(id) * 7919 * shuffles) % 131;
  return items.toSorted((one, other) => rank(one) - rank(other));
}

/** Lists that can be read to the end. */
export const pagingHabits: readonly PagingHabit[] = [
  {
    name: 'a total that counts the page',
    noticed: ['totals-count-page'],
    answer: ({ parameters }) => ownSize(slice(parameters, 50)),
  },
  {
    name: 'a total that counts the page, in pages as large as requested',
    noticed: ['totals-count-page'],
    answer: ({ parameters }) => ownSize(slice(parameters, 1_000)),
  },
  {
    name: 'a total that is too low, after full pages',
    noticed: ['totals-count-page'],
    answer: ({ parameters }) => ({ totalResults: 100, Resources: slice(parameters, 50) }),
  },
  {
    name: 'a total that is too low, after full pages, and an end at a full page',
    noticed: ['totals-count-page'],
    answer: ({ parameters }) => ({ totalResults: 52, Resources: slice(parameters, 26) }),
  },
  {
    name: 'a user who is added when full pages have ended at the total',
    noticed: [],
    answer: ({ parameters }) => {
      const from = Number(parameters.startIndex ?? 1) - 1;
      const total = from < 129 ? 129 : 130;
      return { totalResults: total, Resources: slice(parameters, 3).slice(0, total - from) };
    },
  },
  {
    name: 'an exact total after full pages, and an error for a "startIndex" after the end',
    noticed: [],
    answer: ({ parameters }) =>
      Number(parameters.startIndex ?? 1) > everybody.length
        ? 400
        : { totalResults: everybody.length, Resources: slice(parameters, 26) },
  },
  {
    name: 'a total that shrinks to the size of each later page',
    noticed: [],
    answer: ({ parameters }) => {
      const resources = slice(parameters, 50);
      return parameters.startIndex === undefined
        ? { totalResults: everybody.length, Resources: resources }
        : ownSize(resources);
    },
  },
  {
    name: 'an empty list for a request without "startIndex"',
    noticed: ['start-index-required'],
    answer: ({ parameters }) =>
      parameters.startIndex === undefined ? ownSize([]) : pageOf(everybody, parameters),
  },
  {
    name: 'pages only for a request with "cursor"',
    noticed: ['cursor-only-paging'],
    answer: (request) => {
      if (isServiceProviderConfig(request)) return cursorsDeclared;
      const { resources, ...next } = cursorPage(request.parameters);
      return { totalResults: everybody.length, Resources: resources, ...next };
    },
  },
  {
    name: 'pages only for a request with "cursor", with totals that count the page',
    noticed: ['cursor-only-paging'],
    answer: (request) => {
      if (isServiceProviderConfig(request)) return cursorsDeclared;
      const { resources, ...next } = cursorPage(request.parameters);
      return { ...ownSize(resources), ...next };
    },
  },
  {
    name: 'an order that changes unless it is sorted',
    noticed: ['unstable-order'],
    answer: ({ parameters }) =>
      pageOf(parameters.sortBy === undefined ? shuffled(everybody) : everybody, {
        ...parameters,
        count: '30',
      }),
  },
  {
    name: 'users that come several times, and are counted as often',
    noticed: ['repeats-in-list'],
    answer: ({ parameters }) =>
      pageOf(
        everybody.flatMap((user, index) => (index % 5 === 0 ? [user, user, user] : [user])),
        { ...parameters, count: '40' },
      ),
  },
  {
    name: 'a missing total',
    noticed: [],
    answer: ({ parameters }) => ({ Resources: slice(parameters, 50) }),
  },
  {
    name: 'everybody on the first page, whatever the count',
    noticed: [],
    answer: ({ parameters }) => ownSize(parameters.startIndex === undefined ? everybody : []),
  },
  {
    name: 'everybody on every page',
    noticed: ['start-index-ignored'],
    answer: (request) => (isServiceProviderConfig(request) ? 404 : ownSize(everybody)),
  },
  {
    name: 'a first page only, as large as requested',
    noticed: ['start-index-ignored'],
    answer: (request) =>
      isServiceProviderConfig(request)
        ? 404
        : ownSize(everybody.slice(0, Number(request.parameters.count ?? 100))),
  },
  {
    name: 'an error for a "startIndex" after the end',
    noticed: [],
    answer: ({ parameters }) =>
      Number(parameters.startIndex ?? 1) > everybody.length ? 400 : pageOf(everybody, parameters),
  },
];

/** Lists whose end cannot be reached, or not be distinguished from a truncated list. */
export const unreadableLists: readonly PagingHabit[] = [
  {
    name: 'the first page again and again',
    noticed: [],
    answer: () => ({ totalResults: 130, Resources: everybody.slice(0, 20) }),
  },
  {
    name: 'a first page only, cut at a round number',
    noticed: ['start-index-ignored'],
    answer: ({ parameters: { count = '100' } }) => ownSize(everybody.slice(0, Math.min(50, Number(count)))),
  },
  {
    name: 'fewer results than the total',
    noticed: [],
    answer: ({ parameters }) => ({ totalResults: 200, Resources: slice(parameters, 1_000) }),
  },
  {
    name: 'a page that silently lacks one user, whom the total counts',
    noticed: [],
    answer: ({ parameters }) => {
      const page = slice({ ...parameters, count: '20' }, 20).filter(({ id }) => id !== '5');
      return { totalResults: everybody.length, Resources: page };
    },
  },
  {
    name: 'a repeated cursor',
    noticed: [],
    answer: () => ({ totalResults: 130, Resources: everybody.slice(0, 20), nextCursor: 'c' }),
  },
  {
    name: 'empty pages without an end',
    noticed: [],
    answer: ({ number }) => ({ totalResults: 130, Resources: [], nextCursor: `c${number}` }),
  },
  {
    name: 'an order that always changes',
    noticed: [],
    answer: ({ parameters }) => pageOf(shuffled(everybody), { ...parameters, count: '30' }),
  },
];
