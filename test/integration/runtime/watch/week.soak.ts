import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { ConnectorError, type ErrorCode } from '../../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../../connector/event.ts';
import type { HttpRequest, HttpResponse, LogEntry } from '../../../../connector/platform.ts';
import { TransportError } from '../../../../connector/platform.ts';
import { createMemoryWatchStore } from '../../../../runtime/watch/memory-watch-store.ts';
import { watchToSink } from '../../../../runtime/watch/watch.ts';
import { createWatchHealth } from '../../../../runtime/watch/watch-health.ts';
import { createFakePlatform, fakeEpochInMs, json, list, repeatWith } from '../../../support/fake-platform.ts';
import { definition, openTestSession } from '../../../support/open-test-session.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';

const hourInMs = 3_600_000;
const weekInHours = 168;
const sampleEveryInHours = 10;
/** In the last hours, everything works, so that what waits can arrive. */
const calmFromHour = 150;
const people = Array.from({ length: 20 }, (_, index) => String(index + 1));

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The middle of several samples: a collection can leave something behind. */
function medianOf(samples: readonly number[]): number {
  return samples.toSorted((one, other) => one - other)[Math.floor(samples.length / 2)] ?? 0;
}

function heapInBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** How the provider fails, each for two hours at a time. */
const providerFaults: readonly (() => Partial<HttpResponse>)[] = [
  () => ({ status: 500, body: '' }),
  () => ({ status: 503, headers: { 'retry-after': '900' }, body: '' }),
  () => ({ status: 429, headers: { 'retry-after': '60' }, body: '' }),
  () => ({ status: 401, body: '' }),
  () => ({ status: 403, body: '' }),
  () => ({ status: 404, body: '' }),
  () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Maintenance</html>' }),
  () => ({ status: 200, headers: { 'content-type': 'application/scim+json' }, body: '{"totalResults": 2' }),
  () => list([], 20),
  () => {
    throw new TransportError('ECONNRESET', 'The connection was reset.', {
      maybeSent: true,
      isTransient: true,
    });
  },
];

/** How the receiver fails, each for two hours at a time. */
const receiverFaults: readonly (readonly [ErrorCode, number | undefined])[] = [
  ['unavailable', undefined],
  ['unavailable', 503],
  ['rate_limited', 429],
  ['not_found', 404],
  ['not_found', 410],
  ['auth', 401],
  ['provider_fault', 500],
];

/** The fault of this hour: two hours with each, then two hours without. */
function faultAt<Fault>(faults: readonly Fault[], hour: number): Fault | undefined {
  if (hour < 2 || hour >= calmFromHour || Math.floor(hour / 2) % 2 === 0) return undefined;
  return faults[Math.floor(hour / 4) % faults.length];
}

it('a week in which both sides fail in every way loses and repeats nothing', async () => {
  const stop = new AbortController();
  const clock = createVirtualClock();
  const now = (): number => fakeEpochInMs + clock.now();
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    await Promise.race([clock.sleep(ms), aborted.promise]);
    signal?.removeEventListener('abort', onAbort);
  };
  const fake = createFakePlatform((request) => answer(request, hourOf(now())));
  const warnings: LogEntry[] = [];
  const platform = {
    ...fake,
    log(entry: LogEntry): void {
      if (entry.level === 'warn') warnings.push(entry);
    },
    now,
    sleep,
    retry: <T>(attempt: (number: number) => Promise<T>, signal?: AbortSignal): Promise<T> =>
      repeatWith({ sleep }, attempt, signal),
  };
  const hourOf = (nowInMs: number): number => Math.floor((nowInMs - fakeEpochInMs) / hourInMs);
  /** Each user changes once in 20 hours, until the calm begins. */
  const titleAt = (id: string, hour: number): string => {
    const last = Math.min(hour, calmFromHour);
    return `changed at ${Math.max(0, last - ((last + Number(id)) % people.length))}`;
  };

  function answer({ url }: HttpRequest, hour: number): Partial<HttpResponse> {
    if (hour >= weekInHours) stop.abort(new Error('The week is over.'));
    const fault = faultAt(providerFaults, hour);
    if (fault !== undefined) return fault();
    const { pathname } = new URL(url);
    if (pathname.endsWith('/ServiceProviderConfig')) return json({ patch: { supported: true } });
    const user = (id: string) => ({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      ...{ id, userName: `user${id}@example.com`, active: true, title: titleAt(id, hour) },
    });
    const id = /\/Users\/(\w+)$/.exec(pathname)?.[1];
    if (id !== undefined) return people.includes(id) ? json(user(id)) : json({ status: '404' }, 404);
    return pathname.endsWith('/Users') ? list(people.map(user)) : list([]);
  }

  const received = new Map<string, number>();
  const lastTitle = new Map<string, unknown>();
  /** The heap after a collection, every ten hours. */
  const heaps: number[] = [];
  const health = createWatchHealth({ now: platform.now, everyInMs: 1_200_000 });
  const store = createMemoryWatchStore(now);
  const watching = watchToSink(
    { definition, platform, session: openTestSession(platform) },
    { key: 'user_updated', input: { strategy: 'snapshot' } },
    {
      store,
      everyInMs: 1_200_000,
      signal: stop.signal,
      observer(seen) {
        health.observe(seen);
        // What the test itself records does not count.
        fake.sent.length = 0;
        if (seen.kind === 'poll_finished' && hourOf(now()) >= sampleEveryInHours * (heaps.length + 1))
          heaps.push(heapInBytes());
      },
      async sink({ dedupeKey, subject, data }: ProvisioningEvent) {
        const fault = faultAt(receiverFaults, hourOf(platform.now()) + 2);
        if (fault !== undefined) {
          const [code, status] = fault;
          throw new ConnectorError(code, { what: 'The receiver is down.', nextStep: 'Wait.', status });
        }
        received.set(dedupeKey, (received.get(dedupeKey) ?? 0) + 1);
        lastTitle.set(subject.id ?? '', data?.title);
      },
    },
  );
  let isOver = false;
  const ended = watching.finally(() => {
    isOver = true;
  });
  // Whenever nothing but timers is left, time passes.
  while (!isOver) {
    await clock.run();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;

  expect([...received.values()].every((times) => times === 1)).toBe(true);
  expect(received.size).toBeGreaterThan(people.length);
  expect([...lastTitle.keys()].toSorted()).toEqual(people.toSorted());
  for (const id of people) expect(lastTitle.get(id)).toBe(titleAt(id, weekInHours - 1));
  expect(await store.count()).toBe(0);
  store.close();
  expect(health.report()).toEqual({ ready: true, problems: [], warnings: [] });
  // The log tells the story in a page, not in a line for each attempt.
  expect(
    warnings.length,
    JSON.stringify([received.size, warnings.length, platform.sent.length]),
  ).toBeGreaterThan(0);
  expect(new Set(warnings.map(({ event }) => event)).size).toBeLessThan(10);
  const half = heaps.length / 2;
  expect(half).toBeGreaterThan(5);
  expect(medianOf(heaps.slice(half)) - medianOf(heaps.slice(0, half))).toBeLessThan(4 * 1024 * 1024);
});
