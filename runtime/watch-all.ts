import { compileManifest } from '../connector/definition/compile-manifest.ts';
import type { LogEntry } from '../connector/platform.ts';
import type { Connector, WatchTarget } from './connector.ts';
import { watchContextOf } from './create-connector.ts';
import { loadManifest } from './load-manifest.ts';
import { createNodePlatform } from './node/node-platform.ts';
import { type SinkChoice, type SinkWatchSettings, watchConnections } from './watch/watch.ts';
import type { WatchSource } from './watch/watched-connection.ts';

/**
 * What to watch at one of several providers.
 *
 * @example
 * ```ts
 * const workato: ConnectionWatch = { connector, triggers: ['user_deprovisioned'], everyInMs: 30_000 };
 * ```
 */
export interface ConnectionWatch {
  /** Omitted: nothing is polled, and events of the sources contain only what their senders report. */
  readonly connector?: Connector | undefined;
  readonly triggers: readonly WatchTarget[];
  /** Event sources whose events this connector enriches. */
  readonly sources?: readonly WatchSource[] | undefined;
  /** From the end of one poll to the next, in milliseconds. Default: that of the options. */
  readonly everyInMs?: number | undefined;
}

/**
 * Watches several providers in one state, each by a name of its own. The name begins the name of the trigger of each
 * delivery, and the path of each source that pushes: `workato/user_deprovisioned`. A provider that cannot be polled holds
 * up no other.
 *
 * @throws ConnectorError the error of a first poll, of the sink, or of the store.
 *
 * @example
 * ```ts
 * await watchAll(
 *   {
 *     workato: { connector, triggers: ['user_deprovisioned'] },
 *     okta: { triggers: ['provisioning_event'], sources: [{ type: 'okta_event_hook', settings: { secret: 'a long random secret' } }] },
 *   },
 *   { store: 'all.state', listen: { port: 8081 }, sink: stdoutSink() },
 * );
 * ```
 */
export async function watchAll(
  connections: Readonly<Record<string, ConnectionWatch>>,
  options: Omit<SinkWatchSettings, 'sources'> &
    SinkChoice & {
      /** Receives the log of deliveries; the log of each connector is its own. Default: nothing is logged. */
      readonly log?: ((entry: LogEntry) => void) | undefined;
    },
): Promise<void> {
  const platform = createNodePlatform({ log: options.log });
  const sourcesOnly = { definition: compileManifest(loadManifest()), platform, session: undefined };
  try {
    const watched = Object.entries(connections).map(([name, { connector, ...rest }]) => ({
      ...(connector === undefined ? sourcesOnly : watchContextOf(connector)),
      ...rest,
      name,
    }));
    await watchConnections(watched, options, platform);
  } finally {
    platform.close();
  }
}
