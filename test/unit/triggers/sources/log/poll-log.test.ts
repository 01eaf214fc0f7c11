import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../../../../connector/errors.ts';
import { type EventLog, type LogPosition, openLog } from '../../../../../triggers/sources/log/poll-log.ts';
import { RejectedRequest } from '../../../../../triggers/sources/webhook-auth/request-checks.ts';
import { failureOf } from '../../../../support/failure-of.ts';
import { createFakePlatform, fakeEpochInMs } from '../../../../support/fake-platform.ts';
import { sampleEvent } from '../../../../support/sample-event.ts';

const second = 1000;

interface Options extends Partial<EventLog> {
  readonly newestFirst?: boolean;
  readonly pageSize?: number;
  /** The request that fails, counted from 1. */
  readonly failsAtPage?: number;
  readonly startAt?: string;
  readonly lookBackInSeconds?: number;
}

/** A log that the test writes, and a receiver that polls it. */
function openBench({
  newestFirst,
  pageSize = 3,
  failsAtPage,
  startAt,
  lookBackInSeconds = 300,
  ...own
}: Options = {}) {
  const platform = createFakePlatform(() => ({ status: 500 }));
  /** Oldest first; the times are in seconds after the start. */
  const written: { readonly id: string; readonly at: number | undefined }[] = [];
  const asked: LogPosition[] = [];
  const state: { failsWith: ConnectorError | undefined; answeredAtInMs: number | undefined } = {
    failsWith: undefined,
    answeredAtInMs: undefined,
  };
  const atInMs = (at: number | undefined) => (at === undefined ? undefined : fakeEpochInMs + at * second);
  const log: EventLog = {
    source: 'workato_activity_log',
    spacingInMs: 1_200,
    async fetchPage(position) {
      asked.push(position);
      if (asked.length === failsAtPage)
        throw new ConnectorError('unavailable', { what: 'Down.', nextStep: 'None.' });
      if (state.failsWith !== undefined) {
        const error = state.failsWith;
        state.failsWith = undefined;
        throw error;
      }
      const { fromInMs, after } = position;
      const ordered = newestFirst ? written.toReversed() : written;
      const found = ordered
        .slice(after === undefined ? 0 : ordered.findIndex(({ id }) => id === after) + 1)
        .filter(({ at }) => (atInMs(at) ?? fromInMs) >= fromInMs)
        .slice(0, pageSize);
      return {
        entries: found.map(({ id, at }) => ({ id, atInMs: atInMs(at), content: id })),
        isLast: found.length === 0,
        answeredAtInMs: state.answeredAtInMs,
      };
    },
    read: (content) => [sampleEvent(String(content))],
    ...own,
  };
  const receiver = openLog(platform, log, { lookBackInSeconds, ...(startAt !== undefined && { startAt }) });
  let cursor: unknown;
  const poll = async () => {
    const polled = await receiver.poll(cursor);
    // The cursor goes through a store, as JSON.
    cursor = JSON.parse(JSON.stringify(polled.cursor));
    return { ids: polled.events.map(({ id }) => id), more: polled.more };
  };
  return {
    platform,
    asked,
    state,
    poll,
    write: (...entries: readonly (readonly [id: string, at: number | undefined])[]) =>
      void written.push(...entries.map(([id, at]) => ({ id, at }))),
    /** Polls until there is no more. */
    async pollAll() {
      const all: string[] = [];
      for (;;) {
        const { ids, more } = await poll();
        all.push(...ids);
        if (!more) return all;
      }
    },
    forget: () => {
      cursor = undefined;
    },
    cursorOf: () => cursor,
    rewind: (kept: unknown) => {
      cursor = kept;
    },
  };
}

const numbered = (count: number, from = 1) =>
  Array.from({ length: count }, (_, index) => [String(from + index), from + index] as const);

describe.each([{ newestFirst: false }, { newestFirst: true }])('a log with %o', (order) => {
  it('is reported from now on, each entry once, and in the order of its times', async () => {
    const bench = openBench(order);
    bench.write(['before', -10]);
    expect(await bench.pollAll()).toEqual([]);
    bench.platform.advance(60 * second);
    bench.write(...numbered(7));
    expect(await bench.pollAll()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(await bench.pollAll()).toEqual([]);
    bench.write(['8', 40]);
    expect(await bench.pollAll()).toEqual(['8']);
  });

  it('is reported from its start, if that is set', async () => {
    const bench = openBench({ ...order, startAt: '2026-01-01T00:00:03Z' });
    bench.platform.advance(60 * second);
    bench.write(...numbered(5));
    expect(await bench.pollAll()).toEqual(['3', '4', '5']);
  });

  it('reports an entry that became visible late, within the look-back', async () => {
    const bench = openBench({ ...order, lookBackInSeconds: 10 });
    await bench.poll();
    bench.platform.advance(60 * second);
    bench.write(['a', 20], ['b', 30]);
    expect(await bench.pollAll()).toEqual(['a', 'b']);
    // Its time is between theirs.
    bench.write(['late', 25]);
    expect(await bench.pollAll()).toEqual(['late']);
    expect(await bench.pollAll()).toEqual([]);
    bench.write(['too late', 5]);
    expect(await bench.pollAll()).toEqual([]);
  });

  it('reports the same entries again if the cursor was not stored', async () => {
    const bench = openBench(order);
    await bench.poll();
    const kept = bench.cursorOf();
    bench.platform.advance(60 * second);
    bench.write(...numbered(4));
    const first = await bench.pollAll();
    bench.rewind(kept);
    expect(await bench.pollAll()).toEqual(first);
  });

  it('reports entries without a time once', async () => {
    const bench = openBench(order);
    await bench.poll();
    bench.platform.advance(second);
    bench.write(['a', undefined], ['b', undefined]);
    expect((await bench.pollAll()).toSorted()).toEqual(['a', 'b']);
    expect(await bench.pollAll()).toEqual([]);
  });
});

it('reads a backlog in portions, and keeps its place', async () => {
  const bench = openBench({ startAt: '2026-01-01T00:00:00Z' });
  bench.platform.advance(600 * second);
  bench.write(...numbered(100));
  const first = await bench.poll();
  expect(first).toEqual({ ids: numbered(30).map(([id]) => id), more: true });
  expect(bench.cursorOf()).toMatchObject({ after: '30', newestAtInMs: fakeEpochInMs + 30 * second });
  expect(await bench.pollAll()).toEqual(numbered(70, 31).map(([id]) => id));
  // The requests of a poll are spaced.
  expect(new Set(bench.platform.slept)).toEqual(new Set([1_200]));
  expect(await bench.pollAll()).toEqual([]);
});

it('reads a backlog that begins with the newest entry to its end, and reports the oldest first', async () => {
  const bench = openBench({ newestFirst: true, startAt: '2026-01-01T00:00:00Z' });
  bench.platform.advance(600 * second);
  bench.write(...numbered(100));
  expect(await bench.poll()).toEqual({ ids: numbered(100).map(([id]) => id), more: false });
});

it('starts a backlog over from the last time if the sender no longer knows its place', async () => {
  const bench = openBench({ startAt: '2026-01-01T00:00:00Z' });
  bench.platform.advance(600 * second);
  bench.write(...numbered(40));
  await bench.poll();
  bench.state.failsWith = new ConnectorError('not_found', { what: 'Gone.', nextStep: 'None.' });
  expect(await bench.pollAll()).toEqual(numbered(10, 31).map(([id]) => id));
  expect(bench.platform.logged).toContainEqual(
    expect.objectContaining({ level: 'warn', event: 'log_cursor_expired', source: 'workato_activity_log' }),
  );
});

it.each(['auth', 'forbidden', 'rate_limited', 'unavailable'] as const)(
  'keeps its place if a poll fails with %s',
  async (code) => {
    const bench = openBench({ startAt: '2026-01-01T00:00:00Z' });
    bench.platform.advance(600 * second);
    bench.write(...numbered(40));
    await bench.poll();
    const kept = bench.cursorOf();
    bench.state.failsWith = new ConnectorError(code, { what: 'No.', nextStep: 'None.' });
    expect((await failureOf(bench.poll())).code).toBe(code);
    expect(bench.cursorOf()).toBe(kept);
    expect(await bench.pollAll()).toEqual(numbered(10, 31).map(([id]) => id));
  },
);

it('reports what it has read if a later page fails for now, and goes on from there', async () => {
  const bench = openBench({ startAt: '2026-01-01T00:00:00Z', failsAtPage: 3 });
  bench.platform.advance(600 * second);
  bench.write(...numbered(10));
  expect(await bench.poll()).toEqual({ ids: numbered(6).map(([id]) => id), more: false });
  expect(bench.cursorOf()).toMatchObject({ after: '6' });
  expect(await bench.pollAll()).toEqual(numbered(4, 7).map(([id]) => id));
  expect(bench.platform.logged).toEqual([
    { level: 'debug', event: 'log_read_interrupted', source: 'workato_activity_log', code: 'unavailable' },
  ]);
});

it('reports nothing if a later page fails of a log that begins with the newest entry', async () => {
  const bench = openBench({ newestFirst: true, startAt: '2026-01-01T00:00:00Z', failsAtPage: 3 });
  bench.platform.advance(600 * second);
  bench.write(...numbered(10));
  expect((await failureOf(bench.poll())).code).toBe('unavailable');
  expect(await bench.pollAll()).toEqual(numbered(10).map(([id]) => id));
});

it('fails if the sender ignores where a page begins', async () => {
  const page = [{ id: '1', atInMs: fakeEpochInMs, content: '1' }];
  const bench = openBench({
    fetchPage: async () => ({ entries: page, isLast: false, answeredAtInMs: undefined }),
  });
  expect(await failureOf(bench.poll())).toMatchObject({
    code: 'provider_fault',
    message: expect.stringContaining('Pagination loop'),
  });
});

it('skips an entry that cannot be read, and says so once', async () => {
  const bench = openBench({
    read: (content) => {
      if (content === 'bad')
        throw new RejectedRequest('invalid_request', { what: 'Bad.', nextStep: 'None.' });
      return [sampleEvent(String(content))];
    },
  });
  await bench.poll();
  bench.platform.advance(60 * second);
  bench.write(['a', 1], ['bad', 2], ['b', 3]);
  expect(await bench.pollAll()).toEqual(['a', 'b']);
  await bench.pollAll();
  expect(bench.platform.logged).toEqual([
    { level: 'warn', event: 'event_ignored', source: 'workato_activity_log', id: 'bad', why: 'Bad. None.' },
  ]);
});

it('is not blinded by an entry from the future', async () => {
  const bench = openBench();
  await bench.poll();
  bench.platform.advance(60 * second);
  bench.write(['future', 365 * 86_400]);
  expect(await bench.pollAll()).toEqual(['future']);
  bench.platform.advance(60 * second);
  bench.write(['later', 90]);
  expect(await bench.pollAll()).toEqual(['later']);
});

it("starts by the sender's clock if ours is wrong", async () => {
  const bench = openBench();
  bench.platform.advance(3_600 * second);
  bench.state.answeredAtInMs = fakeEpochInMs;
  await bench.poll();
  bench.write(['a', 5]);
  expect(await bench.pollAll()).toEqual(['a']);
});

it('reads what is left if entries have expired since the last poll, and says which may be missing', async () => {
  const day = 86_400 * second;
  const bench = openBench({ retentionInMs: 30 * day });
  await bench.poll();
  expect(bench.platform.logged).toEqual([]);
  bench.platform.advance(40 * day);
  bench.write(['gone', 86_400], ['left', 20 * 86_400]);
  expect(await bench.pollAll()).toEqual(['left']);
  expect(bench.platform.logged[0]).toEqual({
    level: 'warn',
    event: 'log_entries_expired',
    source: 'workato_activity_log',
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-11T00:01:00.000Z',
  });
});

it('does not say that entries are missing of a log that was read all the time, but had no new entry', async () => {
  const day = 86_400 * second;
  const bench = openBench({ retentionInMs: 30 * day });
  for (let days = 0; days < 90; days += 10) {
    await bench.poll();
    bench.platform.advance(10 * day);
  }
  expect(bench.platform.logged).toEqual([]);
  // What it has not read is missing from the last time that it has.
  bench.platform.advance(30 * day);
  await bench.poll();
  expect(bench.platform.logged).toMatchObject([
    { event: 'log_entries_expired', from: '2026-03-21T23:55:00.000Z', to: '2026-04-01T00:01:00.000Z' },
  ]);
});

it('ends when it is aborted between two pages', async () => {
  const ended = new AbortController();
  const platform = createFakePlatform(() => ({ status: 500 }));
  const receiver = openLog(
    platform,
    {
      source: 'workos_events',
      spacingInMs: 1,
      fetchPage: async () => {
        ended.abort(new Error('stopped'));
        return { entries: [{ id: '1', atInMs: 0, content: 1 }], isLast: false, answeredAtInMs: undefined };
      },
      read: () => [],
    },
    { lookBackInSeconds: 0 },
  );
  await expect(receiver.poll(undefined, ended.signal)).rejects.toThrow('stopped');
});

it.each([
  7,
  'cursor',
  [],
  { version: 2, startAtInMs: 1, newestAtInMs: 1, after: null, seen: [] },
  { version: 1, startAtInMs: 'x', newestAtInMs: 1, after: null, seen: [] },
  { version: 1, startAtInMs: 1, newestAtInMs: 1, after: 7, seen: [] },
  { version: 1, startAtInMs: 1, newestAtInMs: 1, after: null, seen: ['a'] },
  { version: 1, ack: [], errs: [] },
])('rejects an invalid cursor: %j', async (kept) => {
  const bench = openBench();
  bench.rewind(kept);
  expect(await failureOf(bench.poll())).toMatchObject({ code: 'invalid_input' });
  expect(bench.asked).toEqual([]);
});

it('rejects a start that is not a time', () => {
  expect(() => openBench({ startAt: 'yesterday' })).toThrow('`startAt` must be a date and time, such as');
});
