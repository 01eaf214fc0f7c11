import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventDelivery, postEvents } from '../../../cli/event-delivery.ts';
import type { LogEntry, Platform } from '../../../connector/platform.ts';
import { createNodePlatform, type NodePlatform } from '../../../runtime/node/node-platform.ts';
import { readWebhookSecret } from '../../../runtime/watch/read-webhook-secret.ts';
import { failureOf } from '../../support/failure-of.ts';
import { repeatWith } from '../../support/fake-platform.ts';
import { sampleEvent } from '../../support/sample-event.ts';
import { createSkippingClock, type SkippingClock } from '../../support/skipping-clock.ts';
import {
  type Answer,
  startWebhookReceiver,
  type WebhookReceiver,
} from '../../support/start-webhook-receiver.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const nextSecret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const ok: Answer = { status: 204 };
const never = new AbortController().signal;

let clock: SkippingClock;
let node: NodePlatform;
let platform: Platform;
let logged: LogEntry[];
let receiver: WebhookReceiver | undefined;

beforeEach(() => {
  logged = [];
  clock = createSkippingClock();
  node = createNodePlatform({ maxSockets: 1, log: (entry) => logged.push(entry) });
  // Real sockets; only the waits between two attempts are skipped.
  platform = {
    ...node,
    now: clock.now,
    sleep: clock.sleep,
    retry: (run, signal) => repeatWith(clock, run, signal),
  };
});

afterEach(async () => {
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
  readonly isOnce?: boolean;
  readonly timeoutInMs?: number;
  readonly secrets?: readonly string[];
  readonly stop?: AbortSignal;
  readonly abort?: AbortSignal;
}

function deliveryTo(url: string, settings: Settings = {}): EventDelivery {
  const { isOnce = false, timeoutInMs = 5_000, secrets = [secret], stop = never, abort = never } = settings;
  const target = {
    url,
    secrets: secrets.map(bytesOf),
    timeoutInMs,
    deadlineInMs: 120_000,
    maxResponseBytes: 10_000,
  };
  return postEvents(target, platform, { stop, abort }, isOnce);
}

function batchOf(...keys: readonly string[]) {
  return keys.map((key, index) => ({ position: index + 1, text: JSON.stringify(sampleEvent(key)) }));
}

function keysAt({ received }: WebhookReceiver): readonly string[] {
  return received.map(({ body }) => JSON.parse(body).dedupeKey);
}

it('posts each event as it is, with a signature that the Standard Webhooks library accepts', async () => {
  receiver = await startWebhookReceiver(() => ok);
  const batch = batchOf('a', 'Zoë/ß.☃');
  await deliveryTo(receiver.url).deliver(batch);
  expect(receiver.received.map(({ body }) => body)).toEqual(batch.map(({ text }) => text));
  for (const { headers, body } of receiver.received) {
    expect(headers['content-type']).toBe('application/json');
    expect(headers['webhook-id']).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
    expect(() => new Webhook(nextSecret).verify(body, headers as Record<string, string>)).toThrow();
    expect(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>)).toThrow();
  }
});

it('signs with every secret while one is being replaced by another', async () => {
  receiver = await startWebhookReceiver(() => ok);
  await deliveryTo(receiver.url, { secrets: [secret, nextSecret] }).deliver(batchOf('a'));
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received;
  for (const one of [secret, nextSecret])
    expect(new Webhook(one).verify(body, headers as Record<string, string>)).toMatchObject({
      dedupeKey: 'a',
    });
});

it('gives an event the same id whenever it is posted, and each attempt the time at which it was made', async () => {
  receiver = await startWebhookReceiver((_, number) => (number < 4 ? { status: 503 } : ok));
  await deliveryTo(receiver.url).deliver(batchOf('a'));
  await deliveryTo(receiver.url).deliver(batchOf('a', 'b'));
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids.slice(0, 5)).size).toBe(1);
  expect(ids[5]).not.toBe(ids[0]);
  const times = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']));
  expect(times[3]).toBeGreaterThan(Number(times[0]));
});

describe('an event that is not taken', () => {
  const failures: readonly (readonly [string, Answer])[] = [
    ['503', { status: 503 }],
    ['429', { status: 429 }],
    ['a status of a proxy that is not in any RFC', { status: 522 }],
    ['a broken connection', 'drop'],
    ['silence', 'hang'],
  ];

  it.each(failures)('is posted again after %s, and no other before it', async (_, failure) => {
    receiver = await startWebhookReceiver((__, number) => (number <= 3 ? failure : ok));
    await deliveryTo(receiver.url, { timeoutInMs: 60 }).deliver(batchOf('a', 'b'));
    expect(keysAt(receiver)).toEqual(['a', 'a', 'a', 'a', 'b']);
  });

  it('is posted until it is taken, however long that takes, and the log says that it is not', async () => {
    receiver = await startWebhookReceiver((_, number) => (number <= 40 ? { status: 500 } : ok));
    await deliveryTo(receiver.url).deliver(batchOf('a', 'b'));
    expect(keysAt(receiver)).toEqual([...Array.from({ length: 41 }, () => 'a'), 'b']);
    const told = logged.filter(({ level }) => level === 'warn');
    expect(told.length).toBeGreaterThan(2);
    expect(told[0]).toMatchObject({
      event: 'delivery_failed',
      code: 'unavailable',
      origin: new URL(receiver.url).origin,
    });
    expect(told[0]?.message).toContain(
      'answered with status 500. The event was not taken, and stays first in line.',
    );
    expect(logged.at(-2)).toMatchObject({ event: 'delivery_recovered' });
    expect(JSON.stringify(logged)).not.toContain('/hook');
  });

  it('waits as long as the receiver asks for, also when that is longer than one round of attempts', async () => {
    receiver = await startWebhookReceiver((_, number) =>
      number === 1 ? { status: 503, headers: { 'retry-after': '3600' } } : ok,
    );
    await deliveryTo(receiver.url).deliver(batchOf('a'));
    expect(clock.slept).toEqual([3_600_000]);
  });

  it('fails when it was to be posted once', async () => {
    receiver = await startWebhookReceiver(() => ({ status: 503 }));
    const error = await failureOf(deliveryTo(receiver.url, { isOnce: true }).deliver(batchOf('a', 'b')));
    expect(error).toMatchObject({ code: 'unavailable', status: 503 });
    expect(new Set(keysAt(receiver))).toEqual(new Set(['a']));
  });

  const refusals = [
    [400, 'invalid_input'],
    [401, 'auth'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [409, 'conflict'],
    [410, 'not_found'],
    [413, 'invalid_input'],
    [422, 'invalid_input'],
  ] as const;

  it.each(refusals)('ends the delivery with %i, so that nothing is passed over', async (status, code) => {
    receiver = await startWebhookReceiver(() => ({ status }));
    expect(await failureOf(deliveryTo(receiver.url).deliver(batchOf('a', 'b')))).toMatchObject({
      code,
      status,
    });
    expect(keysAt(receiver)).toEqual(['a']);
  });

  it.each([301, 302, 303, 307, 308])(
    'goes nowhere else, even if the receiver says so (%i)',
    async (status) => {
      const elsewhere = await startWebhookReceiver(() => ok);
      receiver = await startWebhookReceiver(() => ({ status, headers: { location: elsewhere.url } }));
      const error = await failureOf(deliveryTo(receiver.url).deliver(batchOf('a')));
      expect(error).toMatchObject({ code: 'invalid_input', status });
      expect(error.message).toContain('sends the event on');
      expect(elsewhere.received).toEqual([]);
      await elsewhere.close();
    },
  );

  it('is posted again where nothing listens, until somebody does', async () => {
    const first = await startWebhookReceiver(() => ok);
    await first.close();
    const error = await failureOf(deliveryTo(first.url, { isOnce: true }).deliver(batchOf('a')));
    expect(error).toMatchObject({ code: 'unavailable' });
    expect(error.message).toContain('There is no answer from the receiver');
  });
});

describe('when it is to stop', () => {
  it('lets the attempt under way come to its end', async () => {
    const stop = new AbortController();
    receiver = await startWebhookReceiver(async () => {
      stop.abort(new Error('stopped'));
      await sleep(20);
      return ok;
    });
    await deliveryTo(receiver.url, { stop: stop.signal }).deliver(batchOf('a'));
    expect(keysAt(receiver)).toEqual(['a']);
  });

  it('makes no other attempt', async () => {
    const stop = new AbortController();
    receiver = await startWebhookReceiver(() => {
      stop.abort(new Error('stopped'));
      return { status: 503 };
    });
    await expect(deliveryTo(receiver.url, { stop: stop.signal }).deliver(batchOf('a'))).rejects.toThrow(
      'stopped',
    );
    expect(keysAt(receiver)).toEqual(['a']);
  });

  it('breaks the attempt off when it is in a abort', async () => {
    const abort = new AbortController();
    receiver = await startWebhookReceiver(() => {
      abort.abort(new Error('in a abort'));
      return 'hang';
    });
    await expect(deliveryTo(receiver.url, { abort: abort.signal }).deliver(batchOf('a'))).rejects.toThrow(
      'in a abort',
    );
  });
});
