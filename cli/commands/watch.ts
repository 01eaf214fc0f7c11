import { Command, InvalidArgumentError, Option } from 'commander';
import { ConnectorError } from '../../connector/errors.ts';
import { renameFields } from '../../connector/rename-fields.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { openWatchStore } from '../../runtime/node/open-watch-store.ts';
import {
  type ExitCondition,
  exitConditions,
  type WatchStart,
  watchConnections,
} from '../../runtime/watch/watch.ts';
import type { WatchStore } from '../../runtime/watch/watch-store.ts';
import { counted } from '../counted.ts';
import { UsageError } from '../errors.ts';
import { addLogOptions, type Log, type LogOptions, openLog } from '../log.ts';
import { addMonitorOptions, type Monitor, type MonitorOptions, openMonitor } from '../monitor-options.ts';
import { addConnectionOptions, collect, overlayOption, readDuration, readPort } from '../options.ts';
import { listenForShutdown } from '../shutdown-signals.ts';
import { readStateKeyEnv } from '../state-key.ts';
import type { Terminal } from '../terminal.ts';
import { monitorOptionsOf } from '../watch-config/open-watch-config.ts';
import { type ConfigFile, readWatchConfig } from '../watch-config/read-watch-config.ts';
import { addSinkOptions, addSourceOptions, addSubscriptionOptions } from '../watch-options.ts';
import { type FlagOptions, planFromConfig, planFromFlags, type WatchPlan } from '../watch-plan.ts';

type WatchCommandOptions = FlagOptions & LogOptions & MonitorOptions & { readonly config?: string };

/** `rolecall watch TRIGGER…`: prints or posts the events of triggers as they happen, at least once each. */
export function watchCommand(terminal: Terminal): Command {
  const command = new Command('watch')
    .description('print each event of a trigger as a line of JSON, or post it, until stopped')
    .argument('[triggers...]', 'the keys of the triggers')
    .option(
      '--config <file>',
      'a file, YAML or JSON, in place of all other options: several providers, sources, and sinks',
    )
    .option(
      '--state <file>',
      'the file that stores progress, to resume after a stop or a crash; created if missing, and encrypted if ROLECALL_STATE_KEY has a key',
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
    .addOption(
      new Option(
        '--input <json>',
        "the trigger's fields: JSON, @FILE, or - for standard input; with several triggers, KEY=JSON; repeatable",
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(overlayOption())
    .option('--discover', "also accept the provider's own attributes as fields");
  addLogOptions(command);
  addMonitorOptions(command);
  addConnectionOptions(command);
  addSinkOptions(command);
  addSourceOptions(command);
  addSubscriptionOptions(command);
  return command
    .addOption(
      new Option(
        '--listen <port>',
        'receive pushed events at /TYPE, and subscriptions; 0 selects a free port',
      ).argParser(readPort),
    )
    .option('--listen-host <address>', 'the address to listen on', '127.0.0.1')
    .addHelpText(
      'after',
      '\nExample:\n  rolecall watch user_deprovisioned --state leavers.state \\\n    --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN',
    )
    .action((keys: readonly string[], options: WatchCommandOptions) =>
      runWatch(keys, options, command, terminal),
    );
}

async function runWatch(
  keys: readonly string[],
  options: WatchCommandOptions,
  command: Command,
  terminal: Terminal,
): Promise<void> {
  const file = options.config === undefined ? undefined : await readConfig(options.config, keys, command);
  const monitored = file === undefined ? options : monitorOptionsOf(file);
  const monitor = await openMonitor(monitored, await openLog(options, terminal));
  let isAborted = false;
  try {
    const plan =
      file === undefined
        ? await planFromFlags(keys, options, terminal, monitor.log)
        : await planFromConfig(file, monitor.log);
    isAborted = await runPlan(plan, monitor, options.once === true);
  } finally {
    await monitor.close();
  }
  // A line that nobody reads would keep the process from ending.
  if (isAborted) process.exit();
}

/** The options that can be combined with a config file: all others are in it. */
const besidesConfig: ReadonlySet<string> = new Set(['config', 'once', 'logLevel', 'logFormat', 'verbose']);

/** @throws UsageError */
function readConfig(path: string, keys: readonly string[], command: Command): Promise<ConfigFile> {
  const given = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .filter((option) => !besidesConfig.has(option.attributeName()))
    .map(({ long }) => long);
  const [first] = [...keys.map((key) => `The trigger ${key}`), ...given];
  if (first !== undefined)
    throw new UsageError(`${first} cannot be combined with --config. Write it into the file.`);
  return readWatchConfig(path);
}

/** Resolves when the watch has ended, to whether deliveries in progress were aborted. */
async function runPlan(
  plan: WatchPlan,
  { log, observer, showBacklogs }: Monitor,
  once: boolean,
): Promise<boolean> {
  const {
    connections,
    sinks,
    heldSink,
    subscriptions,
    state,
    everyInMs,
    exitOn,
    listen,
    deadLetterAfterInMs,
  } = plan;
  const store = async (): Promise<WatchStore> =>
    openWatchStore(state, { key: readStateKeyEnv('ROLECALL_STATE_KEY') });
  const [first] = connections;
  if (first === undefined) throw new UsageError('There is nothing to watch.');
  const { drain, abort, release } = listenForShutdown();
  try {
    const options = {
      ...{ sinks, heldSink, subscriptions, store, everyInMs, exitOn, listen, deadLetterAfterInMs, once },
      howToApprove: howToApprove(state),
      ...{ observer, abort, signal: drain },
      onStart(start: WatchStart) {
        showBacklogs(start.backlogs);
        announceStart(plan, start, log);
      },
      onEnd: ({ undelivered }: Pick<WatchStart, 'undelivered'>) => announceEnd(plan, undelivered, log),
    };
    await watchConnections(connections, options, first.platform);
  } catch (error) {
    throw namedError(listenError(error, listen), plan);
  } finally {
    release();
    plan.close();
  }
  return abort.aborted;
}

/** How a hold is approved on the command line. */
function howToApprove(state: string): (id: string) => string {
  const file = quoteArgument(state);
  return (id) =>
    `run "rolecall state release ${file} --approve ${id}": it approves exactly these losses. "rolecall state show ${file}" lists them`;
}

/** An argument as a shell reads it. */
function quoteArgument(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function readExitCondition(text: string, before: readonly ExitCondition[]): readonly ExitCondition[] {
  const found = exitConditions.find((one) => one === text);
  if (found === undefined) throw new InvalidArgumentError(`It must be ${exitConditions.join(' or ')}.`);
  return [...before, found];
}

function announceStart(
  { title, state, connections }: WatchPlan,
  { undelivered, urls, subscriptionsUrl }: WatchStart,
  { announce }: Log,
): void {
  const { version } = packageJson;
  const triggers = connections.flatMap(({ name, triggers: watched }) =>
    watched.map((one) => {
      const key = typeof one === 'string' ? one : one.key;
      return name === undefined ? key : `${name}/${key}`;
    }),
  );
  announce('watch_started', `Watching ${title}; the state is in ${state}. Rolecall ${version}.`, {
    version,
    triggers,
    state,
    undelivered,
  });
  if (undelivered > 0)
    announce('undelivered_found', `Delivering ${counted(undelivered, 'event')} from the previous run first.`);
  for (const url of urls) announce('listening', `Listening at ${url}`, { url });
  if (subscriptionsUrl !== undefined)
    announce('subscribing', `Subscribe at ${subscriptionsUrl}`, { url: subscriptionsUrl });
}

function announceEnd({ state }: WatchPlan, undelivered: number, { announce }: Log): void {
  const left =
    undelivered === 0
      ? ''
      : ` ${counted(undelivered, 'event')} not delivered: kept in ${state}, and delivered first by the next run.`;
  announce('watch_stopped', `Stopped.${left}`, { undelivered });
}

/** Invalid input in the words of where it was given; other errors as they are. */
function namedError(error: unknown, { nameOf }: WatchPlan): unknown {
  return error instanceof ConnectorError && error.code === 'invalid_input'
    ? renameFields(error, nameOf)
    : error;
}

/** Node's error of a server that cannot listen, in the words of the options; other errors as they are. */
function listenError(error: unknown, listen: WatchPlan['listen']): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') return error;
  return new Error(
    `Cannot listen at ${listen?.host}:${listen?.port} (${error.code}). Use another --listen or --listen-host.`,
  );
}
