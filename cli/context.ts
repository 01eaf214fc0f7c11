import { compileManifest } from '../connector/definition/compile-manifest.ts';
import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import { limitDeadline } from '../connector/limit-deadline.ts';
import type { LogEntry } from '../connector/platform.ts';
import type { Connector } from '../runtime/connector.ts';
import { connectorOf, createConnector } from '../runtime/create-connector.ts';
import { discoverOverlay } from '../runtime/discover-overlay.ts';
import { loadManifest } from '../runtime/load-manifest.ts';
import { methodTitle } from './auth-options.ts';
import { type Log, waitText } from './log.ts';
import { nodeProblem } from './node-version.ts';
import { type ConnectionOptions, readConnectionOptions, readOverlays, readProfile } from './options.ts';
import type { Terminal } from './terminal.ts';

/** The options that select the definition of a command. */
export interface DefinitionOptions {
  readonly overlay: readonly string[];
  readonly profile?: string;
}

/** The definition of this package, with the profile and the overlays of the command line. */
export function definitionOf(
  options: DefinitionOptions,
  overlays = overlaysOf(options),
): ConnectorDefinition {
  return compileManifest(loadManifest(overlays), sourceOf(options.overlay));
}

function overlaysOf({ overlay, profile }: DefinitionOptions): readonly unknown[] {
  return [...readProfile(profile), ...readOverlays(overlay)];
}

/** How errors name the definition: by the files that can be wrong. */
function sourceOf(overlays: readonly string[]): string {
  return overlays.length === 0 ? 'manifest.json' : overlays.join(' and ');
}

/** The options of a command that talks to a provider. */
export type ConnectorOptions = DefinitionOptions &
  ConnectionOptions & {
    readonly discover?: boolean;
    readonly verbose?: boolean;
    readonly json?: boolean;
    /** The longest deadline of an action, whatever the connection says. Default: no limit. */
    readonly maxDeadlineInMs?: number;
  };

/** What a command needs of {@link connect}. */
interface ConnectSettings {
  /** Of a command that has one of its own; the others show waits and warnings. */
  readonly log?: Log;
  /**
   * Checks the arguments of the command before the options of the connection: a misspelled key is the first error, although
   * the connection is missing as well.
   */
  check?(definition: ConnectorDefinition): void;
}

/** Connects; with `--discover`, again with the provider's own attributes. The caller must close the connector. */
export async function connect(
  options: ConnectorOptions,
  terminal: Terminal,
  { log = shownLog(options, terminal), check }: ConnectSettings = {},
): Promise<Connector> {
  const problem = nodeProblem();
  if (problem !== undefined) throw new Error(problem);
  const overlays = overlaysOf(options);
  const definition = definitionOf(options, overlays);
  check?.(definition);
  const given = readConnectionOptions(options, definition);
  const { maxDeadlineInMs } = options;
  const limited = maxDeadlineInMs === undefined ? given : limitDeadline(definition, given, maxDeadlineInMs);
  const connection = { ...limited, log: log.write };
  const connector = connectorOf(definition, connection);
  // With --json, standard error has errors only.
  if (options.json !== true && connection.auth !== undefined)
    log.announce(
      'connecting',
      `Connecting to ${accountOf(options, connection.baseUrl)} (${methodTitle(connection.auth)}).`,
    );
  if (options.discover !== true) return connector;
  try {
    const discovered = await discoverOverlay(connector, overlays);
    return createConnector({ ...connection, overlays: [...overlays, discovered] });
  } finally {
    connector.close();
  }
}

/** How messages name the account: by its URL, and by its name if it has one. */
function accountOf({ namedConnection }: ConnectorOptions, baseUrl: string): string {
  return namedConnection === undefined ? baseUrl : `${namedConnection.name} at ${baseUrl}`;
}

function shownLog(options: ConnectorOptions, terminal: Terminal): Log {
  return {
    write: (entry) => showLog(entry, options, terminal),
    announce: (_, message) => terminal.err(message),
  };
}

/** Shows waits, which can be long, and warnings; with `--verbose`, every request. */
function showLog(
  entry: LogEntry,
  { verbose, json }: { readonly verbose?: boolean; readonly json?: boolean },
  terminal: Terminal,
): void {
  const { level, event, message, waitInMs } = entry;
  if (verbose === true) terminal.err(JSON.stringify(entry));
  else if (level === 'warn') {
    const wait = waitInMs === undefined ? '' : ` Next attempt in ${Math.ceil(Number(waitInMs) / 1000)} s.`;
    terminal.err(message === undefined ? JSON.stringify(entry) : `${event}: ${message}${wait}`);
  } else if (event === 'request_retried') terminal.status(waitText(entry));
  else if (event === 'probe_resource_created' && json !== true) terminal.err(String(message));
}
