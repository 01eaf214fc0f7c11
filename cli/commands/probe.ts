import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { parseOverlay } from '../../connector/manifest/parse-manifest.zod.ts';
import { profileOfReport } from '../../probe/profile-of-report.ts';
import type { ProbeReport } from '../../probe/report.ts';
import { cannotWrite, isSystemError } from '../../runtime/node/cannot-write.ts';
import { type ConnectorOptions, connect } from '../context.ts';
import { UsageError } from '../errors.ts';
import { formatProbe, howToRemove } from '../format-probe.ts';
import { addConnectionOptions, overlayOption } from '../options.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall probe`: finds out what a provider can do, and where it deviates from the standards. */
export function probeCommand(terminal: Terminal): Command {
  const command = new Command('probe')
    .description('find out what a provider can do, and where it deviates from the standards')
    .addOption(overlayOption())
    .option('--write', 'also try changes, on users and groups of its own, which it removes')
    .option('--profile-out <file>', 'write an overlay with a profile of the traits that were proved')
    .option('--force', 'let --profile-out replace an existing file')
    .option('--verbose', 'log each request to standard error')
    .option('--json', 'print the report as JSON');
  return addConnectionOptions(command)
    .addHelpText(
      'after',
      '\nWithout --write, a probe only reads.\n\nExample:\n  rolecall probe --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN',
    )
    .action(async (options: ProbeCommandOptions) => {
      const { profileOut, force = false, write = false } = options;
      if (profileOut !== undefined && !force && existsSync(profileOut)) throw fileExists(profileOut);
      const connector = await connect(options, terminal);
      const signals = listenForStop(terminal, write);
      try {
        const report = await connector.probe({
          write,
          signal: signals.stop.signal,
          cleanupSignal: signals.cleanup.signal,
        });
        print(report, terminal, options.json === true);
        if (profileOut !== undefined && !report.stopped) writeProfile(report, profileOut, force);
        throwIfUnfinished(report);
      } finally {
        signals.release();
        connector.close();
      }
    });
}

type ProbeCommandOptions = ConnectorOptions & {
  readonly write?: boolean;
  readonly profileOut?: string;
  readonly force?: boolean;
};

function print(report: ProbeReport, terminal: Terminal, isJson: boolean): void {
  const lines = isJson
    ? [JSON.stringify(report)]
    : formatProbe(report, terminal.isScreen ? terminal.columns : 0);
  for (const line of lines) terminal.out(line);
}

function writeProfile(report: ProbeReport, path: string, force: boolean): void {
  const overlay = parseOverlay(profileOfReport(report, Date.now()));
  try {
    writeFileSync(path, `${JSON.stringify(overlay, null, 2)}\n`, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw fileExists(path);
    throw isSystemError(error) ? cannotWrite(path, error) : error;
  }
}

function fileExists(path: string): UsageError {
  return new UsageError(`${path} exists. Pass another file to --profile-out, or --force to replace it.`);
}

/** What is left at the provider, and a report that is not complete, are errors. */
function throwIfUnfinished({ leftBehind, stopped }: ProbeReport): void {
  if (leftBehind.length > 0) {
    const list = leftBehind.map(
      (one) => `${one.type} ${one.name} (ID ${one.id ?? 'unknown'}): ${howToRemove(one)}`,
    );
    throw new Error(
      `The probe could not remove everything that it created. ${list.join('. ')}. ${nextProbe}`,
    );
  }
  if (stopped) throw new Error('The probe was stopped. Nothing that it created is left.');
}

const nextProbe = 'The next probe with --write removes what is older than 10 minutes.';

/** The first signal stops the probe, which then removes what it has created. The second one stops this, too. */
function listenForStop(
  terminal: Terminal,
  write: boolean,
): { readonly stop: AbortController; readonly cleanup: AbortController; release(): void } {
  const stop = new AbortController();
  const cleanup = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) {
      cleanup.abort(new Error('The removal was stopped.'));
      return;
    }
    if (write) terminal.err('Stopping, and removing what was created. Press Ctrl+C again to stop at once.');
    stop.abort(new Error('The probe was stopped.'));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    stop,
    cleanup,
    release: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
}
