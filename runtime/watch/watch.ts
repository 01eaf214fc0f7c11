import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { type ErrorCode, invalidInput } from '../../connector/errors.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import type { SourceTypes } from '../../connector/generated/types.ts';
import type { Platform } from '../../connector/platform.ts';
import { openWatchStore } from '../node/open-watch-store.ts';
import { type PushServer, startPushServer } from '../node/start-push-server.ts';
import type { Session } from '../open-session.ts';
import {
  createReadPoller,
  deliverFromOutbox,
  deliverToSink,
  type Poller,
  type PollFailure,
} from './deliver.ts';
import {
  createOfflinePipeline,
  createSourcePoller,
  createWebhookHandler,
  type EventPipeline,
  type OpenSource,
  openSource,
  type WebhookHandler,
} from './event-pipeline.ts';
import { createMemoryWatchStore } from './memory-watch-store.ts';
import { createOutbox } from './outbox.ts';
import { originOf, type PlannedRead, planReads, type TriggerInput } from './plan-reads.ts';
import { callbackSink, type Sink, SinkClosed, type SinkFunction } from './sink.ts';
import type { WatchObserver } from './watch-observer.ts';
import type { WatchStore } from './watch-store.ts';

/**
 * Options of every watch.
 *
 * @example
 * ```ts
 * const options: WatchOptions = { store: await openWatchStore('leavers.state'), everyInMs: 30_000 };
 * for await (const event of connector.triggers.user_deprovisioned.watch({}, options)) console.log(event.type);
 * ```
 */
export interface WatchOptions {
  /**
   * Where the watch resumes after the process ends: a store, or the path of a file, which is created, and held for as
   * long as the watch runs. Default: in memory, so that each process starts over.
   */
  readonly store?: WatchStore | string | undefined;
  /** From the end of one poll to the next, in milliseconds. Default: 60,000. */
  readonly everyInMs?: number | undefined;
  /**
   * Drains the watch: nothing new starts, a poll in progress is aborted, deliveries in progress complete. Undelivered
   * events stay in the store.
   */
  readonly signal?: AbortSignal | undefined;
  /** Receives everything that happens, for figures and health. */
  readonly observer?: WatchObserver | undefined;
}

/**
 * Options of a watch that delivers to a sink.
 *
 * @example
 * ```ts
 * const options: SinkWatchOptions = {
 *   store: 'all.state',
 *   sources: [{ type: 'okta_event_hook', settings: { secret: 'a long random secret' } }],
 *   listen: { port: 8081 },
 *   sink: stdoutSink(),
 *   onEnd: ({ undelivered }) => console.error(undelivered, 'events stay in the state'),
 * };
 * await connector.watch('provisioning_event', options);
 * ```
 */
export interface SinkWatchOptions<Event = ProvisioningEvent> extends WatchOptions {
  /** Where events go. A function receives them one by one. An event is acknowledged when its promise resolves. */
  readonly sink: Sink | SinkFunction<Event>;
  /** Event sources, in addition to the polls of the provider. */
  readonly sources?: readonly WatchSource[] | undefined;
  /**
   * Where to receive the sources that push, at `/TYPE`; required if there are any. Port 0 picks any free port. The host
   * is the local address to listen on, `127.0.0.1` by default.
   */
  readonly listen?: { readonly port: number; readonly host?: string | undefined } | undefined;
  /** Ends once all current events are delivered. The first failure ends the watch, too. Default: false. */
  readonly once?: boolean | undefined;
  /**
   * Which lasting failures of polls end the watch: `auth`, if the provider rejects the token, or `held`, if the
   * safeguard holds a poll. Default: none. They are retried, at growing intervals, until an administrator has fixed them.
   * A poll that has never succeeded in this state always ends the watch: its settings may be wrong.
   */
  readonly exitOn?: readonly ExitCondition[] | undefined;
  /** Aborts the deliveries in progress, too. The next watch of the same store repeats them. */
  readonly abort?: AbortSignal | undefined;
  /**
   * Called once the watch is ready: its state is open, and its server listens. Gets the number of events that an earlier
   * watch left undelivered, which come first, and the URL of each source that pushes.
   */
  readonly onStart?:
    | ((start: { readonly undelivered: number; readonly urls: readonly string[] }) => void)
    | undefined;
  /** Called when the watch ends, for whatever reason. Gets the number of events that stay in the store. */
  readonly onEnd?: ((end: { readonly undelivered: number }) => void) | undefined;
}

/**
 * A lasting failure that can end a watch.
 *
 * @example
 * ```ts
 * const exitOn: readonly ExitCondition[] = ['auth'];
 * await connector.watch('user_deprovisioned', { store: 'leavers.state', sink: stdoutSink(), exitOn });
 * ```
 */
export type ExitCondition = keyof typeof codesOfCondition;

const codesOfCondition = {
  auth: ['auth', 'forbidden'],
  held: ['mass_change_blocked'],
} as const satisfies Record<string, readonly ErrorCode[]>;

export const exitConditions = Object.keys(codesOfCondition) as readonly ExitCondition[];

/**
 * An event source with its settings.
 *
 * @example
 * ```ts
 * const okta: WatchSource = { type: 'okta_event_hook', settings: { secret: 'a long random secret' } };
 * ```
 */
export type WatchSource = {
  readonly [Type in keyof SourceTypes]: { readonly type: Type; readonly settings: SourceTypes[Type] };
}[keyof SourceTypes];

/** A trigger to watch: its key, or its key with its input. The input is `{}` by default. */
export type WatchedTrigger = string | { readonly key: string; readonly input?: unknown };

/** What a watch runs on. */
export interface WatchContext {
  readonly definition: ConnectorDefinition;
  readonly platform: Platform;
  /** The connection to the provider. Undefined: nothing is polled or enriched. */
  readonly session: Pick<Session, 'prepareSharedPoll' | 'eventPipeline'> | undefined;
}

const defaultEveryInMs = 60_000;

/**
 * Runs the event pipeline: source → enrich → scope filter → deduplicate → outbox → sink. Resolves when it has drained,
 * when everything is delivered and it runs `once`, or when the sink is closed.
 *
 * The provider is read once for all triggers whose inputs agree about polling, and each source once for all. Each trigger
 * has its own deduplication.
 *
 * Nothing that a provider answers ends it once a poll has succeeded in its state, unless `exitOn` says so.
 *
 * @throws ConnectorError the error of a first poll, of the sink, or of the store.
 */
export async function watchToSink(
  context: WatchContext,
  watched: WatchedTrigger | readonly WatchedTrigger[],
  options: SinkWatchOptions,
): Promise<void> {
  const { platform, session, definition } = context;
  const {
    once: isOnce = false,
    everyInMs = defaultEveryInMs,
    exitOn = [],
    observer,
    onStart,
    onEnd,
  } = options;
  const { signal: drain = new AbortController().signal, abort = new AbortController().signal } = options;
  const sink = typeof options.sink === 'function' ? callbackSink(options.sink) : options.sink;

  // Everything that can be wrong with the options is found before anything is opened.
  const triggers = triggersOf(watched);
  const pipelines = triggers.map(({ key, input }) => openPipeline(context, key, input));
  // Validates the inputs.
  for (const trigger of triggers) session?.prepareSharedPoll(trigger.key, [trigger]);
  const sources = (options.sources ?? []).map(({ type, settings }) =>
    openSource({ definition, platform }, type, settings),
  );
  assertSources(sources, session !== undefined, options);
  assertSecrets(sources);
  if (session === undefined) for (const { openSelector } of pipelines) await openSelector();

  const { store, release } = await openStore(options.store);
  try {
    await store.claim(...triggers.map(({ key }) => key));
    const outbox = createOutbox(store);
    const reads = session === undefined ? [] : await planReads(store, definition, triggers, platform);
    const polled = session === undefined ? [] : reads.map((read) => openRead(session, read));
    const fetched = sources.flatMap(({ type, delivery, receiver }) =>
      delivery === 'pull' ? [createSourcePoller(type, receiver, pipelines)] : [],
    );
    const handlers = new Map(
      sources.flatMap(({ type, delivery, receiver }) =>
        delivery === 'push'
          ? [[type, createWebhookHandler(type, receiver, pipelines, outbox, platform, observer)] as const]
          : [],
      ),
    );
    const server = await listen(options.listen, handlers, drain, abort, platform);
    try {
      const urls = [...handlers.keys()].map((type) => `${server?.origin}/${type}`);
      onStart?.({ undelivered: await store.count(), urls });
      const endsOn = (failure: PollFailure): boolean => endsWatch(failure, exitOn);
      const pace = { everyInMs, isOnce, endsOn, observe: observer, signal: drain, abort };
      await deliverToSink(outbox, [...polled, ...fetched], sink, pace, platform);
    } catch (error) {
      if (!isEnd(error, drain, abort)) throw error;
    } finally {
      await server?.close(abort);
      onEnd?.({ undelivered: await store.count() });
    }
  } finally {
    release();
  }
}

/**
 * Yields the events of one trigger one by one. An event is acknowledged when the loop body comes back for the next one.
 * If the body throws, or the process ends, the next watch of the same store yields it again.
 *
 * @throws ConnectorError the permanent error of a poll, or of the store.
 */
export async function* watchEvents(
  {
    definition,
    platform,
    session,
  }: Omit<WatchContext, 'session'> & {
    session: Pick<Session, 'prepareSharedPoll'>;
  },
  trigger: TriggerInput,
  {
    store: given,
    everyInMs = defaultEveryInMs,
    signal = new AbortController().signal,
    observer: observe,
  }: WatchOptions,
): AsyncGenerator<ProvisioningEvent, void, undefined> {
  session.prepareSharedPoll(trigger.key, [trigger]);
  const { store, release } = await openStore(given);
  try {
    await store.claim(trigger.key);
    const reads = await planReads(store, definition, [trigger], platform);
    const pollers = reads.map((read) => openRead(session, read));
    const pace = { everyInMs, batchSize: 1, observe, signal };
    for await (const [next] of deliverFromOutbox(createOutbox(store), pollers, pace, platform)) {
      if (next !== undefined) yield JSON.parse(next.text) as ProvisioningEvent;
    }
  } finally {
    release();
  }
}

/** Whether a permanent failure of a poll ends a watch: the settings are wrong, or the caller asks for it. */
function endsWatch(
  { error: { code, status }, stage }: PollFailure,
  exitOn: readonly ExitCondition[],
): boolean {
  const codes: readonly ErrorCode[] = exitOn.flatMap((one) => codesOfCondition[one]);
  if (stage === 'setup' || codes.includes(code)) return true;
  // Without a response, it is an input or a state that does not suit the provider.
  return stage === 'start' && status === undefined && (code === 'invalid_input' || code === 'unsupported');
}

/** @throws ConnectorError `invalid_input` if there are none, or one of them twice: they would share a cursor. */
function triggersOf(watched: WatchedTrigger | readonly WatchedTrigger[]): readonly TriggerInput[] {
  const triggers = [watched].flat().map((one) => {
    const { key, input = {} } = typeof one === 'string' ? { key: one } : one;
    return { key, input };
  });
  const keys = triggers.map(({ key }) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (keys.length > 0 && twice === undefined) return triggers;
  const message =
    twice === undefined ? 'must name a trigger' : `must name "${twice}" once: keep one state for each input`;
  throw invalidInput([{ path: 'triggers', message }]);
}

function openPipeline(
  { definition, platform, session }: WatchContext,
  key: string,
  input: unknown,
): EventPipeline {
  return session === undefined
    ? createOfflinePipeline(definition, platform, key, input)
    : session.eventPipeline(key, input);
}

function assertSources(
  sources: readonly OpenSource[],
  hasProvider: boolean,
  { listen: where, once }: SinkWatchOptions,
): void {
  const types = sources.map(({ type }) => type);
  const pushed = sources.flatMap(({ type, delivery }) => (delivery === 'push' ? [type] : []));
  const checks = [
    [hasProvider || sources.length > 0, 'sources', 'must name a source'],
    [new Set(types).size === types.length, 'sources', 'must not name a source twice'],
    [pushed.length === 0 || where !== undefined, 'listen', `is required to receive ${pushed.join(' and ')}`],
    [
      pushed.length === 0 || once !== true,
      'once',
      'cannot be combined with a source that pushes, because pushed events have no end',
    ],
  ] as const;
  const problems = checks.flatMap(([isValid, path, message]) => (isValid ? [] : [{ path, message }]));
  if (problems.length > 0) throw invalidInput(problems);
}

/** @throws ConnectorError `invalid_input` if anyone who can reach the server could guess a secret. */
function assertSecrets(sources: readonly OpenSource[]): void {
  const problems = sources.flatMap((source) =>
    source.delivery === 'push' && source.receiver.weakSecret !== undefined
      ? [source.receiver.weakSecret]
      : [],
  );
  if (problems.length > 0) throw invalidInput(problems);
}

function openRead(session: Pick<Session, 'prepareSharedPoll'>, { owner, triggers }: PlannedRead): Poller {
  return createReadPoller(originOf(owner), session.prepareSharedPoll(owner, triggers));
}

async function listen(
  where: SinkWatchOptions['listen'],
  sources: ReadonlyMap<string, WebhookHandler>,
  drain: AbortSignal,
  abort: AbortSignal,
  { log, now }: Pick<Platform, 'log' | 'now'>,
): Promise<PushServer | undefined> {
  if (where === undefined || sources.size === 0) return undefined;
  const { port, host = '127.0.0.1' } = where;
  const server = await startPushServer({ port, host, sources, log, now });
  const close = (): void => void server.close(abort);
  if (drain.aborted) close();
  drain.addEventListener('abort', close, { once: true });
  return server;
}

async function openStore(
  given: WatchStore | string = createMemoryWatchStore(),
): Promise<{ readonly store: WatchStore; release(): void }> {
  if (typeof given !== 'string') return { store: given, release: () => undefined };
  const store = await openWatchStore(given);
  return { store, release: store.close };
}

/** Whether a watch ended because it was asked to, or because its consumer is gone. */
function isEnd(error: unknown, ...signals: readonly AbortSignal[]): boolean {
  return error instanceof SinkClosed || signals.some(({ aborted, reason }) => aborted && error === reason);
}
