import type { ActionContext } from '../actions/operation.ts';
import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { ChangeResult } from './apply-result.ts';
import type { ApplyJournal, JournaledChange, JournalRecord } from './journal.ts';
import type { PlannedChange } from './plan.ts';
import { planTexts } from './plan-texts.ts';

/** A record of a journal, without the time. */
export type NewRecord = JournalRecord extends infer Record
  ? Record extends { readonly at: string }
    ? Omit<Record, 'at'>
    : never
  : never;

/** What the changes of one run share. */
export interface ApplyRun {
  readonly context: ActionContext;
  readonly users: ResourceDefinition;
  readonly groups: ResourceDefinition | undefined;
  /** What earlier runs have sent. */
  readonly journaled: ReadonlyMap<string, JournaledChange>;
  /** The time since which an earlier run can have sent a change that is not journaled; undefined if there was none. */
  readonly maybeSentSinceInMs: number | undefined;
  /** When this run has sent a change that the provider has not rejected, by the ID of the change. */
  readonly sentAtInMs: Map<string, number>;
  /** The IDs of created users and groups, by the IDs of their changes. */
  readonly createdIds: Map<string, string>;
  /** Called with each error that a change fails with. */
  onFailure(error: ConnectorError): void;
  /** Called with the error of a record that was not written. */
  onUnrecorded(error: unknown): void;
  /** Resolves once the records would survive a crash. */
  record(records: readonly NewRecord[]): Promise<void>;
}

/** Opens a run over a journal; without one, nothing is recorded. */
export function openRun(
  run: Omit<ApplyRun, 'record' | 'createdIds' | 'sentAtInMs'>,
  journal: ApplyJournal | undefined,
): ApplyRun {
  const createdIds = new Map<string, string>();
  const sentAtInMs = new Map<string, number>();
  for (const [id, { done }] of run.journaled)
    if (done?.createdId !== undefined) createdIds.set(id, done.createdId);
  return {
    ...run,
    createdIds,
    sentAtInMs,
    async record(records) {
      const atInMs = run.context.platform.now();
      const at = new Date(atInMs).toISOString();
      try {
        await journal?.append(records.map((record) => ({ ...record, at }) as JournalRecord));
      } catch (error) {
        run.onUnrecorded(error);
        throw error;
      }
      // Only what is recorded is sent.
      for (const record of records) if (record.type === 'sending') sentAtInMs.set(record.id, atInMs);
    },
  };
}

/** The same run, with a deadline of its own for the next requests. @param place - in the order of the plan */
export function withDeadline(run: ApplyRun, place?: number): ApplyRun {
  return { ...run, context: run.context.withDeadline(place) };
}

/** The context of a creation. If it can have been sent before, it is looked for first. */
export function contextOfCreation(
  { context, journaled, sentAtInMs, maybeSentSinceInMs }: ApplyRun,
  id: string,
): ActionContext {
  const at = journaled.get(id)?.sending?.at;
  const sinceInMs = at === undefined ? sentAtInMs.get(id) : Date.parse(at);
  return { ...context, maybeSentSinceInMs: sinceInMs ?? maybeSentSinceInMs };
}

/** Whether neither this run nor its journal has sent a creation: an existing one was there before. */
export function isFirstHere(run: ApplyRun, id: string): boolean {
  return !wasSentBefore(run, id) && !run.sentAtInMs.has(id);
}

/** The result of a creation whose user or group was there already. */
export function asPlanned(change: PlannedChange): ChangeResult {
  return { change, outcome: 'unchanged', message: planTexts.asPlanned };
}

/** Whether an earlier run of the plan has sent a change. */
export function wasSentBefore({ journaled }: ApplyRun, id: string): boolean {
  return journaled.get(id)?.sending !== undefined;
}

/** Nothing is left to do: by an earlier run of this plan, which then is recorded, or by someone else. */
export async function whenDone(run: ApplyRun, change: PlannedChange): Promise<ChangeResult> {
  if (!wasSentBefore(run, change.id)) return { change, outcome: 'unchanged' };
  await run.record([{ type: 'done', id: change.id }]);
  return { change, outcome: 'changed' };
}

/** The result of a change that failed, recorded. @throws everything but a ConnectorError */
export async function failedResult(
  run: ApplyRun,
  change: PlannedChange,
  error: unknown,
): Promise<ChangeResult> {
  if (!(error instanceof ConnectorError)) throw error;
  run.onFailure(error);
  // What may have been sent stays open in the journal, so that the next run finds out.
  const isUnknown = error.transient || error.code === 'unsupported';
  if (!isUnknown)
    await run.record([{ type: 'failed', id: change.id, outcome: 'failed', message: error.message }]);
  return { change, outcome: 'failed', message: error.message, code: error.code };
}

/** The result of a change that is refused, recorded. */
export async function refusedResult(
  run: ApplyRun,
  change: PlannedChange,
  message: string,
  differences?: ChangeResult['differences'],
): Promise<ChangeResult> {
  await run.record([{ type: 'failed', id: change.id, outcome: 'refused', message }]);
  return { change, outcome: 'refused', message, ...(differences !== undefined && { differences }) };
}
