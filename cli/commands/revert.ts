import { Command } from 'commander';
import { applyAndPrint, throwStatus } from '../apply-and-print.ts';
import { type ConnectorOptions, connect } from '../context.ts';
import { errorScreen, formatPlan } from '../format-plan.ts';
import { addConnectionOptions, overlayOption } from '../options.ts';
import { listenForShutdown } from '../shutdown-signals.ts';
import type { Terminal } from '../terminal.ts';
import { writePlan } from './plan.ts';

type RevertCommandOptions = ConnectorOptions & {
  readonly only?: string;
  readonly dryRun?: boolean;
  readonly out?: string;
};

/** `rolecall revert`: undoes what a journal has. */
export function revertCommand(terminal: Terminal): Command {
  const command = new Command('revert')
    .description('undo the changes that a journal has, the last one first')
    .argument('<journal>', 'the journal of rolecall apply')
    .option('--only <user>', 'undo the changes of one user, by username, external ID, or ID')
    .option('--dry-run', 'show what would be undone, and change nothing')
    .option('--out <file>', 'write the plan of the way back to a file')
    .addOption(overlayOption())
    .option('--discover', "also accept the provider's own attributes")
    .option('--verbose', 'log each request to standard error')
    .option('--json', 'print the result as JSON');
  return addConnectionOptions(command)
    .addHelpText(
      'after',
      '\nWhat someone has changed since is not undone, but reported.\n\nExample:\n  rolecall revert plan-0123456789abcdef.journal --only ada@example.com \\\n    --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN',
    )
    .action(async (journal: string, options: RevertCommandOptions) => {
      const { only, dryRun = false, out, json = false } = options;
      const connector = await connect(options, terminal);
      const { drain, release } = listenForShutdown();
      try {
        const plan = await connector.planRevert(journal, { only });
        if (out !== undefined) await writePlan(plan, out);
        const screen = dryRun ? terminal : errorScreen(terminal);
        const lines = json ? [JSON.stringify(plan)] : formatPlan(plan, screen);
        if (dryRun || !json) for (const line of lines) terminal[dryRun ? 'out' : 'err'](line);
        if (dryRun || plan.changes.length === 0) return;
        // The same way back has the same ID, so that an interrupted one is resumed.
        const own = `${journal}.${plan.id}`;
        const result = await applyAndPrint(connector, plan, own, { approve: [], json }, terminal, drain);
        drain.throwIfAborted();
        throwStatus(plan, result);
      } finally {
        release();
        connector.close();
      }
    });
}
