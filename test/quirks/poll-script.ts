import type { TraitName } from '../../connector/traits.ts';
import { ConnectorError, type ProvisioningEvent } from '../../runtime/index.ts';
import type { QuirkName } from '../../sandbox/index.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { PollResult } from '../../triggers/poll-result.ts';
import { essence, foldEvents, type Knowledge } from '../support/oracles/fold-events.ts';
import { enterpriseUrn, groupUrn, patchUrn, roleUrn, userUrn } from '../support/scim-urns.ts';
import { makeWorld } from './action-scenarios.ts';
import { groupNamed, memberIdsOf, takeSnapshot, userNamed, type Verdict } from './judge.ts';
import type { QuirkBench, Truth } from './open-quirk-bench.ts';

/** How a trigger looks for changes. */
export type Strategy = 'auto' | 'snapshot' | 'changed_since';

/** How a series of polls ended. */
export interface PollTrial {
  /** What was reported and is not so, or was not reported in the end. */
  readonly verdict: Verdict;
  /** The codes of the errors that polls failed with. */
  readonly codes: readonly string[];
}

type Change = (bench: QuirkBench) => void;

const person = (userName: string, more: object = {}) => ({
  schemas: [userUrn, enterpriseUrn, roleUrn],
  userName,
  title: 'Old',
  emails: [{ value: userName, type: 'work', primary: true }],
  [roleUrn]: { workato_role: 'Analyst' },
  ...more,
});
const idOf = (bench: QuirkBench, userName: string): string =>
  userNamed(takeSnapshot(bench), userName)?.id ?? '';
const groupIdOf = (bench: QuirkBench, name: string): string =>
  groupNamed(takeSnapshot(bench), name)?.id ?? '';
const patch = (bench: QuirkBench, path: string, ...operations: readonly object[]): void => {
  bench.write('PATCH', path, { schemas: [patchUrn], Operations: operations });
};
const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });
const onUser =
  (userName: string, ...operations: readonly object[]): Change =>
  (bench) =>
    patch(bench, `/Users/${idOf(bench, userName)}`, ...operations);
const onGroup =
  (name: string, ...operations: readonly object[]): Change =>
  (bench) =>
    patch(bench, `/Groups/${groupIdOf(bench, name)}`, ...operations);
const membership =
  (op: 'add' | 'remove', userName: string): Change =>
  (bench) => {
    const value = [{ value: idOf(bench, userName) }];
    onGroup('Crew', { op, path: 'members', value })(bench);
  };

/** Creates a deleted user again under the same name, where a provider lets it. */
function createAgain(bench: QuirkBench): void {
  const userName = bench.isPlaying('deleted-names-stay-taken') ? 'gus2@example.com' : 'gus@example.com';
  bench.write('POST', '/Users', person(userName, { title: 'Again' }));
}

/** What happens at the provider, between one poll and the next. */
export const rounds: readonly (readonly Change[])[] = [
  [(bench) => void bench.write('POST', '/Users', person('new@example.com'))],
  [onUser('ada@example.com', replace('title', 'New'))],
  [onUser('bob@example.com', replace(`${roleUrn}:workato_role`, 'Admin'))],
  [onUser('dora@example.com', replace('active', false)), onUser('cleo@example.com', replace('active', true))],
  [(bench) => void bench.write('DELETE', `/Users/${idOf(bench, 'eric@example.com')}`)],
  [membership('add', 'fay@example.com')],
  [membership('remove', 'ada@example.com')],
  [onGroup('Crew', replace('displayName', 'Crew'), replace('externalId', 'g-1'))],
  [
    (bench) =>
      void bench.write('POST', '/Groups', {
        schemas: [groupUrn],
        displayName: 'Late',
        members: [{ value: idOf(bench, 'ada@example.com') }],
      }),
  ],
  [],
  [(bench) => void bench.write('DELETE', `/Groups/${groupIdOf(bench, 'Late')}`)],
  [(bench) => void bench.write('DELETE', `/Users/${idOf(bench, 'gus@example.com')}`), createAgain],
];

const betweenPollsInMs = 60_000;
/** After which even a full read that comes seldom has come. */
const longQuietInMs = 26 * 3_600_000;

/** What a quirk keeps from every client, so that no event can tell of it. */
export interface Blindness {
  readonly roles?: boolean;
  readonly members?: boolean;
  readonly active?: boolean;
  /** Nobody can prove a deletion. */
  readonly deletions?: boolean;
  /** The userName of the one user whom nobody can identify. */
  readonly user?: string;
  /** Names, in addition to roles and members. */
  readonly names?: boolean;
}

/** Polls while the provider changes, and follows the events: in the end they must lead to what is there. */
export async function tryPolls(
  bench: QuirkBench,
  strategy: Strategy,
  quirks: readonly QuirkName[],
  blindness: Blindness = {},
  traits: readonly TraitName[] = [],
): Promise<PollTrial> {
  bench.reset(quirks, traits);
  makeWorld(bench);
  const poller = createPoller(bench, strategy);
  await poller.poll();
  for (const changes of rounds) {
    for (const change of changes) change(bench);
    await poller.poll();
    bench.tick(betweenPollsInMs);
  }
  for (const waitInMs of [betweenPollsInMs, longQuietInMs, betweenPollsInMs]) {
    bench.tick(waitInMs);
    await poller.poll();
  }
  return poller.end(blindness);
}

/** Polls before, in and after a time in which the provider has quirks. */
export async function tryOutage(
  bench: QuirkBench,
  strategy: Strategy,
  quirks: readonly QuirkName[],
): Promise<PollTrial> {
  bench.reset([]);
  makeWorld(bench);
  const poller = createPoller(bench, strategy);
  await poller.poll();
  for (const played of [[], quirks, quirks, [], []]) {
    bench.tick(betweenPollsInMs);
    bench.setQuirks(played);
    await poller.poll();
  }
  return poller.end({});
}

interface Poller {
  /** Polls once, compares each event with what is there, and follows it. */
  poll(): Promise<void>;
  /** Compares what all events together lead to with what is there. */
  end(blindness: Blindness): PollTrial;
}

function createPoller(bench: QuirkBench, strategy: Strategy): Poller {
  let cursor: unknown;
  // What was there at the first poll that succeeded, which reports nobody.
  let known: Knowledge | undefined;
  let hasFailed = false;
  let invented: Verdict;
  const codes: string[] = [];
  return {
    async poll() {
      let result: PollResult;
      try {
        result = await bench.poll('provisioning_event', { strategy }, cursor);
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        hasFailed = true;
        codes.push(error.code);
        return;
      }
      cursor = JSON.parse(JSON.stringify(result.cursor));
      hasFailed = false;
      const events: readonly ProvisioningEvent[] = JSON.parse(lowerIds(JSON.stringify(result.events)));
      for (const event of events) invented ??= isInvented(event, bench);
      try {
        known = known === undefined ? truthOf(bench) : foldEvents(known, events);
      } catch (error) {
        // An event that takes a member out who was never in contradicts those before it.
        invented ??= String(error);
      }
    },
    end(blindness) {
      const isOpen = hasFailed || known === undefined;
      const missed = isOpen ? undefined : difference(known ?? new Map(), truthOf(bench), blindness);
      return { verdict: invented ?? missed, codes };
    },
  };
}

/** Whether an event takes access from someone who has it, or reports what never was. */
function isInvented({ type, resource, subject, changes }: ProvisioningEvent, bench: QuirkBench): Verdict {
  const truth = (resource === 'User' ? bench.users() : bench.groups()).find(
    ({ id }) => id.toLowerCase() === String(subject.id).toLowerCase(),
  );
  const who = `${resource} ${subject.userName ?? subject.displayName ?? subject.id}`;
  if (type === 'delete')
    return truth === undefined ? undefined : `${who} is reported as deleted and is there`;
  if (type === 'deactivate' && truth?.active === true) return `${who} is reported as inactive and is active`;
  for (const { path, to } of changes) {
    const [, member] = /^members\[value eq "(.*)"\]$/.exec(path) ?? [];
    if (member !== undefined && to === null && memberIdsOf(truth).includes(member.toLowerCase()))
      return `${who} is reported to have lost a member who is in it`;
    if (path.startsWith(roleUrn) && to === null && truth !== undefined && truth[roleUrn] !== undefined)
      return `${who} is reported to have lost a role that is there`;
  }
  return undefined;
}

function truthOf(bench: QuirkBench): Knowledge {
  const { users, groups } = takeSnapshot(bench);
  const keyed = (kind: string, all: readonly Truth[]) =>
    all.map((one) => [`${kind}/${one.id}`, one] as const);
  return new Map([...keyed('User', users), ...keyed('Group', groups)]);
}

function difference(known: Knowledge, truth: Knowledge, blindness: Blindness): Verdict {
  const left = comparable(known, blindness);
  const right = comparable(truth, blindness);
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (left[key] === right[key]) continue;
    if (right[key] === undefined && blindness.deletions) continue;
    if (left[key] === undefined) return `${key} was never reported: ${right[key]}`;
    if (right[key] === undefined) return `${key} is gone, which was never reported`;
    return `${key} is ${right[key]}, and after all events ${left[key]}`;
  }
  return undefined;
}

function comparable(knowledge: Knowledge, blindness: Blindness): Readonly<Record<string, string>> {
  const plain = new Map(
    [...knowledge]
      .filter(([, { userName }]) => blindness.user === undefined || userName !== blindness.user)
      .map(([key, { emails, ...rest }]) => [key, { ...rest, addresses: addressesOf(emails) }]),
  );
  return Object.fromEntries(
    Object.entries(essence(plain)).map(([key, resource]) => {
      const { members, active, displayName, [roleUrn]: role, ...rest } = resource as Record<string, unknown>;
      const text = JSON.stringify({
        ...rest,
        ...(!blindness.members && { members }),
        ...(!blindness.active && { active }),
        ...(!blindness.names && { displayName }),
        ...(!blindness.roles && { role }),
      });
      return [key.toLowerCase(), lowerIds(text)];
    }),
  );
}

function addressesOf(emails: unknown): readonly unknown[] {
  return Array.isArray(emails) ? emails.map((email) => (isRecord(email) ? email.value : email)) : [];
}

// An ID means the same in either case.
function lowerIds(text: string): string {
  return text.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, (id) => id.toLowerCase());
}
