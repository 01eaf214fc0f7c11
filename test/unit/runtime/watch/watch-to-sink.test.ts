import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../../connector/event.ts';
import { openWatchStore, steerState } from '../../../../runtime/node/open-watch-store.ts';
import { createOfflinePipeline, createWebhookHandler } from '../../../../runtime/watch/event-pipeline.ts';
import { createMemoryWatchStore } from '../../../../runtime/watch/memory-watch-store.ts';
import { createOutbox } from '../../../../runtime/watch/outbox.ts';
import { type Sink, SinkClosed } from '../../../../runtime/watch/sink.ts';
import {
  type SinkWatchOptions,
  type SinkWatchSettings,
  watchConnections,
  watchToSink,
} from '../../../../runtime/watch/watch.ts';
import type { WatchObservation } from '../../../../runtime/watch/watch-observer.ts';
import type { OutboxEntry } from '../../../../runtime/watch/watch-store.ts';
import type {
  WatchContext,
  WatchedTrigger,
  WatchSource,
} from '../../../../runtime/watch/watched-connection.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { createFakePlatform } from '../../../support/fake-platform.ts';
import { definition } from '../../../support/open-test-session.ts';
import { sampleEvent } from '../../../support/sample-event.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** A provider that has two events for each trigger at each poll, named by the trigger and the cursor. */
function openBench() {
  const platform = createFakePlatform(() => ({}));
  const polls: (readonly [Readonly<Record<string, unknown>>, unknown])[] = [];
  const context: WatchContext = {
    definition,
    platform,
    session: {
      prepareSharedPoll: (_, triggers) => async (cursor) => {
        polls.push([Object.fromEntries(triggers.map(({ key, input }) => [key, input])), cursor]);
        const at = Number(cursor ?? 0);
        const events = triggers.flatMap(({ key }) =>
          ['a', 'b'].map((name) => ({ event: sampleEvent(`${key}/${at}${name}`), triggers: [key] })),
        );
        return { events, cursor: at + 1, more: false, pages: new Map(), failures: [] };
      },
      eventPipeline: (key, input) => createOfflinePipeline(definition, platform, key, input),
    },
  };
  const watch = (triggers: WatchedTrigger | readonly WatchedTrigger[], options: SinkWatchOptions) =>
    watchToSink(context, triggers, options);
  return { context, platform, polls, watch };
}

function keysIn(entries: readonly OutboxEntry[]): readonly string[] {
  return entries.map(({ text }) => JSON.parse(text).dedupeKey);
}

it('delivers parsed events to a function one by one, and reports undelivered events at start and end', async () => {
  const { watch } = openBench();
  const store = createMemoryWatchStore();
  await store.append({ origin: 'poll/user_updated', events: [sampleEvent('left')] });
  const keys: string[] = [];
  const notes: unknown[] = [];
  await watch('user_updated', {
    store,
    once: true,
    sink: ({ dedupeKey }) => keys.push(dedupeKey),
    onStart: (start) => notes.push(start),
    onEnd: (end) => notes.push(end),
  });
  expect(keys).toEqual(['left', 'user_updated/0a', 'user_updated/0b']);
  expect(notes).toEqual([{ undelivered: 1, urls: [], backlogs: expect.any(Function) }, { undelivered: 0 }]);
});

it('reports what waits for a person in the state, at the start and after each command, and that it ends', async () => {
  using folder = temporaryFolder();
  const { context, platform } = openBench();
  // The second poll waits until the watch ends: the command needs a turn of the event loop.
  const sleep = (_: number, signal?: AbortSignal): Promise<void> =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const file = folder.file('all.state');
  const store = await openWatchStore(file);
  await store.append({ origin: 'poll', events: [sampleEvent('given up')] });
  await store.skip({});
  const stop = new AbortController();
  const observed: WatchObservation[] = [];
  const reported = () => observed.filter(({ kind }) => kind === 'state_read' || kind === 'watch_stopping');
  await watchToSink({ ...context, platform: { ...platform, sleep } }, 'user_updated', {
    store,
    sink: () => undefined,
    signal: stop.signal,
    observer: (one) => void observed.push(one),
    onStart: () =>
      void steerState(file, { kind: 'skip', selection: { only: 'dead_letters' } }).finally(() =>
        stop.abort(),
      ),
  });
  store.close();
  expect(reported()).toEqual([
    { kind: 'state_read', deadLetters: { sink: 1 }, heldLosses: {} },
    { kind: 'state_read', deadLetters: {}, heldLosses: {} },
    { kind: 'watch_stopping' },
  ]);
});

it('rejects a second watch of a store until the first one has ended', async () => {
  const { watch } = openBench();
  const store = createMemoryWatchStore();
  const keys: string[] = [];
  const second = { store, once: true, sink: () => undefined };
  await watch('user_updated', {
    store,
    once: true,
    async sink({ dedupeKey }) {
      keys.push(dedupeKey);
      expect(await failureOf(watch('user_updated', second))).toMatchObject({ code: 'conflict' });
    },
  });
  expect(keys).toEqual(['user_updated/0a', 'user_updated/0b']);
  await watch('user_updated', second);
});

describe('a watch of several triggers', () => {
  const triggers = [
    { key: 'user_updated', input: undefined },
    { key: 'user_deprovisioned', input: { massChangeLimit: 5 } },
  ] as const;

  it('polls apart what differs in how it polls, and names the trigger of each event', async () => {
    const { watch, polls } = openBench();
    const store = createMemoryWatchStore();
    const entries: OutboxEntry[] = [];
    const sink: Sink = { deliver: async (batch) => void entries.push(...batch) };
    for (let round = 0; round < 2; round += 1) await watch(triggers, { store, once: true, sink });
    expect(polls).toEqual(
      [undefined, 1].flatMap((cursor) => [
        [{ user_updated: {} }, cursor],
        [{ user_deprovisioned: { massChangeLimit: 5 } }, cursor],
      ]),
    );
    expect(entries).toHaveLength(8);
    for (const entry of entries) expect(keysIn([entry])[0]).toContain(`${entry.trigger}/`);
  });

  it('adds a trigger to the same state, and rejects a watch that leaves one out', async () => {
    const { watch, polls } = openBench();
    const store = createMemoryWatchStore();
    const options = { store, once: true, sink: () => undefined };
    await watch('user_updated', options);
    await watch(['user_provisioned', 'user_updated'], options);
    expect(polls).toEqual([
      [{ user_updated: {} }, undefined],
      [{ user_updated: {}, user_provisioned: {} }, 1],
    ]);
    expect(await failureOf(watch('user_updated', options))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('"user_provisioned", not to "user_updated"'),
    });
  });

  it('delivers a pushed event once per trigger that emits it, even if it is repeated', async () => {
    const { platform } = openBench();
    const store = createMemoryWatchStore();
    const pushed: readonly ProvisioningEvent[] = [
      sampleEvent('newer', { type: 'deactivate', source: 'workos', occurredAt: '2026-01-02T00:00:00.000Z' }),
      sampleEvent('older', { type: 'patch', source: 'workos' }),
    ];
    const receiver = {
      checkHead: () => undefined,
      receive: async () => ({
        kind: 'accepted' as const,
        events: pushed,
        reply: { status: 204, headers: {}, body: '' },
      }),
    };
    const pipelines = ['user_deprovisioned', 'provisioning_event'].map((key) =>
      createOfflinePipeline(definition, platform, key, {}),
    );
    const ingest = createWebhookHandler('workos', receiver, pipelines, createOutbox(store), platform);
    const request = { method: 'POST', headers: {}, body: new Uint8Array() };
    for (let sent = 0; sent < 2; sent += 1) await ingest.receive(request);
    const entries = await store.undelivered(9);
    expect(entries.map(({ trigger, text }) => [trigger, JSON.parse(text)])).toMatchObject([
      ['user_deprovisioned', { dedupeKey: 'newer', isLate: false }],
      ['provisioning_event', { dedupeKey: 'newer', isLate: false }],
      ['provisioning_event', { dedupeKey: 'older', isLate: true }],
    ]);
  });
});

describe('a watch of several connections', () => {
  it('names the connection of each event, and keeps what one knows from the other', async () => {
    const [workato, okta] = [openBench(), openBench()];
    const store = createMemoryWatchStore();
    const entries: OutboxEntry[] = [];
    const sink: Sink = { deliver: async (batch) => void entries.push(...batch) };
    const connections = [
      { ...workato.context, name: 'workato', triggers: ['user_updated'] },
      { ...okta.context, name: 'okta', triggers: ['user_updated'] },
    ];
    for (let round = 0; round < 2; round += 1)
      await watchConnections(connections, { store, once: true, sink }, workato.platform);
    expect(entries.map(({ trigger }) => trigger).toSorted()).toEqual(
      ['okta', 'workato'].flatMap((name) => Array.from({ length: 4 }, () => `${name}/user_updated`)),
    );
    for (const { polls } of [workato, okta])
      expect(polls.map(([, cursor]) => cursor)).toEqual([undefined, 1]);
    expect(await store.cursorOf('okta/poll/user_updated')).toBe(2);
  });

  it('goes on with one of them while the other one fails', async () => {
    const [up, down] = [openBench(), openBench()];
    const store = createMemoryWatchStore();
    await store.append({ origin: 'down/poll/user_updated', cursor: 1, events: [] });
    const revoked = new ConnectorError('auth', {
      what: 'The token is revoked.',
      nextStep: 'Renew it.',
      status: 401,
    });
    const context: WatchContext = {
      ...down.context,
      session: {
        eventPipeline: (key, input) => createOfflinePipeline(definition, down.platform, key, input),
        prepareSharedPoll: () => async () => {
          throw revoked;
        },
      },
    };
    const stop = new AbortController();
    const keys: string[] = [];
    const failures: string[] = [];
    await watchConnections(
      [
        { ...up.context, name: 'up', triggers: ['user_updated'] },
        { ...context, name: 'down', triggers: ['user_updated'] },
      ],
      {
        store,
        signal: stop.signal,
        observer: (one) => {
          if (one.kind === 'poll_failed') failures.push(`${one.origin} ${one.code}`);
        },
        sink: ({ dedupeKey }) => {
          keys.push(dedupeKey);
          if (keys.length >= 6 && failures.length > 1) stop.abort();
        },
      },
      up.platform,
    );
    expect(keys.slice(0, 6)).toEqual(
      [0, 1, 2].flatMap((at) => [`user_updated/${at}a`, `user_updated/${at}b`]),
    );
    expect(new Set(failures)).toEqual(new Set(['down/poll/user_updated auth']));
  });
});

describe('a sink', () => {
  it('receives batches of its batchSize', async () => {
    const { watch } = openBench();
    const sizes: number[] = [];
    const sink: Sink = { batchSize: 2, deliver: async (batch) => void sizes.push(batch.length) };
    await watch('user_updated', { once: true, sink });
    expect(sizes).toEqual([2]);
  });

  it('ends the watch with the error that it throws, and the event stays in the store', async () => {
    const { watch } = openBench();
    const store = createMemoryWatchStore();
    const sink = (): never => {
      throw new TypeError('a mistake');
    };
    await expect(watch('user_updated', { store, sink })).rejects.toThrow('a mistake');
    expect(keysIn(await store.undelivered(9))).toEqual(['user_updated/0a', 'user_updated/0b']);
  });

  it('receives the same event again after a transient error', async () => {
    const { watch, platform } = openBench();
    const keys: string[] = [];
    const sink = ({ dedupeKey }: ProvisioningEvent): void => {
      keys.push(dedupeKey);
      if (keys.length === 1)
        throw new ConnectorError('unavailable', { what: 'The queue is full.', nextStep: 'Wait.' });
    };
    await watch('user_updated', { once: true, sink });
    expect(keys).toEqual(['user_updated/0a', 'user_updated/0a', 'user_updated/0b']);
    const retried = platform.logged.filter(({ event }) => event === 'delivery_retried');
    expect(retried).toMatchObject([{ level: 'debug', attempt: 1 }]);
    expect(platform.logged.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  it('ends the watch without an error when it throws SinkClosed, and the event stays in the store', async () => {
    const { watch } = openBench();
    const store = createMemoryWatchStore();
    const ends: unknown[] = [];
    const sink = (): never => {
      throw new SinkClosed();
    };
    await watch('user_updated', { store, sink, onEnd: (end) => ends.push(end) });
    expect(ends).toEqual([{ undelivered: 2 }]);
  });
});

it('opens the state file at a path, and closes it at the end', async () => {
  using folder = temporaryFolder();
  const file = folder.file('watch.state');
  const { watch } = openBench();
  await watch('user_updated', { store: file, once: true, sink: () => undefined });
  const store = await openWatchStore(file);
  expect(await store.cursorOf('poll/user_updated')).toBe(1);
  store.close();
});

describe('the options of a watch', () => {
  const push: WatchSource = { type: 'okta_event_hook', settings: { secret: 'a-long-random-value' } };
  // What no compiler has checked.
  const wrong = (type: string): WatchSource => ({ type, settings: {} }) as unknown as WatchSource;
  const listen = { port: 0 };
  const refused: readonly (readonly [
    string,
    WatchedTrigger | readonly WatchedTrigger[],
    Partial<SinkWatchSettings>,
    RegExp,
  ])[] = [
    ['no trigger', [], {}, /`triggers` must name a trigger/],
    ['a trigger twice', ['user_updated', { key: 'user_updated' }], {}, /must name "user_updated" once/],
    ['an unknown trigger', 'nobody_did_anything', {}, /unknown trigger "nobody_did_anything"/],
    ['an invalid input', { key: 'user_updated', input: { nonsense: 1 } }, {}, /nonsense/],
    ['an unknown source', 'user_updated', { sources: [wrong('fax')] }, /unknown source "fax"/],
    ['an invalid setting', 'user_updated', { sources: [wrong('okta_event_hook')], listen }, /secret/],
    ['a source twice', 'user_updated', { sources: [push, push], listen }, /must not name a source twice/],
    ['a push source without a port', 'user_updated', { sources: [push] }, /`listen` is required/],
    ['a push source with an end', 'user_updated', { sources: [push], listen, once: true }, /have no end/],
  ];

  it.each(refused)('reject %s before anything is opened', async (_, triggers, options, message) => {
    using folder = temporaryFolder();
    const store = folder.file('watch.state');
    const error = await failureOf(openBench().watch(triggers, { store, sink: () => undefined, ...options }));
    expect(error).toMatchObject({ code: 'invalid_input', message: expect.stringMatching(message) });
    expect(existsSync(store)).toBe(false);
  });

  it('reject a group without a provider to look it up', async () => {
    const { context } = openBench();
    const watching = watchToSink(
      { ...context, session: undefined },
      { key: 'user_updated', input: { group: { displayName: 'Crew' } } },
      { sink: () => undefined, sources: [push], listen },
    );
    expect(await failureOf(watching)).toMatchObject({ code: 'unsupported' });
  });
});

describe('a secret that anyone could guess', () => {
  const okta = (settings: { secret: string; previousSecret?: string }): SinkWatchOptions => ({
    sources: [{ type: 'okta_event_hook', settings }],
    listen: { port: 0 },
    sink: () => undefined,
    signal: AbortSignal.abort(new Error('It was stopped.')),
  });

  it('is rejected, with the way to replace it', async () => {
    const error = await failureOf(openBench().watch('user_updated', okta({ secret: 'fifteen letters' })));
    expect(error).toMatchObject({
      code: 'invalid_input',
      problems: [{ path: 'secret', message: expect.stringContaining('at least 16 characters') }],
    });
    expect(String(error)).toContain('`previousSecret`');
  });

  it('is accepted as the previous one', async () => {
    const options = okta({ secret: 'sixteen letters!', previousSecret: 'short' });
    await expect(openBench().watch('user_updated', options)).resolves.toBeUndefined();
  });
});

it('observes each stored event once, and logs each delivery', async () => {
  const { watch, platform } = openBench();
  const seen: WatchObservation[] = [];
  await watch('user_updated', {
    store: createMemoryWatchStore(),
    once: true,
    sink: () => undefined,
    observer: (one) => seen.push(one),
  });
  const [origin, type] = [expect.any(String), sampleEvent('a').type];
  expect(seen.filter(({ kind }) => kind === 'events_stored')).toEqual([
    { kind: 'events_stored', origin, trigger: 'user_updated', counts: { [type]: 2 } },
  ]);
  const delivered = platform.logged.filter(({ event }) => event === 'event_delivered');
  expect(delivered.map(({ dedupeKey }) => dedupeKey)).toEqual(['user_updated/0a', 'user_updated/0b']);
});
