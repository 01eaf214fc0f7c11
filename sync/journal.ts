import { isRecord } from '../schemas/is-record.ts';
import type { AttributeChange, PlannedChange, PlannedGroup, PlannedUser, Witness } from './plan.ts';

/**
 * The first record of a journal: whose changes it has.
 *
 * @example
 * ```ts
 * const planOf = ({ planId, at }: JournalStart): string => `${planId}, begun at ${at}`;
 * ```
 */
export interface JournalStart {
  readonly type: 'start';
  readonly version: 1;
  readonly planId: string;
  readonly baseUrl: string;
  readonly source: string;
  /** The witnesses of the plan. */
  readonly witnesses?: readonly Witness[];
  /** ISO 8601, as every `at`. */
  readonly at: string;
}

/**
 * Written before a change is sent.
 *
 * @example
 * ```ts
 * const before = ({ attributes = [] }: JournalSending): unknown[] => attributes.map(({ from }) => from);
 * ```
 */
export interface JournalSending {
  readonly type: 'sending';
  /** The ID of the change in its plan. */
  readonly id: string;
  readonly at: string;
  readonly kind: PlannedChange['kind'];
  /** The user as it was read before. */
  readonly user?: PlannedUser;
  readonly group?: PlannedGroup;
  /** The values before the change, and those that were sent. */
  readonly attributes?: readonly AttributeChange[];
  /** A user that is deleted, as it was read before. */
  readonly before?: Readonly<Record<string, unknown>>;
}

/**
 * Written once the provider has shown the change.
 *
 * @example
 * ```ts
 * const createdId = ({ createdId }: JournalDone): string => createdId ?? 'nothing was created';
 * ```
 */
export interface JournalDone {
  readonly type: 'done';
  readonly id: string;
  readonly at: string;
  /** The ID of the user or group that was created. */
  readonly createdId?: string;
  /** The values as the provider shows them, where they differ from what was sent; null if it shows none. */
  readonly after?: readonly AttributeChange[];
  /** The user as it was, if the provider deleted it instead of deactivating it. */
  readonly deleted?: Readonly<Record<string, unknown>>;
}

/**
 * Written if a change was not made.
 *
 * @example
 * ```ts
 * const format = ({ id, outcome, message }: JournalFailed): string => `${id} ${outcome}: ${message}`;
 * ```
 */
export interface JournalFailed {
  readonly type: 'failed';
  readonly id: string;
  readonly at: string;
  readonly outcome: 'refused' | 'failed';
  readonly message: string;
}

/**
 * One line of a journal of {@link Connector.apply}.
 *
 * @example
 * ```ts
 * const isDone = (record: JournalRecord): boolean => record.type === 'done';
 * ```
 */
export type JournalRecord = JournalStart | JournalSending | JournalDone | JournalFailed;

/**
 * Stores the records of an apply, so that it can be resumed and reverted.
 *
 * @example
 * ```ts
 * const records: JournalRecord[] = [];
 * const inMemory: ApplyJournal = { records, append: async (more) => void records.push(...more) };
 * ```
 */
export interface ApplyJournal {
  /** The records of earlier runs. */
  readonly records: readonly JournalRecord[];
  /** Resolves once the records would survive a crash. */
  append(records: readonly JournalRecord[]): Promise<void>;
}

/** What each kind of change is about. */
const subjectsOf: Readonly<Record<PlannedChange['kind'], readonly ('user' | 'group')[]>> = {
  create: ['user'],
  update: ['user'],
  reactivate: ['user'],
  deactivate: ['user'],
  delete: ['user'],
  create_group: ['group'],
  delete_group: ['group'],
  join: ['user', 'group'],
  leave: ['user', 'group'],
};

/** Whether a value is a whole record. A damaged one must not be mistaken for a change that was made, or was not made. */
export function isJournalRecord(value: unknown): value is JournalRecord {
  if (!isRecord(value) || typeof value.at !== 'string') return false;
  switch (value.type) {
    case 'start':
      return [value.planId, value.baseUrl, value.source].every((one) => typeof one === 'string');
    case 'sending':
      return typeof value.id === 'string' && isWhole(value) && areChanges(value.attributes);
    case 'done':
      return typeof value.id === 'string' && areChanges(value.after);
    case 'failed':
      return typeof value.id === 'string' && (value.outcome === 'refused' || value.outcome === 'failed');
    default:
      return false;
  }
}

function isWhole(sending: Readonly<Record<string, unknown>>): boolean {
  const { kind } = sending;
  if (typeof kind !== 'string' || !Object.hasOwn(subjectsOf, kind)) return false;
  return subjectsOf[kind as PlannedChange['kind']].every((subject) => isRecord(sending[subject]));
}

function areChanges(value: unknown): boolean {
  if (value === undefined) return true;
  return Array.isArray(value) && value.every((one) => isRecord(one) && typeof one.path === 'string');
}

/** What a journal says about one change. */
export interface JournaledChange {
  readonly sending?: JournalSending;
  readonly done?: JournalDone;
}

/** What a journal says about each change, in the order in which they were sent. */
export function readJournal(records: readonly JournalRecord[]): ReadonlyMap<string, JournaledChange> {
  const changes = new Map<string, JournaledChange>();
  for (const record of records) {
    if (record.type === 'start') continue;
    const known = changes.get(record.id) ?? {};
    if (record.type === 'sending') {
      // A run that was killed may have made the change: the values before it are those of the first run.
      changes.set(record.id, known.sending === undefined ? { ...known, sending: record } : known);
    } else if (record.type === 'done') changes.set(record.id, { ...known, done: record });
    // A rejected change was not made: the next attempt begins with what is then there.
    else if (known.done === undefined) changes.delete(record.id);
  }
  return changes;
}
