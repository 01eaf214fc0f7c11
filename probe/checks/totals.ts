import {
  asSpecified,
  type Check,
  deviates,
  type Finding,
  findingOf,
  notTried,
  type ProbeContext,
  undetermined,
} from '../check.ts';
import { isSameSequence, mostListed, mostPages, readByIndex, readUsers } from '../list-pages.ts';
import { positionOf, type Shown, type ShownList } from '../read-answer.ts';

/** The total of a list, compared with its pages (RFC 7644 §3.4.2). */
export const totalChecks: readonly Check[] = [
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
];

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
  if (total !== undefined && total > mostListed)
    return notTried(`There are ${total} users, which would take more than ${mostPages} requests.`);
  const all = await readAll(context, first.entries);
  if (all === undefined) return undetermined(`The list did not end after ${mostPages} pages.`);
  facts.allUsers = all;
  if (total === undefined) return undetermined(`Listed users: ${all.length}, without a total.`);
  if (all.length === total) return asSpecified(`Yes: ${total}.`);
  if (facts.repeatsEntries === true) return undetermined('`totalResults` counts repeats.');
  // A user created or deleted in between, or pages in another order, would show other users the second time.
  const again = await readUsers(context, facts.listQuery);
  const second = again === undefined ? undefined : await readAll(context, again.entries);
  if (again?.total !== total || second === undefined || !isSameSet(second, all))
    return undetermined('The list changed while it was read.');
  const found = `No. Listed users: ${all.length}. \`totalResults\`: ${total}.`;
  return all.length > total ? deviates(found, 'totals-count-page') : deviates(found, 'list-skips-one');
}

/** All users, each once, from the first page on; undefined if the list does not end in time. */
async function readAll(
  { client, users, facts }: ProbeContext,
  first: readonly Shown[],
): Promise<readonly Shown[] | undefined> {
  return readByIndex(client, users, facts.listQuery, first);
}

function isSameSet(one: readonly Shown[], other: readonly Shown[]): boolean {
  return isSameSequence(one.map(positionOf).sort(), other.map(positionOf).sort());
}
