import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import type { Connector } from '../../runtime/connector.ts';
import type { ApplyResult } from '../../sync/apply-result.ts';
import type { Plan } from '../../sync/plan.ts';
import { readPlan } from '../../sync/read-plan.ts';
import { type ConnectorOptions, connect } from '../context.ts';
import { addDesiredOptions, type DesiredOptions } from '../desired-options.ts';
import { ExitStatus, exitStatus, UsageError } from '../errors.ts';
import { formatPlan, formatResults, summaryOf } from '../format-plan.ts';
import { addConnectionOptions, collect, overlayOption, readDuration, readJsonFile } from '../options.ts';
import { listenForShutdown } from '../shutdown-signals.ts';
import { createProgress, type Terminal } from '../terminal.ts';
import { makePlan } from './plan.ts';

/** What applying needs of the options. */
export interface ApplyCommandOptions {
  readonly approve: readonly string[];
  readonly json?: boolean;
}

type Options = ConnectorOptions &
  DesiredOptions &
  ApplyCommandOptions & {
    readonly journal?: string;
    readonly journalDir: string;
    readonly watch?: boolean;
    readonly every: number;
  };

/** `rolecall apply`: makes the changes of a plan. */
export function applyCommand(terminal: Terminal): Command {
  const command = new Command('apply')
    .description('make the changes of a plan, each one once, and record them in a journal')
    .argument('[plan]', 'the file that rolecall plan --out has written')
    .addOption(
      new Option('--approve <id>', 'make the changes of a hold as well; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .option(
      '--journal <file>',
      'where each change is recorded, to resume and to revert; default: ID.journal, next to the plan',
    )
    .option('--watch', 'with --desired: plan and apply again and again')
    .addOption(
      new Option('--every <time>', 'with --watch: the time between two plans')
        .argParser(readDuration)
        .default(300_000, '5m'),
    )
    .option(
      '--journal-dir <folder>',
      'with --desired: the folder of the journals, one for each plan',
      'rolecall-journals',
    )
    .addOption(overlayOption())
    .option('--discover', "also accept the provider's own attributes")
    .option('--verbose', 'log each request to standard error')
    .option('--json', 'print the result as JSON');
  addDesiredOptions(command);
  return addConnectionOptions(command)
    .addHelpText(
      'after',
      '\nA run that was stopped or killed is resumed by the same command: the journal knows what was done.\n\nExit codes: 0 done, 7 a part is held by the safeguard, 8 some changes were not made.\n\nExample:\n  rolecall apply plan.json --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN',
    )
    .action((planFile: string | undefined, options: Options) => runApply(planFile, options, terminal));
}

async function runApply(planFile: string | undefined, options: Options, terminal: Terminal): Promise<void> {
  assertCompatible(planFile, options);
  const stored = planFile === undefined ? undefined : readPlan(readJsonFile(planFile));
  const connector = await connect(options, terminal);
  const { drain, release } = listenForShutdown();
  try {
    if (planFile !== undefined && stored !== undefined) {
      const result = await applyAndPrint(
        connector,
        stored,
        options.journal ?? join(dirname(planFile), `${stored.id}.journal`),
        options,
        terminal,
        drain,
      );
      throwStatus(stored, result);
    } else if (options.watch === true) await watchDesired(connector, options, terminal, drain);
    else {
      const { plan, result } = await planAndApply(connector, options, terminal, drain);
      throwStatus(plan, result);
    }
    drain.throwIfAborted();
  } finally {
    release();
    connector.close();
  }
}

/** @throws UsageError if options exclude or require each other */
function assertCompatible(planFile: string | undefined, options: Options): void {
  const { desired, desiredConnection, desiredBaseUrl, watch } = options;
  const hasDesired = [desired, desiredConnection, desiredBaseUrl].some((one) => one !== undefined);
  if (planFile === undefined && !hasDesired)
    throw new UsageError('Pass the file of a plan, or a desired state with --desired.');
  if (planFile !== undefined && hasDesired)
    throw new UsageError('A plan and a desired state cannot be combined. Omit one of them.');
  if (planFile !== undefined && watch === true)
    throw new UsageError('--watch needs a desired state to plan from. Pass --desired in place of the plan.');
}

/** Plans and applies until it is stopped. A failure is reported, and the next round tries again. */
async function watchDesired(
  connector: Connector,
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await planAndApply(connector, options, terminal, signal);
    } catch (error) {
      if (signal.aborted) return;
      terminal.err(`This round failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    await sleep(options.every, undefined, { signal }).catch(() => undefined);
  }
}

async function planAndApply(
  connector: Connector,
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<{ readonly plan: Plan; readonly result: ApplyResult | undefined }> {
  const plan = await makePlan(connector, options, terminal, signal);
  if (options.json !== true && (plan.changes.length > 0 || plan.problems.length > 0))
    for (const line of formatPlan(plan, terminal.isScreen)) terminal.err(line);
  if (plan.changes.length === 0) {
    terminal.err(summaryOf(plan));
    return { plan, result: undefined };
  }
  mkdirSync(options.journalDir, { recursive: true, mode: 0o700 });
  const journal = join(options.journalDir, `${plan.id}.journal`);
  // An approval that is not for this plan stays for the next one.
  const approve = options.approve.filter((id) => plan.holds.some((hold) => hold.id === id));
  return {
    plan,
    result: await applyAndPrint(connector, plan, journal, { ...options, approve }, terminal, signal),
  };
}

/** Applies a plan, and prints what was done and what was not. */
export async function applyAndPrint(
  connector: Connector,
  plan: Plan,
  journal: string,
  { approve, json = false }: ApplyCommandOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const progress = createProgress(terminal);
  const onProgress = json ? undefined : progress.onProgress;
  const result = await connector.apply(plan, { journal, approve, signal, onProgress });
  progress.finish();
  if (json) terminal.out(JSON.stringify(result));
  else {
    for (const line of formatResults(result.results)) terminal.out(line);
    for (const { id, reason, changes } of result.holds)
      terminal.out(`held: ${changes} changes. ${reason} To make them: --approve ${id}`);
    terminal.out(resultText(result));
    terminal.err(`The journal is in ${journal}. To undo these changes: rolecall revert ${journal}`);
  }
  return result;
}

function resultText({ counts, doneBefore }: ApplyResult): string {
  const parts = Object.entries(counts).flatMap(([outcome, number]) =>
    number === 0 ? [] : [`${number} ${outcome}`],
  );
  if (doneBefore > 0) parts.push(`${doneBefore} done before`);
  return parts.length === 0 ? 'Nothing to do.' : `${parts.join(', ')}.`;
}

/** Ends with the exit code of what was not made. */
export function throwStatus(plan: Plan, result: ApplyResult | undefined): void {
  const { refused = 0, failed = 0, waiting = 0, held = 0 } = result?.counts ?? {};
  if (refused + failed > 0 || plan.problems.length > 0 || (waiting > 0 && held === 0))
    throw new ExitStatus(exitStatus.partial);
  if (held > 0) throw new ExitStatus(exitStatus.held);
}
