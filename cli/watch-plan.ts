import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import type { NameOf } from '../connector/rename-fields.ts';
import { watchContextOf } from '../runtime/create-connector.ts';
import { createNodePlatform } from '../runtime/node/node-platform.ts';
import { webhookSink } from '../runtime/node/sinks.ts';
import { triggerNamed } from '../runtime/prepare.ts';
import type { Sink } from '../runtime/watch/sink.ts';
import type { SubscriptionOptions } from '../runtime/watch/subscription-endpoint.ts';
import type { ExitCondition } from '../runtime/watch/watch.ts';
import type { WatchedConnection, WatchedTrigger, WatchSource } from '../runtime/watch/watched-connection.ts';
import { sources as allSources } from '../triggers/sources/sources.ts';
import { type ConnectorOptions, connect, definitionOf } from './context.ts';
import { UsageError } from './errors.ts';
import type { Log } from './log.ts';
import { readDuration, readInput } from './options.ts';
import { refusePublicReceivers } from './plain-http.ts';
import type { Terminal } from './terminal.ts';
import { openWatchConfig } from './watch-config/open-watch-config.ts';
import type { ConfigFile } from './watch-config/read-watch-config.ts';
import {
  readHeldWebhookOptions,
  readSourceOptions,
  readSubscriptionOptions,
  type SourceOptions,
  type SourceSetting,
  type SubscribingOptions,
  settingFlag,
  subscriptionTokensFlag,
} from './watch-options.ts';
import { openSinks, type SinkOptions } from './watch-sinks.ts';

/** The options of a watch that has no config file. */
export type FlagOptions = ConnectorOptions &
  SourceOptions &
  SinkOptions &
  SubscribingOptions & {
    readonly state?: string;
    readonly input: readonly string[];
    readonly every: number;
    readonly once?: boolean;
    readonly exitOn: readonly ExitCondition[];
    readonly listen?: number;
    readonly listenHost: string;
  };

/** What a watch runs. */
export interface WatchPlan {
  readonly connections: readonly WatchedConnection[];
  readonly sinks: Readonly<Record<string, Sink>>;
  /** Receives notices of held losses. */
  readonly heldSink?: Sink | undefined;
  /** Who can subscribe to events. Undefined: nobody can. */
  readonly subscriptions: SubscriptionOptions | undefined;
  readonly state: string;
  readonly everyInMs: number;
  readonly exitOn: readonly ExitCondition[];
  readonly listen: { readonly port: number; readonly host: string } | undefined;
  /** Default: that of the library. */
  readonly deadLetterAfterInMs?: number | undefined;
  /** For messages: what is watched, and where. */
  readonly title: string;
  /** How its errors name what is wrong in it. */
  readonly nameOf: NameOf;
  /** Closes idle connections. */
  close(): void;
}

const defaultEveryInMs = 60_000;
const defaultHost = '127.0.0.1';

/** The plan of a config file. @throws UsageError that names the line of each problem */
export async function planFromConfig(file: ConfigFile, log: Log): Promise<WatchPlan> {
  const { every, exitOn = [], listen, deadLetterAfter, sinks = {}, held } = file.config;
  const receivers = [
    ...Object.entries(sinks).flatMap(([name, sink]) =>
      sink.type === 'webhook' ? [{ ...sink, where: `${file.path}: sinks.${name}.url` }] : [],
    ),
    ...(held === undefined ? [] : [{ ...held, where: `${file.path}: held.url` }]),
  ];
  const opened = await openWatchConfig(file, log.write, readDuration);
  await refusePublicReceivers(receivers.filter(({ allowPlainHttp }) => allowPlainHttp === true)).catch(
    (error: unknown) => {
      opened.close();
      throw error;
    },
  );
  return {
    ...opened,
    everyInMs: every === undefined ? defaultEveryInMs : readDuration(every),
    exitOn,
    listen: listen && { port: listen.port, host: listen.host ?? defaultHost },
    deadLetterAfterInMs: deadLetterAfter === undefined ? undefined : readDuration(deadLetterAfter),
    title: `what ${file.path} says`,
    nameOf: settingNames(opened.connections, settingInFile),
  };
}

/** Names the settings of the watched sources. */
function settingNames(
  connections: readonly Pick<WatchedConnection, 'definition' | 'sources'>[],
  nameOf: (setting: SourceSetting) => string,
): NameOf {
  const watched = connections.flatMap(({ definition, sources = [] }) =>
    definition.sources.filter(({ type }) => sources.some((one) => one.type === type)),
  );
  const settings = watched.flatMap(({ fields }) => fields);
  return (path) => {
    const setting = settings.find(({ key }) => key === path);
    return setting && nameOf(setting);
  };
}

/** A setting, as it is written in a config file. */
function settingInFile({ key, secret }: SourceSetting): string {
  return `${secret ? 'secretsEnv' : 'settings'}.${key}`;
}

/** The plan of the command line. @throws UsageError */
export async function planFromFlags(
  keys: readonly string[],
  options: FlagOptions,
  terminal: Terminal,
  log: Log,
): Promise<WatchPlan> {
  const { state, every, once = false, exitOn, listen: port, listenHost: host, baseUrl } = options;
  if (keys.length === 0)
    throw new UsageError('The trigger is missing. Pass its key, as rolecall triggers lists it, or --config.');
  if (state === undefined)
    throw new UsageError('--state is missing. Pass the file that stores progress; it is created if missing.');
  const triggers = await readTriggers(keys, options.input);
  const check = (declared: ConnectorDefinition): void => {
    for (const key of keys) triggerNamed(declared, key);
  };
  const hasProvider = baseUrl !== undefined || options.profile !== undefined;
  const connector = hasProvider ? await connect(options, terminal, { log, check }) : undefined;
  try {
    const definition = connector?.definition ?? definitionOf(options);
    if (connector === undefined) check(definition);
    const sources = readSourceOptions(options, definition);
    assertCompatible(options, sources);
    const sinks = openSinks(options, state, definition, log.write);
    const held = readHeldWebhookOptions(options, definition);
    const subscriptions = readSubscriptionOptions(options);
    if (options.toPlainHttp === true)
      await refusePublicReceivers([
        ...options.to.map((url) => ({ where: '--to', url })),
        ...(held === undefined ? [] : [{ where: '--held-to', url: held.url }]),
      ]);
    const { close, ...context } =
      connector === undefined
        ? openOffline(definition, log)
        : { ...watchContextOf(connector), close: connector.close };
    const pace = once ? 'once' : `every ${every / 1000} s`;
    const connections = [{ ...context, triggers, sources }];
    const settingName = settingNames(connections, settingFlag);
    return {
      connections,
      sinks,
      heldSink: held && webhookSink({ ...held, log: log.write }),
      subscriptions,
      state,
      everyInMs: every,
      exitOn,
      listen: port === undefined ? undefined : { port, host },
      nameOf: (path) => (path === 'subscriptions.tokens' ? subscriptionTokensFlag : settingName(path)),
      title: `${keys.join(', ')}${baseUrl === undefined ? '' : ` at ${baseUrl} ${pace}`}`,
      close,
    };
  } catch (error) {
    connector?.close();
    throw error;
  }
}

/** A connection without a provider. */
function openOffline(definition: ConnectorDefinition, { write }: Log) {
  const platform = createNodePlatform({ log: write });
  return { definition, platform, session: undefined, close: platform.close };
}

/** The triggers with their inputs: `--input JSON` for the only one, `--input KEY=JSON` for one of several. */
async function readTriggers(
  keys: readonly string[],
  inputs: readonly string[],
): Promise<readonly WatchedTrigger[]> {
  const found = new Map<string, unknown>();
  for (const text of inputs) {
    const [, named, value = text] = /^([a-z_]+)=(.*)$/s.exec(text) ?? [];
    const [only = '', ...others] = named === undefined ? keys : [named];
    if (others.length > 0)
      throw new UsageError('--input does not say which trigger it is for. Pass KEY=JSON.');
    if (!keys.includes(only)) throw new UsageError(`--input ${only} is not one of the triggers.`);
    if (found.has(only)) throw new UsageError(`--input has the fields of ${only} twice. Pass one of them.`);
    found.set(only, await readInput(value));
  }
  return keys.map((key) => ({ key, input: found.get(key) ?? {} }));
}

/** @throws UsageError if options exclude or require each other. */
function assertCompatible(
  { baseUrl, once, listen, subscriptions = false }: FlagOptions,
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
  if (subscriptions && listen === undefined)
    throw new UsageError('--listen is missing. Pass the port at which others subscribe.');
  if (listen !== undefined && pushed.length === 0 && !subscriptions)
    throw new UsageError(
      '--listen requires a --source that pushes events, or --subscriptions. "rolecall sources" lists the sources.',
    );
  if (listen !== undefined && once === true)
    throw new UsageError(
      '--once cannot be combined with --listen, because pushed events and subscriptions have no end. Omit one of them.',
    );
}
