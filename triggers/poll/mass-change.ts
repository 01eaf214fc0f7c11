import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { errorTexts, fillError } from '../../connector/error-texts.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { EventChange, EventSubject, EventType } from '../../connector/event.ts';
import { describeExcess, nameAffected } from '../../connector/safeguard/hold.ts';
import {
  countLosses,
  exceededLimits,
  type Loss,
  type LossLimits,
  lossesOfEvent,
} from '../../connector/safeguard/safeguard.ts';
import type { Tracker } from '../snapshot/create-tracker.ts';
import type { Snapshot } from '../snapshot/open-snapshot.ts';

/** An event that takes something away: access, a role, a membership, or a group. */
export interface LossEvent {
  readonly type: EventType;
  readonly subject: EventSubject;
  readonly changes: readonly EventChange[];
  /** The snapshot entries before and after; undefined if the resource is gone. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What the safeguard knows of one poll. */
export interface GuardedPoll {
  readonly definition: ResourceDefinition;
  readonly tracker: Tracker;
  readonly snapshot: Snapshot;
  readonly limits: LossLimits;
  /** The number of resources known before the poll. */
  readonly known: number;
  readonly nowInMs: number;
}

/** Holds a poll that would report too many losses of one kind. @throws ConnectorError `mass_change_blocked` */
export async function guardMassChange(poll: GuardedPoll, events: readonly LossEvent[]): Promise<void> {
  const { definition, tracker, limits, nowInMs } = poll;
  const membersIn = (entry: string | undefined): number =>
    entry === undefined ? 0 : tracker.changesOnDelete(entry).length;
  const losses = events.flatMap((event) =>
    lossesOfEvent(definition, event, () => ({
      before: membersIn(event.before),
      after: membersIn(event.after),
    })),
  );
  const counts = countLosses(losses);
  const members = counts.get('members');
  const known = {
    users: poll.known,
    roles: poll.known,
    groups: poll.known,
    ...(members !== undefined && { members: members + (await countMembers(poll)) }),
  };
  const exceeded = exceededLimits(counts, known, { limits, nowInMs });
  if (exceeded.length === 0) return;
  const kinds = new Set(exceeded.map(({ kind }) => kind));
  const held: readonly Loss[] = exceeded.flatMap(({ kind }) => losses.filter((loss) => loss.kind === kind));
  const resource = definition.title.toLowerCase();
  throw new ConnectorError(
    'mass_change_blocked',
    fillError(errorTexts.massChangeBlocked, {
      changes: exceeded.map((one) => describeExcess(one, resource)).join(' '),
      affected: nameAffected(held),
      needed: Math.max(...[...kinds].map((kind) => counts.get(kind) ?? 0)),
    }),
  );
}

async function countMembers({ snapshot, tracker }: GuardedPoll): Promise<number> {
  await snapshot.load();
  let count = 0;
  for (const id of snapshot.ids()) count += tracker.changesOnDelete(snapshot.get(id) ?? '[]').length;
  return count;
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
