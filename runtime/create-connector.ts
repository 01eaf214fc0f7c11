import { type ConnectionInput, readConnection } from '../connector/connection.ts';
import { compileManifest } from '../connector/definition/compile-manifest.ts';
import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import { invalidInput } from '../connector/errors.ts';
import { createScimClient } from '../connector/http/scim-client.ts';
import type { LogEntry } from '../connector/platform.ts';
import { type ProfileParameters, withProfile } from '../connector/profile.ts';
import { probeProvider } from '../probe/probe-provider.ts';
import { reportRoles } from '../report/role-report.ts';
import { planTexts } from '../sync/plan-texts.ts';
import { assertProvider, readPlan } from '../sync/read-plan.ts';
import { planRevert } from '../sync/revert-plan.ts';
import type { Actions, Connector, Streams, Triggers } from './connector.ts';
import { exportDirectory } from './export-directory.ts';
import { loadManifest } from './load-manifest.ts';
import type { AxiosRequester } from './node/axios-client.ts';
import { openJournal, readJournalFile } from './node/journal-file.ts';
import { createNodePlatform } from './node/node-platform.ts';
import {
  type ActionOptions,
  openSession,
  type PollRunOptions,
  type RunOptions,
  type Session,
} from './open-session.ts';
import { profileOverlay } from './profiles.ts';
import { receiveWebhook } from './read-webhook-request.ts';
import { openReceiver } from './watch/event-pipeline.ts';
import { type SinkWatchOptions, type WatchOptions, watchEvents, watchToSink } from './watch/watch.ts';
import type { WatchContext } from './watch/watched-connection.ts';

/**
 * Options of {@link createConnector}: the connection, as the manifest declares it, overlays, and a log.
 *
 * @example
 * ```ts
 * const options: ConnectorOptions = {
 *   baseUrl: 'https://workato.com/scim/v2',
 *   token: process.env.SCIM_TOKEN ?? '',
 *   deadlineInMs: 60_000,
 *   log: (entry) => console.error(JSON.stringify(entry)),
 * };
 * ```
 */
export type ConnectorOptions = (ConnectionInput | ProfiledInput) & {
  /**
   * The provider: the name of a profile of this package, such as `aws-iam-identity-center`, or an overlay with a profile,
   * parsed from JSON. It states the base URL and what need not be tried first.
   */
  readonly profile?: string | object;
  /** The parameters of the profile's base URL, such as `{ region: 'eu-west-1' }`. */
  readonly parameters?: ProfileParameters;
  /** Overlays, parsed from JSON, applied to the manifest in order. */
  readonly overlays?: readonly unknown[];
  /**
   * An axios instance, with its interceptors, agents, and adapter, that sends every request. Default: the connector's
   * own HTTP client, which takes a quarter of the CPU time.
   */
  readonly axios?: AxiosRequester;
  /** Receives the log. Default: nothing is logged. */
  readonly log?: (entry: LogEntry) => void;
};

/** The connection to the provider of a profile, which states the base URL. */
type ProfiledInput = WithoutBaseUrl<ConnectionInput> & {
  readonly profile: string | object;
  readonly baseUrl?: string;
};

type WithoutBaseUrl<Input> = Input extends unknown ? Omit<Input, 'baseUrl'> : never;

/**
 * Connects to a SCIM service. Nothing is sent until the first action or poll.
 *
 * @throws ConnectorError `invalid_input` if the connection is invalid; ManifestError if an overlay is
 *
 * @example
 * ```ts
 * import { createConnector } from 'rolecall';
 *
 * await using connector = createConnector({
 *   baseUrl: 'https://workato.com/scim/v2',
 *   token: process.env.SCIM_TOKEN ?? '',
 * });
 * const user = await connector.actions.upsert_user({ userName: 'ada@example.com', workato_role: 'Analyst' });
 * console.log(user.id);
 * ```
 */
export function createConnector({
  overlays = [],
  profile,
  parameters,
  ...options
}: ConnectorOptions): Connector {
  const all = profile === undefined ? overlays : [profileOverlay(profile), ...overlays];
  const source = all.length === 0 ? 'manifest.json' : 'The manifest with its overlays';
  const definition = compileManifest(loadManifest(all), source);
  return connectorOf(definition, withProfile(definition.profile, options, parameters));
}

/** {@link createConnector}, with a definition that is compiled already. */
export function connectorOf(
  definition: ConnectorDefinition,
  { axios, log, ...input }: ConnectionInput & Pick<ConnectorOptions, 'axios' | 'log'>,
): Connector {
  if (axios !== undefined && typeof axios.request !== 'function')
    throw invalidInput([
      { path: 'axios', message: 'must be an axios instance, as returned by axios.create()' },
    ]);
  const connection = readConnection(definition.connection.schema, input);
  const platform = createNodePlatform({ axios, log });
  const session = openSession(definition, platform, createScimClient(connection, platform));

  const context = { definition, platform, session };

  async function* stream(key: string, given: unknown, options?: RunOptions): AsyncGenerator<unknown> {
    for await (const page of session.runSearch(key, given, options)) yield* page.resources;
  }

  const { actions, triggers } = definition;
  const searches = actions.filter(({ operation }) => operation.type === 'search');
  const connector: Connector = {
    definition,
    // The types are generated from the same manifest as the actions.
    actions: Object.fromEntries(
      actions.map(({ key }) => [
        key,
        (given: unknown, options?: ActionOptions) => session.runAction(key, given, options),
      ]),
    ) as unknown as Actions,
    stream: Object.fromEntries(
      searches.map(({ key }) => [key, (given: unknown, options?: RunOptions) => stream(key, given, options)]),
    ) as unknown as Streams,
    triggers: Object.fromEntries(
      triggers.map(({ key }) => [
        key,
        {
          poll: (given: unknown, cursor?: unknown, options?: PollRunOptions) =>
            session.poll(key, given, cursor, options),
          watch: (given: unknown, options: WatchOptions = {}) =>
            watchEvents(context, { key, input: given }, options),
        },
      ]),
    ) as unknown as Triggers,
    run: session.runAction,
    poll: session.poll,
    receiver(type, settings, { trigger, input: given = {}, store } = {}) {
      const pipeline = trigger === undefined ? undefined : session.eventPipeline(trigger, given);
      const receiver = openReceiver({ definition, platform }, type, settings, pipeline, store);
      return { receive: (request) => receiveWebhook(receiver, request) };
    },
    // The sink of the caller receives only events of the triggers in `watched`.
    watch: (watched, options) => watchToSink(context, watched, options as SinkWatchOptions),
    eventPipeline: session.eventPipeline,
    plan({ users, rows: numbers, source = planTexts.theDesiredState, ...others }, given = {}) {
      const { signal, onProgress, ...options } = given;
      return session.plan({ ...others, source, rows: users, numbers }, options, { signal, onProgress });
    },
    async apply(plan, { journal, approve, ...run } = {}) {
      if (typeof journal !== 'string') return session.apply(readPlan(plan), { journal, approve }, run);
      const read = readPlan(plan);
      await using file = await openJournal(journal);
      return await session.apply(read, { journal: file, approve }, run);
    },
    async planRevert(journal, options) {
      const records = typeof journal === 'string' ? await readJournalFile(journal) : journal.records;
      const plan = planRevert(definition, records, options);
      assertProvider('journal', plan.baseUrl, connection.baseUrl);
      return plan;
    },
    export: (what, { signal, onProgress, ...options } = {}) =>
      exportDirectory(session.contextOf({ signal, onProgress }), what, options),
    reportRoles: ({ signal, onProgress, ...options } = {}) =>
      reportRoles(session.contextOf({ signal, onProgress }), options),
    probe: (options) => probeProvider({ definition, connection, platform }, options),
    close: platform.close,
    [Symbol.asyncDispose]: async () => platform.close(),
  };
  contexts.set(connector, context);
  return connector;
}

const contexts = new WeakMap<Connector, WatchContext & { readonly session: Session }>();

/** What a watch of a connector runs on. */
export function watchContextOf(connector: Connector): WatchContext {
  return contextOf(connector);
}

function contextOf(connector: Connector): WatchContext & { readonly session: Session } {
  const context = contexts.get(connector);
  if (context !== undefined) return context;
  throw invalidInput([{ path: 'connector', message: 'must be the result of createConnector' }]);
}
