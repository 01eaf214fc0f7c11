import type { ActionContext } from '../actions/operation.ts';
import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { type ConnectorError, invalidInput } from '../connector/errors.ts';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import { countLosses } from '../connector/safeguard/safeguard.ts';
import { fill } from '../schemas/fill.ts';
import { applyGroupChange, applyMemberships } from './apply-memberships.ts';
import { type ApplyResult, type ChangeResult, countOutcomes } from './apply-result.ts';
import { type ApplyRun, failedResult, openRun, withDeadline } from './apply-run.ts';
import { applyUserChange } from './apply-user.ts';
import { createInBulk } from './create-in-bulk.ts';
import { lossesOfChange } from './hold-changes.ts';
import { type ApplyJournal, readJournal } from './journal.ts';
import { isUserChange, type MembershipChange, type Plan, type PlanHold, type PlannedChange } from './plan.ts';
import type { LossesByKind } from './plan-options.ts';
import { planTexts } from './plan-texts.ts';
import { assertProvider } from './read-plan.ts';
import { syncedResources } from './synced-resources.ts';
import { needsWitnesses, requireWitnesses } from './witnesses.ts';

/** How a plan is applied. */
export interface ApplyPlanOptions {
  /** The IDs of the holds that a person has approved. */
  readonly approve?: readonly string[] | undefined;
  /** Where each change is recorded before and after it is made. Default: nowhere. */
  readonly journal?: ApplyJournal | undefined;
}

/**
 * Makes the changes of a plan, each one once. A change is refused if its user is not as it was when the plan was made;
 * a failed one does not stop the others.
 *
 * @throws ConnectorError `invalid_input` for the plan of another provider or directory, the journal of another plan, or an approval
 * of nothing; if nothing was sent: `auth` for rejected credentials, the reason of an abort, or the error of the journal
 */
export async function applyPlan(
  context: ActionContext,
  plan: Plan,
  { approve = [], journal }: ApplyPlanOptions = {},
): Promise<ApplyResult> {
  assertApplicable(context, plan, approve, journal);
  const journaled = readJournal(journal?.records ?? []);
  const { users, groups } = syncedResources(context.definition);
  const isOpen = ({ id, heldBy }: PlannedChange): boolean =>
    journaled.get(id)?.done === undefined && (heldBy === undefined || approve.includes(heldBy));
  if (plan.changes.some((change) => isOpen(change) && needsWitnesses(change)))
    await requireWitnesses(context, users, plan.read.witnesses ?? []);
  if (journal !== undefined && journal.records.length === 0) await startJournal(context, plan, journal);
  // Without a journal, nothing shows whether the plan was applied before.
  const maybeSentSinceInMs = journal === undefined ? Date.parse(plan.createdAt) : undefined;
  const applier = new PlanApplier(plan, new Set(approve), (listeners) =>
    openRun({ context, users, groups, journaled, maybeSentSinceInMs, ...listeners }, journal),
  );
  const { results, unrecorded } = await applier.apply();
  const isHeld = ({ id }: PlanHold): boolean =>
    !approve.includes(id) && results.some(({ change }) => change.heldBy === id);
  return {
    planId: plan.id,
    counts: countOutcomes(results),
    doneBefore: plan.changes.length - results.length,
    results,
    holds: plan.holds.filter(isHeld),
    losses: lossesOf(users, results),
    ...(unrecorded !== undefined && { stoppedBy: unrecorded.error }),
  };
}

/** The losses of the changes that were made, or may have been, and that nobody had to approve. */
function lossesOf(definition: ResourceDefinition, results: readonly ChangeResult[]): LossesByKind {
  const made = results.filter(
    ({ outcome, maybeMade = false, change }) =>
      (outcome === 'changed' || maybeMade) && change.heldBy === undefined,
  );
  return Object.fromEntries(countLosses(made.flatMap(({ change }) => lossesOfChange(definition, change))));
}

function assertApplicable(
  { client }: ActionContext,
  plan: Plan,
  approve: readonly string[],
  journal: ApplyJournal | undefined,
): void {
  assertProvider('plan', plan.baseUrl, client.connection.baseUrl);
  const unknown = approve.filter((id) => plan.holds.every((hold) => hold.id !== id));
  if (unknown.length > 0) {
    const ids = unknown.join(', ');
    const holds = plan.holds.map(({ id }) => id).join(', ');
    throw invalidInput([
      {
        path: 'approve',
        message:
          holds === '' ? fill(planTexts.nothingHeld, { ids }) : fill(planTexts.otherHolds, { ids, holds }),
      },
    ]);
  }
  const [start] = journal?.records ?? [];
  if (start === undefined || (start.type === 'start' && start.planId === plan.id)) return;
  throw invalidInput([{ path: 'journal', message: planTexts.journalOfOther }]);
}

function startJournal(
  { platform }: ActionContext,
  { id: planId, baseUrl, source, read: { witnesses = [] } }: Plan,
  journal: ApplyJournal,
): Promise<void> {
  const at = new Date(platform.now()).toISOString();
  return journal.append([{ type: 'start', version: 1, planId, baseUrl, source, witnesses, at }]);
}

class PlanApplier {
  readonly #run: ApplyRun;
  readonly #plan: Plan;
  readonly #approved: ReadonlySet<string>;
  /** The changes that no earlier run has made. */
  readonly #pending: readonly PlannedChange[];
  readonly #results = new Map<string, ChangeResult>();
  readonly #running = new Map<string, Promise<void>>();
  /** The number of changes, or of groups of them, that have begun. */
  #begun = 0;
  /** The number of changes that this run makes, unless it is stopped. */
  readonly #total: number;
  /** The number of these that need no other run. */
  #done = 0;
  /** Rejected credentials fail for every change: to continue could lock the account. */
  #refusal: ConnectorError | undefined;
  /** A record that the journal could not write, such as on a full disk: nothing new is begun, and what has begun completes. */
  #unrecorded: { readonly error: unknown } | undefined;
  /** Any other error that is not of the provider. */
  #fault: { readonly error: unknown } | undefined;

  constructor(
    plan: Plan,
    approved: ReadonlySet<string>,
    open: (listeners: Pick<ApplyRun, 'onFailure' | 'onUnrecorded'>) => ApplyRun,
  ) {
    this.#plan = plan;
    this.#approved = approved;
    this.#run = open({
      onFailure: (error) => {
        if (error.code === 'auth') this.#refusal ??= error;
      },
      onUnrecorded: (error) => {
        this.#unrecorded ??= { error };
      },
    });
    this.#pending = plan.changes.filter(({ id }) => this.#run.journaled.get(id)?.done === undefined);
    this.#total = this.#pending.filter((change) => !this.#isHeld(change)).length;
  }

  async apply(): Promise<{
    readonly results: readonly ChangeResult[];
    readonly unrecorded: { readonly error: unknown } | undefined;
  }> {
    for (const stage of stagesOf(this.#pending)) {
      const [first] = stage;
      if (first !== undefined && isMembership(first)) await this.#applyGroups(stage.filter(isMembership));
      else await this.#applyEach(stage);
    }
    if (this.#fault !== undefined) throw this.#fault.error;
    const { context } = this.#run;
    const isAnySent = [...this.#results.values()].some(canBeSent);
    if (this.#refusal !== undefined && !isAnySent) throw this.#refusal;
    if (!isAnySent) context.signal?.throwIfAborted();
    if (this.#unrecorded !== undefined && !isAnySent) throw this.#unrecorded.error;
    const results = this.#plan.changes.flatMap(({ id }) => this.#results.get(id) ?? []);
    return { results, unrecorded: this.#unrecorded };
  }

  async #applyEach(changes: readonly PlannedChange[]): Promise<void> {
    await this.#createInBulk(changes);
    const { concurrency } = this.#run.context.client.connection;
    const open = changes.filter(({ id }) => !this.#results.has(id));
    await mapConcurrently(open, concurrency, (change) => {
      const applying = this.#applyOne(change);
      this.#running.set(change.id, applying);
      return applying;
    });
  }

  /** Without a journal, each creation has to be looked for first, so that bulk requests would save little. */
  async #createInBulk(changes: readonly PlannedChange[]): Promise<void> {
    const { context, journaled, maybeSentSinceInMs } = this.#run;
    if (maybeSentSinceInMs !== undefined) return;
    const creations = changes
      .filter(isUserChange)
      .filter(
        (one) =>
          one.kind === 'create' &&
          one.after === undefined &&
          !journaled.has(one.id) &&
          this.#whyNot(one) === undefined,
      );
    try {
      await createInBulk(this.#run, creations, {
        usersBefore: this.#plan.read.users,
        isStopped: () => this.#isStopped,
        finish: (result) => this.#finish(result),
      });
    } catch (error) {
      if (context.signal?.aborted !== true) this.#onFault(error);
    }
  }

  async #applyOne(change: PlannedChange): Promise<void> {
    const place = this.#nextPlace();
    // What a change waits for is before it in the plan, so that it has begun.
    await Promise.all((change.after ?? []).map((id) => this.#running.get(id)));
    const early = this.#whyNot(change);
    if (early !== undefined) {
      this.#finish(early);
      return;
    }
    const run = withDeadline(this.#run, place);
    try {
      if (isUserChange(change)) this.#finish(await applyUserChange(run, change));
      else if (!isMembership(change)) this.#finish(await applyGroupChange(run, change));
    } catch (error) {
      this.#finish(await this.#failed(run, change, error));
    }
  }

  /** The changes of one group are made one part after another; those of several groups concurrently. */
  async #applyGroups(changes: readonly MembershipChange[]): Promise<void> {
    const groups = Map.groupBy(changes, ({ group }) => group.id ?? group.displayName);
    const { concurrency } = this.#run.context.client.connection;
    await mapConcurrently([...groups.values()], concurrency, async (ofGroup) => {
      const place = this.#nextPlace();
      for (const kind of ['join', 'leave'] as const) {
        const ready: MembershipChange[] = [];
        for (const change of ofGroup.filter((one) => one.kind === kind)) {
          const early = this.#whyNot(change);
          if (early === undefined) ready.push(change);
          else this.#finish(early);
        }
        await this.#applyMemberships(withDeadline(this.#run, place), ready);
      }
    });
  }

  async #applyMemberships(run: ApplyRun, changes: readonly MembershipChange[]): Promise<void> {
    try {
      await applyMemberships(run, changes, (result) => this.#finish(result));
    } catch (error) {
      for (const change of changes)
        if (!this.#results.has(change.id)) this.#finish(await this.#failed(run, change, error));
    }
  }

  /** What begins is in the order of the plan, although it ends in any order. */
  #nextPlace(): number {
    this.#begun += 1;
    return this.#begun;
  }

  async #failed(run: ApplyRun, change: PlannedChange, error: unknown): Promise<ChangeResult> {
    if (run.context.signal?.aborted === true || this.#unrecorded !== undefined) return this.#stopped(change);
    try {
      return await failedResult(run, change, error);
    } catch (fault) {
      this.#onFault(fault);
      return this.#stopped(change);
    }
  }

  #onFault(error: unknown): void {
    if (this.#unrecorded === undefined) this.#fault ??= { error };
  }

  get #isStopped(): boolean {
    const { signal } = this.#run.context;
    return (
      signal?.aborted === true ||
      [this.#refusal, this.#unrecorded, this.#fault].some((one) => one !== undefined)
    );
  }

  #stopped(change: PlannedChange): ChangeResult {
    if (!this.#run.sentAtInMs.has(change.id))
      return { change, outcome: 'stopped', message: planTexts.stopped };
    return { change, outcome: 'stopped', message: planTexts.stoppedDuring, maybeMade: true };
  }

  /** Why a change is not begun; undefined if it can be. */
  #whyNot(change: PlannedChange): ChangeResult | undefined {
    if (this.#isStopped) return this.#stopped(change);
    if (this.#isHeld(change))
      return { change, outcome: 'held', message: fill(planTexts.held, { hold: change.heldBy }) };
    const missing = (change.after ?? []).find((id) => {
      const before = this.#results.get(id)?.outcome ?? 'changed';
      return before !== 'changed' && before !== 'unchanged';
    });
    if (missing === undefined) return undefined;
    return {
      change,
      outcome: 'waiting',
      message: fill(planTexts.waiting, { change: missing }),
    };
  }

  #isHeld(change: PlannedChange): change is PlannedChange & { readonly heldBy: string } {
    return change.heldBy !== undefined && !this.#approved.has(change.heldBy);
  }

  #finish(result: ChangeResult): void {
    this.#results.set(result.change.id, result);
    if (result.outcome === 'stopped' || result.outcome === 'held') return;
    this.#done += 1;
    this.#run.context.onProgress?.({ done: this.#done, total: this.#total });
  }
}

/** Whether a change was made, or may have been: then the results say more than why the run ended. */
function canBeSent({ outcome, code, maybeMade = false }: ChangeResult): boolean {
  return outcome === 'changed' || (outcome === 'failed' && code !== 'auth') || maybeMade;
}

/** Changes that follow each other and are of one type can be made together; the next ones wait for all of them. */
function stagesOf(changes: readonly PlannedChange[]): readonly (readonly PlannedChange[])[] {
  const stages: PlannedChange[][] = [];
  let type: string | undefined;
  for (const change of changes) {
    const own = isUserChange(change) ? 'user' : isMembership(change) ? 'membership' : 'group';
    if (own !== type) stages.push([]);
    stages.at(-1)?.push(change);
    type = own;
  }
  return stages;
}

function isMembership(change: PlannedChange): change is MembershipChange {
  return change.kind === 'join' || change.kind === 'leave';
}
