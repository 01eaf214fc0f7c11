import { Command } from 'commander';
import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { type ConnectorOptions, connect } from '../context.ts';
import { ExitStatus, exitStatus } from '../errors.ts';
import { formatOutput } from '../format-output.ts';
import { addConnectionOptions, overlayOption, readInput } from '../options.ts';
import { createProgress, type Terminal } from '../terminal.ts';

/** `rolecall run ACTION`: runs an action, and prints its output. */
export function runCommand(terminal: Terminal): Command {
  const command = new Command('run')
    .description('run an action and print its output as JSON')
    .argument('<action>', 'the key of the action')
    .option('--input <json>', 'the input: JSON, @FILE, or - for standard input', '{}')
    .addOption(overlayOption())
    .option('--discover', "also accept the provider's own attributes as fields")
    .option('--verbose', 'log each request to standard error')
    .option('--json', 'print JSON on one line, errors too, and nothing else');
  return addConnectionOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  rolecall run get_user --input \'{"user":{"email":"ada@example.com"}}\' \\\n    --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN',
    )
    .action(async (key: string, options: ConnectorOptions & { input: string; json?: boolean }) => {
      const input = await readInput(options.input);
      const connector = await connect(options, terminal);
      const progress = createProgress(terminal);
      const abort = new AbortController();
      const stop = (): void =>
        abort.abort(new Error('Stopped. Requests that were already sent stay in effect.'));
      process.once('SIGINT', stop).once('SIGTERM', stop);
      try {
        const onProgress = options.json === true ? undefined : progress.onProgress;
        const output = await connector.run(key, input, { signal: abort.signal, onProgress });
        progress.finish();
        for (const line of formatOutput(output, terminal, options.json === true)) terminal.out(line);
        // What was done is printed; that the rest was not is an error.
        abort.signal.throwIfAborted();
        const failedRows = failedRowsOf(connector.definition, key, output);
        if (failedRows !== undefined) {
          if (options.json !== true) terminal.err(failedRows);
          throw new ExitStatus(exitStatus.partial);
        }
      } finally {
        process.off('SIGINT', stop).off('SIGTERM', stop);
        connector.close();
      }
    });
}

/** What the rows of a bulk action came to, if some of them failed; undefined for other outputs. */
function failedRowsOf({ actions }: ConnectorDefinition, key: string, output: unknown): string | undefined {
  const isBulk = actions.find((action) => action.key === key)?.operation.type === 'bulk';
  if (!isBulk || !isRecord(output)) return undefined;
  const [succeeded, failed] = [Number(output.succeeded), Number(output.failed)];
  if (failed === 0) return undefined;
  const rows = succeeded + failed;
  return `${failed} of ${rows} ${rows === 1 ? 'row' : 'rows'} failed. The output has the error of each: correct these rows, and run them again.`;
}
