import {
  asSpecified,
  type Check,
  deviates,
  deviatesSo,
  type Finding,
  notTried,
  type ProbeContext,
  type StartIndexMeaning,
  undetermined,
} from '../check.ts';
import { isSameSequence, pageSize, positions, readUsers } from '../list-pages.ts';
import { readShownList, statusText } from '../read-answer.ts';
import { readDeclared } from './service.ts';

/** A number that is larger than the page limit of most providers. */
const largeCount = 200;

/** Pages of a list, by index (RFC 7644 §3.4.2.4) and by cursor (RFC 9865). */
export const pagingChecks: readonly Check[] = [
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
  if (page === undefined || page.entries.length > 1)
    return deviatesSo(found, 'A list is read in one response.');
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

/** A page of this size can be cut at a limit of the provider. */
function isUsualLimit(size: number): boolean {
  return size === 20 || size === 25 || size % 50 === 0;
}
