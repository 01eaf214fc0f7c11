#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ConnectorError } from '../connector/errors.ts';
import { renameFields } from '../connector/rename-fields.ts';
import packageJson from '../package.json' with { type: 'json' };
import { actionsCommand } from './commands/actions.ts';
import { applyCommand } from './commands/apply.ts';
import { connectCommand } from './commands/connect.ts';
import { connectionsCommand, disconnectCommand } from './commands/connections.ts';
import { describeCommand } from './commands/describe.ts';
import { exportCommand } from './commands/export.ts';
import { mcpCommand } from './commands/mcp.ts';
import { overlayCommand } from './commands/overlay.ts';
import { packageCommand } from './commands/package.ts';
import { planCommand } from './commands/plan.ts';
import { probeCommand } from './commands/probe.ts';
import { profilesCommand } from './commands/profiles.ts';
import { reportCommand } from './commands/report.ts';
import { revertCommand } from './commands/revert.ts';
import { runCommand } from './commands/run.ts';
import { sandboxCommand } from './commands/sandbox.ts';
import { sourcesCommand } from './commands/sources.ts';
import { stateCommand } from './commands/state.ts';
import { triggersCommand } from './commands/triggers.ts';
import { validateCommand } from './commands/validate.ts';
import { watchCommand } from './commands/watch.ts';
import { ExitStatus, exitCodeOf } from './errors.ts';
import { nodeProblem } from './node-version.ts';
import { flagOf } from './options.ts';
import { receiveSignals } from './shutdown-signals.ts';
import { processTerminal, type Terminal } from './terminal.ts';

receiveSignals();
const terminal = processTerminal();
process.exitCode = await main(process.argv, terminal);

async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  const program = new Command('rolecall')
    .description(
      'SCIM 2.0 provisioning: create, update, and deactivate users, and set roles and groups, in any SCIM service',
    )
    .version(packageJson.version)
    // The options after "plan init" are those of "init", although "plan" has some of the same name.
    .enablePositionalOptions()
    .showHelpAfterError('Add --help to see the arguments and options.')
    .addCommand(sandboxCommand(terminal))
    .addCommand(actionsCommand(terminal))
    .addCommand(triggersCommand(terminal))
    .addCommand(sourcesCommand(terminal))
    .addCommand(profilesCommand(terminal))
    .addCommand(describeCommand(terminal))
    .addCommand(runCommand(terminal))
    .addCommand(watchCommand(terminal))
    .addCommand(stateCommand(terminal))
    .addCommand(planCommand(terminal))
    .addCommand(applyCommand(terminal))
    .addCommand(revertCommand(terminal))
    .addCommand(exportCommand(terminal))
    .addCommand(reportCommand(terminal))
    .addCommand(mcpCommand(terminal))
    .addCommand(probeCommand(terminal))
    .addCommand(connectCommand(terminal))
    .addCommand(connectionsCommand(terminal))
    .addCommand(disconnectCommand(terminal))
    .addCommand(overlayCommand(terminal))
    .addCommand(validateCommand(terminal))
    .addCommand(packageCommand(terminal))
    .addHelpText(
      'after',
      '\nTo get started, run "rolecall sandbox", and in another window "rolecall actions".',
    );
  inherit(program);
  try {
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    // Commander has already printed the error. Help and version are not errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const reason = error instanceof ExitStatus ? error.cause : error;
    const inFlags = reason instanceof ConnectorError ? renameFields(reason, flagOf) : reason;
    if (reason !== undefined) report(inFlags, terminal, argv.includes('--json'));
    return error instanceof ExitStatus ? error.code : exitCodeOf(error);
  }
}

/** Commands that are added later have none of the settings of the command above. */
function inherit(command: Command): void {
  command.exitOverride();
  for (const one of command.commands) {
    one.copyInheritedSettings(command);
    inherit(one);
  }
}

function report(error: unknown, terminal: Terminal, isJson: boolean): void {
  if (isJson) terminal.err(JSON.stringify({ error: toJson(error) }));
  else if (error instanceof ConnectorError) terminal.err(`${error.code}: ${error.message}`);
  else for (const line of message(error).split('\n')) terminal.err(line);
}

function toJson(error: unknown): unknown {
  return error instanceof ConnectorError ? error : { code: 'usage', message: message(error) };
}

function message(error: unknown): string {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_BUILTIN_MODULE';
  const problem = isMissing ? nodeProblem() : undefined;
  if (problem !== undefined) return problem;
  return error instanceof Error ? error.message : String(error);
}
