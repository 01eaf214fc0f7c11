import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ConnectorError, type ErrorCode } from '../../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../../connector/event.ts';
import type { Platform } from '../../../../connector/platform.ts';
import { TransportError } from '../../../../connector/platform.ts';
import type { DeliveryPace } from '../../../../runtime/watch/delivery-failures.ts';
import { createMemoryWatchStore } from '../../../../runtime/watch/memory-watch-store.ts';
import { createOutbox, startDeliveries } from '../../../../runtime/watch/outbox.ts';
import type { Sink } from '../../../../runtime/watch/sink.ts';
import type { WatchObservation } from '../../../../runtime/watch/watch-observer.ts';
import { createFakePlatform } from '../../../support/fake-platform.ts';
import { sampleEvent } from '../../../support/sample-event.ts';

const hourInMs = 3_600_000;

/** An event of the user whose name the key begins with: `a1` is one of `a`. */
function eventOf(key: string): ProvisioningEvent {
  const id = key.replace(/\d+$/, '');
  return sampleEvent(key, {
    subject: { id, externalId: null, userName: `${id}@example.com`, displayName: null },
  });
}

function failure(status: number, code: ErrorCode = 'unavailable'): ConnectorError {
  return new ConnectorError(code, { what: `Status ${status}.`, nextStep: 'Wait.', status });
}

/** Nothing listens there. */
function unreachable(): ConnectorError {
  const cause = new TransportError('ECONNREFUSED', 'refused', { maybeSent: false, isTransient: true });
  return new ConnectorError('unavailable', { what: 'No response.', nextStep: 'Wait.', cause });
}

/** A sink that records the keys of each attempt, and fails as a function says. */
function createRecorder(fails: (keys: readonly string[]) => Error | undefined, batchSize = 1) {
  const attempts: (readonly string[])[] = [];
  const delivered: string[] = [];
  const sink: Sink = {
    batchSize,
    async deliver(batch) {
      const keys = batch.map(({ text }) => JSON.parse(text).dedupeKey);
      attempts.push(keys);
      const error = fails(keys);
      if (error !== undefined) throw error;
      delivered.push(...keys);
    },
  };
  return { sink, attempts, delivered };
}

/** A watch whose waits pass at once, which delivers until it is ended. */
async function openBench(sinks: Readonly<Record<string, Sink>>, pace: Partial<DeliveryPace> = {}) {
  const fake = createFakePlatform(() => ({}));
  const platform: Platform = {
    ...fake,
    async sleep(ms, signal) {
      await nextTurn();
      await fake.sleep(ms, signal);
    },
  };
  const store = createMemoryWatchStore(fake.now);
  const entries = Object.entries(sinks).map(([name, sink]) => ({ name, sink }));
  const names = entries.map(({ name }) => name);
  await store.claimSinks(...names);
  const outbox = createOutbox(store, names);
  const observed: WatchObservation[] = [];
  const end = new AbortController();
  const deliveryPace: DeliveryPace = {
    ...{ signal: end.signal, abort: new AbortController().signal, deadLetterAfterInMs: 24 * hourInMs },
    ...pace,
    observe: (one) => void observed.push(one),
  };
  const watching = startDeliveries(outbox, entries, deliveryPace, platform).done;
  return {
    ...{ store, outbox, observed, watching },
    platform: fake,
    append: (...keys: readonly string[]) => outbox.append({ origin: 'poll', events: keys.map(eventOf) }),
    async until(isTrue: () => boolean): Promise<void> {
      for (let turns = 0; !isTrue(); turns += 1) {
        if (turns > 20_000) throw new Error('It does not happen.');
        await nextTurn();
      }
    },
    async end(): Promise<void> {
      end.abort();
      outbox.close();
      await watching;
    },
    async stateOf(sink: string) {
      return (await store.sinkStates(99)).find((one) => one.sink === sink);
    },
  };
}

it('delivers every event to each sink in order, at its own pace', async () => {
  let calls = 0;
  const [one, slow] = [
    createRecorder(() => undefined),
    createRecorder(() => {
      calls += 1;
      return calls % 2 === 1 ? unreachable() : undefined;
    }),
  ];
  const { append, until, end, store } = await openBench({ one: one.sink, slow: slow.sink });
  await append('a1', 'b1', 'a2');
  await until(() => slow.delivered.length === 3);
  await end();
  expect(one.attempts).toEqual([['a1'], ['b1'], ['a2']]);
  expect(slow.attempts).toEqual([['a1'], ['a1'], ['b1'], ['b1'], ['a2'], ['a2']]);
  expect(await store.count()).toBe(0);
});

it('lets polls wait for the events of a sink that is down, but not for those of subscriptions', async () => {
  const store = createMemoryWatchStore();
  const outbox = createOutbox(store, ['sink', 'subscription/1']);
  const events = Array.from({ length: 10_000 }, (_, number) => eventOf(`a${number}`));
  await store.append({
    origin: 'subscriptions',
    events: [],
    sinks: new Map([
      ['subscription/1', {}],
      ['sink', null],
    ]),
  });
  await store.append({ origin: 'poll', events });
  await store.append({ origin: 'sinks', events: [], sinks: new Map([['sink', {}]]) });
  await store.append({ origin: 'poll', events: [eventOf('a')] });
  outbox.setProgress('sink', 'down');
  expect(await store.count()).toBe(10_001);
  await outbox.whenCaughtUp();
  await store.append({ origin: 'poll', events: events.slice(1) });
  let isCaughtUp = false;
  const waiting = outbox.whenCaughtUp().then(() => {
    isCaughtUp = true;
  });
  await nextTurn();
  expect(isCaughtUp).toBe(false);
  outbox.close();
  await waiting;
});

describe('a receiver that fails for one user', () => {
  const failures = [500, 404, 403, 302, 400].map((status) => [status, failure(status)] as const);

  it.each(failures)('holds up only that user (%i), and has a dead letter in the end', async (_, error) => {
    const refuses = createRecorder(([key]) => (key === 'b1' ? error : undefined));
    const { append, until, end, observed, platform, stateOf } = await openBench({ sink: refuses.sink });
    await append('a1', 'b1', 'b2', 'c1', 'd1', 'e1');
    await until(() => refuses.delivered.length === 4);
    expect(refuses.delivered).toEqual(['a1', 'c1', 'd1', 'e1']);
    const failedAtInMs = platform.now();
    for (let number = 1; !refuses.delivered.includes('b2'); number += 1) {
      const attempts = refuses.attempts.length;
      // Each event of another user arrives at once.
      await append(`z${number}`);
      await until(() => refuses.attempts.length > attempts + 1);
      expect(refuses.delivered).toContain(`z${number}`);
      if (number > 500) throw new Error('It never becomes a dead letter.');
    }
    await end();
    expect(platform.now() - failedAtInMs).toBeGreaterThan(24 * hourInMs - 15 * 60_000);
    expect(platform.now() - failedAtInMs).toBeLessThan(26 * hourInMs);
    expect(await stateOf('sink')).toMatchObject({
      undelivered: 0,
      deadLetters: [{ text: JSON.stringify(eventOf('b1')) }],
    });
    expect(observed).toContainEqual(expect.objectContaining({ kind: 'dead_letter', dedupeKey: 'b1' }));
    expect(observed).toContainEqual({ kind: 'lanes_blocked', sink: 'sink', lanes: 1 });
    expect(observed.filter(({ kind }) => kind === 'lanes_blocked').at(-1)).toMatchObject({ lanes: 0 });
  });

  it.each(failures)('stops no poll, even if nothing else is delivered (%i)', async (_, error) => {
    const polled = Promise.withResolvers<void>();
    const refuses: Sink = {
      async deliver() {
        await polled.promise;
        throw error;
      },
    };
    const { append, until, end, outbox } = await openBench({ sink: refuses });
    await append('b1');
    let isCaughtUp = false;
    void outbox.whenCaughtUp().then(() => {
      isCaughtUp = true;
    });
    await nextTurn();
    expect(isCaughtUp).toBe(false);
    polled.resolve();
    await until(() => isCaughtUp);
    await end();
  });

  it('has many such users, and accepts those behind them', async () => {
    const refuses = createRecorder(([key = '']) => (key.startsWith('x') ? failure(500) : undefined));
    const { append, until, end } = await openBench({ sink: refuses.sink });
    const users = Array.from({ length: 40 }, (_, number) =>
      String.fromCharCode(97 + (number % 26)).repeat(number + 1),
    );
    await append(...users.map((user) => `x${user}1`), 'good1');
    await until(() => refuses.delivered.includes('good1'));
    await end();
  });
});

describe('an outage of the receiver', () => {
  const outages = [
    ['no connection', unreachable()],
    ['404', failure(404, 'not_found')],
    ['410', failure(410, 'not_found')],
    ['401', failure(401, 'auth')],
    ['500', failure(500)],
  ] as const;

  it.each(outages)(
    'makes no dead letters, however long it lasts (%s), and then all arrive in order',
    async (_, error) => {
      let isDown = true;
      const receiver = createRecorder(() => (isDown ? error : undefined));
      const { append, until, end, platform, stateOf } = await openBench({ sink: receiver.sink });
      const startedAtInMs = platform.now();
      const keys = ['a1', 'b1', 'a2', 'c1', 'b2', 'd1', 'e1', 'a3'];
      await append(...keys);
      await until(() => platform.now() - startedAtInMs > 3 * hourInMs);
      // Hardly more than one attempt in ten seconds.
      expect(receiver.attempts.length).toBeLessThan(48 * 360 * 6);
      isDown = false;
      await until(() => receiver.delivered.length === keys.length);
      await end();
      for (const user of ['a', 'b', 'c'])
        expect(receiver.delivered.filter((key) => key.startsWith(user))).toEqual(
          keys.filter((key) => key.startsWith(user)),
        );
      expect(await stateOf('sink')).toMatchObject({ undelivered: 0, deadLetters: [], failing: [] });
      expect(platform.logged.findLast(({ level }) => level !== 'debug')).toMatchObject({
        event: 'delivery_recovered',
      });
      const warned = platform.logged.filter(({ event }) => event === 'event_refused');
      expect(warned).toEqual([]);
    },
  );
});

describe('a batch with a refused event', () => {
  it.each([400, 500])('is split until it is found (%i), and all others arrive', async (status) => {
    const receiver = createRecorder((keys) => (keys.includes('m1') ? failure(status) : undefined), 16);
    const keys = [...'abcdefghijklmnopqrstuvwxyz'].map((user) => `${user}1`);
    const { append, until, end, stateOf } = await openBench({ sink: receiver.sink });
    await append(...keys, 'm2', 'a2');
    await until(() => receiver.delivered.length === 26);
    expect(receiver.delivered).toEqual([...keys.filter((key) => key !== 'm1'), 'a2']);
    await end();
    expect(await stateOf('sink')).toMatchObject({ undelivered: 2, waiting: 1 });
    expect(receiver.attempts.length).toBeLessThan(20);
  });
});

it('ends all deliveries with an error of a sink that is no ConnectorError', async () => {
  const [one, broken] = [createRecorder(() => undefined), createRecorder(() => new TypeError('a mistake'))];
  const { append, watching } = await openBench({ one: one.sink, broken: broken.sink });
  await append('a1');
  await expect(watching).rejects.toThrow('a mistake');
});
