import { describe, expect, it } from 'vitest';
import { ConnectorError, type ErrorCode } from '../../../../connector/errors.ts';
import {
  deliverFromOutbox,
  type Poller,
  type PollFailure,
  type WatchPace,
} from '../../../../runtime/watch/deliver.ts';
import { createMemoryWatchStore } from '../../../../runtime/watch/memory-watch-store.ts';
import { createOutbox, type Outbox } from '../../../../runtime/watch/outbox.ts';
import type { WatchObservation } from '../../../../runtime/watch/watch-observer.ts';
import { createFakePlatform, type FakePlatform } from '../../../support/fake-platform.ts';
import { sampleEvent } from '../../../support/sample-event.ts';

/** One poll: the keys of what it returns, or what it fails with. */
type Step = readonly string[] | Error;

/** A poller that does one step after the other, and then calls for the end. */
function scripted(steps: readonly Step[], atEnd: () => void = () => undefined, origin = 'poll'): Poller {
  let next = 0;
  return {
    origin,
    async poll(cursor) {
      const step = steps[next];
      next += 1;
      if (step instanceof Error) throw step;
      if (next >= steps.length) atEnd();
      const events = (step ?? []).map((key) => sampleEvent(key));
      return { batches: [{ origin, cursor: Number(cursor ?? 0) + 1, events }], more: false };
    },
  };
}

function failure(code: ErrorCode, retryAfterInMs?: number): ConnectorError {
  return new ConnectorError(code, { what: `It is ${code}.`, nextStep: 'Wait.', retryAfterInMs });
}

/** Watches to the end, and returns the keys of what was delivered. */
async function collect(
  outbox: Outbox,
  pollers: readonly Poller[],
  platform: FakePlatform,
  pace: Partial<WatchPace> = {},
): Promise<readonly string[]> {
  const keys: string[] = [];
  const all = { everyInMs: 60_000, batchSize: 10, signal: new AbortController().signal, ...pace };
  for await (const batch of deliverFromOutbox(outbox, pollers, all, platform))
    keys.push(...batch.map(({ text }) => JSON.parse(text).dedupeKey));
  return keys;
}

const emptyPlatform = (): FakePlatform => createFakePlatform(() => ({}));

describe('deliverFromOutbox', () => {
  it('polls, delivers, and waits between the end of one poll and the start of the next', async () => {
    const [platform, stop, outbox] = [
      emptyPlatform(),
      new AbortController(),
      createOutbox(createMemoryWatchStore()),
    ];
    const poller = scripted([['a', 'b'], [], ['c'], []], () => stop.abort());
    expect(await collect(outbox, [poller], platform, { signal: stop.signal })).toEqual(['a', 'b', 'c']);
    expect(platform.slept).toEqual([60_000, 60_000, 60_000]);
    expect(await outbox.store.cursorOf('poll')).toBe(4);
  });

  it('delivers what the last watch left undelivered before it polls', async () => {
    const store = createMemoryWatchStore();
    await store.append({ origin: 'poll', events: [sampleEvent('left')] });
    expect(
      await collect(createOutbox(store), [scripted([['new']])], emptyPlatform(), { isOnce: true }),
    ).toEqual(['left', 'new']);
  });

  it('retries a poll after transient errors, with longer waits after each, and logs them', async () => {
    const [platform, stop] = [emptyPlatform(), new AbortController()];
    const steps = [failure('unavailable'), failure('provider_fault'), failure('rate_limited'), ['a'], []];
    const poller = scripted(steps, () => stop.abort());
    const outbox = createOutbox(createMemoryWatchStore());
    expect(await collect(outbox, [poller], platform, { everyInMs: 400, signal: stop.signal })).toEqual(['a']);
    expect(platform.slept).toEqual([400, 500, 1000, 400]);
    expect(platform.logged).toMatchObject([
      { level: 'warn', event: 'poll_failed', origin: 'poll', code: 'unavailable', waitInMs: 400 },
      { event: 'poll_failed', code: 'provider_fault', waitInMs: 500, message: 'It is provider_fault. Wait.' },
      { event: 'poll_failed', code: 'rate_limited', waitInMs: 1000 },
      { level: 'info', event: 'poll_recovered', origin: 'poll', durationInMs: 1900, failures: 3 },
    ]);
  });

  it('waits as long as the provider asks, even if that exceeds its own pace', async () => {
    const [platform, stop] = [emptyPlatform(), new AbortController()];
    const poller = scripted([failure('rate_limited', 300_000), []], () => stop.abort());
    await collect(createOutbox(createMemoryWatchStore()), [poller], platform, { signal: stop.signal });
    expect(platform.slept).toEqual([300_000]);
  });

  it.each([
    'auth',
    'forbidden',
    'invalid_input',
    'not_found',
    'conflict',
    'unsupported',
    'mass_change_blocked',
  ] as const)('ends with the permanent error %s', async (code) => {
    const outbox = createOutbox(createMemoryWatchStore());
    const watching = collect(outbox, [scripted([['a'], failure(code)])], emptyPlatform());
    await expect(watching).rejects.toMatchObject({ code });
    expect(await outbox.store.cursorOf('poll')).toBe(1);
    expect(await outbox.store.count()).toBe(0);
  });

  it('ends only once no poll is in progress, even if another one has failed', async () => {
    const release = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow: Poller = {
      origin: 'slow',
      async poll() {
        begun.resolve();
        await release.promise;
        return { batches: [], more: false };
      },
    };
    const failing: Poller = {
      origin: 'poll',
      async poll() {
        await begun.promise;
        throw failure('auth');
      },
    };
    const steps: string[] = [];
    const outbox = createOutbox(createMemoryWatchStore());
    const watching = collect(outbox, [slow, failing], emptyPlatform()).catch(() => steps.push('ended'));
    await outbox.whenClosed();
    await new Promise((resolve) => setImmediate(resolve));
    steps.push('released');
    release.resolve();
    await watching;
    expect(steps).toEqual(['released', 'ended']);
  });

  it('retries a permanent error that does not end the watch, at intervals that double up to five minutes', async () => {
    const [platform, stop] = [emptyPlatform(), new AbortController()];
    const steps = [failure('auth'), failure('not_found'), failure('auth'), failure('forbidden'), ['a'], []];
    const observed: WatchObservation[] = [];
    const pace = {
      everyInMs: 60_000,
      endsOn: () => false,
      observe: (one: WatchObservation) => void observed.push(one),
      signal: stop.signal,
    };
    const poller = scripted(steps, () => stop.abort());
    expect(await collect(createOutbox(createMemoryWatchStore()), [poller], platform, pace)).toEqual(['a']);
    expect(platform.slept).toEqual([60_000, 120_000, 240_000, 300_000, 60_000]);
    expect(observed.filter(({ kind }) => kind !== 'poll_started')).toMatchObject([
      { kind: 'watch_started', polls: ['poll'] },
      { kind: 'poll_waiting', origin: 'poll' },
      {
        kind: 'poll_failed',
        origin: 'poll',
        code: 'auth',
        needsAdministrator: true,
        failures: 1,
        waitInMs: 60_000,
      },
      { kind: 'poll_failed', code: 'not_found', failures: 2, waitInMs: 120_000 },
      { kind: 'poll_failed', code: 'auth', failures: 3 },
      { kind: 'poll_failed', code: 'forbidden', failures: 4 },
      { kind: 'poll_finished', origin: 'poll', events: 1 },
      { kind: 'poll_waiting', origin: 'poll' },
      { kind: 'poll_scheduled', origin: 'poll', waitInMs: 60_000 },
      { kind: 'poll_finished', origin: 'poll', events: 0 },
      { kind: 'poll_waiting', origin: 'poll' },
    ]);
  });

  it('tells a first poll of the state from the first poll of a watch, and from later ones', async () => {
    const stages: string[] = [];
    const endsOn = ({ stage }: PollFailure): boolean => {
      stages.push(stage);
      return stages.length === 4;
    };
    const store = createMemoryWatchStore();
    const watch = (steps: readonly Step[]) => {
      const stop = new AbortController();
      const poller = scripted(steps, () => stop.abort());
      const pace = { everyInMs: 1, endsOn, signal: stop.signal };
      return collect(createOutbox(store), [poller], emptyPlatform(), pace);
    };
    await watch([failure('auth'), ['a']]);
    await expect(
      watch([failure('auth'), ['b'], failure('auth'), failure('auth'), ['c']]),
    ).rejects.toMatchObject({ code: 'auth' });
    expect(stages).toEqual(['setup', 'start', 'running', 'running']);
  });

  it('ends if the state cannot be read during a poll, whatever failures are retried', async () => {
    const store = createMemoryWatchStore();
    const unreadable = {
      ...store,
      pagesOf: () => ({ read: () => Promise.reject(failure('invalid_input')) }),
    };
    const poller: Poller = {
      origin: 'poll',
      async poll(_, { pages }) {
        await pages.read('User/0');
        throw new Error('unreachable');
      },
    };
    await expect(
      collect(createOutbox(unreadable), [poller], emptyPlatform(), { endsOn: () => false }),
    ).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('ends with the first error if it polls once', async () => {
    const outbox = createOutbox(createMemoryWatchStore());
    const watching = collect(outbox, [scripted([failure('unavailable'), ['a']])], emptyPlatform(), {
      isOnce: true,
    });
    await expect(watching).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('polls again without a wait while there is more, once the last events are delivered', async () => {
    const store = createMemoryWatchStore();
    const waiting: number[] = [];
    const poller: Poller = {
      origin: 'poll',
      async poll(cursor) {
        waiting.push(await store.count());
        const at = Number(cursor ?? 0);
        const events = [sampleEvent(`${at}a`), sampleEvent(`${at}b`)];
        return { batches: [{ origin: 'poll', cursor: at + 1, events }], more: at < 2 };
      },
    };
    const platform = emptyPlatform();
    const keys = await collect(createOutbox(store), [poller], platform, { isOnce: true, batchSize: 1 });
    expect(keys).toEqual(['0a', '0b', '1a', '1b', '2a', '2b']);
    expect(waiting).toEqual([0, 0, 0]);
    expect(platform.slept).toEqual([]);
  });

  it('polls with several pollers, each with its own cursor', async () => {
    const outbox = createOutbox(createMemoryWatchStore());
    const pollers = [scripted([['a']]), scripted([['b', 'c']], undefined, 'security_event_poll')];
    expect((await collect(outbox, pollers, emptyPlatform(), { isOnce: true })).toSorted()).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(await outbox.store.cursorOf('poll')).toBe(1);
    expect(await outbox.store.cursorOf('security_event_poll')).toBe(1);
  });

  it('keeps events in the outbox if the loop body throws', async () => {
    const outbox = createOutbox(createMemoryWatchStore());
    const pace = { everyInMs: 1, isOnce: true, batchSize: 2, signal: new AbortController().signal };
    const watching = async (): Promise<void> => {
      let batches = 0;
      for await (const _ of deliverFromOutbox(
        outbox,
        [scripted([['a', 'b', 'c', 'd', 'e']])],
        pace,
        emptyPlatform(),
      )) {
        batches += 1;
        if (batches === 2) throw new Error('the consumer is ill');
      }
    };
    await expect(watching()).rejects.toThrow('the consumer is ill');
    const left = await outbox.store.undelivered(9);
    expect(left.map(({ text }) => JSON.parse(text).dedupeKey)).toEqual(['c', 'd', 'e']);
  });

  it('delivers no new batch after it is aborted, and acknowledges the batch in progress', async () => {
    const stop = new AbortController();
    const outbox = createOutbox(createMemoryWatchStore());
    const pace = { everyInMs: 1, batchSize: 2, signal: stop.signal };
    for await (const _ of deliverFromOutbox(
      outbox,
      [scripted([['a', 'b', 'c', 'd']])],
      pace,
      emptyPlatform(),
    )) {
      stop.abort();
    }
    const left = await outbox.store.undelivered(9);
    expect(left.map(({ text }) => JSON.parse(text).dedupeKey)).toEqual(['c', 'd']);
  });

  it('neither polls nor delivers if it is aborted before it starts', async () => {
    const stop = new AbortController();
    stop.abort();
    const outbox = createOutbox(createMemoryWatchStore());
    await outbox.append({ origin: 'poll', events: [sampleEvent('a')] });
    const poller: Poller = { origin: 'poll', poll: () => Promise.reject(new Error('polled')) };
    expect(await collect(outbox, [poller], emptyPlatform(), { signal: stop.signal })).toEqual([]);
    expect(await outbox.store.count()).toBe(1);
  });

  it('aborts the poll in progress when it is aborted', async () => {
    const stop = new AbortController();
    const poller: Poller = {
      origin: 'poll',
      poll: (_, { signal }) =>
        new Promise((__, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          stop.abort(new Error('stopped'));
        }),
    };
    const outbox = createOutbox(createMemoryWatchStore());
    expect(await collect(outbox, [poller], emptyPlatform(), { signal: stop.signal })).toEqual([]);
  });

  it('ends with the error of a store that cannot append, and does not poll again', async () => {
    const store = createMemoryWatchStore();
    const full = { ...store, append: () => Promise.reject(failure('unavailable')) };
    let polls = 0;
    const poller: Poller = {
      origin: 'poll',
      async poll() {
        polls += 1;
        return { batches: [{ origin: 'poll', cursor: 1, events: [sampleEvent('a')] }], more: false };
      },
    };
    await expect(collect(createOutbox(full), [poller], emptyPlatform())).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(polls).toBe(1);
  });
});
