import { Command, Option } from 'commander';
import type { LogEntry } from '../../connector/platform.ts';
import type { Connector } from '../../runtime/create-connector.ts';
import { createNodePlatform } from '../../runtime/node/node-platform.ts';
import { openWatchStore } from '../../runtime/node/open-watch-store.ts';
import { type PushServer, startPushServer } from '../../runtime/node/start-push-server.ts';
import { prepareTrigger } from '../../runtime/prepare.ts';
import { deliverFromOutbox } from '../../runtime/watch/deliver-from-outbox.ts';
import { createOfflinePipeline } from '../../runtime/watch/offline-pipeline.ts';
import {
  isPulled,
  openPollers,
  openWebhookHandlers,
  type SourceSettings,
} from '../../runtime/watch/open-webhook-handlers.ts';
import { createOutbox } from '../../runtime/watch/outbox.ts';
import type { Poller } from '../../runtime/watch/poller.ts';
import { pollOrigin } from '../../runtime/watch/watch.ts';
import type { WatchStore } from '../../runtime/watch/watch-store.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { type ConnectorOptions, connect, definitionOf, showLog } from '../context.ts';
import { postEvents, printEvents } from '../event-delivery.ts';
import { OutputClosed } from '../event-output.ts';
import { overlayOption } from '../overlay-option.ts';
import { readDuration } from '../read-duration.ts';
import { readInput } from '../read-json.ts';
import { readPort } from '../read-port.ts';
import { listenForStop, type ShutdownSignals } from '../shutdown-signals.ts';
import { addSourceOptions, readSourceOptions, type SourceOptions } from '../source-options.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { addWebhookOptions, readWebhookOptions, type WebhookOptions } from '../webhook-options.ts';

type WatchOptions = ConnectorOptions &
  SourceOptions &
  WebhookOptions & {
    readonly state: string;
    readonly input: string;
    readonly every: number;
    readonly once?: boolean;
    readonly listen?: number;
    readonly listenHost: string;
  };

/** `rolecall watch TRIGGER`: gives the events of a trigger as they happen, and loses none whatever dies when. */
export function watchCommand(terminal: Terminal): Command {
  const command = new Command('watch')
    .description('print each event of a trigger as a line of JSON, or post it, until stopped')
    .argument('<trigger>', 'the key of the trigger')
    .requiredOption('--state <file>', 'where it goes on after a stop or a crash; made when it is not there')
    .addOption(
      new Option('--every <time>', 'from one poll to the next: 500ms, 30s, 5m, 1h')
        .argParser(readDuration)
        .default(60_000, '60s'),
    )
    .addOption(new Option('--once', 'end when all that there is now is delivered').conflicts('every'))
    .option('--input <json>', "the trigger's fields: JSON, @FILE, or - for standard input", '{}')
    .addOption(overlayOption())
    .option('--discover', "take the provider's own attributes as fields too")
    .option('--verbose', 'log each request to standard error');
  addConnectionOptions(command);
  addWebhookOptions(command);
  addSourceOptions(command);
  return command
    .addOption(
      new Option(
        '--listen <port>',
        'receive what the sources push, at /TYPE; 0 takes any free port',
      ).argParser(readPort),
    )
    .option('--listen-host <address>', 'the address of this machine to listen at', '127.0.0.1')
    .addHelpText(
      'after',
      '\nExample:\n  rolecall watch user_deprovisioned --state leavers.state \\\n    --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN',
    )
    .action((key: string, options: WatchOptions) => start(key, options, terminal));
}

const socketsToOneHost = 8;

/** Finds everything that can be wrong with the command line before anything is opened, and then watches. */
async function start(key: string, options: WatchOptions, terminal: Terminal): Promise<void> {
  const input = await readInput(options.input);
  const log = (entry: LogEntry): void => showLog(entry, options, terminal);
  const platform = createNodePlatform({ maxSockets: socketsToOneHost, log });
  const connector = options.baseUrl === undefined ? undefined : await connect(options, terminal);
  const stopping = listenForStop();
  try {
    const definition = connector?.definition ?? definitionOf(options);
    prepareTrigger(definition, key, input);
    const sources = readSourceOptions(options, definition);
    checkTogether(options, sources);
    const reading =
      connector?.eventPipeline(key, input) ?? createOfflinePipeline(definition, platform, key, input);
    // Where no one has to be asked, an input that cannot be used is told before anything is opened.
    if (connector === undefined) await reading.openSelector();
    const target = readWebhookOptions(options, definition);
    const delivery =
      target === undefined
        ? printEvents(stopping)
        : postEvents(target, platform, stopping, options.once === true);
    const store = await openWatchStore(options.state);
    try {
      await store.claim(key);
      const outbox = createOutbox(store);
      const context = { definition, platform };
      const pollers = [
        ...(connector === undefined ? [] : [pollerOf(connector, key, input)]),
        ...openPollers(sources, context, reading),
      ];
      const webhookHandlers = openWebhookHandlers(sources, context, reading, outbox);
      const { every: everyInMs, once: isOnce } = options;
      const pace = { everyInMs, isOnce, batchSize: delivery.batchSize, signal: stopping.stop };
      await printStartup(key, options, store, terminal);
      const server = await listen(options, webhookHandlers, stopping, terminal);
      try {
        for await (const batch of deliverFromOutbox(outbox, pollers, pace, platform))
          await delivery.deliver(batch);
      } catch (error) {
        if (!isEnd(error, stopping)) throw error;
      } finally {
        await server?.close(stopping.abort);
        await printSummary(options, store, terminal);
      }
    } finally {
      store.close();
    }
  } finally {
    stopping.release();
    platform.close();
    connector?.close();
  }
  // A line that nobody reads would keep the process from ending.
  if (stopping.abort.aborted) process.exit();
}

/** @throws UsageError when options do not go together. */
function checkTogether({ baseUrl, once, listen }: WatchOptions, sources: readonly SourceSettings[]): void {
  const pushed = sources.filter(({ type }) => !isPulled(type)).map(({ type }) => type);
  if (baseUrl === undefined && sources.length === 0)
    throw new UsageError('--base-url is missing: give the address of the SCIM service, or a --source');
  if (pushed.length > 0 && listen === undefined)
    throw new UsageError(`--listen is missing: give the port at which ${pushed.join(' and ')} is received`);
  if (listen !== undefined && pushed.length === 0)
    throw new UsageError('--listen needs a --source that sends: rolecall sources lists them');
  if (listen !== undefined && once === true)
    throw new UsageError('--once and --listen do not go together: what is sent has no end');
}

function pollerOf(connector: Connector, key: string, input: unknown): Poller {
  return {
    origin: pollOrigin,
    poll: (cursor, pages, signal) => connector.poll(key, input, cursor, { pages, signal }),
  };
}

async function listen(
  { listen: port, listenHost: host }: WatchOptions,
  sources: Parameters<typeof startPushServer>[0]['sources'],
  { stop, abort }: ShutdownSignals,
  terminal: Terminal,
): Promise<PushServer | undefined> {
  if (port === undefined) return undefined;
  const server = await startPushServer({ port, host, sources }).catch((error: unknown) => {
    throw error instanceof Error && 'code' in error
      ? new Error(
          `Cannot listen at ${host}:${port} (${error.code}): choose another --listen or --listen-host.`,
        )
      : error;
  });
  for (const type of sources.keys()) terminal.err(`Listening at ${server.origin}/${type}`);
  stop.addEventListener('abort', () => void server.close(abort), { once: true });
  return server;
}

async function printStartup(
  key: string,
  { baseUrl, state, once, every }: WatchOptions,
  store: WatchStore,
  terminal: Terminal,
): Promise<void> {
  const pace = once === true ? 'once' : `every ${every / 1000} s`;
  const where = baseUrl === undefined ? '' : ` at ${baseUrl} ${pace}`;
  terminal.err(`Watching ${key}${where}; the state is in ${state}.`);
  const waiting = await store.count();
  if (waiting > 0)
    terminal.err(`${counted(waiting)} of the last time ${waiting === 1 ? 'comes' : 'come'} first.`);
}

async function printSummary({ state }: WatchOptions, store: WatchStore, terminal: Terminal): Promise<void> {
  const waiting = await store.count();
  if (waiting > 0) terminal.err(`${counted(waiting)} not delivered: in ${state} until the next time.`);
}

function counted(events: number): string {
  return events === 1 ? '1 event' : `${events} events`;
}

/** Whether it ended because it was asked to, or because nobody reads any more. */
function isEnd(error: unknown, { stop, abort }: ShutdownSignals): boolean {
  return (
    error instanceof OutputClosed || [stop, abort].some(({ aborted, reason }) => aborted && error === reason)
  );
}
