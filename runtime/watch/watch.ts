import { ConnectorError, type ErrorCode, invalidInput } from '../../connector/errors.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import type { Platform } from '../../connector/platform.ts';
import { openWatchStore } from '../node/open-watch-store.ts';
import { type PushServer, type PushServerOptions, startPushServer } from '../node/start-push-server.ts';
import { deliverFromOutbox, type Poller, type PollFailure, startPolling } from './deliver.ts';
import type { NamedSink } from './delivery-failures.ts';
import type { OpenSource } from './event-pipeline.ts';
import { createMemoryWatchStore } from './memory-watch-store.ts';
import { withNotices } from './notify-holds.ts';
import { observeState } from './observe-state.ts';
import { createOutbox, type Outbox, startDeliveries } from './outbox.ts';
import type { TriggerInput } from './plan-reads.ts';
import { callbackSink, type Sink, SinkClosed, type SinkFunction } from './sink.ts';
import { assertTokens, openSubscriptionEndpoint, type SubscriptionOptions } from './subscription-endpoint.ts';
import { assertNoSubscriptions, readSubscriptions, sinksOfSubscriptions } from './subscriptions.ts';
import type { WatchObserver } from './watch-observer.ts';
import { defaultSink, type WatchStore } from './watch-store.ts';
import {
  type OpenConnection,
  openConnection,
  type WatchContext,
  type WatchedConnection,
  type WatchedTrigger,
  type WatchSource,
} from './watched-connection.ts';

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
   * long as the watch runs. A function opens a store that the watch closes at its end. Default: in memory, so that each
   * process starts over. Two watches cannot use one store at a time.
   */
  readonly store?: WatchStore | string | (() => Promise<WatchStore>) | undefined;
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
 * Where the events of a watch go: to one consumer, or to several.
 *
 * @example
 * ```ts
 * const both: SinkChoice = { sinks: { print: stdoutSink(), log: async ({ dedupeKey }) => console.error(dedupeKey) } };
 * await connector.watch('user_deprovisioned', { store: 'leavers.state', ...both });
 * ```
 */
export type SinkChoice<Event = ProvisioningEvent> =
  | {
      /** A function receives the events one by one. An event is acknowledged when its promise resolves. */
      readonly sink: Sink | SinkFunction<Event>;
      readonly sinks?: undefined;
    }
  | {
      readonly sink?: undefined;
      /**
       * By name. Each has a place of its own in the store, under its name: one that is down holds up no other. A sink
       * that is added later receives the events from then on.
       */
      readonly sinks: Readonly<Record<string, Sink | SinkFunction<Event>>>;
    };

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
export type SinkWatchOptions<Event = ProvisioningEvent> = SinkWatchSettings & SinkChoice<Event>;

/**
 * Options of a watch that delivers to sinks, without the sinks.
 *
 * @example
 * ```ts
 * const settings: SinkWatchSettings = { store: 'leavers.state', deadLetterAfterInMs: 4 * 3_600_000 };
 * await connector.watch('user_deprovisioned', { ...settings, sink: stdoutSink() });
 * ```
 */
export interface SinkWatchSettings extends WatchOptions {
  /**
   * For how long a consumer can refuse one event, while it accepts others, before the event becomes a dead letter, in
   * milliseconds. Until then, it is retried, and holds up the later events of the same user or group. Default: 24 hours.
   */
  readonly deadLetterAfterInMs?: number | undefined;
  /** Event sources, in addition to the polls of the provider. */
  readonly sources?: readonly WatchSource[] | undefined;
  /**
   * Where to receive the sources that push, at `/TYPE`, and subscriptions; required if there are any. Port 0 picks any
   * free port. The host is the local address to listen on, `127.0.0.1` by default.
   */
  readonly listen?: { readonly port: number; readonly host?: string | undefined } | undefined;
  /**
   * Lets others subscribe to events at `/subscriptions` of `listen`. Each subscription is a sink of its own, and `sinks`
   * can be empty. Default: nobody can subscribe.
   */
  readonly subscriptions?: SubscriptionOptions | undefined;
  /** Ends once all current events are delivered. The first failure ends the watch, too. Default: false. */
  readonly once?: boolean | undefined;
  /**
   * Which lasting failures of polls end the watch: `auth`, if the provider rejects the token, or `held`, if the
   * safeguard holds a poll. Default: none. They are retried, at growing intervals, until an administrator has fixed them.
   * A poll that has never succeeded in this state always ends the watch: its settings may be wrong.
   */
  readonly exitOn?: readonly ExitCondition[] | undefined;
  /**
   * How a person approves a hold of polls, as the end of a sentence that begins with "If it is,". Default: by
   * `approveHold`, or by the input.
   */
  readonly howToApprove?: ((id: string) => string) | undefined;
  /**
   * Receives a notice when the safeguard begins to hold losses, and whenever these have doubled, with the trigger
   * `safeguard.held`: for a person, who decides. Default: only the log says so.
   */
  readonly heldSink?: Sink | undefined;
  /** Aborts the deliveries in progress, too. The next watch of the same store repeats them. */
  readonly abort?: AbortSignal | undefined;
  /**
   * Called once the watch is ready: its state is open, and its server listens. Gets the number of events that an earlier
   * watch left undelivered, which come first, the URL of each source that pushes, and a function that reads what is
   * undelivered at any time until the watch ends.
   */
  readonly onStart?: ((start: WatchStart) => void) | undefined;
  /** Called when the watch ends, for whatever reason. Gets the number of events that stay in the store. */
  readonly onEnd?: ((end: { readonly undelivered: number }) => void) | undefined;
}

/**
 * A watch that is ready.
 *
 * @example
 * ```ts
 * const onStart = ({ undelivered, urls }: WatchStart): void => console.error(undelivered, 'events left', urls);
 * ```
 */
export interface WatchStart {
  /** The number of events that an earlier watch left undelivered. */
  readonly undelivered: number;
  /** The URL of each source that pushes. */
  readonly urls: readonly string[];
  /** The URL at which others subscribe, if they can. */
  readonly subscriptionsUrl?: string | undefined;
  /** Reads what each sink does not have now. */
  backlogs(): Promise<readonly Backlog[]>;
}

/**
 * What one sink does not have.
 *
 * @example
 * ```ts
 * const isLate = ({ oldestAtInMs = Infinity }: Backlog): boolean => Date.now() - oldestAtInMs > 60_000;
 * ```
 */
export interface Backlog {
  /** The name of the sink. */
  readonly sink: string;
  /** The number of events that wait for their delivery. */
  readonly events: number;
  /** When the first of them occurred, in milliseconds since 1970. Undefined without events. */
  readonly oldestAtInMs: number | undefined;
  /** The number of events that were given up, and are still in the state. */
  readonly deadLetters: number;
}

/** Reports what waits for a person in the state, now and after each command to it. */
async function observeStateOf({ store, fail }: Outbox, observer: WatchObserver | undefined): Promise<void> {
  if (observer === undefined) return;
  store.onSteered(() => void observeState(store, observer).catch(fail));
  await observeState(store, observer);
}

/** Reports once that a watch ends, however often it is called. */
function announceStop(observer: WatchObserver | undefined): () => void {
  let isAnnounced = false;
  return () => {
    if (!isAnnounced) observer?.({ kind: 'watch_stopping' });
    isAnnounced = true;
  };
}

async function readBacklogs(store: WatchStore): Promise<readonly Backlog[]> {
  const states = await store.sinkStates(0);
  return states.map(({ sink, undelivered, firstUndelivered: first, deadLetterCount }) => ({
    sink,
    events: undelivered,
    oldestAtInMs: first && Date.parse((JSON.parse(first.text) as ProvisioningEvent).occurredAt),
    deadLetters: deadLetterCount,
  }));
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

const defaultEveryInMs = 60_000;
const defaultDeadLetterAfterInMs = 86_400_000;

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
  const triggers = [watched].flat();
  await watchConnections([{ ...context, triggers, sources: options.sources }], options, context.platform);
}

/** {@link watchToSink}, for several connections in one state. One of them that fails holds up no other. */
export async function watchConnections(
  connections: readonly WatchedConnection[],
  options: Omit<SinkWatchSettings, 'sources'> & SinkChoice,
  platform: Platform,
): Promise<void> {
  const {
    once: isOnce = false,
    everyInMs = defaultEveryInMs,
    exitOn = [],
    deadLetterAfterInMs = defaultDeadLetterAfterInMs,
    subscriptions,
    heldSink,
    howToApprove,
    observer,
    onStart,
    onEnd,
  } = options;
  const { signal: drain = new AbortController().signal, abort = new AbortController().signal } = options;
  const sinks = sinksOf(options);

  // Everything that can be wrong with the options is found before anything is opened.
  const opened = await Promise.all(connections.map(openConnection));
  const sources = opened.flatMap((one) => one.sources);
  assertSources(opened, options);
  assertSecrets(sources);
  if (subscriptions !== undefined) assertTokens(subscriptions);

  const { store, release } = await openStore(options.store);
  try {
    const triggers = opened.flatMap((one) => one.triggers);
    await store.claim(...triggers);
    if (subscriptions === undefined) await assertNoSubscriptions(store);
    const subscribed = await readSubscriptions(store);
    const names = [...sinks.map(({ name }) => name), ...sinksOfSubscriptions(subscribed)];
    await store.claimSinks(...names);
    const outbox = createOutbox(store, names, observer);
    const pollers: Poller[] = [];
    for (const one of opened) pollers.push(...(await one.openPollers(store, observer)));
    const handlers = new Map(opened.flatMap((one) => [...one.openHandlers(outbox, observer)]));
    const subscribing =
      subscriptions &&
      openSubscriptionEndpoint(subscriptions, subscribed, { outbox, triggers, platform, observer });
    const isListening = handlers.size > 0 || subscribing !== undefined;
    const endpoints = { sources: handlers, endpointAt: subscribing?.endpointAt };
    const server = await listen(isListening ? options.listen : undefined, endpoints, drain, abort, platform);
    const stopping = announceStop(observer);
    drain.addEventListener('abort', stopping, { once: true });
    try {
      await observeStateOf(outbox, observer);
      const urlOf = (key: string): string => `${server?.origin}/${key}`;
      onStart?.({
        undelivered: await store.count(),
        urls: [...handlers.keys()].map(urlOf),
        subscriptionsUrl: subscribing && urlOf(subscribing.path),
        backlogs: () => readBacklogs(store),
      });
      const endsOn = (failure: PollFailure): boolean => endsWatch(failure, exitOn);
      const pace = {
        everyInMs,
        isOnce,
        endsOn,
        howToApprove,
        observe: observer,
        signal: drain,
        abort,
        deadLetterAfterInMs,
      };
      const polling = startPolling(outbox, pollers, pace, platform);
      const notices = { store, sink: heldSink, isOnce, signal: drain, abort, platform };
      const deliver = (): Promise<void> => {
        const deliveries = startDeliveries(outbox, sinks, pace, platform);
        subscribing?.start(deliveries);
        return deliveries.done;
      };
      await withNotices(notices, deliver, outbox.fail).finally(polling.end);
    } catch (error) {
      if (!isEnd(error, drain, abort)) throw error;
    } finally {
      drain.removeEventListener('abort', stopping);
      stopping();
      await server?.close(abort);
      await subscribing?.close();
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
  context: WatchContext,
  trigger: TriggerInput,
  {
    store: given,
    everyInMs = defaultEveryInMs,
    signal = new AbortController().signal,
    observer: observe,
  }: WatchOptions,
): AsyncGenerator<ProvisioningEvent, void, undefined> {
  const connection = await openConnection({ ...context, triggers: [trigger] });
  const { store, release } = await openStore(given);
  try {
    await store.claim(trigger.key);
    await assertNoSubscriptions(store);
    await store.claimSinks(defaultSink);
    const pollers = await connection.openPollers(store, observe);
    const pace = { everyInMs, batchSize: 1, observe, signal };
    const outbox = createOutbox(store);
    await observeStateOf(outbox, observe);
    for await (const [next] of deliverFromOutbox(outbox, pollers, pace, context.platform)) {
      if (next !== undefined) yield JSON.parse(next.text) as ProvisioningEvent;
    }
  } finally {
    observe?.({ kind: 'watch_stopping' });
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

/** @throws ConnectorError `invalid_input` unless there is `sink`, or at least one of `sinks`. */
function sinksOf({ sink, sinks = {}, subscriptions }: SinkWatchOptions): readonly NamedSink[] {
  const given = sink === undefined ? Object.entries(sinks) : [[defaultSink, sink] as const];
  if (
    (given.length > 0 || subscriptions !== undefined) &&
    (sink === undefined || Object.keys(sinks).length === 0)
  )
    return given.map(([name, one]) => ({ name, sink: typeof one === 'function' ? callbackSink(one) : one }));
  const message = given.length === 0 ? 'is required' : 'cannot be combined with `sinks`: name it there';
  throw invalidInput([{ path: 'sink', message }]);
}

function assertSources(
  opened: readonly OpenConnection[],
  { listen: where, once, subscriptions }: Pick<SinkWatchOptions, 'listen' | 'once' | 'subscriptions'>,
): void {
  const pushed = opened
    .flatMap(({ sources }) => sources)
    .flatMap(({ type, delivery }) => (delivery === 'push' ? [type] : []));
  const checks = [
    [
      opened.every(({ hasProvider, sources }) => hasProvider || sources.length > 0),
      'sources',
      'must name a source',
    ],
    [pushed.length === 0 || where !== undefined, 'listen', `is required to receive ${pushed.join(' and ')}`],
    [
      pushed.length === 0 || once !== true,
      'once',
      'cannot be combined with a source that pushes, because pushed events have no end',
    ],
    [subscriptions === undefined || where !== undefined, 'listen', 'is required to accept subscriptions'],
    [
      subscriptions === undefined || once !== true,
      'once',
      'cannot be combined with subscriptions, which are accepted for as long as the watch runs',
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

async function listen(
  where: SinkWatchOptions['listen'],
  endpoints: Pick<PushServerOptions, 'sources' | 'endpointAt'>,
  drain: AbortSignal,
  abort: AbortSignal,
  { log, now }: Pick<Platform, 'log' | 'now'>,
): Promise<PushServer | undefined> {
  if (where === undefined) return undefined;
  const { port, host = '127.0.0.1' } = where;
  const server = await startPushServer({ port, host, ...endpoints, log, now });
  const close = (): void => void server.close(abort);
  if (drain.aborted) close();
  drain.addEventListener('abort', close, { once: true });
  return server;
}

/** The stores of the caller that a watch of this process uses. */
const watched = new WeakSet<WatchStore>();

/** @throws ConnectorError `conflict` if another watch uses the store: both would poll, and report each change twice. */
async function openStore(
  given: WatchOptions['store'] = createMemoryWatchStore(),
): Promise<{ readonly store: WatchStore; release(): void }> {
  if (typeof given === 'object') {
    if (watched.has(given))
      throw new ConnectorError('conflict', {
        what: 'Another watch of this process uses the store.',
        nextStep: 'End that watch first, or use a store for each.',
      });
    watched.add(given);
    return { store: given, release: () => void watched.delete(given) };
  }
  const store = await (typeof given === 'string' ? openWatchStore(given) : given());
  return { store, release: store.close };
}

/** Whether a watch ended because it was asked to, or because its consumer is gone. */
function isEnd(error: unknown, ...signals: readonly AbortSignal[]): boolean {
  return error instanceof SinkClosed || signals.some(({ aborted, reason }) => aborted && error === reason);
}
