import { lastSegment, resourcePath } from '../../connector/provider/resource-path.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { readTime } from '../../scim/timestamps.ts';
import {
  asSpecified,
  type Check,
  deviates,
  deviatesSo,
  findingOf,
  notTried,
  type ProbeContext,
  undetermined,
  unsupported,
} from '../check.ts';
import type { Answer } from '../probe-client.ts';
import {
  idOf,
  isSameButCase,
  itemsOf,
  metaOf,
  readShownResource,
  type Shown,
  statusText,
} from '../read-answer.ts';
import { readDeclared } from './service.ts';

/** The number of listed users that are also read by ID. */
const mostReads = 3;

/** Users as lists and as GETs by ID show them. */
export const resourceChecks: readonly Check[] = [
  {
    key: 'list_ids',
    question: 'Does each entry of a list have an ID?',
    reference: 'RFC 7643 §3.1',
    async run({ facts }) {
      const entries = facts.users?.entries ?? [];
      if (entries.length === 0) return undetermined('No users are listed.');
      const without = entries.filter((user) => idOf(user) === undefined).length;
      return without > 0
        ? deviates(`No. Entries without one: ${without} of ${entries.length}.`, 'list-entry-without-id')
        : asSpecified(`Yes. Entries on the first page: ${entries.length}.`);
    },
  },
  {
    key: 'read_by_id',
    question: 'Can listed users be read by ID?',
    reference: 'RFC 7644 §3.4.1',
    async run(context) {
      const { facts } = context;
      const listed = distinctUsers(facts.users?.entries ?? []).slice(0, mostReads);
      if (listed.length === 0) return undetermined('No users are listed.');
      const reads: { readonly entry: Shown; readonly answer: Answer }[] = [];
      for (const entry of listed) reads.push({ entry, answer: await readById(context, idOf(entry) ?? '') });
      const shown = reads.flatMap(({ entry, answer }) => {
        const read = readShownResource(answer);
        return read === undefined ? [] : [{ entry, read }];
      });
      facts.reads.push(...shown);
      const failed = reads.filter(({ answer }) => readShownResource(answer) === undefined);
      const broken = failed.filter(({ answer }) => answer.status === 500);
      const ids = shown.map(({ entry, read }) => ({ asked: idOf(entry) ?? '', got: idOf(read) ?? '' }));
      const other = ids.some(({ asked, got }) => !isSameButCase(asked, got));
      const otherCase = ids.some(({ asked, got }) => asked !== got && isSameButCase(asked, got));
      if (failed.length > broken.length)
        return deviatesSo(
          `No: ${failed.map(({ answer }) => statusText(answer)).join(', ')}.`,
          'Actions and polls that read by ID fail for these users.',
        );
      return findingOf(
        [
          broken.length > 0
            ? [`A 500 for ${broken.length} of ${reads.length} users.`, 'single-user-unreadable']
            : undefined,
          other ? ['A response has the ID of another user.', 'other-id-in-response'] : undefined,
          otherCase ? ['IDs differ in case between lists and responses.', 'id-case-changes'] : undefined,
        ],
        `Yes. Users that were tried: ${reads.length}.`,
      );
    },
  },
  {
    key: 'unknown_id',
    question: 'What does a GET by an unknown ID return?',
    reference: 'RFC 7644 §3.12',
    async run(context) {
      const answer = await readById(context, unknownId(context));
      if (answer.status === 404) return asSpecified('A 404.');
      return answer.status === 500
        ? deviates('A 500.', 'unknown-id-500')
        : deviatesSo(
            `${statusText(answer)}.`,
            'Rolecall cannot tell a deleted user from another error, so deletions stay unconfirmed.',
          );
    },
  },
  {
    key: 'ids',
    question: 'Are IDs strings?',
    reference: 'RFC 7643 §3.1',
    async run({ facts }) {
      const ids = facts.users?.entries.map(({ id }) => id).filter((id) => id !== undefined) ?? [];
      if (ids.length === 0) return undetermined('No IDs are shown.');
      if (ids.some((id) => typeof id === 'bigint'))
        return deviates('No: they are numbers that JavaScript rounds.', 'numeric-ids-beyond-2-53');
      return ids.some((id) => typeof id === 'number')
        ? deviates('No: they are numbers.', 'numeric-ids')
        : asSpecified('Yes.');
    },
  },
  {
    key: 'active',
    question: 'Is `active` shown, as a boolean?',
    reference: 'RFC 7643 §4.1.1',
    async run({ facts }) {
      const { reads, users } = facts;
      if (reads.length === 0) return undetermined('No user was read by ID.');
      const hidden = reads.filter(
        ({ entry, read }) => entry.active === undefined && read.active !== undefined,
      );
      const isListedAnywhere = users?.entries.some(({ active }) => active !== undefined);
      return findingOf(
        [
          hidden.length > 0 && isListedAnywhere !== true
            ? ['Lists omit it, and a GET by ID shows it.', 'list-without-active']
            : undefined,
          reads.some(({ entry, read }) => isTextForBoolean(entry) || isTextForBoolean(read))
            ? ['It is a string.', 'booleans-as-text']
            : undefined,
        ],
        reads.every(({ read }) => read.active === undefined) ? 'No user shows it.' : 'Yes.',
      );
    },
  },
  {
    key: 'emails',
    question: 'Are emails objects with a `value`?',
    reference: 'RFC 7643 §4.1.2',
    async run({ facts }) {
      const emails = shownUsers(facts).flatMap((user) => itemsOf(user.emails));
      if (emails.length === 0) return undetermined('No user shows emails.');
      return emails.some((email) => typeof email === 'string')
        ? deviates('No: they are strings.', 'emails-as-strings')
        : asSpecified('Yes.');
    },
  },
  {
    key: 'stamps',
    question: 'Does `meta` show when a user was created and changed?',
    reference: 'RFC 7643 §3.1, §2.3.5',
    async run({ facts }) {
      const metadata = facts.reads.map(({ read }) => metaOf(read));
      if (metadata.length === 0) return undetermined('No user was read by ID.');
      const has = (name: string): boolean =>
        metadata.some((meta) => meta[name] !== undefined && meta[name] !== null);
      const stamps = metadata.flatMap(({ created, lastModified }) => [created, lastModified]);
      const zoneless = stamps.some(
        (stamp) => typeof stamp === 'string' && readTime(stamp) !== undefined && !hasZone(stamp),
      );
      if (!has('lastModified') && !has('created'))
        return deviates('No: there is neither `created` nor `lastModified`.', 'no-stamps');
      if (!has('lastModified'))
        return deviatesSo(
          'There is no `lastModified`.',
          'Polls compare the whole list each time, because they cannot ask for changes.',
        );
      if (stamps.some((stamp) => stamp !== undefined && readTime(stamp) === undefined))
        return deviatesSo('A stamp is no date and time.', 'Polls cannot use it, and compare the whole list.');
      return findingOf(
        [
          has('created') ? undefined : ['There is no `created`.', 'no-created-stamp'],
          zoneless ? ['Stamps have no time zone.', 'zoneless-stamps'] : undefined,
        ],
        'Yes, with a time zone.',
      );
    },
  },
  {
    key: 'versions',
    question: 'Do users have a version?',
    reference: 'RFC 7644 §3.14',
    async run({ facts, client, users }) {
      const [first] = facts.reads;
      if (first === undefined) return undetermined('No user was read by ID.');
      const { version } = metaOf(first.read);
      if (typeof version === 'number') return deviates('Yes, but it is a number.', 'numeric-version');
      if (version !== undefined) return asSpecified('Yes.');
      const { headers } = await client.ask({ path: resourcePath(users, idOf(first.entry) ?? '') });
      if (headers.etag === undefined) return unsupported('No.', 'no-versions');
      // Web frameworks add a tag of their own, which is no version of a resource.
      return declaresNoVersions(facts)
        ? unsupported('No: there is an `ETag`, but `etag.supported` is false.', 'no-versions')
        : asSpecified('Yes, as `ETag` only.');
    },
  },
  {
    key: 'locations',
    question: 'Does `meta.location` lead to the user?',
    reference: 'RFC 7643 §3.1',
    async run({ facts }) {
      const read = facts.reads.find(({ read }) => typeof metaOf(read).location === 'string');
      if (read === undefined) return notTried('No user shows `meta.location`.');
      const { pathname } = URL.parse(String(metaOf(read.read).location), 'https://base.invalid') ?? {};
      const isRight = isSameButCase(lastSegment(pathname ?? ''), idOf(read.entry) ?? '');
      return isRight
        ? asSpecified('Yes.')
        : deviatesSo('It does not end with the ID.', 'Nothing: Rolecall builds its own URLs from the ID.');
    },
  },
];

/** Whether the provider declares that resources have no versions. */
export function declaresNoVersions({ config }: ProbeContext['facts']): boolean {
  return config !== undefined && readDeclared(config).etag === false;
}

/** Reads a user by ID. */
export function readById({ client, users }: ProbeContext, id: string): Promise<Answer> {
  return client.ask({ path: resourcePath(users, id) });
}

/** An ID that nobody has. */
export function unknownId({ platform }: ProbeContext): string {
  const digits = (length: number): string =>
    Array.from({ length }, () => Math.floor(platform.random() * 16).toString(16)).join('');
  return `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`;
}

function distinctUsers(users: readonly Shown[]): readonly Shown[] {
  const byId = new Map(users.map((user) => [idOf(user), user]));
  byId.delete(undefined);
  return [...byId.values()];
}

function shownUsers({ users, reads }: ProbeContext['facts']): readonly Shown[] {
  return [...(users?.entries ?? []), ...reads.map(({ read }) => read)];
}

function isTextForBoolean({ active, emails }: Shown): boolean {
  const primaries = itemsOf(emails)
    .filter(isRecord)
    .map(({ primary }) => primary);
  return [active, ...primaries].some((value) => typeof value === 'string');
}

function hasZone(stamp: string): boolean {
  return /(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$/i.test(stamp);
}
