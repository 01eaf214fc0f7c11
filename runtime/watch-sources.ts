import { compileManifest } from '../connector/definition/compile-manifest.ts';
import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import type { TriggerTypes } from '../connector/generated/types.ts';
import type { LogEntry } from '../connector/platform.ts';
import type { WatchTarget } from './connector.ts';
import { loadManifest } from './load-manifest.ts';
import { createNodePlatform } from './node/node-platform.ts';
import { type SinkWatchOptions, watchToSink } from './watch/watch.ts';

/**
 * Watches event sources without a connection to the provider: nothing is polled, and events contain only what their
 * senders report. Otherwise the same as `connector.watch`.
 *
 * @throws ConnectorError `invalid_input` if an option is invalid, `unsupported` if the input names a group, and the
 *   permanent error of a source, of the sink, or of the store.
 *
 * @example
 * ```ts
 * await watchSources('user_deprovisioned', {
 *   sources: [{ type: 'okta_event_hook', settings: { secret: 'a long random secret' } }],
 *   listen: { port: 8081 },
 *   store: 'leavers.state',
 *   sink: stdoutSink(),
 * });
 * ```
 */
export function watchSources<Key extends keyof TriggerTypes>(
  triggers: WatchTarget<Key> | readonly WatchTarget<Key>[],
  options: SinkWatchOptions<TriggerTypes[Key]['event']> & {
    /** Overlays, parsed from JSON, applied to the manifest in order. */
    readonly overlays?: readonly unknown[] | undefined;
    /** Receives the log. Default: nothing is logged. */
    readonly log?: ((entry: LogEntry) => void) | undefined;
  },
): Promise<void> {
  return watchSourcesOf(compileManifest(loadManifest(options.overlays)), triggers, options);
}

/** {@link watchSources}, with a definition that is compiled already. */
export async function watchSourcesOf<Key extends keyof TriggerTypes>(
  definition: ConnectorDefinition,
  triggers: WatchTarget<Key> | readonly WatchTarget<Key>[],
  options: SinkWatchOptions<TriggerTypes[Key]['event']> & {
    readonly log?: ((entry: LogEntry) => void) | undefined;
  },
): Promise<void> {
  const platform = createNodePlatform({ log: options.log });
  try {
    await watchToSink({ definition, platform, session: undefined }, triggers, options as SinkWatchOptions);
  } finally {
    platform.close();
  }
}
