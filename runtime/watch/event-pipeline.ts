import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { EventType, ProvisioningEvent } from '../../connector/event.ts';
import { hasDoubled, OutageLog } from '../../connector/outage-log.ts';
import type { Platform } from '../../connector/platform.ts';
import { readInput } from '../../connector/read-input.ts';
import { describeHeld } from '../../connector/safeguard/hold.ts';
import { lossesOfEvent } from '../../connector/safeguard/safeguard.ts';
import { lossLimitsOf } from '../../triggers/poll/poll.ts';
import { openEventSelector } from '../../triggers/select/event-selector.ts';
import { enrichEvents, type FailedRead } from '../../triggers/sources/event-mapping/enrich-events.ts';
import type {
  PullReceiver,
  PushReceiver,
  PushRequest,
  PushRequestHead,
  Received,
  Refused,
  SourceContext,
} from '../../triggers/sources/source.ts';
import { sources } from '../../triggers/sources/sources.ts';
import type { TriggerContext, TriggerInput } from '../../triggers/trigger-context.ts';
import { notDeclared, prepareTrigger } from '../prepare.ts';
import type { Poller } from './deliver.ts';
import { type EventSafeguard, guardEvents, readKnownCounts } from './hold-events.ts';
import { batchPerTrigger, type Outbox, type Selectors } from './outbox.ts';
import type { WatchObserver } from './watch-observer.ts';
import type { Admit, WatchStore } from './watch-store.ts';

/**
 * The stages between a source and the outbox, for one trigger: enrich → scope filter. A watch runs them, and stores
 * what they return. A host that stores events by itself, as n8n does, calls `run`.
 *
 * @example
 * ```ts
 * const pipeline: EventPipeline = connector.eventPipeline('user_deprovisioned', { filter: 'department eq "Engineering"' });
 * const stored: ProvisioningEvent[] = [];
 *
 * async function ingest(events: readonly ProvisioningEvent[]): Promise<void> {
 *   stored.push(...(await pipeline.run(events)));
 * }
 * ```
 */
export interface EventPipeline {
  /** The key of the trigger. */
  readonly trigger: string;
  /** How the events are guarded that are stored for the trigger. */
  readonly safeguard: EventSafeguard;
  /**
   * Adds the resource to events that arrived without one, if a provider can be read. Events of a source with IDs of
   * its own are returned as they are.
   *
   * @throws ConnectorError if a resource cannot be read now.
   */
  enrich(events: readonly ProvisioningEvent[], signal?: AbortSignal): Promise<readonly ProvisioningEvent[]>;
  /** Creates the test of which events the trigger emits, as of now. @throws ConnectorError */
  openSelector(): Promise<(event: ProvisioningEvent) => boolean>;
  /** Runs both stages: the events that the trigger emits, enriched. @throws ConnectorError if a stage fails now. */
  run(events: readonly ProvisioningEvent[], signal?: AbortSignal): Promise<readonly ProvisioningEvent[]>;
}

/** How the log names a time in which the resources of pushed events cannot be read. */
const completionOutage = {
  failed: 'event_not_completed',
  ended: 'event_completion_recovered',
  about: {},
} as const;

/**
 * Makes the pipeline of a trigger.
 *
 * @param contextOf the connection to the provider; without one, see {@link createOfflinePipeline}.
 * @throws ConnectorError `invalid_input`
 */
export function createEventPipeline(
  definition: ConnectorDefinition,
  contextOf: (signal: AbortSignal | undefined) => TriggerContext,
  key: string,
  given: unknown,
): EventPipeline {
  const { trigger, input } = prepareTrigger(definition, key, given);
  /** Since the first failure. */
  let outages: OutageLog | undefined;
  const onRead = (failure: FailedRead | undefined): void => {
    if (failure === undefined) outages?.end();
    else {
      outages ??= new OutageLog(completionOutage, contextOf(undefined).platform);
      outages.fail({ ...failure });
    }
  };
  return withStages({
    trigger: key,
    safeguard: createSafeguard(definition, input),
    enrich: (events, signal) => enrichEvents(contextOf(signal), events, trigger.detect.resources, onRead),
    openSelector: () => openEventSelector(contextOf(undefined), trigger, input),
  });
}

/**
 * Makes the pipeline of a trigger without a provider: events stay as they arrived. Its selector throws `unsupported` if
 * the input names a group, which has to be looked up.
 *
 * @throws ConnectorError `invalid_input`
 */
export function createOfflinePipeline(
  definition: ConnectorDefinition,
  platform: Platform,
  key: string,
  given: unknown,
): EventPipeline {
  const { trigger, input } = prepareTrigger(definition, key, given);
  const refuse = (): never => {
    throw new ConnectorError('unsupported', {
      what: 'The group in the input must be looked up, but there is no connection to a provider.',
      nextStep: 'Configure the connection, or omit `group`.',
    });
  };
  const context = { definition, platform, capabilities: refuse, reader: refuse, pollPreset: {} };
  return withStages({
    trigger: key,
    safeguard: createSafeguard(definition, input),
    enrich: async (events) => events,
    openSelector: () => openEventSelector(context, trigger, input),
  });
}

/** Creates the safeguard of the events that are stored for a trigger with this input. */
export function createSafeguard({ resources }: ConnectorDefinition, input: TriggerInput): EventSafeguard {
  return {
    limits: lossLimitsOf(input),
    lossesOf(event) {
      const resource = resources[event.resource];
      return resource === undefined ? [] : lossesOfEvent(resource, event);
    },
  };
}

function withStages(stages: Omit<EventPipeline, 'run'>): EventPipeline {
  return {
    ...stages,
    async run(events, signal) {
      if (events.length === 0) return events;
      const enriched = await stages.enrich(events, signal);
      return enriched.filter(await stages.openSelector());
    },
  };
}

/** A source with its settings, by how its events arrive. */
export type OpenSource = { readonly type: string } & (
  | { readonly delivery: 'push'; readonly receiver: PushReceiver }
  | { readonly delivery: 'pull'; readonly receiver: PullReceiver }
);

/** Opens a source. @throws ConnectorError `invalid_input` if there is no such source, or a setting is invalid. */
export function openSource(
  context: SourceContext,
  type: string,
  settings: Readonly<Record<string, unknown>>,
): OpenSource {
  const declared = context.definition.sources;
  const chosen = declared.find((one) => one.type === type);
  if (chosen === undefined)
    throw notDeclared(
      'source',
      type,
      declared.map((one) => one.type),
    );
  const source = sources[chosen.type];
  const complete = readInput(chosen.settings, settings);
  return source.delivery === 'push'
    ? { type, delivery: 'push', receiver: source.open(context, complete) }
    : { type, delivery: 'pull', receiver: source.open(context, complete) };
}

/**
 * Opens the receiver of a source that pushes. It stores nothing but what the safeguard holds: an event can repeat, under
 * the same `dedupeKey`.
 *
 * @param pipeline of the trigger that the events are for; omitted: every event is returned as it arrived.
 * @param store where the safeguard counts and holds; omitted: it does not.
 * @throws ConnectorError `invalid_input` if there is no such source, if it does not push, or if a setting is invalid.
 */
export function openReceiver(
  context: SourceContext,
  type: string,
  settings: Readonly<Record<string, unknown>>,
  pipeline: EventPipeline | undefined,
  store?: WatchStore,
): PushReceiver {
  const pushed = context.definition.sources.filter((one) => sources[one.type].delivery === 'push');
  const source = pushed.some((one) => one.type === type) ? openSource(context, type, settings) : undefined;
  if (source?.delivery !== 'push')
    throw notDeclared(
      'source that pushes',
      type,
      pushed.map((one) => one.type),
    );
  const { weakSecret } = source.receiver;
  if (weakSecret !== undefined)
    context.platform.log({
      level: 'warn',
      event: 'secret_too_short',
      source: type,
      setting: weakSecret.path,
      message: `\`${weakSecret.path}\` ${weakSecret.message}.`,
    });
  if (pipeline === undefined && store === undefined) return source.receiver;
  const run: EventPipeline['run'] = pipeline?.run ?? (async (events) => events);
  const { trigger, safeguard } = pipeline ?? {
    trigger: type,
    safeguard: createSafeguard(context.definition, {}),
  };
  return withEnrichment(source.receiver, async (events) => {
    const selected = await run(events);
    if (store === undefined || selected.length === 0) return selected;
    const guarding = { origin: type, store, platform: context.platform, observe: undefined };
    const admit = await openSafeguard({ trigger, safeguard }, selected, guarding);
    let passed = selected;
    await store.append({
      origin: type,
      events: selected,
      admit(all, pages) {
        passed = admit(all, pages);
        // The caller stores what the receiver returns.
        return [];
      },
    });
    return passed;
  });
}

/** How long a sender waits before it retries, where the provider does not say, in seconds. */
const retryAfterInSeconds = 10;

/** A receiver whose events pass through stages. While a stage fails, the sender is asked to retry later. */
export function withEnrichment(
  receiver: PushReceiver,
  stages: (events: readonly ProvisioningEvent[]) => Promise<readonly ProvisioningEvent[]>,
): PushReceiver {
  return {
    ...receiver,
    async receive(request) {
      const received = await receiver.receive(request);
      if (received.kind === 'refused') return received;
      try {
        return { ...received, events: await stages(received.events) };
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        const waitInSeconds =
          error.retryAfterInMs === undefined ? retryAfterInSeconds : Math.ceil(error.retryAfterInMs / 1000);
        const headers = { 'retry-after': String(Math.max(1, waitInSeconds)) };
        return { kind: 'refused', reason: error, reply: { status: 503, headers, body: '' } };
      }
    },
  };
}

/** Receives the requests of a source, in two steps. */
export interface WebhookHandler {
  /** Checks what needs no body. Undefined: the body is worth reading. */
  checkHead(head: PushRequestHead): Refused | undefined;
  /** Stores the events of a request. @throws ConnectorError if they cannot be stored: the sender must retry. */
  receive(request: PushRequest): Promise<Received>;
}

/** The handler of a source that pushes. */
export function createWebhookHandler(
  origin: string,
  receiver: PushReceiver,
  pipelines: readonly EventPipeline[],
  outbox: Outbox,
  platform: Pick<Platform, 'log' | 'now'>,
  observe: WatchObserver = () => undefined,
): WebhookHandler {
  const { log } = platform;
  const guarding = { origin, store: outbox.store, platform, observe };
  const enriching = withEnrichment(receiver, (events) => enrichForAll(pipelines, events));
  /** Since the first failure. */
  let outages: OutageLog | undefined;
  const withNotice = <Result extends Received | undefined>(received: Result): Result => {
    if (received?.kind === 'refused')
      observe({ kind: 'push_received', origin, outcome: 'refused', status: received.reply.status });
    return received;
  };
  const logFailure = (failure: Parameters<OutageLog['fail']>[0]): void => {
    outages ??= new OutageLog(
      { failed: 'push_failed', ended: 'push_recovered', about: { origin } },
      platform,
    );
    outages.fail(failure);
  };
  return {
    checkHead: (head) => withNotice(receiver.checkHead(head)),
    async receive(request) {
      const received = withNotice(await enriching.receive(request));
      if (received.kind === 'refused') {
        const { reply, reason } = received;
        // The fault is not the sender's: it is asked to retry.
        if (reply.status === 503) logFailure({ code: reason.code, message: reason.message });
        return received;
      }
      const { events, reply } = received;
      try {
        // Stored before the reply acknowledges them.
        if (events.length > 0)
          await outbox.append(
            ...batchPerTrigger({ origin, events }, await openSelectors(pipelines, events, guarding)),
          );
      } catch (error) {
        logFailure({ message: error instanceof Error ? error.message : String(error) });
        observe({ kind: 'push_received', origin, outcome: 'failed', status: 503 });
        throw error;
      }
      outages?.end();
      log({ level: 'debug', event: 'push_accepted', origin, events: events.length });
      observe({ kind: 'push_received', origin, outcome: 'accepted', status: reply.status });
      return received;
    },
  };
}

/** The poller of a source whose events are fetched. */
export function createSourcePoller(
  origin: string,
  receiver: PullReceiver,
  pipelines: readonly EventPipeline[],
  guarding: Omit<Guarding, 'origin'>,
): Poller {
  return {
    origin,
    async poll(cursor, { signal }) {
      const polled = await receiver.poll(cursor, signal);
      const events = await enrichForAll(pipelines, polled.events, signal);
      const { more, ...batch } = { origin, ...polled, events };
      return {
        more,
        batches: batchPerTrigger(batch, await openSelectors(pipelines, events, { ...guarding, origin })),
      };
    },
  };
}

/** Each resource is read once: a pipeline leaves alone what the previous one it has enriched. */
async function enrichForAll(
  pipelines: readonly EventPipeline[],
  events: readonly ProvisioningEvent[],
  signal?: AbortSignal,
): Promise<readonly ProvisioningEvent[]> {
  let enriched = events;
  for (const { enrich } of pipelines) enriched = await enrich(enriched, signal);
  return enriched;
}

/** What guarding the events of a source needs. */
interface Guarding {
  readonly origin: string;
  readonly store: WatchStore;
  readonly platform: Pick<Platform, 'log' | 'now'>;
  readonly observe: WatchObserver | undefined;
}

async function openSelectors(
  pipelines: readonly EventPipeline[],
  events: readonly ProvisioningEvent[],
  guarding: Guarding,
): Promise<Selectors> {
  return new Map(
    await Promise.all(
      pipelines.map(
        async (pipeline) =>
          [
            pipeline.trigger,
            {
              shouldDeliver: await pipeline.openSelector(),
              admit: await openSafeguard(pipeline, events, guarding),
            },
          ] as const,
      ),
    ),
  );
}

async function openSafeguard(
  { trigger, safeguard }: Pick<EventPipeline, 'trigger' | 'safeguard'>,
  events: readonly ProvisioningEvent[],
  { origin, store, platform, observe }: Guarding,
): Promise<Admit> {
  const isLosing = events.some((event) => safeguard.lossesOf(event).length > 0);
  return guardEvents({
    ...safeguard,
    trigger,
    known: isLosing ? await readKnownCounts(store, trigger) : {},
    nowInMs: platform.now(),
    onHeld(held, heldBefore, losses) {
      const [count, all] = [held.length, heldBefore + held.length];
      const level = hasDoubled(heldBefore, all) ? 'warn' : 'debug';
      // Without losses, the events wait behind others about the same user or group.
      const message = losses.losses.length === 0 ? undefined : describeHeld(losses);
      platform.log({ level, event: 'events_held', origin, trigger, count, all, message });
      const counts: Partial<Record<EventType, number>> = {};
      for (const { type } of held) counts[type] = (counts[type] ?? 0) + 1;
      observe?.({ kind: 'events_held', origin, trigger, counts });
    },
  });
}
