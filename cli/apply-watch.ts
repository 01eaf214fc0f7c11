import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError } from '../connector/errors.ts';
import type { Connector } from '../runtime/connector.ts';
import type { Plan } from '../sync/plan.ts';
import { applyAndPrint } from './apply-and-print.ts';
import { makePlan } from './commands/plan.ts';
import type { DesiredOptions } from './desired-options.ts';
import { UsageError } from './errors.ts';
import { formatPlan, summaryOf } from './format-plan.ts';
import { LossLog } from './loss-log.ts';
import type { ShutdownSignals } from './shutdown-signals.ts';
import type { Terminal } from './terminal.ts';

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
      watch.report([`This round failed: ${error instanceof Error ? error.message : String(error)}`]);
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
  /** An approval is for one time: the same people could be held again, much later. */
  readonly #approvals: Set<string>;
  #reported = '';

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
    this.#approvals = new Set(options.approve);
  }

  async round(): Promise<void> {
    const { drain, abort } = this.#signals;
    const { desired, journalDir } = this.#options;
    if (desired !== undefined && !/^https?:/i.test(desired)) await untilSettled(desired, drain);
    mkdirSync(journalDir, { recursive: true, mode: 0o700 });
    const earlierLosses = this.#losses.inPastDay(Date.now());
    const plan = await makePlan(this.#connector, { ...this.#options, earlierLosses }, this.#terminal, drain);
    const approve = plan.holds.map(({ id }) => id).filter((id) => this.#approvals.has(id));
    const open = plan.changes.filter(({ heldBy }) => heldBy === undefined || approve.includes(heldBy));
    this.report(this.#linesOf(plan));
    if (open.length === 0 || drain.aborted) return;
    const journal = join(journalDir, `${plan.id}.journal`);
    const options = { ...this.#options, approve };
    // What was begun is completed, unless that takes too long.
    const result = await applyAndPrint(this.#connector, plan, journal, options, this.#terminal, abort);
    this.#losses.add(result.losses, Date.now());
    for (const id of approve) this.#approvals.delete(id);
  }

  /** Prints lines, unless they are those of the last round. */
  report(lines: readonly string[]): void {
    const text = lines.join('\n');
    if (text === this.#reported) return;
    this.#reported = text;
    for (const line of lines) this.#terminal.err(line);
  }

  #linesOf(plan: Plan): readonly string[] {
    const isQuiet = this.#options.json === true || (plan.changes.length === 0 && plan.problems.length === 0);
    return isQuiet ? [summaryOf(plan)] : formatPlan(plan, this.#terminal.isScreen);
  }
}

/** Waits until a file has stayed the same for a while; a missing one is left to whoever reads it. */
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
