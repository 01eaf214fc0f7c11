import { Command } from 'commander';
import { formatDryRun } from '../../actions/dry-run/format-dry-run.ts';
import type { ActionDefinition, ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { DryRun } from '../../connector/generated/types.ts';
import { actionNamed } from '../../runtime/prepare.ts';
import { asGiven, type BulkInput, type BulkOptions, readBulkInput } from '../bulk-input.ts';
import { type ConnectorOptions, connect } from '../context.ts';
import { ExitStatus, exitStatus, UsageError } from '../errors.ts';
import { formatFailedRows } from '../format-failed-rows.ts';
import { formatOutput } from '../format-output.ts';
import { addConnectionOptions, overlayOption, readInput } from '../options.ts';
import { createProgress, type Terminal } from '../terminal.ts';

type RunCommandOptions = ConnectorOptions & BulkOptions & { readonly dryRun?: boolean };

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
    .option('--dry-run', 'only read, and print what would be sent and changed')
    .option('--action <action>', 'for a bulk action: the action that each row runs')
    .option(
      '--match-by <key>',
      'for a bulk action: what identifies the user of each row: externalId or userName',
    )
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
      '\nExample:\n  rolecall run get_user --input \'{"user":{"email":"ada@example.com"}}\' \\\n    --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN\n  rolecall run bulk_users --input @leavers.csv --action deactivate_user --dry-run\n\nRows have numbers from 1; those of a CSV have the numbers that a spreadsheet shows.',
    )
    .action(async (key: string, options: RunCommandOptions) => {
      const connector = await connect(options, terminal, {
        check: (definition) => actionNamed(definition, key),
      });
      const progress = createProgress(terminal);
      const abort = new AbortController();
      const stop = (): void =>
        abort.abort(new Error('Stopped. Requests that were already sent stay in effect.'));
      process.once('SIGINT', stop).once('SIGTERM', stop);
      try {
        const read = await readRunInput(key, options, connector.definition);
        const say = (lines: readonly string[]): void => {
          if (options.json !== true) for (const line of lines) terminal.err(line);
        };
        say(read.notes ?? []);
        const onProgress = options.json === true ? undefined : progress.onProgress;
        const run = { signal: abort.signal, onProgress, dryRun: options.dryRun };
        const output = await connector.run(key, read.input, run);
        progress.finish();
        const { shown, lines, isPartial } =
          options.dryRun === true
            ? ofDryRun(read.toDryRun(output as DryRun))
            : ofRun(actionOf(connector.definition, key), read.toResults(output));
        for (const line of formatOutput(shown, terminal, options.json === true)) terminal.out(line);
        say(lines);
        // What was done is printed; that the rest was not is an error.
        abort.signal.throwIfAborted();
        if (isPartial) throw new ExitStatus(exitStatus.partial);
      } finally {
        process.off('SIGINT', stop).off('SIGTERM', stop);
        connector.close();
      }
    });
}

/** What a run came to. */
interface Ending {
  /** The output. */
  readonly shown: unknown;
  /** What a person should know. */
  readonly lines: readonly string[];
  /** Whether only a part of it was done, or would be. */
  readonly isPartial: boolean;
}

function ofRun(action: ActionDefinition | undefined, shown: unknown): Ending {
  const lines = action === undefined ? [] : formatFailedRows(action, shown);
  return { shown, lines, isPartial: lines.length > 0 };
}

function ofDryRun(shown: DryRun): Ending {
  const isPartial = shown.error !== undefined || shown.rows.some(({ ok }) => !ok);
  return { shown, lines: formatDryRun(shown), isPartial };
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
  const [flag] = Object.entries({
    '--action': options.action,
    '--match-by': options.matchBy,
    '--map': options.map,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (flag !== undefined && action !== undefined)
    throw new UsageError(`${flag} is for the rows of bulk actions, such as bulk_users. Omit it.`);
  return { input: await readInput(options.input), ...asGiven };
}
