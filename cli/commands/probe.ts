import { Command } from 'commander';
import { type ConnectorOptions, connect } from '../context.ts';
import { formatProbe } from '../format-probe.ts';
import { addConnectionOptions, overlayOption } from '../options.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall probe`: finds out what a provider can do, and where it deviates from the standards. */
export function probeCommand(terminal: Terminal): Command {
  const command = new Command('probe')
    .description('find out what a provider can do, and where it deviates from the standards')
    .addOption(overlayOption())
    .option('--verbose', 'log each request to standard error')
    .option('--json', 'print the report as JSON');
  return addConnectionOptions(command)
    .addHelpText(
      'after',
      '\nA probe only reads.\n\nExample:\n  rolecall probe --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN',
    )
    .action(async (options: ConnectorOptions & { json?: boolean }) => {
      const connector = await connect(options, terminal);
      const stop = new AbortController();
      const onSignal = (): void => stop.abort(new Error('The probe was stopped.'));
      process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
      try {
        const report = await connector.probe({ signal: stop.signal });
        if (options.json === true) terminal.out(JSON.stringify(report));
        else
          for (const line of formatProbe(report, terminal.isScreen ? terminal.columns : 0))
            terminal.out(line);
        stop.signal.throwIfAborted();
      } finally {
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
        connector.close();
      }
    });
}
