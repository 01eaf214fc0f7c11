import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProvisioningEvent } from '../../../../connector/event.ts';
import type { LogEntry, Platform } from '../../../../connector/platform.ts';
import { createNodePlatform, type NodePlatform } from '../../../../runtime/node/node-platform.ts';
import { webhookSink } from '../../../../runtime/node/sinks.ts';
import type { Session } from '../../../../runtime/open-session.ts';
import { createOfflinePipeline } from '../../../../runtime/watch/event-pipeline.ts';
import { createMemoryWatchStore } from '../../../../runtime/watch/memory-watch-store.ts';
import type { Sink } from '../../../../runtime/watch/sink.ts';
import { watchToSink } from '../../../../runtime/watch/watch.ts';
import type { WatchStore } from '../../../../runtime/watch/watch-store.ts';
import { createWebhookSink, readWebhookSecret } from '../../../../runtime/watch/webhook-sink.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { repeatWith } from '../../../support/fake-platform.ts';
import { definition } from '../../../support/open-test-session.ts';
import { sampleEvent } from '../../../support/sample-event.ts';
import { createSkippingClock, type SkippingClock } from '../../../support/skipping-clock.ts';
import {
  type Answer,
  startWebhookReceiver,
  type WebhookReceiver,
} from '../../../support/start-webhook-receiver.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const nextSecret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const ok: Answer = { status: 204 };
const timeoutInMs = 5_000;
const never = new AbortController().signal;
const trigger = 'user_updated';

let clock: SkippingClock;
let node: NodePlatform;
let platform: Platform;
let logged: LogEntry[];
let receiver: WebhookReceiver | undefined;
let store: WatchStore;

beforeEach(() => {
  logged = [];
  store = createMemoryWatchStore();
  clock = createSkippingClock();
  node = createNodePlatform({ log: (entry) => logged.push(entry) });
  // Real sockets; only the waits between two attempts are skipped.
  platform = {
    ...node,
    now: clock.now,
    // The waits of three retries then take more than a second, which is the unit of the timestamps.
    random: () => 0.5,
    sleep: clock.sleep,
    retry: (run, signal) => repeatWith(clock, run, signal),
  };
});

afterEach(async () => {
  vi.useRealTimers();
  node.close();
  await receiver?.close();
  receiver = undefined;
});

function bytesOf(text: string): Uint8Array {
  const bytes = readWebhookSecret(text);
  if (bytes === undefined) throw new Error(`${text} is no secret`);
  return bytes;
}

interface Settings {
  readonly once?: boolean;
  readonly secrets?: readonly string[];
  readonly drain?: AbortController;
  readonly abort?: AbortSignal;
}

/** A provider that reports nothing: all events are in the store. Unless it is polled once, it does not answer. */
const silentProvider = (isOnce: boolean): Pick<Session, 'prepareSharedPoll' | 'eventPipeline'> => ({
  prepareSharedPoll:
    () =>
    async (_, { signal = never } = {}) => {
      if (!isOnce) await once(signal, 'abort');
      return { events: [], cursor: null, more: false, pages: new Map(), failures: [] };
    },
  eventPipeline: (key, input) => createOfflinePipeline(definition, platform, key, input),
});

/** Watches until the events of the store are delivered; the keys of those that stay. */
async function deliver(
  url: string,
  events: readonly ProvisioningEvent[],
  settings: Settings = {},
): Promise<readonly string[]> {
  const { once: isOnce = false, secrets = [secret], abort = never } = settings;
  const { drain = new AbortController() } = settings;
  const limits = { timeoutInMs, deadlineInMs: 120_000, maxResponseBytes: 10_000 };
  const webhook = createWebhookSink({ url, secrets: secrets.map(bytesOf), ...limits }, platform);
  await store.append({ origin: 'poll', trigger, events });
  const sink: Sink = {
    ...webhook,
    async deliver(batch, signal) {
      await webhook.deliver(batch, signal);
      if ((await store.count()) === batch.length) drain.abort();
    },
  };
  const context = { definition, platform, session: silentProvider(isOnce) };
  await watchToSink(context, trigger, { store, sink, once: isOnce, signal: drain.signal, abort });
  return keysIn(await store.undelivered(100));
}

const eventsOf = (...keys: readonly string[]): readonly ProvisioningEvent[] =>
  keys.map((key) => sampleEvent(key));

function keysIn(entries: readonly { readonly text: string }[]): readonly string[] {
  return entries.map(({ text }) => JSON.parse(text).dedupeKey);
}

function keysAt({ received }: WebhookReceiver): readonly string[] {
  return keysIn(received.map(({ body }) => ({ text: body })));
}

it('posts each event unchanged, with a signature that the Standard Webhooks library accepts', async () => {
  receiver = await startWebhookReceiver(() => ok);
  const events = eventsOf('a', 'Zoë/ß.☃');
  expect(await deliver(receiver.url, events)).toEqual([]);
  expect(receiver.received.map(({ body }) => body)).toEqual(events.map((event) => JSON.stringify(event)));
  for (const { headers, body } of receiver.received) {
    expect(headers['content-type']).toBe('application/json');
    expect(headers['rolecall-trigger']).toBe(trigger);
    expect(headers['webhook-id']).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
    expect(() => new Webhook(nextSecret).verify(body, headers as Record<string, string>)).toThrow();
    expect(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>)).toThrow();
  }
});

describe('the status of a response counts, whatever becomes of its body', () => {
  const bodies: readonly (readonly [what: string, answer: Omit<Exclude<Answer, string>, 'status'>])[] = [
    ['is too large', { body: 'x'.repeat(10_001) }],
    ['is cut', { headers: { 'content-length': '100', connection: 'close' }, body: 'abc' }],
    ['does not end', { headers: { 'content-length': '100' }, body: 'abc' }],
    ['cannot be decompressed', { headers: { 'content-encoding': 'gzip' }, body: 'abc' }],
  ];

  it.each(bodies)('posts an event once if the body %s', async (_, answer) => {
    receiver = await startWebhookReceiver(() => ({ ...answer, status: 200 }));
    expect(await deliver(receiver.url, eventsOf('a', 'b'))).toEqual([]);
    expect(keysAt(receiver)).toEqual(['a', 'b']);
  });

  it.each(bodies)('fails with the status if the body %s', async (_, answer) => {
    receiver = await startWebhookReceiver(() => ({ ...answer, status: 422 }));
    const limits = { timeoutInMs, deadlineInMs: 120_000, maxResponseBytes: 10_000 };
    const sink = createWebhookSink({ url: receiver.url, secrets: [bytesOf(secret)], ...limits }, platform);
    const [event] = eventsOf('a');
    const entry = { position: 1, text: JSON.stringify(event) };
    expect(await failureOf(sink.deliver([entry], never))).toMatchObject({ status: 422 });
  });
});

it('signs with every secret during rotation', async () => {
  receiver = await startWebhookReceiver(() => ok);
  await deliver(receiver.url, eventsOf('a'), { secrets: [secret, nextSecret] });
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received;
  for (const one of [secret, nextSecret])
    expect(new Webhook(one).verify(body, headers as Record<string, string>)).toMatchObject({
      dedupeKey: 'a',
    });
});

it('posts an event with the same ID every time, and each attempt with its own time', async () => {
  receiver = await startWebhookReceiver((_, number) => (number < 4 ? { status: 503 } : ok));
  await deliver(receiver.url, eventsOf('a'));
  await deliver(receiver.url, eventsOf('a', 'b'));
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids.slice(0, 5)).size).toBe(1);
  expect(ids[5]).not.toBe(ids[0]);
  const times = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']));
  expect(times[3]).toBeGreaterThan(Number(times[0]));
});

describe('an event that is not accepted', () => {
  const failures: readonly (readonly [string, Answer])[] = [
    ['503', { status: 503 }],
    ['429', { status: 429 }],
    ['a status of a proxy that is not in any RFC', { status: 522 }],
    ['a broken connection', 'drop'],
    ['silence', 'hang'],
  ];

  it.each(failures)('is posted again after %s, before any other event', async (_, failure) => {
    receiver = await startWebhookReceiver((__, number) => {
      // Once the receiver is silent, the time of the attempt is over.
      if (failure === 'hang' && number <= 3) setImmediate(() => vi.advanceTimersByTime(timeoutInMs));
      return number <= 3 ? failure : ok;
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await deliver(receiver.url, eventsOf('a', 'b'));
    expect(keysAt(receiver)).toEqual(['a', 'a', 'a', 'a', 'b']);
  });

  it('is posted until it is accepted, however long that takes, with one warning in the log', async () => {
    receiver = await startWebhookReceiver((_, number) => (number <= 40 ? { status: 500 } : ok));
    await deliver(receiver.url, eventsOf('a', 'b'));
    expect(keysAt(receiver)).toEqual([...Array.from({ length: 41 }, () => 'a'), 'b']);
    const reported = logged.filter(({ level }) => level === 'warn');
    expect(reported).toHaveLength(1);
    expect(reported[0]).toMatchObject({
      event: 'delivery_failed',
      code: 'unavailable',
      origin: new URL(receiver.url).origin,
    });
    expect(reported[0]?.message).toContain(
      'responded with status 500. The event was not accepted and stays in the queue.',
    );
    const important = logged.filter(({ level }) => level !== 'debug');
    expect(important).toHaveLength(2);
    expect(important.at(-1)).toMatchObject({ event: 'delivery_recovered', failures: 40 });
    expect(important.at(-1)?.durationInMs).toBeGreaterThan(120_000);
    expect(JSON.stringify(logged)).not.toContain('/hook');
  });

  it('is posted again after the wait that the receiver asks for, even if it exceeds a round of attempts', async () => {
    receiver = await startWebhookReceiver((_, number) =>
      number === 1 ? { status: 503, headers: { 'retry-after': '3600' } } : ok,
    );
    await deliver(receiver.url, eventsOf('a'));
    expect(clock.slept).toEqual([3_600_000]);
  });

  it('ends a watch that runs once', async () => {
    receiver = await startWebhookReceiver(() => ({ status: 503 }));
    const error = await failureOf(deliver(receiver.url, eventsOf('a', 'b'), { once: true }));
    expect(error).toMatchObject({ code: 'unavailable', status: 503 });
    expect(new Set(keysAt(receiver))).toEqual(new Set(['a']));
  });

  const passing = [
    [401, 'auth'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [409, 'conflict'],
    [410, 'not_found'],
  ] as const;

  it.each(passing)(
    'is posted again after %i, which a deployment can explain, with a warning',
    async (status, code) => {
      receiver = await startWebhookReceiver((_, number) => (number <= 3 ? { status } : ok));
      expect(await deliver(receiver.url, eventsOf('a', 'b'))).toEqual([]);
      expect(keysAt(receiver)).toEqual(['a', 'a', 'a', 'a', 'b']);
      // The others at debug: an outage of hours is a few lines.
      const failures = logged.filter(({ event }) => event === 'delivery_failed');
      expect(failures).toMatchObject(['warn', 'debug', 'debug'].map((level) => ({ level, code })));
    },
  );

  it.each(passing)('ends a watch that runs once with the code of %i', async (status, code) => {
    receiver = await startWebhookReceiver(() => ({ status }));
    const error = await failureOf(deliver(receiver.url, eventsOf('a', 'b'), { once: true }));
    expect(error).toMatchObject({ code, status });
    expect(keysAt(receiver)).toEqual(['a']);
    expect(await store.count()).toBe(2);
  });

  const refusals = [400, 413, 422];
  const about = (id: string, key: string): ProvisioningEvent =>
    sampleEvent(key, { subject: { id, externalId: null, userName: `${id}@example.com`, displayName: null } });
  const ofThree = [about('ada', 'a1'), about('bob', 'b'), about('ada', 'a2'), about('cyd', 'c')];

  it.each(refusals)(
    'holds up only its own user on %i, and becomes a dead letter after a day',
    async (status) => {
      const refuse = (body: string): boolean => JSON.parse(body).dedupeKey === 'a1';
      receiver = await startWebhookReceiver(({ body }) => (refuse(body) ? { status } : ok));
      const startedAtInMs = clock.now();
      expect(await deliver(receiver.url, ofThree)).toEqual([]);
      const keys = keysAt(receiver);
      expect(keys.slice(0, 3)).toEqual(['a1', 'b', 'c']);
      expect(keys.at(-1)).toBe('a2');
      expect(new Set(keys.slice(3, -1))).toEqual(new Set(['a1']));
      expect(clock.now() - startedAtInMs).toBeGreaterThanOrEqual(86_400_000);
      const [{ deadLetters, undelivered } = {}] = await store.sinkStates(9);
      expect(undelivered).toBe(0);
      expect(deadLetters).toMatchObject([{ failure: { code: 'invalid_input', attempts: keys.length - 3 } }]);
      // The wait between two attempts grows to a quarter of an hour: some hundred attempts a day.
      expect(keys.length).toBeLessThan(150);
      expect(logged.filter(({ level }) => level === 'warn')).toMatchObject([
        { event: 'event_refused', lane: 'User/ada', attempts: 1, lanes: 1 },
        { event: 'event_refused', lane: 'User/ada', since: new Date(startedAtInMs).toISOString() },
        { event: 'event_dead_lettered', lane: 'User/ada', deadLetters: 1 },
      ]);
    },
  );

  it('ends a watch that runs once with its error, after all other events', async () => {
    receiver = await startWebhookReceiver(({ body }) =>
      JSON.parse(body).dedupeKey === 'a1' ? { status: 422 } : ok,
    );
    const error = await failureOf(deliver(receiver.url, ofThree, { once: true }));
    expect(error).toMatchObject({ code: 'invalid_input', status: 422 });
    expect(keysAt(receiver)).toEqual(['a1', 'b', 'c']);
    expect(await store.count()).toBe(2);
  });

  it.each([301, 302, 303, 307, 308])('is not sent to the target of a redirect (%i)', async (status) => {
    const elsewhere = await startWebhookReceiver(() => ok);
    receiver = await startWebhookReceiver(() => ({ status, headers: { location: elsewhere.url } }));
    const error = await failureOf(deliver(receiver.url, eventsOf('a'), { once: true }));
    expect(error).toMatchObject({ code: 'invalid_input', status });
    expect(error.message).toContain('redirected with status');
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  it('is posted again while nothing listens', async () => {
    // The port of a server that was closed could be another's by now.
    const error = await failureOf(deliver('http://127.0.0.1:1/hook', eventsOf('a'), { once: true }));
    expect(error).toMatchObject({ code: 'unavailable' });
    expect(error.message).toContain('No response from the receiver');
  });
});

describe('a watch that is stopped', () => {
  it('lets the attempt in progress complete', async () => {
    const drain = new AbortController();
    receiver = await startWebhookReceiver(async () => {
      drain.abort(new Error('stopped'));
      await sleep(20);
      return ok;
    });
    expect(await deliver(receiver.url, eventsOf('a', 'b'), { drain })).toEqual(['b']);
    expect(keysAt(receiver)).toEqual(['a']);
  });

  it('makes no other attempt', async () => {
    const drain = new AbortController();
    receiver = await startWebhookReceiver(() => {
      drain.abort(new Error('stopped'));
      return { status: 503 };
    });
    expect(await deliver(receiver.url, eventsOf('a'), { drain })).toEqual(['a']);
    expect(keysAt(receiver)).toEqual(['a']);
  });

  it('aborts the attempt in progress when its abort signal is aborted', async () => {
    const abort = new AbortController();
    receiver = await startWebhookReceiver(() => {
      abort.abort(new Error('aborted'));
      return 'hang';
    });
    expect(await deliver(receiver.url, eventsOf('a'), { abort: abort.signal })).toEqual(['a']);
  });
});

it.each([
  [{ url: 'flows.example.com' }, /`url` must be a full URL/],
  [{ url: 'http://flows.example.com' }, /must start with https/],
  [{ url: 'https://ada:hunter2@example.com' }, /must not contain a username or password/],
  [{ secrets: [] }, /`secrets` must be whsec_/],
  [{ secrets: ['hunter2'] }, /`secrets` must be whsec_/],
])('rejects %j, and shows no secret', (options, message) => {
  const make = () => webhookSink({ url: 'https://flows.example.com', secrets: [secret], ...options });
  expect(make).toThrow(message);
  expect(make).not.toThrow(/hunter2/);
});
