import { Command, Option } from 'commander';
import type { Connector } from '../../runtime/connector.ts';
import { type ConnectorOptions, connect } from '../context.ts';
import {
  addDesiredOptions,
  assertOneDesired,
  type DesiredOptions,
  namedDesired,
} from '../desired-options.ts';
import { UsageError } from '../errors.ts';
import {
  addConnectionOptions,
  collect,
  filterFlag,
  overlayOption,
  readConnectionOptions,
  withFlags,
} from '../options.ts';
import { type Drift, driftOf } from '../report/drift.ts';
import { formatReport, formatReportCsv } from '../report/format-report.ts';
import { type ReportContent, reportData } from '../report/report-content.ts';
import { isolateNames } from '../right-to-left.ts';
import { listenForShutdown } from '../shutdown-signals.ts';
import { createProgress, type Terminal } from '../terminal.ts';
import { once, writeOutput } from '../write-output.ts';
import { makePlan } from './plan.ts';

type Options = ConnectorOptions &
  DesiredOptions & {
    readonly csv?: boolean;
    readonly json?: boolean;
    readonly html?: boolean;
    readonly filter?: string;
    readonly ownerRole: readonly string[];
    readonly out?: string;
  };

/** `rolecall report`: reports about what a provider has. */
export function reportCommand(terminal: Terminal): Command {
  return new Command('report')
    .description('report what the directory of a provider has; nothing is changed')
    .addCommand(rolesCommand(terminal));
}

/** `rolecall report roles`: who has which role, and what a person should look at. */
function rolesCommand(terminal: Terminal): Command {
  const command = new Command('roles')
    .description(
      'who has which role in which environment, inactive users with roles, owners without a manager, users in no group, and the drift from a desired state',
    )
    .option('--csv', 'a sheet with a row for each user')
    .option('--json', 'the report as JSON')
    .option('--html', 'one page with charts, which needs no network')
    .option('--out <file>', 'write to a file, which is there only once it is complete')
    .option('--filter <filter>', 'only the users that match a SCIM filter')
    .addOption(
      new Option(
        '--owner-role <role>',
        'a role whose holders need a manager; repeatable; default: roles with "admin" or "owner" in their names',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(overlayOption())
    .option('--discover', "also accept the provider's own attributes")
    .option('--verbose', 'log each request to standard error');
  addDesiredOptions(command);
  return addConnectionOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  rolecall report roles --html --out roles.html --desired people.csv \\\n    --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN',
    )
    .action((options: Options) => runReport(options, terminal));
}

async function runReport(options: Options, terminal: Terminal): Promise<void> {
  const { csv = false, json = false, html = false, out, filter, ownerRole } = options;
  if ([csv, json, html].filter(Boolean).length > 1)
    throw new UsageError('Pass one of --csv, --json, and --html.');
  if (namedDesired(options).length > 0) assertOneDesired(options);
  const connector = await connect(options, terminal);
  const { drain, release } = listenForShutdown();
  try {
    const { baseUrl } = readConnectionOptions(options, connector.definition);
    const progress = createProgress(terminal);
    const onProgress = json ? undefined : progress.onProgress;
    const report = await withFlags(filterFlag, () =>
      connector.reportRoles({
        filter,
        ownerRoles: ownerRole.length === 0 ? undefined : ownerRole,
        signal: drain,
        onProgress,
      }),
    );
    const drift = await readDrift(connector, options, terminal, drain);
    const content: ReportContent = { baseUrl, createdAt: new Date().toISOString(), report, drift };
    const format = csv ? formatReportCsv : json ? formatJson : html ? formatHtml : undefined;
    if (format !== undefined) await writeOutput(once(await format(content)), out, drain);
    else if (out === undefined)
      for (const line of isolateNames(formatReport(content, terminal), terminal.isScreen)) terminal.out(line);
    else await writeOutput(once(`${formatReport(content, { columns: 120 }).join('\n')}\n`), out, drain);
    if (out !== undefined && !json) terminal.err(`The report is in ${out}.`);
  } finally {
    release();
    connector.close();
  }
}

async function readDrift(
  connector: Connector,
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Drift | undefined> {
  return namedDesired(options).length > 0
    ? driftOf(await makePlan(connector, options, terminal, signal))
    : undefined;
}

async function formatJson(content: ReportContent): Promise<string> {
  return `${JSON.stringify(reportData(content))}\n`;
}

/** Only this format needs the page and its style sheet. */
async function formatHtml(content: ReportContent): Promise<string> {
  const { reportPage } = await import('../report/report-page.ts');
  return reportPage(content);
}
