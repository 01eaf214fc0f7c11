import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { errorParts, errorTexts, fillError } from '../../connector/error-texts.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { EventChange, EventSubject, EventType } from '../../connector/event.ts';
import { fill } from '../../schemas/fill.ts';
import type { Tracker } from '../snapshot/create-tracker.ts';
import type { Snapshot } from '../snapshot/open-snapshot.ts';

/** An event that takes something away: access, a role, a membership, or a group. */
export interface Loss {
  readonly type: EventType;
  readonly subject: EventSubject;
  readonly changes: readonly EventChange[];
  /** The snapshot entries before and after; undefined if the resource is gone. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What the mass-change guard counts. */
type LossKind = 'access' | 'roles' | 'members' | 'groups';

/** The maximum number of users or groups that can lose something in one poll, unless the share is higher. */
const most = 20;
/** The same for memberships: a user has several, so that one reorganization moves more of them than users. */
const mostMembers = 50;
/** The maximum share of what is known. */
const share = 0.1;
/** In a small directory, it is half of what is known instead, but not fewer than this. */
const fewest = 3;
/** No limit is lower unless it is given: fewer losses are not worth counting. */
const lowestLimit = 2;
/** The number of users or groups that an error names. */
const mostNamed = 10;

/**
 * The maximum number of losses of one kind in one poll: the limit in the input, or the larger of 20 and 10% of what is
 * known; in a small directory, half of that, and never all of three or more.
 */
export function massChangeLimit(given: number | undefined, known: number, floor = most): number {
  if (given !== undefined) return given;
  const few = Math.min(floor, Math.max(fewest, Math.ceil(known / 2)));
  const limit = Math.max(few, Math.floor(known * share));
  return known < fewest ? limit : Math.min(limit, known - 1);
}

/** The number of losses up to which no limit can be exceeded, whatever their kind. */
export function harmlessLosses(given: number | undefined): number {
  return given ?? lowestLimit;
}

/** What the guard knows of one poll. */
export interface GuardedPoll {
  readonly definition: ResourceDefinition;
  readonly tracker: Tracker;
  readonly snapshot: Snapshot;
  /** The limit in the input. */
  readonly massChangeLimit: number | undefined;
  /** The number of resources known before the poll. */
  readonly known: number;
}

/** Holds a poll that would report too many losses of one kind. @throws ConnectorError `mass_change_blocked` */
export async function guardMassChange(poll: GuardedPoll, losses: readonly Loss[]): Promise<void> {
  const { definition, tracker } = poll;
  const counted = new Map<LossKind, { count: number; readonly names: string[] }>();
  for (const loss of losses) {
    for (const { kind, count, text } of lossesOf(definition, tracker, loss)) {
      const all = counted.get(kind) ?? { count: 0, names: [] };
      all.count += count;
      all.names.push(`${nameOf(loss.subject)} (${text})`);
      counted.set(kind, all);
    }
  }
  const sentences: string[] = [];
  const names: string[] = [];
  let needed = 0;
  for (const [kind, { count, names: affected }] of counted) {
    const known = kind === 'members' ? count + (await countMembers(poll)) : poll.known;
    const limit = massChangeLimit(poll.massChangeLimit, known, kind === 'members' ? mostMembers : most);
    if (count <= limit) continue;
    const values = { count, known, resource: definition.title.toLowerCase(), limit };
    sentences.push(fill(errorParts[partOf[kind]], values));
    names.push(...affected);
    needed = Math.max(needed, count);
  }
  if (sentences.length === 0) return;
  const rest = names.length - mostNamed;
  const affected = names.slice(0, mostNamed).join(', ');
  throw new ConnectorError(
    'mass_change_blocked',
    fillError(errorTexts.massChangeBlocked, {
      changes: sentences.join(' '),
      affected: rest > 0 ? `${affected}${fill(errorParts.andMore, { count: rest })}` : affected,
      needed,
    }),
  );
}

const partOf = {
  access: 'accessLost',
  groups: 'accessLost',
  roles: 'rolesLost',
  members: 'membersLost',
} as const satisfies Record<LossKind, keyof typeof errorParts>;

interface CountedLoss {
  readonly kind: LossKind;
  readonly count: number;
  /** What changes: `active → deleted`. */
  readonly text: string;
}

function lossesOf(
  definition: ResourceDefinition,
  tracker: Tracker,
  { type, changes, before, after }: Loss,
): readonly CountedLoss[] {
  const kind = holdsAccounts(definition) ? 'access' : 'groups';
  if (type === 'delete') return [{ kind, count: 1, text: 'known → deleted' }];
  if (type === 'deactivate') return [{ kind, count: 1, text: 'active → inactive' }];
  const lostRoles = definition.roles.flatMap((path) => roleLost(path, changes));
  const members = changes.filter(({ path, to }) => path.startsWith('members[') && to === null).length;
  const had = before === undefined ? members : tracker.changesOnDelete(before).length;
  const has = after === undefined ? 0 : tracker.changesOnDelete(after).length;
  return [
    ...(lostRoles.length === 0 ? [] : [{ kind: 'roles' as const, count: 1, text: lostRoles.join(', ') }]),
    ...(members === 0
      ? []
      : [{ kind: 'members' as const, count: members, text: `members: ${had} → ${has}` }]),
  ];
}

/** A role that was removed, or is now empty. A role in place of another is not lost. */
function roleLost(path: string, changes: readonly EventChange[]): readonly string[] {
  const own = changes.filter((change) => change.path === path || change.path.startsWith(`${path}[`));
  const lost = own.filter(({ to }) => isNothing(to));
  if (lost.length === 0 || lost.length < own.length) return [];
  const values = lost.map(({ from }) => String(Object(from).value ?? from));
  return [`${path.slice(path.lastIndexOf(':') + 1)}: ${values.join(', ')} → none`];
}

/** Whether a value says nothing: absent, empty text, or an empty list. */
function isNothing(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

async function countMembers({ snapshot, tracker }: GuardedPoll): Promise<number> {
  await snapshot.load();
  let count = 0;
  for (const id of snapshot.ids()) count += tracker.changesOnDelete(snapshot.get(id) ?? '[]').length;
  return count;
}

function nameOf({ id, userName, displayName }: EventSubject): string {
  return userName ?? displayName ?? id;
}

type Described = Pick<ResourceDefinition, 'attributes'>;

function holdsAccounts({ attributes }: Described): boolean {
  return attributes.some(({ name }) => name === 'active');
}

/**
 * The number of known resources from which a list without any of them is held. An empty list of users always is; a few groups
 * can be deleted together, and one user can be created again.
 */
export function fewestReplaced(definition: Described, listed: number): number {
  if (!holdsAccounts(definition)) return 3;
  return listed === 0 ? 1 : 2;
}

/** The error of a poll whose list no longer has any of the known resources. @param listed the number of others */
export function directoryReplaced(
  { title }: Pick<ResourceDefinition, 'title'>,
  known: number,
  listed: number,
): ConnectorError {
  const resource = title.toLowerCase();
  return new ConnectorError(
    'mass_change_blocked',
    listed === 0
      ? fillError(errorTexts.directoryEmptied, { resource, known })
      : fillError(errorTexts.directoryReplaced, { resource, known, listed }),
  );
}
