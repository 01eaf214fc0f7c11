import { formatEqualities } from '../../connector/provider/equality-filter.ts';
import { resourcePath } from '../../connector/provider/resource-path.ts';
import type { TraitName } from '../../connector/traits.ts';
import { isRecord } from '../../schemas/is-record.ts';
import {
  asSpecified,
  type Check,
  deviates,
  type Finding,
  findingOf,
  notTried,
  type ProbeContext,
  undetermined,
  unsupported,
} from '../check.ts';
import { readPage } from '../list-pages.ts';
import {
  idOf,
  isSameButCase,
  itemsOf,
  memberIdsOf,
  readShownList,
  readShownResource,
  type Shown,
  statusText,
} from '../read-answer.ts';

/** The number of listed groups that are also read by ID. */
const mostReads = 5;
/** The number of filters that look for a hidden member. */
const mostLookups = 5;

/** Groups, as lists and as GETs by ID show them. */
export const groupChecks: readonly Check[] = [
  {
    key: 'groups',
    question: 'Does the provider have groups?',
    reference: 'RFC 7643 §4.2',
    async run({ client, groups, facts }) {
      const { sortBy: _, ...query } = facts.listQuery;
      const answer = await client.ask({ path: groups.endpoint, query });
      const list = readShownList(answer);
      facts.tried.set('groups', list !== undefined);
      if (list === undefined) return unsupported(`Groups cannot be listed: ${statusText(answer)}.`);
      facts.groups = list;
      return asSpecified(`Yes. Groups on the first page: ${list.entries.length}.`);
    },
  },
  {
    key: 'listed_members',
    question: 'Do lists show the members of groups?',
    reference: 'RFC 7643 §4.2',
    run: listedMembers,
  },
  {
    key: 'members_cut',
    question: 'Are all members of a large group shown?',
    reference: 'RFC 7643 §4.2',
    run: membersCut,
  },
];

async function listedMembers(context: ProbeContext): Promise<Finding> {
  const { facts } = context;
  if (facts.groups === undefined) return notTried('Groups cannot be listed.');
  const entries = facts.groups.entries.filter((group) => idOf(group) !== undefined);
  // Those that are listed without members come first: they are the ones that can prove something.
  const sample = [...entries].sort((one, other) => sizeOf(one) - sizeOf(other)).slice(0, mostReads);
  const observed: (readonly [string, TraitName] | undefined)[] = [];
  let compared = 0;
  for (const listed of [...sample, ...entries.filter((group) => hasNested(group)).slice(0, 1)]) {
    const read = readShownResource(
      await context.client.ask({ path: resourcePath(context.groups, idOf(listed) ?? '') }),
    );
    if (read === undefined) continue;
    facts.groupReads.push(read);
    const [inList, byId] = [memberIdsOf(listed), memberIdsOf(read) ?? []];
    if (byId.length === 0) continue;
    compared += 1;
    if (inList === undefined)
      observed.push(['Lists omit `members`, and a GET by ID shows them.', 'groups-list-without-members']);
    else if (inList.length === 0)
      observed.push(['Lists show no members, and a GET by ID shows them.', 'groups-list-empty-members']);
    else if (inList.length < byId.length && hidesNestedOnly(inList, read))
      observed.push(['Lists omit members that are groups.', 'nested-groups-unlisted']);
  }
  const distinct = [
    ...new Map(observed.filter((one) => one !== undefined).map((one) => [one[1], one])).values(),
  ];
  // A group whose only members are groups looks like one that is listed without any.
  const shows = facts.groups.entries.some((group) => (memberIdsOf(group) ?? []).length > 0);
  const proved = shows ? distinct.filter(([, trait]) => trait === 'nested-groups-unlisted') : distinct;
  if (compared > 0) return findingOf(proved, `Yes. Groups that were also read by ID: ${compared}.`);
  const hidden = findHiddenMembership(context);
  return hidden === undefined
    ? undetermined('No group with members was seen.')
    : deviates(`No group shows members, but ${hidden}.`, 'members-never-shown');
}

function sizeOf(group: Shown): number {
  return memberIdsOf(group)?.length ?? 0;
}

function hasNested({ members }: Shown): boolean {
  return itemsOf(members).some((member) => isRecord(member) && member.type === 'Group');
}

/** Whether a list omits exactly the members that are groups. */
function hidesNestedOnly(inList: readonly string[], read: Shown): boolean {
  const listed = new Set(inList.map((id) => id.toLowerCase()));
  return itemsOf(read.members)
    .filter(isRecord)
    .every(({ value, type }) => listed.has(String(value).toLowerCase()) === (type !== 'Group'));
}

/** A user who shows a group whose members do not include the user. */
function findHiddenMembership({ facts }: ProbeContext): string | undefined {
  const groupIds = new Set(facts.groupReads.map((group) => idOf(group)?.toLowerCase()));
  const members = [...(facts.users?.entries ?? []), ...facts.reads.map(({ read }) => read)].filter((user) =>
    itemsOf(user.groups)
      .filter(isRecord)
      .some(({ value, type }) => type !== 'indirect' && groupIds.has(String(value).toLowerCase())),
  );
  return members.length === 0 ? undefined : `some users show that they are members (${members.length})`;
}

/** A group that shows a round number of members can have more: looks for a member who is not shown. */
async function membersCut(context: ProbeContext): Promise<Finding> {
  const { facts, client, groups } = context;
  if (facts.groups === undefined) return notTried('Groups cannot be listed.');
  const large = facts.groups.entries.find((group) => sizeOf(group) >= 50 && sizeOf(group) % 50 === 0);
  const id = large === undefined ? undefined : idOf(large);
  if (large === undefined || id === undefined)
    return undetermined('No group shows a number of members that looks like a limit.');
  const read = readShownResource(await client.ask({ path: resourcePath(groups, id) })) ?? large;
  const shown = memberIdsOf(read) ?? [];
  if (shown.length > sizeOf(large)) return asSpecified(`Yes: a GET by ID shows ${shown.length}.`);
  const known = new Set(shown.map((member) => member.toLowerCase()));
  const users = facts.allUsers ?? facts.users?.entries ?? [];
  const others = users.filter((user) => !known.has(idOf(user)?.toLowerCase() ?? ''));
  const isMember = (user: Shown): boolean =>
    itemsOf(user.groups)
      .filter(isRecord)
      .some(({ value, type }) => type !== 'indirect' && isSameButCase(String(value), id));
  let hidden = others.some(isMember);
  for (const user of hidden || facts.filters.get('ignored') === true ? [] : others.slice(0, mostLookups)) {
    const filter = formatEqualities([{ path: 'members.value', value: idOf(user) ?? '' }]);
    const found = (await readPage(client, groups, { filter }))?.entries ?? [];
    hidden ||=
      found.length < facts.groups.entries.length && found.some((one) => isSameButCase(idOf(one) ?? '', id));
  }
  return hidden
    ? deviates(`No: a group shows ${shown.length}, and has more.`, 'members-cut-at-100')
    : undetermined(`A group shows exactly ${shown.length} members, and no other member was found.`);
}
