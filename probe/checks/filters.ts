import { unusedValue } from '../../connector/provider/ask-filter.ts';
import { formatEqualities } from '../../connector/provider/equality-filter.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { readTime } from '../../scim/timestamps.ts';
import {
  asSpecified,
  type Check,
  deviates,
  deviatesSo,
  type Finding,
  notTried,
  type ProbeContext,
  undetermined,
  unsupported,
} from '../check.ts';
import type { Answer } from '../probe-client.ts';
import { idOf, isSameButCase, metaOf, readShownList, type Shown, statusText } from '../read-answer.ts';

/** Filters (RFC 7644 §3.4.2.2). */
export const filterChecks: readonly Check[] = [
  {
    key: 'filter_nobody',
    question: 'What does a filter without a match return?',
    reference: 'RFC 7644 §3.4.2.2',
    async run(context) {
      const { facts } = context;
      const nobody = formatEqualities([{ path: 'userName', value: unusedValue(context.platform) }]);
      const answer = await askFilter(context, 'users', nobody);
      const list = readShownList(answer);
      if (list === undefined) {
        if (answer.status === 404 && facts.users !== undefined)
          return deviates('A 404, as if there were no list.', 'empty-filter-404');
        return unsupported(`A filter on \`userName\` gets ${statusText(answer)}.`);
      }
      if (list.entries.length > 0) {
        facts.filters.set('ignored', true);
        facts.tried.set('filter', false);
        return deviates(`All users: the filter is ignored.`, 'filters-ignored');
      }
      return list.hasResources
        ? asSpecified('An empty list.')
        : deviates('A list without `Resources`.', 'empty-list-without-resources');
    },
  },
  {
    key: 'filter_attributes',
    question: 'Which attributes can be filtered?',
    reference: 'RFC 7644 §3.4.2.2',
    run: filterEach,
  },
  {
    key: 'filter_unknown',
    question: 'What does a filter on an unknown attribute return?',
    reference: 'RFC 7644 §3.4.2.2',
    async run(context) {
      if (context.facts.filters.get('ignored') === true) return notTried('Filters are ignored.');
      const answer = await askFilter(context, 'users', 'rolecallUnknown eq "x"');
      const list = readShownList(answer);
      if (list === undefined)
        return answer.status === 400
          ? asSpecified(`It gets ${statusText(answer)}.`)
          : deviatesSo(`It gets ${statusText(answer)}.`, 'Rolecall takes this as a rejected filter.');
      return list.entries.length === 0
        ? asSpecified('An empty list, so that an empty list proves nothing.')
        : deviatesSo(
            `${list.entries.length} users.`,
            'Rolecall compares what a filter returns with the request.',
          );
    },
  },
  {
    key: 'filter_stamps',
    question: 'Can lists be filtered by the time of the last change?',
    reference: 'RFC 7644 §3.4.2.2',
    run: filterByStamp,
  },
];

/** How a filter that should find one resource was answered. */
type Reply = 'found' | 'empty' | 'others' | 'rejected' | 'failed';

async function filterEach(context: ProbeContext): Promise<Finding> {
  const { facts } = context;
  if (facts.filters.get('ignored') === true) return notTried('Filters are ignored.');
  const replies = new Map<string, { readonly reply: Reply; readonly status: string }>();
  const samples = [
    ...userFilters(facts.users?.entries ?? []).map((one) => ({ ...one, type: 'users' as const })),
    ...groupFilters(facts.groups?.entries ?? []).map((one) => ({ ...one, type: 'groups' as const })),
  ];
  if (samples.length === 0) return undetermined('No resource is listed, so there is nothing to find.');
  for (const { name, filter, owner, type } of samples) {
    const answer = await askFilter(context, type, filter);
    const reply = replyOf(answer, owner);
    replies.set(name, { reply, status: statusText(answer) });
    facts.filters.set(name, reply === 'found');
  }
  const names = (...wanted: readonly Reply[]): readonly string[] =>
    [...replies].filter(([, { reply }]) => wanted.includes(reply)).map(([name]) => name);
  const text = [...replies].map(([name, { reply, status }]) => `${name}: ${words[reply](status)}`).join(', ');
  const found = `${text}.`;
  const works = names('found');
  const rejected = names('rejected');
  facts.tried.set('filter', works.length > 0);
  const simple = works.filter((name) => simpleNames.has(name));
  const others = [...replies.keys()].filter((name) => !simpleNames.has(name));
  if (works.length === replies.size) return asSpecified(found);
  if (rejected.length === replies.size) return unsupported(found, 'no-filter');
  // The traits are about everything except `userName` and `id`: at least one of these must work.
  const all = (reply: Reply): boolean =>
    simple.length > 0 && others.length > 0 && others.every((name) => replies.get(name)?.reply === reply);
  if (all('empty')) return deviates(found, 'unknown-filter-empty');
  if (all('failed')) return deviates(found, 'filter-500');
  const emails = replies.get('emails');
  const onlyEmails = others.length > 1 && works.length === replies.size - 1;
  if (emails?.reply === 'rejected' && emails.status.startsWith('400') && onlyEmails)
    return deviates(found, 'email-filter-rejected');
  // Providers choose the attributes that can be filtered. `invalidFilter` is the error for the others (Table 9).
  const isDeclined = [...replies.values()].every(
    ({ reply, status }) => reply === 'found' || status === '400 invalidFilter',
  );
  return {
    outcome: isDeclined ? 'unsupported' : 'deviates',
    found,
    consequence: 'Rolecall looks up by another attribute, or reads the list.',
  };
}

const simpleNames: ReadonlySet<string> = new Set(['userName', 'id']);

const words: Readonly<Record<Reply, (status: string) => string>> = {
  found: () => 'works',
  empty: () => 'finds nothing',
  others: () => 'returns others, too',
  rejected: (status) => status,
  failed: (status) => status,
};

interface FilterSample {
  readonly name: string;
  readonly filter: string;
  /** The resource that the filter must find. */
  readonly owner: Shown;
}

/** A filter for each attribute that some user has. */
function userFilters(users: readonly Shown[]): readonly FilterSample[] {
  return (['userName', 'id', 'externalId', 'emails', 'displayName'] as const).flatMap((name) => {
    const owner = users.find((user) => idOf(user) !== undefined && textOf(user, name) !== undefined);
    const value = owner === undefined ? undefined : textOf(owner, name);
    if (owner === undefined || value === undefined) return [];
    const path = name === 'emails' ? 'emails.value' : name;
    return [{ name, owner, filter: formatEqualities([{ path, value }]) }];
  });
}

function groupFilters(groups: readonly Shown[]): readonly FilterSample[] {
  const owner = groups.find(
    (group) => idOf(group) !== undefined && textOf(group, 'displayName') !== undefined,
  );
  if (owner === undefined) return [];
  const filter = formatEqualities([{ path: 'displayName', value: String(owner.displayName) }]);
  return [{ name: "groups' displayName", owner, filter }];
}

function textOf(resource: Shown, name: string): string | undefined {
  const value = resource[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const shown = isRecord(first) ? first.value : first;
  if (typeof shown === 'number' || typeof shown === 'bigint') return String(shown);
  return typeof shown === 'string' && shown !== '' ? shown : undefined;
}

function replyOf(answer: Answer, owner: Shown): Reply {
  const list = readShownList(answer);
  // Some providers answer 404 to a filter that matches nobody.
  if (list === undefined)
    return answer.status === 500 ? 'failed' : answer.status === 404 ? 'empty' : 'rejected';
  if (list.entries.length === 0) return 'empty';
  const ids = list.entries.map((entry) => idOf(entry) ?? '');
  return ids.some((id) => isSameButCase(id, idOf(owner) ?? '')) ? 'found' : 'others';
}

const anHourInMs = 3_600_000;
const twoDaysInMs = 48 * anHourInMs;

async function filterByStamp(context: ProbeContext): Promise<Finding> {
  const { facts } = context;
  if (facts.filters.get('ignored') === true) return notTried('Filters are ignored.');
  const stamps = (facts.users?.entries ?? [])
    .map((user) => readTime(metaOf(user).lastModified))
    .filter((stamp) => stamp !== undefined);
  if (stamps.length === 0) return notTried('Users are listed without `meta.lastModified`.');
  const newest = Math.max(...stamps);
  const wide = await findsSince(context, newest - twoDaysInMs);
  if (typeof wide !== 'boolean') return unsupported(`It gets ${statusText(wide)}.`);
  if (!wide) return undetermined('It finds nothing, although a user was changed since.');
  facts.filters.set('meta.lastModified', true);
  const close = await findsSince(context, newest - anHourInMs);
  if (close === false) return deviates('Yes, but timestamps are read as local time.', 'filter-stamps-local');
  // Nobody is known to have changed later; but the first page is not everybody.
  const isAllKnown = facts.allUsers !== undefined && facts.allUsers.length === facts.users?.entries.length;
  if (!isAllKnown) return asSpecified('Yes.');
  return (await findsSince(context, newest + anHourInMs)) === true
    ? deviates('Yes, but timestamps are read as local time.', 'filter-stamps-local')
    : asSpecified('Yes.');
}

/** Whether a filter finds users changed since a time; or the answer if it rejects the filter. */
async function findsSince(context: ProbeContext, sinceInMs: number): Promise<boolean | Answer> {
  const since = new Date(sinceInMs).toISOString();
  const answer = await askFilter(context, 'users', `meta.lastModified ge "${since}"`);
  const list = readShownList(answer);
  if (list === undefined) return answer.status === 404 ? false : answer;
  return list.entries.length > 0;
}

function askFilter(
  { client, users, groups, facts }: ProbeContext,
  type: 'users' | 'groups',
  filter: string,
): Promise<Answer> {
  const { endpoint } = type === 'users' ? users : groups;
  return client.ask({ path: endpoint, query: { ...facts.listQuery, filter, count: '10' } });
}
