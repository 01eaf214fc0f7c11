/// <reference lib="esnext.disposable" preserve="true" />
import type { Progress } from '../actions/operation.ts';
import { type ConnectionInput, readConnection } from '../connector/connection.ts';
import { compileManifest } from '../connector/definition/compile-manifest.ts';
import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import { invalidInput } from '../connector/errors.ts';
import type { ActionTypes, SourceTypes, TriggerTypes } from '../connector/generated/types.ts';
import type { LogEntry } from '../connector/platform.ts';
import type { PollResult } from '../triggers/poll-result.ts';
import type { Received } from '../triggers/sources/source.ts';
import { loadManifest } from './load-manifest.ts';
import type { AxiosRequester } from './node/axios-client.ts';
import { createNodePlatform } from './node/node-platform.ts';
import { openSession, type PollRunOptions, type RunOptions } from './open-session.ts';
import { readWebhookRequest, type WebhookRequest } from './read-webhook-request.ts';
import { type EventPipeline, openReceiver } from './watch/event-pipeline.ts';
import { type SinkWatchOptions, type WatchOptions, watchEvents, watchToSink } from './watch/watch.ts';

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
export interface ConnectorOptions extends ConnectionInput {
  /** Overlays, parsed from JSON, put over the manifest in turn. */
  readonly overlays?: readonly unknown[];
  /**
   * An axios instance of your own, with its interceptors, agents and adapter: it sends every request. Default: the
   * connector's own connections, which cost less than half of what axios does.
   */
  readonly axios?: AxiosRequester;
  /** Takes the log. Default: nowhere. */
  readonly log?: (entry: LogEntry) => void;
}

/**
 * Every action of the manifest as a function.
 *
 * @throws ConnectorError
 *
 * @example
 * ```ts
 * const { upsert_user, set_workato_role }: Actions = connector.actions;
 * const { id } = await upsert_user({ userName: 'ada@example.com' });
 * await set_workato_role({ user: { id }, environment: 'prod', role: 'Operator' });
 * ```
 */
export type Actions = {
  readonly [Key in keyof ActionTypes]: (
    input: ActionTypes[Key]['input'],
    options?: RunOptions,
  ) => Promise<ActionTypes[Key]['output']>;
};

/**
 * The keys of the search actions.
 *
 * @example
 * ```ts
 * const searches: readonly SearchKey[] = ['search_users', 'search_groups'];
 * ```
 */
export type SearchKey = {
  [Key in keyof ActionTypes]: ActionTypes[Key]['output'] extends { totalResults: number } ? Key : never;
}[keyof ActionTypes];

/**
 * Every search as a stream, which holds one page at a time.
 *
 * @throws ConnectorError
 *
 * @example
 * ```ts
 * for await (const { userName } of connector.stream.search_users({ active: true })) console.log(userName);
 * ```
 */
export type Streams = {
  readonly [Key in SearchKey]: (
    input: ActionTypes[Key]['input'],
    options?: RunOptions,
  ) => AsyncIterable<ActionTypes[Key]['output']['resources'][number]>;
};

/**
 * Result of one poll of a trigger, with its events.
 *
 * @example
 * ```ts
 * const left = async ({ events }: TriggerPoll<'user_deprovisioned'>): Promise<string[]> =>
 *   events.map(({ subject }) => subject.userName ?? subject.id);
 * ```
 */
export type TriggerPoll<Key extends keyof TriggerTypes> = Omit<PollResult, 'events'> & {
  readonly events: readonly TriggerTypes[Key]['event'][];
};

/**
 * Every trigger of the manifest, to poll once or to watch.
 *
 * @example
 * ```ts
 * const { user_deprovisioned }: Triggers = connector.triggers;
 * const first = await user_deprovisioned.poll({});
 * const second = await user_deprovisioned.poll({}, first.cursor);
 * ```
 */
export type Triggers = {
  readonly [Key in keyof TriggerTypes]: {
    /**
     * Polls once for the events since the cursor of the last poll; without a cursor, it is the first poll. Deliver the
     * events, then store the cursor. @throws ConnectorError; the previous cursor then stays valid.
     */
    poll(
      input: TriggerTypes[Key]['input'],
      cursor?: unknown,
      options?: PollRunOptions,
    ): Promise<TriggerPoll<Key>>;
    /**
     * Polls again and again, and yields the events one by one. An event is acknowledged when the loop body comes back
     * for the next one. If it does not, because it throws or the process ends, the next watch of the same store yields
     * the event again.
     *
     * @throws ConnectorError the permanent error of a poll.
     *
     * @example
     * ```ts
     * const leavers = connector.triggers.user_deprovisioned.watch({}, { store: 'leavers.state' });
     * for await (const { subject } of leavers) console.log('revoke the sessions of', subject.userName);
     * ```
     */
    watch(
      input: TriggerTypes[Key]['input'],
      options?: WatchOptions,
    ): AsyncGenerator<TriggerTypes[Key]['event'], void, undefined>;
  };
};

/**
 * The types of the sources that push events. The other sources are polled.
 *
 * @example
 * ```ts
 * const type: PushSourceType = 'okta_event_hook';
 * ```
 */
export type PushSourceType = Exclude<keyof SourceTypes, 'security_event_poll'>;

/**
 * Options of a receiver.
 *
 * @example
 * ```ts
 * const options: ReceiverOptions = { trigger: 'user_role_changed', input: { roleTo: 'Admin' } };
 * ```
 */
export interface ReceiverOptions {
  /** The key of the trigger that selects the events. Default: every event is returned as received. */
  readonly trigger?: string | undefined;
  /** The trigger's input. Default: `{}`. */
  readonly input?: unknown;
}

/**
 * Receives the requests of one event producer, in a server of your own.
 *
 * @example
 * ```ts
 * const receiver: WebhookReceiver = connector.receiver('okta_event_hook', { secret: 'a long random secret' });
 *
 * // Hono, and every server that has Fetch requests. Express and Node pass their own request; see docs/watch.md.
 * async function post(request: Request): Promise<Response> {
 *   const received = await receiver.receive(request);
 *   if (received.kind === 'accepted') for (const event of received.events) console.log(event.type);
 *   const { body, ...init } = received.reply;
 *   return new Response(body || null, init);
 * }
 * ```
 */
export interface WebhookReceiver {
  /**
   * Verifies a request over its raw bytes, and reads its events. Store the events of an accepted request, then send the
   * `reply`. Never throws for what the producer sent.
   *
   * @throws ConnectorError `invalid_input` when the server parsed the body before.
   */
  receive(request: WebhookRequest): Promise<Received>;
}

/**
 * A trigger to watch: its key, or its key with its input.
 *
 * @example
 * ```ts
 * const leavers: WatchTarget = { key: 'user_deprovisioned', input: { massChangeLimit: 50 } };
 * ```
 */
export type WatchTarget<Key extends keyof TriggerTypes = keyof TriggerTypes> =
  | Key
  | { readonly key: Key; readonly input?: TriggerTypes[Key]['input'] | undefined };

/**
 * The connector, connected to one provider.
 *
 * @example
 * ```ts
 * await using connector: Connector = createConnector({
 *   baseUrl: 'https://workato.com/scim/v2',
 *   token: process.env.SCIM_TOKEN ?? '',
 * });
 * const user = await connector.actions.find_user({ user: { email: 'ada@example.com' } });
 * ```
 */
export interface Connector extends AsyncDisposable {
  readonly definition: ConnectorDefinition;
  readonly actions: Actions;
  /**
   * The searches, one resource at a time: `for await (const user of connector.stream.search_users({}))`. A stream goes
   * to the end, unless the input has a limit.
   */
  readonly stream: Streams;
  readonly triggers: Triggers;
  /** Runs any action by its key, an overlay's too. @throws ConnectorError */
  run(key: string, input: unknown, options?: RunOptions): Promise<unknown>;
  /** Polls any trigger by its key, an overlay's too. @throws ConnectorError */
  poll(key: string, input: unknown, cursor?: unknown, options?: PollRunOptions): Promise<PollResult>;
  /**
   * Receives the requests of one sender in your own server: verifies each request, maps it to events, and returns the
   * reply. Store the events, then reply. A stored event can be repeated with the same `dedupeKey`.
   *
   * @throws ConnectorError `invalid_input` if the settings or the trigger's input are invalid.
   */
  receiver<Type extends PushSourceType>(
    type: Type,
    settings: SourceTypes[Type],
    options?: ReceiverOptions,
  ): WebhookReceiver;
  /**
   * Runs the event pipeline for one or several triggers: polls the provider, receives or fetches from event sources,
   * enriches, filters, deduplicates, and delivers to a sink, at least once and in order, until it is stopped. Resolves
   * when it has drained, or has delivered everything and runs `once`.
   *
   * @throws ConnectorError the permanent error of a poll, of the sink, or of the store.
   *
   * @example
   * ```ts
   * await connector.watch(['user_deprovisioned', { key: 'user_role_changed', input: { roleTo: 'Admin' } }], {
   *   store: 'users.state',
   *   sources: [{ type: 'okta_event_hook', settings: { secret: 'a long random secret' } }],
   *   listen: { port: 8081 },
   *   sink: async ({ type, subject }) => console.log(type, subject.userName),
   * });
   * ```
   */
  watch<Key extends keyof TriggerTypes>(
    triggers: WatchTarget<Key> | readonly WatchTarget<Key>[],
    options: SinkWatchOptions<TriggerTypes[Key]['event']>,
  ): Promise<void>;
  /** Creates the stages between a source and the outbox, for any trigger, an overlay's too. @throws ConnectorError `invalid_input` */
  eventPipeline(key: string, input: unknown): EventPipeline;
  /** Closes idle connections; a process that has none other left can end. `await using` does it too. */
  close(): void;
}

export type { Progress };

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
export function createConnector(given: ConnectorOptions): Connector {
  const { overlays, ...options } = given;
  const source = overlays === undefined ? 'manifest.json' : 'The manifest with its overlays';
  return connectorOf(compileManifest(loadManifest(overlays), source), options);
}

/** {@link createConnector}, with a definition that is compiled already. */
export function connectorOf(
  definition: ConnectorDefinition,
  { axios, log, ...input }: Omit<ConnectorOptions, 'overlays'>,
): Connector {
  if (axios !== undefined && typeof axios.request !== 'function')
    throw invalidInput([
      { path: 'axios', message: 'must be an axios instance, as returned by axios.create()' },
    ]);
  const connection = readConnection(definition.connection.schema, input);
  const platform = createNodePlatform({ maxSockets: connection.concurrency, axios, log });
  const session = openSession(definition, connection, platform);

  async function* stream(key: string, given: unknown, options?: RunOptions): AsyncGenerator<unknown> {
    for await (const page of session.runSearch(key, given, options)) yield* page.resources;
  }

  const { actions, triggers } = definition;
  const searches = actions.filter(({ operation }) => operation.type === 'search');
  return {
    definition,
    // The types are generated from the same manifest as the actions.
    actions: Object.fromEntries(
      actions.map(({ key }) => [
        key,
        (given: unknown, options?: RunOptions) => session.runAction(key, given, options),
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
            watchEvents({ platform, session }, { key, input: given }, options),
        },
      ]),
    ) as unknown as Triggers,
    run: session.runAction,
    poll: session.poll,
    receiver(type, settings, { trigger, input: given = {} } = {}) {
      const pipeline = trigger === undefined ? undefined : session.eventPipeline(trigger, given);
      const receiver = openReceiver({ definition, platform }, type, settings, pipeline);
      return { receive: async (request) => receiver.receive(await readWebhookRequest(request)) };
    },
    // A sink of the caller's own takes the events of the triggers that the caller named.
    watch: (watched, options) =>
      watchToSink({ definition, platform, session }, watched, options as SinkWatchOptions),
    eventPipeline: session.eventPipeline,
    close: platform.close,
    [Symbol.asyncDispose]: async () => platform.close(),
  };
}
