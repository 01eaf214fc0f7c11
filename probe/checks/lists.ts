import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import {
  asSpecified,
  type Check,
  deviates,
  deviatesSo,
  type Finding,
  findingOf,
  notTried,
  type ProbeContext,
  type StartIndexMeaning,
  undetermined,
} from '../check.ts';
import { positionOf, readShownList, type Shown, type ShownList, statusText } from '../read-answer.ts';
import { readDeclared } from './service.ts';

/** How many more times the first page is read, to see whether the order stays. */
const rereads = 3;
/** The most pages, and the size of each, that are read to compare a list with its total. */
const mostPages = 10;
const pageSize = 100;
/** A number that is larger than the page limit of most providers. */
const largeCount = 200;

/** Lists: their order, pages, and totals (RFC 7644 §3.4.2). */
export const listChecks: readonly Check[] = [
  {
    key: 'start_index_required',
    question: 'Does a list without parameters have results?',
    reference: 'RFC 7644 §3.4.2.4',
    async run(context) {
      const first = await readUsers(context, {});
      if (first !== undefined && first.entries.length > 0) {
        context.facts.users = first;
        context.facts.tried.set('users', true);
        return asSpecified(`Yes: ${first.entries.length} users.`);
      }
      const indexed = await readUsers(context, { startIndex: '1' });
      if (first === undefined && indexed === undefined) {
        context.facts.tried.set('users', false);
        return notTried('Users cannot be listed.');
      }
      const shown = indexed !== undefined && indexed.entries.length > 0 ? indexed : (first ?? indexed);
      if (shown !== undefined) context.facts.users = shown;
      context.facts.tried.set('users', true);
      if (indexed === undefined || indexed.entries.length === 0) return undetermined('No users are listed.');
      context.facts.listQuery.startIndex = '1';
      return deviates('A list is empty unless `startIndex` is sent.', 'start-index-required');
    },
  },
  {
    key: 'order',
    question: 'Is the order of a list the same in each response?',
    reference: 'RFC 7644 §3.4.2.3',
    async run(context) {
      const { facts } = context;
      const first = facts.users;
      if (first === undefined || first.entries.length < 2)
        return undetermined('There are fewer than two users.');
      let differing = 0;
      for (let read = 0; read < rereads; read += 1) {
        const again = await readUsers(context, facts.listQuery);
        if (again === undefined || again.total !== first.total)
          return undetermined('The list changed while it was read.');
        if (!isSameSequence(positions(again), positions(first))) differing += 1;
      }
      facts.isOrderStable = differing === 0;
      if (differing === 0) return asSpecified(`Yes, in ${rereads + 1} responses.`);
      // One different response can be a user that was replaced by another one.
      if (differing === 1) return undetermined('The order changed once.');
      for (const sortBy of ['id', ...context.users.uniqueKeys]) {
        const one = await readUsers(context, { ...facts.listQuery, sortBy });
        const other = await readUsers(context, { ...facts.listQuery, sortBy });
        if (one === undefined || other === undefined) continue;
        if (!isSameSequence(positions(one), positions(other))) continue;
        facts.tried.set('sort', true);
        facts.listQuery.sortBy = sortBy;
        facts.users = one;
        facts.isOrderStable = true;
        return deviates(`No. With \`sortBy=${sortBy}\`, it is.`, 'unstable-order');
      }
      return deviates('No, not even with `sortBy`.', 'unstable-order');
    },
  },
  {
    key: 'repeats',
    question: 'Is each resource in a list once?',
    reference: 'RFC 7644 §3.4.2',
    async run({ facts }) {
      const shown = facts.users === undefined ? [] : positions(facts.users);
      facts.repeatsEntries = new Set(shown).size < shown.length;
      if (shown.length === 0) return undetermined('No users are listed.');
      return facts.repeatsEntries
        ? deviates(`No: ${shown.length} entries show ${new Set(shown).size} users.`, 'repeats-in-list')
        : asSpecified(`Yes, among ${shown.length} entries.`);
    },
  },
  {
    key: 'start_index',
    question: 'What does `startIndex` count?',
    reference: 'RFC 7644 §3.4.2.4',
    run: paging,
  },
  {
    key: 'count',
    question: 'Does a page have at most `count` results?',
    reference: 'RFC 7644 §3.4.2.4',
    async run(context) {
      const { facts } = context;
      if (facts.users === undefined || facts.users.entries.length < 2)
        return undetermined('There are fewer than two users.');
      const page = await readUsers(context, { ...facts.listQuery, startIndex: '1', count: '1' });
      if (page === undefined) return undetermined('A list with `count=1` is no list.');
      if (page.entries.length <= 1) return asSpecified('Yes.');
      const shown = page.entries.length;
      const found = `No: \`count=1\` returns ${shown} results.`;
      if (facts.startIndex !== 'ignored') return deviates(found, 'count-ignored');
      if (isUsualLimit(shown)) return deviates(found, 'count-ignored', 'start-index-ignored');
      return page.total === shown && facts.users.entries.length === shown
        ? deviates(`No: every list has all ${shown} results.`, 'no-paging')
        : deviatesSo(found, 'A list has one page, and may not have all results.');
    },
  },
  {
    key: 'large_count',
    question: 'Does the provider accept a `count` above its limit?',
    reference: 'RFC 7644 §3.4.2.4',
    async run({ client, users, facts }) {
      const answer = await client.ask({
        path: users.endpoint,
        query: { ...facts.listQuery, count: String(largeCount) },
      });
      if (answer.status < 300) return asSpecified(`Yes: \`count=${largeCount}\` is accepted.`);
      if (facts.users === undefined) return notTried('Users cannot be listed.');
      const smaller = await client.ask({
        path: users.endpoint,
        query: { ...facts.listQuery, count: String(pageSize) },
      });
      return answer.status === 400 && smaller.status < 300
        ? deviates(`No: \`count=${largeCount}\` gets ${statusText(answer)}.`, 'large-count-rejected')
        : undetermined(`\`count=${largeCount}\` gets ${statusText(answer)}.`);
    },
  },
  {
    key: 'cursor',
    question: 'Can lists be paged by cursor?',
    reference: 'RFC 9865 §2',
    run: cursors,
  },
  {
    key: 'totals',
    question: 'Does `totalResults` count all results?',
    reference: 'RFC 7644 §3.4.2',
    run: totals,
  },
  {
    key: 'complete',
    question: 'Do the pages of a list show as many users as `totalResults` says?',
    reference: 'RFC 7644 §3.4.2',
    run: complete,
  },
  {
    key: 'past_the_end',
    question: 'What does a page after the last one have?',
    reference: 'RFC 7644 §3.4.2.4',
    async run({ client, users, facts }) {
      if (facts.users === undefined) return notTried('Users cannot be listed.');
      const answer = await client.ask({
        path: users.endpoint,
        query: { ...facts.listQuery, startIndex: '1000000000', count: '1' },
      });
      const list = readShownList(answer);
      if (list === undefined)
        return deviatesSo(
          `It gets ${statusText(answer)}.`,
          'Rolecall takes an error after the last known result as the end of a list.',
        );
      if (list.entries.length > 0) return undetermined('It has results, so `startIndex` is not honored.');
      return list.hasResources
        ? asSpecified('An empty list.')
        : deviates('A list without `Resources`.', 'empty-list-without-resources');
    },
  },
];

/** Requests a page of users; undefined if the answer is no list. */
async function readUsers(
  { client, users }: ProbeContext,
  query: Readonly<Record<string, string>>,
): Promise<ShownList | undefined> {
  return readPage(client, users, query);
}

/** Requests a page of any resources; undefined if the answer is no list. */
export async function readPage(
  client: ProbeContext['client'],
  { endpoint }: ResourceDefinition,
  query: Readonly<Record<string, string>>,
): Promise<ShownList | undefined> {
  return readShownList(await client.ask({ path: endpoint, query }));
}

/** The position of the first result of a page in the whole list, from 0, under each meaning of `startIndex`. */
const offsets: Readonly<Record<StartIndexMeaning, (startIndex: number, count: number) => number>> = {
  position: (startIndex) => startIndex - 1,
  positionFromZero: (startIndex) => startIndex,
  pageNumber: (startIndex, count) => (startIndex - 1) * count,
  ignored: () => 0,
};
const meanings = Object.keys(offsets) as readonly StartIndexMeaning[];

/** Requests pages that tell the meanings of `startIndex` apart, until at most one is left. */
async function paging(context: ProbeContext): Promise<Finding> {
  const { facts } = context;
  const sequence = facts.users === undefined ? [] : positions(facts.users);
  if (facts.isOrderStable === false) return undetermined('The order of lists is not stable.');
  let left = meanings;
  const tried = new Set<string>();
  for (let request = 0; request < 4; request += 1) {
    const next = bestPage(sequence, left, tried);
    if (next === undefined) break;
    tried.add(`${next.startIndex}/${next.count}`);
    const page = await readUsers(context, {
      ...facts.listQuery,
      startIndex: String(next.startIndex),
      count: String(next.count),
    });
    if (page === undefined) return undetermined('A page is no list.');
    const shown = positions(page);
    left = left.filter((meaning) => {
      const offset = offsets[meaning](next.startIndex, next.count);
      return fits(
        shown,
        sequence.slice(offset),
        offset >= sequence.length && facts.users?.total === sequence.length,
      );
    });
  }
  const [meaning] = left;
  if (meaning === undefined) return undetermined('The pages fit no known meaning of `startIndex`.');
  if (left.length > 1) return undetermined(`There are too few users (${sequence.length}) to tell.`);
  facts.startIndex = meaning;
  facts.tried.set('index_paging', meaning !== 'ignored');
  switch (meaning) {
    case 'position':
      return asSpecified('Results, from 1.');
    case 'positionFromZero':
      return deviates('Results, from 0.', 'start-index-from-zero');
    case 'pageNumber':
      return deviates('Pages.', 'start-index-is-page-number');
    case 'ignored':
      return ignoredStartIndex(context);
  }
}

/** `startIndex` is ignored: because everything is on one page, because only cursors lead on, or simply so. */
async function ignoredStartIndex(context: ProbeContext): Promise<Finding> {
  const { facts } = context;
  const found = 'Nothing: every page is the first one.';
  const page = await readUsers(context, { ...facts.listQuery, count: '1' });
  // A list that ignores `count`, too, is the subject of the next check.
  if (page === undefined || page.entries.length > 1) return { outcome: 'deviates', found };
  // The provider says that only cursors lead on: in its configuration, or by pages without a total.
  const { result, hasTotal } = await followCursor(context);
  const isCursorOnly =
    facts.config !== undefined && readDeclared(facts.config).index !== undefined
      ? readDeclared(facts.config).index === false
      : !hasTotal;
  if (result !== 'works') return deviates(found, 'start-index-ignored');
  return isCursorOnly
    ? deviates(`${found} Only cursors lead on.`, 'cursor-only-paging')
    : deviates(`${found} Cursors lead on.`, 'start-index-ignored');
}

/** The page whose content differs most between the meanings that are left; undefined if none tells any apart. */
function bestPage(
  sequence: readonly string[],
  left: readonly StartIndexMeaning[],
  tried: ReadonlySet<string>,
): { readonly startIndex: number; readonly count: number } | undefined {
  let best: { readonly startIndex: number; readonly count: number } | undefined;
  let most = 1;
  for (let count = 1; count <= 3; count += 1) {
    for (let startIndex = 1; startIndex <= 8; startIndex += 1) {
      if (tried.has(`${startIndex}/${count}`)) continue;
      const contents = left.map((meaning) => {
        const offset = offsets[meaning](startIndex, count);
        return sequence.slice(offset, offset + count).join('\n');
      });
      const different = new Set(contents).size;
      // A second page confirms the meaning that the first one has left.
      if (
        different > most ||
        (left.length === 1 &&
          best === undefined &&
          tried.size < 2 &&
          startIndex > 1 &&
          startIndex < sequence.length)
      ) {
        best = { startIndex, count };
        most = Math.max(different, most);
      }
    }
  }
  return best;
}

/** Whether a page can be the beginning of a part of the sequence. */
function fits(shown: readonly string[], part: readonly string[], isAfterTheEnd: boolean): boolean {
  if (isAfterTheEnd) return shown.length === 0;
  if (part.length === 0) return true;
  if (shown.length === 0) return false;
  const both = Math.min(shown.length, part.length);
  return isSameSequence(shown.slice(0, both), part.slice(0, both));
}

async function cursors(context: ProbeContext): Promise<Finding> {
  const { facts } = context;
  if (facts.users === undefined || facts.users.entries.length < 2)
    return undetermined('There are fewer than two users.');
  const { result } = await followCursor(context);
  if (result !== 'unclear') facts.tried.set('cursor_paging', result !== 'absent');
  switch (result) {
    case 'works':
      return asSpecified('Yes.');
    case 'expires':
      return deviates('Yes, but a cursor that was just returned had expired.', 'list-cursor-expires');
    case 'absent':
      return { outcome: 'unsupported', found: 'No response has a `nextCursor`.' };
    case 'unclear':
      return undetermined('A response has a `nextCursor`, but following it returned no other results.');
  }
}

/** Whether a cursor leads to another page, and whether that page has a total. */
async function followCursor(context: ProbeContext): Promise<{
  readonly result: 'works' | 'expires' | 'absent' | 'unclear';
  readonly hasTotal: boolean;
}> {
  const { client, users, facts } = context;
  const { startIndex: _, ...query } = facts.listQuery;
  const first = await readUsers(context, { ...query, count: '1', cursor: '' });
  const hasTotal = first?.rawTotal !== undefined;
  if (first?.nextCursor === undefined) return { result: 'absent', hasTotal };
  const follow = { ...query, count: '1', cursor: first.nextCursor };
  const answer = await client.ask({ path: users.endpoint, query: follow });
  if (answer.error?.scimType === 'expiredCursor') return { result: 'expires', hasTotal };
  const next = readShownList(answer);
  const isOther =
    next !== undefined &&
    next.entries.length > 0 &&
    (facts.repeatsEntries === true || !isSameSequence(positions(next), positions(first)));
  return { result: isOther ? 'works' : 'unclear', hasTotal };
}

async function totals(context: ProbeContext): Promise<Finding> {
  const { facts } = context;
  const all = facts.users;
  if (all === undefined) return notTried('Users cannot be listed.');
  if (all.rawTotal === undefined) return deviates('`totalResults` is missing.', 'totals-missing');
  const asText =
    typeof all.rawTotal === 'string' ? (['It is a string.', 'totals-as-text'] as const) : undefined;
  const first = await readUsers(context, { ...facts.listQuery, startIndex: '1', count: '1' });
  const later = await readUsers(context, { ...facts.listQuery, startIndex: '2', count: '1' });
  const known = all.entries.length;
  const countsPage = isPageTotal(first, known);
  const shrinks = !countsPage && first !== undefined && isPageTotal(later, Math.min(known, first.total ?? 0));
  const found = findingOf(
    [
      asText,
      countsPage ? ['It counts the results on the page.', 'totals-count-page'] : undefined,
      shrinks ? ['On later pages, it counts the results on the page.', 'totals-shrink'] : undefined,
    ],
    'Yes.',
  );
  if (found.outcome === 'deviates') return found;
  return all.entries.length < 2 || first === undefined || first.entries.length > 1
    ? undetermined('No page has fewer results than the list.')
    : found;
}

/** Whether the total of a page is its size, although the list is known to have more. */
function isPageTotal(page: ShownList | undefined, known: number): boolean {
  return (
    page?.total !== undefined &&
    page.entries.length > 0 &&
    page.total === page.entries.length &&
    page.total < known
  );
}

/** Reads the whole list, if it is not too long, and compares it with its total. */
async function complete(context: ProbeContext): Promise<Finding> {
  const { facts } = context;
  const { users: first, startIndex } = facts;
  if (first === undefined) return notTried('Users cannot be listed.');
  if (facts.isOrderStable === false) return undetermined('The order of lists is not stable.');
  if (startIndex !== undefined && startIndex !== 'position')
    return notTried('`startIndex` does not count results from 1.');
  const { total } = first;
  if (total !== undefined && total > mostPages * pageSize)
    return notTried(`There are ${total} users, which would take more than ${mostPages} requests.`);
  const all = await readAll(context, first.entries);
  if (all === undefined) return undetermined(`The list did not end after ${mostPages} pages.`);
  facts.allUsers = all;
  if (total === undefined) return undetermined(`${all.length} users are listed, without a total.`);
  if (all.length === total) return asSpecified(`Yes: ${total}.`);
  if (facts.repeatsEntries === true) return undetermined('`totalResults` counts repeats.');
  // A user created or deleted in between, or pages in another order, would show other users the second time.
  const again = await readUsers(context, facts.listQuery);
  const second = again === undefined ? undefined : await readAll(context, again.entries);
  if (again?.total !== total || second === undefined || !isSameSet(second, all))
    return undetermined('The list changed while it was read.');
  const found = `No: ${all.length} users, and \`totalResults\` says ${total}.`;
  return all.length > total ? deviates(found, 'totals-count-page') : deviates(found, 'list-skips-one');
}

/** All users, each once, from the first page on; undefined if the list does not end in time. */
async function readAll(
  { client, users, facts }: ProbeContext,
  first: readonly Shown[],
): Promise<readonly Shown[] | undefined> {
  return readByIndex(client, users, facts.listQuery, first);
}

/**
 * Reads a list of at most some hundred resources, in whichever way the provider pages; undefined if it does not end in
 * time.
 */
export async function readWholeList(
  { client, facts }: ProbeContext,
  resource: ResourceDefinition,
): Promise<readonly Shown[] | undefined> {
  const { sortBy: _, ...query } = facts.listQuery;
  const first = await readPage(client, resource, query);
  if (first === undefined) return undefined;
  if (first.total !== undefined && first.total > mostPages * pageSize) return undefined;
  switch (facts.startIndex) {
    case 'ignored':
      return readByCursor(client, resource, first);
    case 'pageNumber':
      return readByIndex(client, resource, facts.listQuery, first.entries, (index) =>
        Math.ceil(index / pageSize),
      );
    default:
      // Counting from 0, the pages overlap by one.
      return readByIndex(client, resource, facts.listQuery, first.entries);
  }
}

async function readByIndex(
  client: ProbeContext['client'],
  resource: ResourceDefinition,
  query: Readonly<Record<string, string>>,
  first: readonly Shown[],
  startIndexOf = (index: number): number => index,
): Promise<readonly Shown[] | undefined> {
  const distinct = new Map<string, Shown>(first.map((entry) => [positionOf(entry), entry]));
  let index = 1;
  for (let page = 0; page <= mostPages; page += 1) {
    const position = { startIndex: String(startIndexOf(index)), count: String(pageSize) };
    const list = await readPage(client, resource, { ...query, ...position });
    const before = distinct.size;
    for (const entry of list?.entries ?? []) distinct.set(positionOf(entry), entry);
    index += list?.entries.length ?? 0;
    const isEnd = list === undefined || list.entries.length === 0;
    if (isEnd || (page > 0 && distinct.size === before)) return [...distinct.values()];
  }
  return undefined;
}

/** The first page alone, if no cursor leads on. */
async function readByCursor(
  client: ProbeContext['client'],
  resource: ResourceDefinition,
  first: ShownList,
): Promise<readonly Shown[] | undefined> {
  const entries = [...first.entries];
  let cursor: string | undefined = '';
  for (let page = 0; page <= mostPages; page += 1) {
    const list: ShownList | undefined = await readPage(client, resource, { cursor, count: String(pageSize) });
    entries.push(...(list?.entries ?? []));
    cursor = list?.nextCursor;
    if (cursor === undefined) return entries;
  }
  return undefined;
}

function isSameSet(one: readonly Shown[], other: readonly Shown[]): boolean {
  return isSameSequence(one.map(positionOf).sort(), other.map(positionOf).sort());
}

/** A page of this size can be cut at a limit of the provider. */
function isUsualLimit(size: number): boolean {
  return size === 20 || size === 25 || size % 50 === 0;
}

function positions({ entries }: ShownList): readonly string[] {
  return entries.map(positionOf);
}

function isSameSequence(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, at) => id === other[at]);
}
