import type { ResourceDefinition } from '../connector/definition/definition.ts';
import type { ProbeContext } from './check.ts';
import { positionOf, readShownList, type Shown, type ShownList } from './read-answer.ts';

/** The most pages of a list that are read. */
export const mostPages = 10;
/** The size of each of them. */
export const pageSize = 100;
/** The most resources of a list that is read as a whole. */
export const mostListed = mostPages * pageSize;

/** Requests a page of users; undefined if the answer is no list. */
export async function readUsers(
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
  if (first.total !== undefined && first.total > mostListed) return undefined;
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

/** All resources of a list, each once, from the first page on; undefined if the list does not end in time. */
export async function readByIndex(
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

/** Where the entries of a list are. */
export function positions({ entries }: ShownList): readonly string[] {
  return entries.map(positionOf);
}

/** Whether two lists of IDs are the same, in the same order. */
export function isSameSequence(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, at) => id === other[at]);
}
