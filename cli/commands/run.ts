import { Command } from 'commander';
import type { ActionDefinition, ConnectorDefinition } from '../../connector/definition/definition.ts';
import { type BulkInput, type BulkOptions, readBulkInput } from '../bulk-input.ts';
import { type ConnectorOptions, connect } from '../context.ts';
import { ExitStatus, exitStatus, UsageError } from '../errors.ts';
import { formatFailedRows } from '../format-failed-rows.ts';
import { formatOutput } from '../format-output.ts';
import { addConnectionOptions, overlayOption, readInput } from '../options.ts';
import { createProgress, type Terminal } from '../terminal.ts';

type RunCommandOptions = ConnectorOptions & BulkOptions;

/** `rolecall run ACTION`: runs an action, and prints its output. */
export function runCommand(terminal: Terminal): Command {
  const command = new Command('run')
    .description('run an action and print its output as JSON')
    .argument('<action>', 'the key of the action')
    .option(
      '--input <json>',
      'the input: JSON, @FILE, or - for standard input; for a bulk action also its rows: a list, JSON lines, or CSV',
      '{}',
    )
    .option('--action <action>', 'for a bulk action: the action that each row runs')
    .option(
      '--map <file>',
      'for the rows of a CSV: what its columns mean, as JSON from "rolecall plan init", or okta, entra, or google',
    )
    .addOption(overlayOption())
    .option('--discover', "also accept the provider's own attributes as fields")
    .option('--verbose', 'log each request to standard error')
    .option('--json', 'print JSON on one line, errors too, and nothing else');
  return addConnectionOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  rolecall run get_user --input \'{"user":{"email":"ada@example.com"}}\' \\\n    --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN\n  rolecall run bulk_users --input @leavers.csv --action deactivate_user\n\nRows have numbers from 1; those of a CSV have the numbers that a spreadsheet shows.',
    )
    .action(async (key: string, options: RunCommandOptions) => {
      const connector = await connect(options, terminal);
      const progress = createProgress(terminal);
      const abort = new AbortController();
      const stop = (): void =>
        abort.abort(new Error('Stopped. Requests that were already sent stay in effect.'));
      process.once('SIGINT', stop).once('SIGTERM', stop);
      try {
        const { input, notes = [], toResults } = await readRunInput(key, options, connector.definition);
        if (options.json !== true) for (const note of notes) terminal.err(note);
        const onProgress = options.json === true ? undefined : progress.onProgress;
        const output = toResults(await connector.run(key, input, { signal: abort.signal, onProgress }));
        progress.finish();
        for (const line of formatOutput(output, terminal, options.json === true)) terminal.out(line);
        const action = actionOf(connector.definition, key);
        const failures = action === undefined ? [] : formatFailedRows(action, output);
        if (options.json !== true) for (const line of failures) terminal.err(line);
        // What was done is printed; that the rest was not is an error.
        abort.signal.throwIfAborted();
        if (failures.length > 0) throw new ExitStatus(exitStatus.partial);
      } finally {
        process.off('SIGINT', stop).off('SIGTERM', stop);
        connector.close();
      }
    });
}

function actionOf({ actions }: ConnectorDefinition, key: string): ActionDefinition | undefined {
  return actions.find((action) => action.key === key);
}

/** @throws UsageError if the input cannot be read, or has options of other actions */
async function readRunInput(
  key: string,
  options: RunCommandOptions,
  definition: ConnectorDefinition,
): Promise<BulkInput> {
  const action = actionOf(definition, key);
  if (action?.operation.type === 'bulk') return readBulkInput(options, action, definition);
  const flag = options.action !== undefined ? '--action' : options.map !== undefined ? '--map' : undefined;
  if (flag !== undefined && action !== undefined)
    throw new UsageError(`${flag} is for the rows of bulk actions, such as bulk_users. Omit it.`);
  return { input: await readInput(options.input), toResults: (output) => output };
}
