import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError } from '../connector/errors.ts';
import type { Connector } from '../runtime/connector.ts';
import { writeTo } from '../runtime/node/cannot-write.ts';
import { unapprovedLosses } from '../sync/hold-changes.ts';
import type { Plan } from '../sync/plan.ts';
import { linesOf, printJournal } from './apply-and-print.ts';
import { makePlan } from './commands/plan.ts';
import type { DesiredOptions } from './desired-options.ts';
import { UsageError } from './errors.ts';
import { errorScreen, formatPlan, summaryOf } from './format-plan.ts';
import { LossLog } from './loss-log.ts';
import { RoundJournals } from './round-journals.ts';
import type { ShutdownSignals } from './shutdown-signals.ts';
import { createProgress, type Terminal } from './terminal.ts';

/** How a desired state is watched. */
export interface ApplyWatchOptions extends DesiredOptions {
  readonly approve: readonly string[];
  readonly json?: boolean;
  readonly journalDir: string;
  /** The time between two rounds, in milliseconds. */
  readonly every: number;
}

/**
 * Plans and applies until it is stopped. A round that fails is reported, and the next one tries again. What a round would
 * repeat of the last one is not printed again.
 *
 * @throws UsageError or ConnectorError `invalid_input` if the first round cannot use the options or the desired state
 */
export async function watchDesired(
  connector: Connector,
  options: ApplyWatchOptions,
  terminal: Terminal,
  signals: ShutdownSignals,
): Promise<void> {
  const { drain } = signals;
  const watch = new DesiredWatch(connector, options, terminal, signals);
  for (let isFirst = true; !drain.aborted; isFirst = false) {
    try {
      await watch.round();
    } catch (error) {
      if (drain.aborted) return;
      if (isFirst && isMistake(error)) throw error;
      watch.reportFailure(error);
    }
    await sleep(options.every, undefined, { signal: drain }).catch(() => undefined);
  }
}

/** Whether trying again later cannot help. */
function isMistake(error: unknown): boolean {
  return error instanceof UsageError || (error instanceof ConnectorError && error.code === 'invalid_input');
}

/** How long a file must stay as it is before it is read: a sheet that is half written lacks people. */
const settledInMs = 1_000;

class DesiredWatch {
  readonly #connector: Connector;
  readonly #options: ApplyWatchOptions;
  readonly #terminal: Terminal;
  readonly #signals: ShutdownSignals;
  readonly #losses: LossLog;
  readonly #journals: RoundJournals;
  /** An approval is for one time: the same people could be held again, much later. */
  readonly #approvals: Set<string>;
  /** What was printed last of each kind. */
  readonly #printed = new Map<'plan' | 'result' | 'failure', string>();

  constructor(
    connector: Connector,
    options: ApplyWatchOptions,
    terminal: Terminal,
    signals: ShutdownSignals,
  ) {
    this.#connector = connector;
    this.#options = options;
    this.#terminal = terminal;
    this.#signals = signals;
    this.#losses = new LossLog(join(options.journalDir, 'losses.json'));
    this.#journals = new RoundJournals(options.journalDir);
    this.#approvals = new Set(options.approve);
  }

  async round(): Promise<void> {
    const { drain, abort } = this.#signals;
    const { desired, journalDir } = this.#options;
    if (desired !== undefined && !/^https?:/i.test(desired)) await untilSettled(desired, drain);
    writeTo(journalDir, () => mkdirSync(journalDir, { recursive: true, mode: 0o700 }));
    await this.#losses.endOthers((planId) => this.#journals.maybeMade(planId), Date.now());
    const earlierLosses = this.#losses.inPastDay(Date.now());
    const plan = await makePlan(this.#connector, { ...this.#options, earlierLosses }, this.#terminal, drain);
    this.#journals.compare(plan);
    const approve = plan.holds.map(({ id }) => id).filter((id) => this.#approvals.has(id));
    const open = plan.changes.filter(({ heldBy }) => heldBy === undefined || approve.includes(heldBy));
    this.#print('plan', this.#linesOf(plan), this.#terminal.err);
    if (open.length === 0) this.#printed.delete('result');
    if (open.length > 0 && !drain.aborted) await this.#apply(plan, approve, abort);
    this.#printed.delete('failure');
  }

  /** Prints why a round failed, unless the last one failed in the same way. */
  reportFailure(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#print('failure', [`This round failed: ${reason}`], this.#terminal.err);
  }

  async #apply(plan: Plan, approve: readonly string[], signal: AbortSignal): Promise<void> {
    const journal = this.#journals.pathOf(plan);
    const { json = false } = this.#options;
    const { onProgress } = createProgress(this.#terminal);
    await this.#losses.begin(plan.id, unapprovedLosses(this.#connector.definition, plan), Date.now());
    try {
      // What was begun is completed, unless that takes too long.
      const result = await this.#connector.apply(plan, {
        journal,
        approve,
        signal,
        onProgress: json ? undefined : onProgress,
      });
      await this.#losses.end(plan.id, result.losses, Date.now());
      // Only a result that changed nothing can be a repetition.
      if ((result.counts.changed ?? 0) > 0) this.#printed.delete('result');
      this.#print('result', linesOf(result, this.#options, this.#terminal), this.#terminal.out);
      printJournal(result, journal, this.#options, this.#terminal);
      if (result.stoppedBy !== undefined) throw result.stoppedBy;
    } finally {
      await this.#journals.close(plan);
    }
    for (const id of approve) this.#approvals.delete(id);
  }

  /** Prints lines, unless they are the last ones of their kind. */
  #print(kind: 'plan' | 'result' | 'failure', lines: readonly string[], print: (line: string) => void): void {
    const text = lines.join('\n');
    if (text === this.#printed.get(kind)) return;
    this.#printed.set(kind, text);
    for (const line of lines) print(line);
  }

  #linesOf(plan: Plan): readonly string[] {
    const isQuiet = this.#options.json === true || (plan.changes.length === 0 && plan.problems.length === 0);
    return isQuiet ? [summaryOf(plan)] : formatPlan(plan, errorScreen(this.#terminal));
  }
}

/** Waits until a file has stayed the same for a while; the reader reports a missing one. */
async function untilSettled(file: string, signal: AbortSignal): Promise<void> {
  const look = (): string => {
    const { mtimeMs, size } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0 };
    return `${mtimeMs} ${size}`;
  };
  for (let before = look(); ; ) {
    await sleep(settledInMs, undefined, { signal });
    const now = look();
    if (now === before) return;
    before = now;
  }
}
