import { errorTexts, fillError, problemTexts } from '../../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../../connector/errors.ts';
import type { ListHabits } from '../../connector/provider/list-habits.ts';
import { fill } from '../../schemas/fill.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { SnapshotPlace } from '../snapshot/open-snapshot.ts';
import type { Column } from '../snapshot/snapshot-text.ts';
import type { MembersShownIn } from './group-members.ts';

/** Where a poll stands with one kind of resource. */
export interface ResourceCursor extends SnapshotPlace {
  /** What the entries of the snapshot hold. */
  readonly columns: readonly Column[];
  /** From what `meta.lastModified` on the next poll asks, in milliseconds since 1970; null where that is not known. */
  readonly sinceInMs: number | null;
  /** Whether the provider understands a filter on `meta.lastModified`; null while it could not be tried. */
  readonly canAskSince: boolean | null;
  /** Whether changes were found that the timestamps did not show, so that only full reads can be relied on. */
  readonly stampsUnreliable?: boolean;
  /** When everything was read last, in milliseconds since 1970. */
  readonly fullReadAtInMs: number;
  /** How many polls there were since. */
  readonly pollsSinceFullRead: number;
  /** How many scheduled full reads in a row found no change that a request for changes would have missed. */
  readonly cleanFullReads: number;
  /** The end of the last poll by the provider's clock, in milliseconds since 1970. */
  readonly polledAtInMs: number;
  /** How the provider pages its lists. */
  readonly habits: ListHabits;
  /** Where the provider shows the members of groups; absent while no group is known. */
  readonly membersShownIn?: MembersShownIn;
  /** Whether a listed resource can be read by ID, so that a 404 proves that it is gone; null while it is unknown. */
  readonly canReadById: boolean | null;
  /** The IDs of resources that could not be read by ID, with the number of polls in a row. */
  readonly unreadable: Readonly<Record<string, number>>;
  /** The IDs of users whose `active` is no longer shown. */
  readonly activeNotShown: readonly string[];
  /** How many are asked for in one request, as the provider allows. */
  readonly pageSize: number;
  /**
   * The provider's time at which the first read began, in milliseconds since 1970, where its list may have shifted
   * meanwhile: who is found only by the second, and is older, is not new. Null once that is settled.
   */
  readonly unconfirmedSinceInMs: number | null;
}

/** Where a poll stands: small JSON, whose form has a version. */
export interface PollCursor {
  readonly version: typeof currentVersion;
  /** The base URL of the provider that it belongs to. */
  readonly provider: string;
  /** Told apart from every other beginning, so that its dedupe keys are its own. */
  readonly epoch: string;
  /** How many polls have changed something. */
  readonly sequence: number;
  readonly resources: Readonly<Record<string, ResourceCursor>>;
  /** The pages of the snapshot, by name, where nothing else keeps them. */
  readonly pages?: Readonly<Record<string, string>>;
}

const currentVersion = 1;

/** Brings a cursor to the next version. */
export type Migration = (cursor: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

/** The step from each version to the next, the first from version 1. A new form of the cursor adds one. */
const migrations: readonly Migration[] = [];

/**
 * Reads a cursor that was kept; undefined for none, which is the first poll.
 *
 * @throws ConnectorError `invalid_input` when it is no cursor, comes from a newer release, or is another provider's.
 */
export function readPollCursor(kept: unknown, provider: string): PollCursor | undefined {
  if (kept === undefined || kept === null) return undefined;
  const cursor = migrate(kept, migrations) as unknown as PollCursor;
  const resources = Object.fromEntries(
    Object.entries(cursor.resources).map(([name, resource]) => [name, { ...unlearnt, ...resource }]),
  );
  if (cursor.provider !== provider) {
    throw invalidInput([
      {
        path: 'cursor',
        message: fill(problemTexts.cursorOfOther, { other: cursor.provider, provider }),
      },
    ]);
  }
  return { ...cursor, resources };
}

/** What a resource cursor has before anything is known: earlier releases did not write these fields. */
const unlearnt = {
  fullReadAtInMs: 0,
  pollsSinceFullRead: 0,
  cleanFullReads: 0,
  // Nobody is taken for created after a poll whose time is not known.
  polledAtInMs: Number.MAX_SAFE_INTEGER,
  habits: {},
  canReadById: null,
  unreadable: {},
  activeNotShown: [],
} satisfies Partial<ResourceCursor>;

/** Brings a cursor of any earlier version to the newest. @throws ConnectorError `invalid_input` */
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
