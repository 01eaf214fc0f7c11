import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ConnectorError } from '../../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../../connector/event.ts';
import type { Platform } from '../../../../connector/platform.ts';
import { createMemoryWatchStore } from '../../../../runtime/watch/memory-watch-store.ts';
import { createOutbox, startDeliveries } from '../../../../runtime/watch/outbox.ts';
import type { Sink } from '../../../../runtime/watch/sink.ts';
import { openSubscriptions, readSubscriptions } from '../../../../runtime/watch/subscriptions.ts';
import { createFakePlatform } from '../../../support/fake-platform.ts';
import { sampleEvent } from '../../../support/sample-event.ts';

const never = new AbortController().signal;

/** A watch whose only sinks are subscriptions. Its waits pass at once. */
async function openBench(deliver: Sink['deliver']) {
  const fake = createFakePlatform(() => ({}));
  const platform: Platform = {
    ...fake,
    async sleep(ms, signal) {
      await nextTurn();
      await fake.sleep(ms, signal);
    },
  };
  const store = createMemoryWatchStore(fake.now);
  await store.claimSinks();
  const outbox = createOutbox(store, []);
  const removed: string[] = [];
  const subscriptions = openSubscriptions([], {
    ...{ outbox, platform, most: 2, openSink: () => ({ origin: 'https://hooks.example', deliver }) },
    onRemoved: (sink) => removed.push(sink),
  });
  const drain = new AbortController();
  const deliveries = startDeliveries(
    outbox,
    [],
    { signal: drain.signal, abort: never, deadLetterAfterInMs: 86_400_000 },
    platform,
  );
  subscriptions.start(deliveries);
  let number = 0;
  return {
    ...{ store, outbox, subscriptions, removed, logged: fake.logged },
    async append(count: number): Promise<void> {
      const events = Array.from({ length: count }, (): ProvisioningEvent => {
        number += 1;
        const subject = { id: `u${number}`, externalId: null, userName: null, displayName: null };
        return sampleEvent(`e${number}`, { subject });
      });
      await outbox.append({ origin: 'poll', events });
    },
    async until(isTrue: () => boolean): Promise<void> {
      for (let turns = 0; !isTrue(); turns += 1) {
        if (turns > 20_000) throw new Error('It does not happen.');
        await nextTurn();
      }
    },
    async end(): Promise<void> {
      drain.abort();
      outbox.close();
      await deliveries.done;
      await subscriptions.settled();
    },
  };
}

const down = new ConnectorError('unavailable', { what: 'It is down.', nextStep: 'Wait.', status: 503 });

it('ends a subscription that is down once more than 10,000 events are undelivered, and drops them', async () => {
  const { subscriptions, append, until, end, store, removed, logged } = await openBench(async () => {
    throw down;
  });
  const { subscription } = await subscriptions.save({ url: 'https://hooks.example/1' });
  await append(10_000);
  const isSlow = (): boolean => logged.filter(({ event }) => event === 'delivery_retried').length > 20;
  await until(isSlow);
  expect(await subscriptions.list()).toMatchObject([{ undelivered: 10_000 }]);
  await append(1);
  await until(() => removed.length > 0);
  await end();
  expect(removed).toEqual([`subscription/${subscription.id}`]);
  expect(await readSubscriptions(store)).toEqual([]);
  expect([await store.count(), await store.sinkStates(1)]).toEqual([0, []]);
  expect(logged).toContainEqual({
    ...{ level: 'warn', event: 'subscription_ended', id: subscription.id, origin: 'https://hooks.example' },
    message: '10001 events are not delivered, and the limit is 10000.',
  });
});

it('does not end a subscription that has many undelivered events, but receives them', async () => {
  let delivered = 0;
  const { subscriptions, append, until, end } = await openBench(async (events) => {
    delivered += events.length;
  });
  await subscriptions.save({ url: 'https://hooks.example/1' });
  await append(10_500);
  await until(() => delivered >= 3);
  await end();
  expect(await subscriptions.list()).toHaveLength(1);
});

it('lets the polls go on while a subscription receives nothing', async () => {
  const { subscriptions, append, end, outbox } = await openBench(() => new Promise(() => undefined));
  await subscriptions.save({ url: 'https://hooks.example/1' });
  await append(1);
  await outbox.whenCaughtUp();
  const [{ id = '' } = {}] = await subscriptions.list();
  void subscriptions.remove(id);
  void end();
});

it('makes changes one after the other, and keeps to the limit', async () => {
  const { subscriptions, end, store } = await openBench(async () => undefined);
  const urls = [1, 2, 1, 3].map((number) => `https://hooks.example/${number}`);
  const saved = await Promise.allSettled(urls.map((url) => subscriptions.save({ url })));
  expect(saved.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  expect((await readSubscriptions(store)).map(({ url }) => url).toSorted()).toEqual(urls.slice(0, 2));
  expect((await store.sinkStates(0)).map(({ sink }) => sink)).toHaveLength(2);
  await end();
});

it('ends with the error that closed the outbox, even if nobody has subscribed', async () => {
  const { outbox, end } = await openBench(async () => undefined);
  outbox.fail(down);
  await expect(end()).rejects.toBe(down);
});

it('keeps a subscription that was renewed while its receiver still rejected an event', async () => {
  const gone = new ConnectorError('not_found', { what: 'It is gone.', nextStep: 'Wait.', status: 410 });
  const [begun, rejected] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let isRejecting = true;
  const delivered: string[] = [];
  const { subscriptions, append, until, end, removed } = await openBench(async (events) => {
    begun.resolve();
    await rejected.promise;
    if (isRejecting) {
      isRejecting = false;
      throw gone;
    }
    delivered.push(...events.map(({ text }) => JSON.parse(text).dedupeKey));
  });
  const request = { url: 'https://hooks.example/1' };
  const { subscription } = await subscriptions.save(request);
  await append(2);
  await begun.promise;
  expect((await subscriptions.save(request)).subscription.id).toBe(subscription.id);
  rejected.resolve();
  await until(() => delivered.length === 2 || removed.length > 0);
  await end();
  expect([delivered, removed]).toEqual([['e1', 'e2'], []]);
  expect(await subscriptions.list()).toHaveLength(1);
});
