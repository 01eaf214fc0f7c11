import { mkdirSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { ConnectorError } from '../../connector/errors.ts';
import { renameFields } from '../../connector/rename-fields.ts';
import type { Connector } from '../../runtime/connector.ts';
import { writeTo } from '../../runtime/node/cannot-write.ts';
import type { ApplyResult } from '../../sync/apply-result.ts';
import type { Plan } from '../../sync/plan.ts';
import { readPlan } from '../../sync/read-plan.ts';
import { type ApplyCommandOptions, applyAndPrint, throwStatus } from '../apply-and-print.ts';
import { watchDesired } from '../apply-watch.ts';
import { type ConnectorOptions, connect } from '../context.ts';
import {
  addDesiredOptions,
  assertOneDesired,
  type DesiredOptions,
  namedDesired,
} from '../desired-options.ts';
import { UsageError } from '../errors.ts';
import { errorScreen, formatPlan, summaryOf } from '../format-plan.ts';
import { addConnectionOptions, collect, overlayOption, readDuration, readJsonFile } from '../options.ts';
import { listenForShutdown } from '../shutdown-signals.ts';
import type { Terminal } from '../terminal.ts';
import { makePlan } from './plan.ts';

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
  const stored = planFile === undefined ? undefined : readPlanFile(planFile);
  const connector = await connect(options, terminal);
  const signals = listenForShutdown();
  const { drain, release } = signals;
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
      drain.throwIfAborted();
      throwStatus(stored, result);
    } else if (options.watch === true) {
      // To be stopped is how a watch ends.
      await watchDesired(connector, options, terminal, signals);
      return;
    } else {
      const { plan, result } = await planAndApply(connector, options, terminal, drain);
      // What was not made because the run was stopped says more than what could not be made.
      drain.throwIfAborted();
      throwStatus(plan, result);
    }
  } finally {
    release();
    connector.close();
  }
}

/** Reads a plan. @throws UsageError or ConnectorError, also for a sheet in its place */
function readPlanFile(path: string): Plan {
  try {
    return readPlan(readJsonFile(path));
  } catch (error) {
    if (error instanceof ConnectorError)
      throw renameFields(error, (field) => (field === 'plan' ? path : undefined));
    if (!(error instanceof UsageError && error.cause instanceof SyntaxError)) throw error;
    throw new UsageError(
      `${path} is not a plan. Pass the file that "rolecall plan --out" wrote, or a desired state with --desired ${path}.`,
    );
  }
}

/** @throws UsageError if options exclude or require each other */
function assertCompatible(planFile: string | undefined, options: Options): void {
  const { watch } = options;
  const hasDesired = namedDesired(options).length > 0;
  if (planFile === undefined && !hasDesired)
    throw new UsageError('Pass the file of a plan, or a desired state with --desired.');
  if (planFile !== undefined && hasDesired)
    throw new UsageError('A plan and a desired state cannot be combined. Omit one of them.');
  if (planFile !== undefined && watch === true)
    throw new UsageError('--watch needs a desired state to plan from. Pass --desired in place of the plan.');
  if (hasDesired) assertOneDesired(options);
}

async function planAndApply(
  connector: Connector,
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<{ readonly plan: Plan; readonly result: ApplyResult | undefined }> {
  const plan = await makePlan(connector, options, terminal, signal);
  if (options.json !== true && (plan.changes.length > 0 || plan.problems.length > 0))
    for (const line of formatPlan(plan, errorScreen(terminal))) terminal.err(line);
  if (plan.changes.length === 0) {
    terminal.err(summaryOf(plan));
    return { plan, result: undefined };
  }
  const { journalDir } = options;
  const created = writeTo(journalDir, () => mkdirSync(journalDir, { recursive: true, mode: 0o700 }));
  const journal = join(journalDir, `${plan.id}.journal`);
  // An approval that is not for this plan stays for the next one.
  const approve = options.approve.filter((id) => plan.holds.some((hold) => hold.id === id));
  try {
    const result = await applyAndPrint(connector, plan, journal, { ...options, approve }, terminal, signal);
    return { plan, result };
  } finally {
    // A run that changes nothing leaves no journal.
    if (created !== undefined) removeIfEmpty(journalDir);
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It has journals. Whatever else it is says nothing of the result.
  }
}
