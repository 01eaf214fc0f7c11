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
import type { EventPipeline } from './watch/event-pipeline.ts';
import { openReceiver } from './watch/open-receiver.ts';
import { type WatchOptions, watch } from './watch/watch.ts';

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
     * Looks once for what happened since a cursor that the last poll gave; without one it is the first. Deliver the
     * events, then keep the cursor. @throws ConnectorError, and then the cursor from before still holds.
     */
    poll(
      input: TriggerTypes[Key]['input'],
      cursor?: unknown,
      options?: PollRunOptions,
    ): Promise<TriggerPoll<Key>>;
    /**
     * Polls on and on, and gives the events one by one. It commits by itself: an event counts as delivered when the body
     * of the loop comes back for the next one, and is given again by the next watch of the same store when it does not.
     *
     * @throws ConnectorError what a poll failed with, when it does not pass by itself.
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
  /** The key of the trigger that the events are for. Left out: every event is given, as it came. */
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
   * What receives the requests of one sender, in a server of your own: it checks each, reads its events, and says what
   * to answer. Keep the events, then answer. One that was kept may come again, under the same `dedupeKey`.
   *
   * @throws ConnectorError `invalid_input` when the settings, or the trigger's input, are not right.
   */
  receiver<Type extends PushSourceType>(
    type: Type,
    settings: SourceTypes[Type],
    options?: ReceiverOptions,
  ): WebhookReceiver;
  /** How the events of a source are read for a trigger, an overlay's too. @throws ConnectorError `invalid_input` */
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
export function createConnector(options: ConnectorOptions): Connector {
  const { overlays, axios, log, ...input } = options;
  if (axios !== undefined && typeof axios.request !== 'function')
    throw invalidInput([
      { path: 'axios', message: 'must be an axios instance, as axios.create() returns it' },
    ]);
  const definition = compileManifest(
    loadManifest(overlays),
    overlays === undefined ? 'manifest.json' : 'The manifest with its overlays',
  );
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
    // The types are generated from the same declarations that the actions are made from.
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
            watch(
              key,
              (cursor, pages, signal) => session.poll(key, given, cursor, { pages, signal }),
              options,
              platform,
            ),
        },
      ]),
    ) as unknown as Triggers,
    run: session.runAction,
    poll: session.poll,
    receiver: (type, settings, { trigger, input: given = {} } = {}) => {
      const receiver = openReceiver(
        definition,
        platform,
        type,
        // The generated types name each setting; here they are checked one by one.
        settings,
        trigger === undefined ? undefined : session.eventPipeline(trigger, given),
      );
      return { receive: async (request) => receiver.receive(await readWebhookRequest(request)) };
    },
    eventPipeline: session.eventPipeline,
    close: platform.close,
    [Symbol.asyncDispose]: async () => platform.close(),
  };
}
