import { dirname, resolve } from 'node:path';
import type { ConnectorDefinition, SourceDefinition } from '../../connector/definition/definition.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { SchemaProblem } from '../../connector/manifest/schema-problems.zod.ts';
import type { LogEntry } from '../../connector/platform.ts';
import { withProfile } from '../../connector/profile.ts';
import type { Connector } from '../../runtime/connector.ts';
import { connectorOf, watchContextOf } from '../../runtime/create-connector.ts';
import { createNodePlatform } from '../../runtime/node/node-platform.ts';
import { fileSink, stdoutSink, webhookSink } from '../../runtime/node/sinks.ts';
import type { Sink } from '../../runtime/watch/sink.ts';
import { assertTokens, type SubscriptionOptions } from '../../runtime/watch/subscription-endpoint.ts';
import type { WatchedConnection, WatchSource } from '../../runtime/watch/watched-connection.ts';
import { check } from '../../schemas/check.ts';
import { didYouMean } from '../../schemas/did-you-mean.ts';
import { loadConnection } from '../connections/named-connection.ts';
import { definitionOf } from '../context.ts';
import type { MonitorOptions } from '../monitor-options.ts';
import { isProfileFile } from '../options.ts';
import { sinkFileProblem } from '../watch-sinks.ts';
import type { ConfigFile } from './read-watch-config.ts';
import type { WatchConfig } from './watch-config.zod.ts';

/** What a config file asks for, ready to be watched. */
export interface OpenConfig {
  readonly connections: readonly WatchedConnection[];
  readonly sinks: Readonly<Record<string, Sink>>;
  /** Receives notices of held losses. */
  readonly heldSink: Sink | undefined;
  /** Who can subscribe to events. Undefined: nobody can. */
  readonly subscriptions: SubscriptionOptions | undefined;
  /** The path of the state. */
  readonly state: string;
  /** Closes idle connections. */
  close(): void;
}

type ConnectionConfig = WatchConfig['connections'][string];
type TriggerConfig = ConnectionConfig['triggers'][number];
type SinkConfig = NonNullable<WatchConfig['sinks']>[string];
type SourceConfig = NonNullable<ConnectionConfig['sources']>[number];
type Steps = readonly PropertyKey[];

const stdoutOnly: NonNullable<WatchConfig['sinks']> = { stdout: { type: 'stdout' } };

/** The name of the connection whose triggers have the names that they have on the command line. */
const unnamed = 'default';

/**
 * Opens the connections and sinks of a config file. Nothing is sent.
 *
 * @param readInterval reads a duration, in milliseconds
 * @throws UsageError that names the line of each problem
 */
export async function openWatchConfig(
  file: ConfigFile,
  log: (entry: LogEntry) => void,
  readInterval: (text: string) => number,
): Promise<OpenConfig> {
  const opener = new ConfigOpener(file, log, readInterval);
  try {
    const connections: WatchedConnection[] = [];
    for (const [name, config] of Object.entries(file.config.connections))
      connections.push(...(await opener.openConnection(name, config)));
    const [sinks, heldSink] = [opener.openSinks(), opener.openHeldSink()];
    const subscriptions = opener.readSubscriptions();
    if (opener.problems.length > 0) throw file.invalid(opener.problems);
    const state = opener.resolve(file.config.state);
    return { connections, sinks, heldSink, subscriptions, state, close: opener.close };
  } catch (error) {
    opener.close();
    throw error;
  }
}

/** What a config file says about monitoring. */
export function monitorOptionsOf({ path, config: { admin, healthFile } }: ConfigFile): MonitorOptions {
  return {
    ...(admin !== undefined && { admin: admin.port }),
    adminHost: admin?.host ?? '127.0.0.1',
    ...(healthFile !== undefined && { healthFile: resolve(dirname(path), healthFile) }),
  };
}

class ConfigOpener {
  readonly #file: ConfigFile;
  readonly #log: (entry: LogEntry) => void;
  readonly #readInterval: (text: string) => number;
  readonly #closers: (() => void)[] = [];
  readonly problems: SchemaProblem[] = [];

  constructor(file: ConfigFile, log: (entry: LogEntry) => void, readInterval: (text: string) => number) {
    this.#file = file;
    this.#log = log;
    this.#readInterval = readInterval;
  }

  readonly close = (): void => {
    for (const close of this.#closers) close();
  };

  /** A path in the file is relative to it. */
  resolve(path: string): string {
    return resolve(dirname(this.#file.path), path);
  }

  /** @returns nothing if there are problems */
  async openConnection(name: string, config: ConnectionConfig): Promise<readonly WatchedConnection[]> {
    const steps: Steps = ['connections', name];
    const stored = config.connection === undefined ? undefined : await loadConnection(config.connection);
    const profile = config.profile ?? stored?.profile;
    const definition = definitionOf({
      overlay: (config.overlays ?? []).map((path) => this.resolve(path)),
      ...(profile !== undefined && { profile: isProfileFile(profile) ? this.resolve(profile) : profile }),
    });
    const triggers = config.triggers.map((trigger, index) =>
      this.#readTrigger(definition, trigger, [...steps, 'triggers', index]),
    );
    const sources = (config.sources ?? []).flatMap((source, index) =>
      this.#readSource(definition, source, [...steps, 'sources', index]),
    );
    const hasProvider =
      config.connection !== undefined || config.baseUrl !== undefined || profile !== undefined;
    if (!hasProvider && config.sources === undefined)
      this.problems.push({ steps: [...steps, 'baseUrl'], message: 'is missing: add it, or sources' });
    const connector = hasProvider ? this.#connect(definition, config, stored?.input, steps) : undefined;
    if (this.problems.length > 0) return [];
    return [
      {
        ...(connector === undefined ? this.#offline(definition) : watchContextOf(connector)),
        name: name === unnamed ? undefined : name,
        triggers,
        sources,
        everyInMs: config.every === undefined ? undefined : this.#readInterval(config.every),
      },
    ];
  }

  openSinks(): Readonly<Record<string, Sink>> {
    const { subscriptions, sinks = subscriptions === undefined ? stdoutOnly : {} } = this.#file.config;
    const opened = Object.entries(sinks).flatMap(([name, sink]) => {
      const made = this.#openSink(sink, ['sinks', name]);
      return made === undefined ? [] : [[name, made] as const];
    });
    return Object.fromEntries(opened);
  }

  openHeldSink(): Sink | undefined {
    const { held } = this.#file.config;
    return held && this.#openWebhook(held, ['held']);
  }

  readSubscriptions(): SubscriptionOptions | undefined {
    const { subscriptions, listen } = this.#file.config;
    if (subscriptions === undefined) return undefined;
    const { tokenEnv, ...rest } = subscriptions;
    const steps: Steps = ['subscriptions'];
    if (listen === undefined)
      this.problems.push({
        steps,
        message: 'requires listen: add it, with the port at which others subscribe',
      });
    const tokenSteps = [...steps, 'tokenEnv'];
    const secret = this.#readSecret(tokenEnv, tokenSteps);
    if (secret === '') return undefined;
    const options = { ...rest, tokens: secret.split(/\s+/) };
    this.#check(
      () => assertTokens(options),
      () => tokenSteps,
    );
    return options;
  }

  #openSink(sink: SinkConfig, steps: Steps): Sink | undefined {
    switch (sink.type) {
      case 'stdout':
        return stdoutSink();
      case 'file':
        return this.#openFile(this.resolve(sink.path), [...steps, 'path']);
      case 'webhook':
        return this.#openWebhook(sink, steps);
    }
  }

  #openFile(path: string, steps: Steps): Sink | undefined {
    const problem = sinkFileProblem(path, this.resolve(this.#file.config.state));
    if (problem === undefined) return fileSink(path);
    this.problems.push({ steps, message: problem });
    return undefined;
  }

  #openWebhook(
    { url, secretEnv, allowPlainHttp, timeoutInMs }: NonNullable<WatchConfig['held']>,
    steps: Steps,
  ): Sink | undefined {
    const secret = this.#readSecret(secretEnv, [...steps, 'secretEnv']);
    if (secret === '') return undefined;
    const options = { url, allowPlainHttp, secrets: secret.split(/\s+/), timeoutInMs, log: this.#log };
    return this.#check(
      () => webhookSink(options),
      (path) => [...steps, path === 'secrets' ? 'secretEnv' : path],
    );
  }

  #offline(definition: ConnectorDefinition): Pick<WatchedConnection, 'definition' | 'platform' | 'session'> {
    const platform = createNodePlatform({ log: this.#log });
    this.#closers.push(platform.close);
    return { definition, platform, session: undefined };
  }

  #connect(
    definition: ConnectorDefinition,
    { baseUrl, parameters, auth, settings, connection }: ConnectionConfig,
    stored: object | undefined,
    steps: Steps,
  ): Connector | undefined {
    if (stored === undefined && auth === undefined)
      this.problems.push({ steps: [...steps, 'auth'], message: 'is missing: add it' });
    for (const [key, value] of Object.entries({ baseUrl, parameters, auth }))
      if (connection !== undefined && value !== undefined)
        this.problems.push({
          steps: [...steps, key],
          message: `cannot be combined with connection, which has its own: omit one of them`,
        });
    const problems = this.problems.length;
    const given = {
      ...settings,
      ...stored,
      ...(baseUrl !== undefined && { baseUrl }),
      ...(auth !== undefined && { auth: this.#readAuth(auth, [...steps, 'auth']) }),
      log: this.#log,
    };
    // Without a secret, everything else about the method would be a problem, too.
    if (this.problems.length > problems) return undefined;
    const stepsOf = (path: string): Steps => {
      const [first = '', ...rest] = path.replace(/^connection\./, '').split('.');
      if (first === 'auth')
        return [
          ...steps,
          'auth',
          ...rest.map((key) => (auth !== undefined && `${key}Env` in auth ? `${key}Env` : key)),
        ];
      return ['baseUrl', 'parameters', 'profile'].includes(first)
        ? [...steps, first, ...rest]
        : [...steps, 'settings', first, ...rest];
    };
    const connector = this.#check(() => {
      const input = withProfile(definition.profile, given, parameters);
      // The validation of the connection checks the values.
      return connectorOf(definition, input as unknown as Parameters<typeof connectorOf>[1]);
    }, stepsOf);
    if (connector !== undefined) this.#closers.push(() => connector.close());
    return connector;
  }

  /** The fields of a method, with the secrets that the variables hold. */
  #readAuth(auth: NonNullable<ConnectionConfig['auth']>, steps: Steps): Readonly<Record<string, unknown>> {
    const fields = Object.entries(auth).map(([key, value]) => {
      const [, secret] = /^(.+)Env$/.exec(key) ?? [];
      if (secret === undefined) return [key, value] as const;
      return [secret, this.#readSecret(String(value), [...steps, key])] as const;
    });
    return Object.fromEntries(fields);
  }

  #readTrigger(
    { triggers }: ConnectorDefinition,
    given: TriggerConfig,
    steps: Steps,
  ): { readonly key: string; readonly input: unknown } {
    const { key, input = {} } = typeof given === 'string' ? { key: given } : given;
    const trigger = triggers.find((one) => one.key === key);
    if (trigger === undefined)
      this.problems.push({
        steps,
        message: unknownName(
          'trigger',
          key,
          triggers.map((one) => one.key),
        ),
      });
    else this.#checkValues(trigger.input, input, [...steps, 'input']);
    return { key, input };
  }

  #readSource(
    definition: ConnectorDefinition,
    { type, settings = {}, secretsEnv = {} }: SourceConfig,
    steps: Steps,
  ): readonly WatchSource[] {
    const source = definition.sources.find((one) => one.type === type);
    if (source === undefined) {
      const types = definition.sources.map((one) => one.type);
      this.problems.push({ steps: [...steps, 'type'], message: unknownName('source', type, types) });
      return [];
    }
    this.#refuseSecrets(source, settings, [...steps, 'settings']);
    const secrets = Object.entries(secretsEnv).map(
      ([key, name]) => [key, this.#readSecret(name, [...steps, 'secretsEnv', key])] as const,
    );
    const complete = { ...settings, ...Object.fromEntries(secrets) };
    this.#checkValues(source.settings, complete, [...steps, 'settings']);
    // Checked above, by the schemas that the types are generated from.
    return [{ type: source.type, settings: complete } as unknown as WatchSource];
  }

  #refuseSecrets(
    { fields }: SourceDefinition,
    settings: Readonly<Record<string, unknown>>,
    steps: Steps,
  ): void {
    for (const { key, secret } of fields)
      if (secret && Object.hasOwn(settings, key))
        this.problems.push({
          steps: [...steps, key],
          message: `is a secret: set it in an environment variable, and name that under secretsEnv`,
        });
  }

  /** The value of a variable; empty if it is not set. The name is not shown: it could be the secret itself. */
  #readSecret(name: string, steps: Steps): string {
    const secret = process.env[name]?.trim() ?? '';
    if (secret === '')
      this.problems.push({
        steps,
        message: 'names an environment variable that is not set: set it to the secret',
      });
    return secret;
  }

  #checkValues(schema: Parameters<typeof check>[0], values: unknown, steps: Steps): void {
    for (const { path, message } of check(schema, values))
      this.problems.push({ steps: [...steps, ...stepsIn(path)], message });
  }

  /** Runs something whose invalid input is a problem of the file. */
  #check<T>(run: () => T, stepsOf: (path: string) => Steps): T | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.problems.length === 0) throw error;
      for (const { path, message } of error.problems) this.problems.push({ steps: stepsOf(path), message });
      return undefined;
    }
  }
}

/** The steps of a path: `emails[0].value`. */
function stepsIn(path: string): Steps {
  return [...path.matchAll(/[^.[\]]+/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step));
}

function unknownName(kind: string, name: string, known: readonly string[]): string {
  return `is not a ${kind} of this connection${didYouMean(name, known) || `: ${known.join(', ')}`}`;
}
