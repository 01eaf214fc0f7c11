import { errorTexts, fillError } from '../../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../../connector/errors.ts';
import { problemTexts } from '../../connector/problem-texts.ts';
import type { ListHabits } from '../../connector/provider/habits.ts';
import type { RecentLosses } from '../../connector/safeguard/safeguard.ts';
import { fill } from '../../schemas/fill.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { SnapshotPlace } from '../snapshot/open-snapshot.ts';
import type { Column } from '../snapshot/snapshot-text.ts';
import type { KnownMembers } from './group-members.ts';

/** The state of polling one resource type. */
export interface ResourceCursor extends SnapshotPlace, KnownMembers {
  /** The triggers that this state serves, in the order of their bits. Absent: only the one that it was created for. */
  readonly triggers?: readonly string[];
  /** The columns of the snapshot entries. */
  readonly columns: readonly Column[];
  /** The start of the next poll by `meta.lastModified`, in milliseconds since 1970; null if unknown. */
  readonly sinceInMs: number | null;
  /** Whether the provider understands a filter on `meta.lastModified`; null until it has been tested. */
  readonly canAskSince: boolean | null;
  /** Whether changes were found that the timestamps did not show, so that only full reads can be relied on. */
  readonly stampsUnreliable?: boolean;
  /** The time of the last full read, in milliseconds since 1970. */
  readonly fullReadAtInMs: number;
  /** The number of polls since then. */
  readonly pollsSinceFullRead: number;
  /** The number of consecutive scheduled full reads without a change that a request for changes would have missed. */
  readonly cleanFullReads: number;
  /** The end of the last poll by the provider's clock, in milliseconds since 1970. */
  readonly polledAtInMs: number;
  /** How the provider pages its lists. */
  readonly habits: ListHabits;
  /** Whether a listed resource can be read by ID, so that a 404 proves that it is gone; null while it is unknown. */
  readonly canReadById: boolean | null;
  /** The status with which the provider responds to an unknown ID; absent while that is not known. */
  readonly unknownIdStatus?: number;
  /** The IDs that could not be read, with the number of full reads in a row whose list lacked them. */
  readonly unreadable: Readonly<Record<string, number>>;
  /** The IDs of users whose `active` is no longer shown. */
  readonly activeNotShown: readonly string[];
  /** The number of resources whose values are hidden, by the path of an attribute that no resource shows any more. */
  readonly attributesNotShown?: Readonly<Record<string, number>>;
  /** The losses that were reported in the past day. */
  readonly recentLosses: RecentLosses;
  /** Whether a full read found losses that are held, so that the next poll has to make one, too. */
  readonly heldByFullRead?: true;
  /** The number of resources with a lasting problem, by the name under which it was logged. */
  readonly noticed?: Readonly<Record<string, number>>;
  /** The number of results per request that the provider allows. */
  readonly pageSize: number;
  /**
   * The provider's time at the start of the first read, in milliseconds since 1970, if its list can have shifted
   * in the meantime: an older resource that only the second read finds is not new. Null once this is resolved.
   */
  readonly unconfirmedSinceInMs: number | null;
}

/** The state of a poll: small, versioned JSON. */
export interface PollCursor {
  readonly version: typeof currentVersion;
  /** The base URL of the provider that it belongs to. */
  readonly provider: string;
  /** Identifies this start, so that its dedupe keys are unique. */
  readonly epoch: string;
  /** The number of polls that changed something. */
  readonly sequence: number;
  readonly resources: Readonly<Record<string, ResourceCursor>>;
  /** What the provider shows of its account; absent if it shows nothing. */
  readonly account?: string;
  /** The resource types that the provider does not have. */
  readonly unsupported?: readonly string[];
  /** The pages of the snapshot, by name, if nothing else stores them. */
  readonly pages?: Readonly<Record<string, string>>;
}

const currentVersion = 2;

/** Migrates a cursor to the next version. */
export type Migration = (cursor: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

/** The migrations from each version to the next, starting with version 1. A new format of the cursor adds one. */
const migrations: readonly Migration[] = [countLossesFromNow];

/** From version 2, a cursor has the losses of the past day, which an earlier release would forget. */
function countLossesFromNow(cursor: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const resources = Object.entries(Object(cursor.resources)).map(([name, resource]) => [
    name,
    { ...Object(resource), recentLosses: {} },
  ]);
  return { ...cursor, version: 2, resources: Object.fromEntries(resources) };
}

/**
 * Reads a stored cursor; undefined for the first poll.
 *
 * @throws ConnectorError `invalid_input` if it is not a cursor, is from a newer release, or belongs to another provider.
 */
export function readPollCursor(kept: unknown, provider: string): PollCursor | undefined {
  if (kept === undefined || kept === null) return undefined;
  const cursor = parsePollCursor(kept);
  if (cursor.provider !== provider) {
    throw invalidInput([
      {
        path: 'cursor',
        message: fill(problemTexts.cursorOfOther, { other: cursor.provider, provider }),
      },
    ]);
  }
  return cursor;
}

/** Reads a stored cursor of any provider. @throws ConnectorError `invalid_input` if it is not a cursor, or from a newer release. */
export function parsePollCursor(kept: unknown): PollCursor {
  const cursor = migrate(kept, migrations) as unknown as PollCursor;
  const resources = Object.entries(cursor.resources).map(([name, resource]) => [
    name,
    { ...unlearnt, ...resource },
  ]);
  return { ...cursor, resources: Object.fromEntries(resources) };
}

/** The initial values of a resource cursor: earlier releases did not write these fields. */
const unlearnt = {
  fullReadAtInMs: 0,
  pollsSinceFullRead: 0,
  cleanFullReads: 0,
  // After a poll with an unknown time, no resource counts as created.
  polledAtInMs: Number.MAX_SAFE_INTEGER,
  habits: {},
  canReadById: null,
  unreadable: {},
  activeNotShown: [],
} satisfies Partial<ResourceCursor>;

/** Migrates a cursor of any earlier version to the newest. @throws ConnectorError `invalid_input` */
export function migrate(kept: unknown, steps: readonly Migration[]): Readonly<Record<string, unknown>> {
  const version = isRecord(kept) ? kept.version : undefined;
  if (!isRecord(kept) || !Number.isInteger(version) || Number(version) < 1 || !isRecord(kept.resources)) {
    throw invalidInput([{ path: 'cursor', message: problemTexts.notACursor }]);
  }
  const newest = steps.length + 1;
  if (Number(version) > newest) {
    throw new ConnectorError(
      'unsupported',
      fillError(errorTexts.stateFromNewerVersion, { version: Number(version), supported: newest }),
    );
  }
  return steps.slice(Number(version) - 1).reduce((cursor, step) => step(cursor), kept);
}

/** The cursor of a first poll. */
export function newPollCursor(provider: string, random: () => number): PollCursor {
  const epoch = Math.floor(random() * 36 ** 8)
    .toString(36)
    .padStart(8, '0');
  return { version: currentVersion, provider, epoch, sequence: 0, resources: {} };
}
