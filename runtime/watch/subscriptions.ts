import { randomUUID } from 'node:crypto';
import { ConnectorError } from '../../connector/errors.ts';
import type { Platform } from '../../connector/platform.ts';
import type { NamedSink } from './delivery-failures.ts';
import type { Deliveries, Outbox } from './outbox.ts';
import { type Sink, SinkEnded } from './sink.ts';
import { sinkOfSubscription } from './store-rules.ts';
import type { EventSelection, WatchStore } from './watch-store.ts';

/** What a subscriber asks for. */
export interface SubscriptionRequest extends EventSelection {
  /** Where events are posted. */
  readonly url: string;
  /** The secret that signs them. Omitted: nothing is signed, because the URL itself is secret. */
  readonly secret?: string | undefined;
}

/** A subscription as the state has it. */
export interface StoredSubscription extends SubscriptionRequest {
  readonly id: string;
  readonly createdAt: string;
}

/** A subscription without its secrets: the path of its URL is one. */
export interface SubscriptionView extends EventSelection {
  readonly id: string;
  /** The origin of its URL. */
  readonly origin: string;
  readonly signed: boolean;
  readonly createdAt: string;
}

/** The subscriptions of a watch, each of which is a sink. */
export interface Subscriptions {
  /** Starts to deliver to all of them. */
  start(deliveries: Deliveries): void;
  /**
   * Subscribes a URL. The same URL again changes its subscription, so that a repeated request makes no second one.
   *
   * @throws ConnectorError `conflict` if there are too many
   */
  save(
    request: SubscriptionRequest,
  ): Promise<{ readonly subscription: SubscriptionView; readonly isNew: boolean }>;
  /** All of them, each with its backlog. */
  list(): Promise<
    readonly (SubscriptionView & { readonly undelivered: number; readonly deadLetters: number })[]
  >;
  /** Ends a subscription, and drops its events. @returns false if no subscription has this ID */
  remove(id: string): Promise<boolean>;
  /** Resolves once no change is in progress. */
  settled(): Promise<void>;
}

/** What subscriptions need of a watch. */
export interface SubscriptionsContext {
  readonly outbox: Outbox;
  /** The largest number of subscriptions. */
  readonly most: number;
  /** Opens the sink that posts to a subscription. */
  openSink(target: SubscriptionRequest): Sink;
  /** Called when a subscription has ended, so that its figures can be dropped. */
  onRemoved(sink: string): void;
  readonly platform: Pick<Platform, 'log' | 'now'>;
}

const origin = 'subscriptions';
const listPage = 'list';

/** With more undelivered events, a subscription ends whose deliveries fail. */
const mostWhileFailing = 10_000;
/** With more undelivered events, a subscription ends in any case: it is too slow. */
const mostUndelivered = 100_000;
const backlogCheckedEveryInMs = 60_000;

/** Reads the subscriptions of a state. */
export async function readSubscriptions(store: WatchStore): Promise<readonly StoredSubscription[]> {
  const text = await store.pagesOf(origin).read(listPage);
  return text === undefined ? [] : (JSON.parse(text) as readonly StoredSubscription[]);
}

/** The names of the sinks of subscriptions. */
export function sinksOfSubscriptions(stored: readonly StoredSubscription[]): readonly string[] {
  return stored.map(({ id }) => sinkOfSubscription(id));
}

/** @throws ConnectorError `invalid_input` if a state has subscriptions, which a watch without them would leave out. */
export async function assertNoSubscriptions(store: WatchStore): Promise<void> {
  const { length } = await readSubscriptions(store);
  if (length === 0) return;
  throw new ConnectorError('invalid_input', {
    what: `The state has ${length === 1 ? 'a subscription' : `${length} subscriptions`}, which would miss events.`,
    nextStep: 'Accept subscriptions again, or delete them first.',
  });
}

/** Opens the subscriptions of a state. @param stored what {@link readSubscriptions} has read. */
export function openSubscriptions(
  stored: readonly StoredSubscription[],
  { outbox, most, openSink, onRemoved, platform }: SubscriptionsContext,
): Subscriptions {
  const { log, now } = platform;
  const known = new Map(stored.map((one) => [one.id, one]));
  const targets = new Map(stored.map((one) => [one.id, openSink(one)]));
  let deliveries: Deliveries | undefined;

  /** The list is read, changed, and written: one change after the other. */
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changing = last.then(change);
    last = changing.catch(() => undefined);
    return changing;
  }

  async function store(
    all: readonly StoredSubscription[],
    id: string,
    selection: EventSelection | null,
  ): Promise<void> {
    const pages = new Map([[listPage, JSON.stringify(all)]]);
    const sinks = new Map([[sinkOfSubscription(id), selection]]);
    await outbox.append({ origin, pages, sinks, events: [] });
  }

  function deliverTo(id: string): void {
    let attempted: StoredSubscription | undefined;
    const sink = sinkOf(id, () => {
      attempted = known.get(id);
    });
    deliveries?.add(sink, (reason) => {
      // The outbox reports what it cannot store.
      inTurn(() => endUnlessRenewed(id, attempted, reason)).catch(() => undefined);
    });
  }

  /** A receiver that wanted no more events can have subscribed again since then. */
  async function endUnlessRenewed(
    id: string,
    attempted: StoredSubscription | undefined,
    { message }: SinkEnded,
  ): Promise<void> {
    if (known.has(id) && known.get(id) !== attempted) {
      await deliveries?.remove(sinkOfSubscription(id));
      deliverTo(id);
      return;
    }
    log({ level: 'warn', event: 'subscription_ended', ...aboutOf(id), message });
    await forget(id);
  }

  /** @param onAttempt - called before each delivery. */
  function sinkOf(id: string, onAttempt: () => void): NamedSink {
    const name = sinkOfSubscription(id);
    const backlog = createBacklogCheck(outbox.store, name, now);
    const target = (): Sink | undefined => targets.get(id);
    return {
      name,
      sink: {
        origin: target()?.origin,
        deadlineInMs: target()?.deadlineInMs,
        async deliver(events, signal) {
          onAttempt();
          await backlog.check();
          try {
            await target()?.deliver(events, signal);
            backlog.onSuccess();
          } catch (error) {
            if (error instanceof ConnectorError && error.status === 410)
              throw new SinkEnded('The receiver responded with status 410: it wants no more events.');
            backlog.onFailure();
            throw error;
          }
        },
      },
    };
  }

  function aboutOf(id: string): { readonly id: string; readonly origin: string | undefined } {
    return { id, origin: targets.get(id)?.origin };
  }

  /** Nothing is delivered to it any more before its events are dropped. */
  async function forget(id: string): Promise<boolean> {
    if (!known.has(id)) return false;
    await deliveries?.remove(sinkOfSubscription(id));
    await store(
      [...known.values()].filter((one) => one.id !== id),
      id,
      null,
    );
    known.delete(id);
    targets.delete(id);
    onRemoved(sinkOfSubscription(id));
    return true;
  }

  return {
    start(given) {
      deliveries = given;
      for (const id of known.keys()) deliverTo(id);
    },
    save: (request) =>
      inTurn(async () => {
        const before = [...known.values()].find(({ url }) => url === request.url);
        if (before === undefined && known.size >= most)
          throw new ConnectorError('conflict', {
            what: `There are ${most} subscriptions, which is the limit.`,
            nextStep: 'Delete one first.',
          });
        const { id, createdAt } = before ?? {
          id: randomUUID(),
          createdAt: new Date(now()).toISOString(),
        };
        const subscription = { ...request, id, createdAt };
        const { triggers, types } = request;
        const sink = openSink(subscription);
        await store([...known.values()].filter((one) => one.id !== id).concat(subscription), id, {
          triggers,
          types,
        });
        known.set(id, subscription);
        targets.set(id, sink);
        if (before === undefined) deliverTo(id);
        log({ level: 'info', event: 'subscription_stored', ...aboutOf(id), triggers, types });
        return { subscription: viewOf(subscription), isNew: before === undefined };
      }),
    async list() {
      const states = new Map((await outbox.store.sinkStates(0)).map((one) => [one.sink, one]));
      return [...known.values()].map((one) => {
        const { undelivered = 0, deadLetterCount = 0 } = states.get(sinkOfSubscription(one.id)) ?? {};
        return { ...viewOf(one), undelivered, deadLetters: deadLetterCount };
      });
    },
    remove: (id) =>
      inTurn(async () => {
        const about = aboutOf(id);
        const isRemoved = await forget(id);
        if (isRemoved) log({ level: 'info', event: 'subscription_deleted', ...about });
        return isRemoved;
      }),
    settled: async () => void (await last),
  };
}

function viewOf({ id, url, secret, triggers, types, createdAt }: StoredSubscription): SubscriptionView {
  return { id, origin: new URL(url).origin, triggers, types, signed: secret !== undefined, createdAt };
}

/** Ends a subscription with too many undelivered events: nobody else limits the size of the state. */
function createBacklogCheck(store: WatchStore, name: string, now: () => number) {
  let checkedAtInMs = Number.NEGATIVE_INFINITY;
  let most = mostUndelivered;
  return {
    /** @throws SinkEnded */
    async check(): Promise<void> {
      if (now() - checkedAtInMs < backlogCheckedEveryInMs) return;
      checkedAtInMs = now();
      const states = await store.sinkStates(0);
      const { undelivered = 0 } = states.find(({ sink }) => sink === name) ?? {};
      if (undelivered > most)
        throw new SinkEnded(`${undelivered} events are not delivered, and the limit is ${most}.`);
    },
    onSuccess(): void {
      most = mostUndelivered;
    },
    onFailure(): void {
      most = mostWhileFailing;
    },
  };
}
