import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Answer,
  startWebhookReceiver,
  type WebhookReceiver,
} from '../../../support/start-webhook-receiver.ts';
import type { Step } from './watcher-process.ts';

/** An event that was pushed: the users have their own events, numbered from 1. */
interface PushedEvent {
  readonly user: string;
  readonly number: number;
  /** When it was sent for the first time, and acknowledged. Moments are counted, not measured. */
  readonly sentAt: number;
  readonly acknowledgedAt: number;
}

/** A subscription, as its owner knows it. Each has a URL of its own, which is never used again. */
interface Subscriber {
  readonly receiver: WebhookReceiver;
  readonly askedAt: number;
  readonly subscribedAt: number;
  readonly id: string;
  /** Since when its receiver responds with 410. */
  goneAt?: number;
  /** The number of requests when the end of the subscription was acknowledged. */
  endedAfter?: number;
}

/** What is known of the pushed events and of the subscriptions, whatever the watch does. */
export interface Subscribers {
  /** Where the watch listens from now on; undefined while it is down. */
  setOrigin(origin: string | undefined): void;
  /** Called when something happens that a kill could interrupt. */
  onStep: (step: Step) => void;
  /** Starts some pushes and changes of subscriptions, which end in a later life of the watch if this one ends before. */
  stir(): void;
  /** Resolves once everything has ended that was started, and one more event of each user is pushed. */
  settle(): Promise<void>;
  /** What the subscriptions still wait for, as sentences. */
  missing(): Promise<readonly string[]>;
  /** The violations of what is guaranteed, as sentences. */
  faults(): readonly string[];
  /** What was put to the test. */
  readonly counts: {
    readonly delivered: number;
    readonly repeated: number;
    readonly ended: number;
    readonly gone: number;
  };
  close(): Promise<void>;
}

export const subscribersToken = 'token-of-the-subscribers';
export const hookSecret = 'a long random secret';
const userNames = ['ada', 'bob', 'cyd', 'dee'];
const mostSubscribers = 6;
/** The body of a request that only shows how far a receiver has read. */
const marker = '';

/** Opens pushers of Okta's event hooks, and programs that subscribe. @param random decides what they do */
export function openSubscribers(random: () => number): Subscribers {
  let origin = Promise.withResolvers<string>();
  let isUp = false;
  let isCalm = false;
  let moment = 0;
  const tick = (): number => {
    moment += 1;
    return moment;
  };
  const pushed: PushedEvent[] = [];
  const subscribers: Subscriber[] = [];
  const found: string[] = [];

  /** Repeats a request until it has a response: a life of the watch can end before. */
  async function request(path: string, init: RequestInit): Promise<Response> {
    for (;;) {
      const at = await origin.promise;
      try {
        self.onStep('sent');
        const response = await fetch(`${at}${path}`, init);
        if (response.status < 500) {
          const body = await response.text();
          self.onStep('acknowledged');
          return new Response(response.status === 204 ? null : body, { status: response.status });
        }
        await response.body?.cancel();
      } catch {
        // The watch was killed.
      }
      await sleep(2);
    }
  }

  const asSubscriber = (method: string, body?: object): RequestInit => ({
    method,
    headers: { authorization: `Bearer ${subscribersToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

  async function push(user: string): Promise<void> {
    const number = pushed.filter((event) => event.user === user).length + 1;
    const sentAt = tick();
    const name = `${user}-${number}`;
    const published = '2026-11-24T09:00:00.000Z';
    const target = [{ id: user, type: 'User', alternateId: name, displayName: name }];
    // The safeguard never holds back that users are created.
    const eventType = 'user.lifecycle.create';
    const event = { uuid: name, published, eventType, outcome: { result: 'SUCCESS' }, target };
    const { status } = await request('/okta_event_hook', {
      method: 'POST',
      headers: { authorization: hookSecret, 'content-type': 'application/json' },
      body: JSON.stringify({ eventId: name, eventTime: published, data: { events: [event] } }),
    });
    if (status !== 204) found.push(`The push of ${name} was answered ${status}.`);
    pushed.push({ user, number, sentAt, acknowledgedAt: tick() });
  }

  async function subscribe(): Promise<void> {
    let own: Subscriber | undefined;
    const receiver = await startWebhookReceiver(({ body }): Answer => {
      if (body === marker) return { status: 204 };
      self.onStep('posted');
      if (own?.goneAt !== undefined) return { status: 410 };
      const draw = isCalm ? 1 : random();
      if (draw < 0.03) return 'drop';
      return draw < 0.06 ? { status: 503, headers: { 'retry-after': '0' } } : { status: 204 };
    });
    const askedAt = tick();
    const response = await request('/subscriptions', asSubscriber('POST', { url: receiver.url }));
    const { id } = (await response.json()) as { readonly id: string };
    if (![200, 201].includes(response.status)) found.push(`A subscription was answered ${response.status}.`);
    own = { receiver, askedAt, subscribedAt: tick(), id };
    subscribers.push(own);
  }

  async function unsubscribe(subscriber: Subscriber): Promise<void> {
    const { status } = await request(`/subscriptions/${subscriber.id}`, asSubscriber('DELETE'));
    // 404 is the response to a repeated request, or to one for a subscription whose receiver was gone.
    if (![204, 404].includes(status)) found.push(`The end of a subscription was answered ${status}.`);
    // What was sent before the response is read before this request.
    await fetch(subscriber.receiver.url, { method: 'PUT', body: marker });
    subscriber.endedAfter = subscriber.receiver.received.length;
  }

  const isActive = ({ goneAt, endedAfter }: Subscriber): boolean =>
    goneAt === undefined && endedAfter === undefined;

  async function change(): Promise<void> {
    const active = subscribers.filter(isActive);
    const one = active[Math.floor(random() * active.length)];
    const draw = random();
    if (one === undefined || (draw < 0.5 && active.length < mostSubscribers)) return subscribe();
    if (draw < 0.75) return unsubscribe(one);
    one.goneAt = tick();
  }

  /** One after the other, so that the events of a user have an order. */
  const chains = new Map<string, Promise<void>>();
  const enqueue = (name: string, work: () => Promise<void>): void => {
    chains.set(name, (chains.get(name) ?? Promise.resolve()).then(work));
  };

  function deliveredTo({
    receiver,
  }: Subscriber): readonly { readonly user: string; readonly number: number }[] {
    return receiver.received
      .filter(({ body }) => body !== marker)
      .map(({ body }) => {
        const [, user = '', number] = /^(\w+)-(\d+)$/.exec(JSON.parse(body).subject.userName) ?? [];
        return { user, number: Number(number) };
      });
  }

  function missingOf(subscriber: Subscriber): readonly string[] {
    const names = new Set(deliveredTo(subscriber).map(({ user, number }) => `${user}-${number}`));
    return pushed
      .filter(({ sentAt }) => sentAt > subscriber.subscribedAt)
      .map(({ user, number }) => `${user}-${number}`)
      .filter((name) => !names.has(name));
  }

  const listedIds = async (): Promise<readonly string[]> => {
    const response = await request('/subscriptions', asSubscriber('GET'));
    const { subscriptions } = (await response.json()) as {
      readonly subscriptions: readonly { readonly id: string }[];
    };
    return subscriptions.map(({ id }) => id);
  };

  const self: Subscribers = {
    onStep: () => undefined,
    setOrigin(given) {
      if (given !== undefined) origin.resolve(given);
      // Who waits for the origin of a life that has none goes on in the next.
      else if (isUp) origin = Promise.withResolvers();
      isUp = given !== undefined;
    },
    stir() {
      for (const user of userNames) if (random() < 0.7) enqueue(user, () => push(user));
      if (random() < 0.8) enqueue('subscriptions', change);
    },
    async settle() {
      isCalm = true;
      for (const chain of chains.values()) await chain;
      // Every subscription is sent an event, which ends those whose receiver is gone.
      for (const user of userNames) await push(user);
    },
    async missing() {
      const listed = await listedIds();
      const expected = subscribers.filter(isActive);
      return [
        ...expected.flatMap((one) => missingOf(one).map((name) => `${one.id} misses ${name}.`)),
        ...expected.filter(({ id }) => !listed.includes(id)).map(({ id }) => `${id} is not listed.`),
        ...listed.filter((id) => !expected.some((one) => one.id === id)).map((id) => `${id} has not ended.`),
      ];
    },
    faults() {
      for (const [index, one] of subscribers.entries()) {
        const last = new Map<string, number>();
        for (const { user, number } of deliveredTo(one)) {
          const before = last.get(user) ?? 0;
          // A repeat is no fault: at least once.
          if (number > before + 1 && before > 0)
            found.push(`Subscription ${index} got ${user}-${number} after ${user}-${before}.`);
          last.set(user, Math.max(before, number));
          const event = pushed.find((candidate) => candidate.user === user && candidate.number === number);
          if (event !== undefined && event.acknowledgedAt < one.askedAt)
            found.push(`Subscription ${index} got ${user}-${number}, which is older.`);
        }
        if (one.endedAfter !== undefined && one.receiver.received.length > one.endedAfter)
          found.push(`Subscription ${index} got a request after its end was acknowledged.`);
      }
      return found;
    },
    get counts() {
      const all = subscribers.map(deliveredTo);
      const total = all.reduce((sum, events) => sum + events.length, 0);
      const different = all.reduce(
        (sum, events) => sum + new Set(events.map((one) => JSON.stringify(one))).size,
        0,
      );
      return {
        delivered: different,
        repeated: total - different,
        ended: subscribers.filter(({ endedAfter }) => endedAfter !== undefined).length,
        gone: subscribers.filter(({ goneAt }) => goneAt !== undefined).length,
      };
    },
    async close() {
      for (const { receiver } of subscribers) await receiver.close();
    },
  };
  return self;
}
