import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import type { LogEntry } from '../connector/platform.ts';
import { fileSink, stdoutSink, webhookSink } from '../runtime/node/sinks.ts';
import type { Sink } from '../runtime/watch/sink.ts';
import { defaultSink } from '../runtime/watch/watch-store.ts';
import { UsageError } from './errors.ts';
import { readWebhookOptions, type SubscribingOptions, type WebhookOptions } from './watch-options.ts';

/** The options that say where events go. */
export type SinkOptions = WebhookOptions &
  Pick<SubscribingOptions, 'subscriptions'> & { readonly toFile: readonly string[] };

/**
 * Opens the sinks of the options, by their names in the state. Several are named for the hosts of their URLs and for
 * their files. The only one has the default name, so that its URL can change. If others can subscribe, there can be none.
 *
 * @param state - the path of the state
 * @throws UsageError
 */
export function openSinks(
  options: SinkOptions,
  state: string,
  definition: ConnectorDefinition,
  log: (entry: LogEntry) => void,
): Readonly<Record<string, Sink>> {
  const webhooks = readWebhookOptions(options, definition);
  for (const path of options.toFile) {
    const problem = sinkFileProblem(path, state);
    if (problem !== undefined) throw new UsageError(`--to-file ${path} ${problem}.`);
  }
  const sinks: readonly (readonly [string, Sink])[] = [
    ...webhooks.map((webhook) => [new URL(webhook.url).host, webhookSink({ ...webhook, log })] as const),
    ...options.toFile.map((path) => [basename(path), fileSink(path)] as const),
  ];
  if (options.subscriptions === true && sinks.length === 0) return {};
  const [[, only] = [defaultSink, stdoutSink()], ...others] = sinks;
  if (others.length === 0) return { [defaultSink]: only };
  const names = sinks.map(([name]) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined)
    throw new UsageError(
      `Two sinks would have the name ${repeated}. Write a file for --config, in which you can name them.`,
    );
  return Object.fromEntries(sinks);
}

/** Why events cannot be appended to a file; undefined if they can, or if only an attempt shows it. */
export function sinkFileProblem(path: string, state: string): string | undefined {
  if (path === '') return 'is empty: it must be the path of a file';
  if (resolve(path) === resolve(state)) return 'is the state: it must be another file';
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined) return stats.isFile() ? undefined : 'is not a file: add the name of one';
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() === true) return undefined;
  return 'is in a folder that does not exist: create the folder';
}
