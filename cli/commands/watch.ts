import { Command, InvalidArgumentError, Option } from 'commander';
import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { LogEntry } from '../../connector/platform.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { WatchTarget } from '../../runtime/connector.ts';
import { stdoutSink, webhookSink } from '../../runtime/node/sinks.ts';
import {
  type ExitCondition,
  exitConditions,
  type SinkWatchOptions,
  type WatchStart,
} from '../../runtime/watch/watch.ts';
import type { WatchSource } from '../../runtime/watch/watched-connection.ts';
import { watchSourcesOf } from '../../runtime/watch-sources.ts';
import { sources as allSources } from '../../triggers/sources/sources.ts';
import { type ConnectorOptions, connect, definitionOf } from '../context.ts';
import { UsageError } from '../errors.ts';
import { addLogOptions, type Log, type LogOptions, openLog } from '../log.ts';
import { addMonitorOptions, type Monitor, type MonitorOptions, openMonitor } from '../monitor-options.ts';
import { addConnectionOptions, overlayOption, readDuration, readInput, readPort } from '../options.ts';
import { listenForShutdown } from '../shutdown-signals.ts';
import type { Terminal } from '../terminal.ts';
import {
  addSourceOptions,
  addWebhookOptions,
  readSourceOptions,
  readWebhookOptions,
  type SourceOptions,
  type WebhookOptions,
} from '../watch-options.ts';

type WatchCommandOptions = ConnectorOptions &
  LogOptions &
  MonitorOptions &
  SourceOptions &
  WebhookOptions & {
    readonly state: string;
    readonly input: string;
    readonly every: number;
    readonly once?: boolean;
    readonly exitOn: readonly ExitCondition[];
    readonly listen?: number;
    readonly listenHost: string;
  };

/** `rolecall watch TRIGGER`: prints or posts the events of a trigger as they happen, at least once each. */
export function watchCommand(terminal: Terminal): Command {
  const command = new Command('watch')
    .description('print each event of a trigger as a line of JSON, or post it, until stopped')
    .argument('<trigger>', 'the key of the trigger')
    .requiredOption(
      '--state <file>',
      'the file that stores progress, to resume after a stop or a crash; created if missing',
    )
    .addOption(
      new Option('--every <time>', 'the polling interval: 500ms, 30s, 5m, 1h')
        .argParser(readDuration)
        .default(60_000, '60s'),
    )
    .addOption(new Option('--once', 'exit once all current events are delivered').conflicts('every'))
    .addOption(
      new Option(
        '--exit-on <condition>',
        'exit, instead of retrying slowly: auth, if the provider rejects the token; held, if the safeguard holds a poll; repeatable',
      )
        .argParser(readExitCondition)
        .default([], 'none'),
    )
    .option('--input <json>', "the trigger's fields: JSON, @FILE, or - for standard input", '{}')
    .addOption(overlayOption())
    .option('--discover', "also accept the provider's own attributes as fields");
  addLogOptions(command);
  addMonitorOptions(command);
  addConnectionOptions(command);
  addWebhookOptions(command);
  addSourceOptions(command);
  return command
    .addOption(
      new Option('--listen <port>', 'receive pushed events at /TYPE; 0 selects a free port').argParser(
        readPort,
      ),
    )
    .option('--listen-host <address>', 'the address to listen on', '127.0.0.1')
    .addHelpText(
      'after',
      '\nExample:\n  rolecall watch user_deprovisioned --state leavers.state \\\n    --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN',
    )
    .action((key: string, options: WatchCommandOptions) => runWatch(key, options, terminal));
}

async function runWatch(key: string, options: WatchCommandOptions, terminal: Terminal): Promise<void> {
  const monitor = await openMonitor(options, options.every, await openLog(options, terminal));
  let isAborted = false;
  try {
    isAborted = await watchWith(monitor, key, options, terminal);
  } finally {
    await monitor.close();
  }
  // A line that nobody reads would keep the process from ending.
  if (isAborted) process.exit();
}

/** Resolves when the watch has ended, to whether deliveries in progress were aborted. */
async function watchWith(
  { log, observer, showBacklog }: Monitor,
  key: string,
  options: WatchCommandOptions,
  terminal: Terminal,
): Promise<boolean> {
  const input = await readInput(options.input);
  const connector =
    options.baseUrl === undefined && options.profile === undefined
      ? undefined
      : await connect(options, terminal, log);
  const { drain, abort, release } = listenForShutdown();
  try {
    const definition = connector?.definition ?? definitionOf(options);
    const watchOptions: SinkWatchOptions = {
      ...readWatchOptions(options, definition, log.write),
      signal: drain,
      abort,
      observer,
      onStart(start) {
        showBacklog(start.backlog);
        announceStart(key, options, start, log);
      },
      onEnd: ({ undelivered }) => announceEnd(options, undelivered, log),
    };
    // The definition, with the overlays of the command line, decides which triggers exist.
    const trigger = { key, input } as WatchTarget;
    if (connector === undefined)
      await watchSourcesOf(definition, trigger, { ...watchOptions, log: log.write });
    else await connector.watch(trigger, watchOptions);
  } catch (error) {
    throw listenError(error, options);
  } finally {
    release();
    connector?.close();
  }
  return abort.aborted;
}

/** @throws UsageError */
function readWatchOptions(
  options: WatchCommandOptions,
  definition: ConnectorDefinition,
  log: (entry: LogEntry) => void,
): SinkWatchOptions {
  const { state: store, every: everyInMs, once = false, exitOn, listen: port, listenHost: host } = options;
  const sources = readSourceOptions(options, definition);
  assertCompatible(options, sources);
  const webhook = readWebhookOptions(options, definition);
  return {
    sources,
    listen: port === undefined ? undefined : { port, host },
    sink: webhook === undefined ? stdoutSink() : webhookSink({ ...webhook, log }),
    store,
    everyInMs,
    once,
    exitOn,
  };
}

function readExitCondition(text: string, before: readonly ExitCondition[]): readonly ExitCondition[] {
  const found = exitConditions.find((one) => one === text);
  if (found === undefined) throw new InvalidArgumentError(`It must be ${exitConditions.join(' or ')}.`);
  return [...before, found];
}

/** @throws UsageError if options exclude or require each other. */
function assertCompatible(
  { baseUrl, once, listen }: WatchCommandOptions,
  sources: readonly WatchSource[],
): void {
  const types = sources.map(({ type }) => type);
  const pushed = types.filter((type) => allSources[type].delivery === 'push');
  if (baseUrl === undefined && sources.length === 0)
    throw new UsageError(
      '--base-url is missing. Pass the URL of the SCIM service, or an event source with --source.',
    );
  if (pushed.length > 0 && listen === undefined)
    throw new UsageError(
      `--listen is missing. Pass the port that receives events from ${pushed.join(' and ')}.`,
    );
  if (listen !== undefined && pushed.length === 0)
    throw new UsageError('--listen requires a --source that pushes events. "rolecall sources" lists them.');
  if (listen !== undefined && once === true)
    throw new UsageError(
      '--once cannot be combined with --listen, because pushed events have no end. Omit one of them.',
    );
}

function announceStart(
  trigger: string,
  { baseUrl, state, once, every }: WatchCommandOptions,
  { undelivered, urls }: Pick<WatchStart, 'undelivered' | 'urls'>,
  { announce }: Log,
): void {
  const pace = once === true ? 'once' : `every ${every / 1000} s`;
  const where = baseUrl === undefined ? '' : ` at ${baseUrl} ${pace}`;
  const { version } = packageJson;
  announce('watch_started', `Watching ${trigger}${where}; the state is in ${state}. Rolecall ${version}.`, {
    version,
    trigger,
    state,
    undelivered,
  });
  if (undelivered > 0)
    announce('undelivered_found', `Delivering ${counted(undelivered)} from the previous run first.`);
  for (const url of urls) announce('listening', `Listening at ${url}`, { url });
}

function announceEnd({ state }: WatchCommandOptions, undelivered: number, { announce }: Log): void {
  const left =
    undelivered === 0
      ? ''
      : ` ${counted(undelivered)} not delivered. They stay in ${state}, and the next run delivers them first.`;
  announce('watch_stopped', `Stopped.${left}`, { undelivered });
}

function counted(events: number): string {
  return events === 1 ? '1 event' : `${events} events`;
}

/** Node's error of a server that cannot listen, in the words of the options; other errors as they are. */
function listenError(error: unknown, { listen, listenHost }: WatchCommandOptions): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') return error;
  return new Error(
    `Cannot listen at ${listenHost}:${listen} (${error.code}). Use another --listen or --listen-host.`,
  );
}
