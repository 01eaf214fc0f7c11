import { Command } from 'commander';
import { ConnectorError } from '../../connector/errors.ts';
import type { Connector, DesiredInput } from '../../runtime/connector.ts';
import type { Plan } from '../../sync/plan.ts';
import { bestReadyMap } from '../../sync/suggest-map.ts';
import { type ConnectorOptions, connect } from '../context.ts';
import {
  addDesiredOptions,
  assertOneDesired,
  type DesiredOptions,
  planFlags,
  planOptionsOf,
  readDesiredOf,
} from '../desired-options.ts';
import { ExitStatus, exitStatus } from '../errors.ts';
import { formatPlan } from '../format-plan.ts';
import { addConnectionOptions, overlayOption, withFlags } from '../options.ts';
import { createProgress, type Terminal } from '../terminal.ts';
import { once, writeOutput } from '../write-output.ts';
import { planInitCommand } from './plan-init.ts';

type PlanCommandOptions = ConnectorOptions & DesiredOptions & { readonly out?: string };

/** `rolecall plan`: shows what has to change so that the users of a provider are as desired. */
export function planCommand(terminal: Terminal): Command {
  const command = new Command('plan')
    .description('show what has to change so that the users of a provider are as desired; nothing is changed')
    .option('--out <file>', 'write the plan to a file, for rolecall apply')
    .addOption(overlayOption())
    .option('--discover', "also accept the provider's own attributes")
    .option('--verbose', 'log each request to standard error')
    .option('--json', 'print the plan as JSON');
  addDesiredOptions(command);
  return addConnectionOptions(command)
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing to do, 7 a part is held by the safeguard, 8 some rows have a problem, 9 there are changes.\n\nExample:\n  rolecall plan --desired people.csv --owned-by externalId:hr- --out plan.json \\\n    --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN',
    )
    .action(async (options: PlanCommandOptions) => {
      assertOneDesired(options);
      const connector = await connect(options, terminal);
      try {
        const plan = await makePlan(connector, options, terminal);
        if (options.out !== undefined) await writePlan(plan, options.out);
        printPlan(plan, options, terminal);
        throwStatus(plan);
      } finally {
        connector.close();
      }
    })
    .addCommand(planInitCommand(terminal));
}

/** Reads the desired state, and plans. */
export async function makePlan(
  connector: Connector,
  options: DesiredOptions & { readonly json?: boolean },
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<Plan> {
  const desired = await readDesiredOf(options, connector);
  const progress = createProgress(terminal);
  const onProgress = options.json === true ? undefined : progress.onProgress;
  try {
    const planned = { ...planOptionsOf(options), onProgress, signal };
    return await withFlags(planFlags, () => connector.plan(desired, planned));
  } catch (error) {
    const isAboutColumns = error instanceof ConnectorError && error.message.includes('`map`');
    if (isAboutColumns && options.json !== true) terminal.err(mapHint(desired));
    throw error;
  }
}

function mapHint({ columns = [], map }: DesiredInput): string {
  const ready = map === undefined ? bestReadyMap(columns) : undefined;
  return ready === undefined
    ? '"rolecall plan init FILE" previews the columns of a sheet, and writes a map.'
    : `The columns look like an export that "--map ${ready}" can read.`;
}

/** Writes a plan. It names people, so that only its owner can read it. */
export function writePlan(plan: Plan, path: string): Promise<void> {
  return writeOutput(once(`${JSON.stringify(plan, null, 2)}\n`), path);
}

function printPlan(plan: Plan, { json, out }: PlanCommandOptions, terminal: Terminal): void {
  const lines = json === true ? [JSON.stringify(plan)] : formatPlan(plan, terminal);
  for (const line of lines) terminal.out(line);
  if (json !== true && out !== undefined && plan.changes.length > 0)
    terminal.err(`The plan is in ${out}. To make these changes: rolecall apply ${out}`);
}

function throwStatus({ holds, problems, changes }: Plan): void {
  if (holds.length > 0) throw new ExitStatus(exitStatus.held);
  if (problems.length > 0) throw new ExitStatus(exitStatus.partial);
  if (changes.length > 0) throw new ExitStatus(exitStatus.changes);
}
