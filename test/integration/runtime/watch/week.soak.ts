import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { openWatchStore } from '../../../../runtime/node/open-watch-store.ts';
import { createRejectionLog } from '../../../../runtime/node/rejection-log.ts';
import type { PushServerOptions } from '../../../../runtime/node/start-push-server.ts';
import { type Inbox, people, playWeek, titleAt, triggers } from './play-week.ts';
import { weekInHours } from './week-plan.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

// In place of the server: its connections would take real time, while the clock is the test's.
const server = vi.hoisted(() => ({ sources: undefined as PushServerOptions['sources'] | undefined }));
vi.mock('../../../../runtime/node/start-push-server.ts', () => ({
  async startPushServer({ sources, log, now }: PushServerOptions) {
    const rejections = createRejectionLog({ log, now });
    server.sources = new Map(
      [...sources].map(([origin, { checkHead, receive }]) => [
        origin,
        {
          checkHead,
          async receive(request) {
            const received = await receive(request);
            if (received.kind === 'refused' && received.reply.status !== 503) {
              const { code, message } = received.reason;
              rejections.add({ origin, status: received.reply.status, code, message });
            }
            return received;
          },
        },
      ]),
    );
    return { origin: 'http://127.0.0.1:1', close: async () => rejections.close() };
  },
}));

/** The middle of several samples: a collection can leave something behind. */
function medianOf(samples: readonly number[]): number {
  return samples.toSorted((one, other) => one - other)[Math.floor(samples.length / 2)] ?? 0;
}

/** What the samples of the second half have more than those of the first one, in bytes. */
function growthOf(samples: readonly number[]): number {
  const half = samples.length / 2;
  return medianOf(samples.slice(half)) - medianOf(samples.slice(0, half));
}

/** What a state remembers of some hundred pushed events, for a month. */
const mostStateGrowth = 64 * 1024;
const mostHeapGrowth = 4 * 2 ** 20;
/** The lines of a printed page: a person reads that much. */
const mostLines = 66;

/** In memory, if there is a file system in memory: hundreds of thousands of transactions would wait for a disk. */
const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const keysOf = (inbox: Inbox): readonly string[] => [...inbox.keys()].toSorted();

it('a week in which both sides fail in every way loses and repeats nothing, and fits on a page of the log', async () => {
  const folder = mkdtempSync(join(parent, 'rolecall-week-'));
  const state = join(folder, 'week.state');
  const week = await playWeek({
    state,
    file: join(folder, 'events.jsonl'),
    // A day, so that the week shows whether the state is pruned.
    store: (now) => openWatchStore(state, { now, replayWindowInMs: 86_400_000 }),
    endpoints: () => server.sources,
    collectGarbage,
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
  const { inboxes, lines, pushed, story, entries, health, samples, dead } = week;
  const lineTexts = story.map(({ hour, level, event, message, ...rest }) =>
    [hour, level, event, JSON.stringify(rest), message].join(' '),
  );

  // Every event once for each sink and trigger, in the order of each user.
  for (const inbox of Object.values(inboxes)) {
    expect([...inbox].filter(([, { acknowledged }]) => acknowledged !== 1)).toEqual([]);
    expect(keysOf(inbox)).toEqual(keysOf(inboxes.flows));
    for (const id of people) {
      const ofUser = [...inbox.values()].filter(({ event }) => event.subject.id === id);
      expect(ofUser.findLast(({ event }) => event.source === 'snapshot')?.event.data.title).toBe(
        titleAt(id, weekInHours - 1),
      );
    }
    for (const trigger of triggers) {
      const reported = [...inbox].flatMap(([key, { event }]) =>
        key.startsWith(`${trigger} `) && event.source === 'security_event_token' ? [event.id] : [],
      );
      expect(reported.toSorted(), trigger).toEqual(pushed.toSorted());
    }
  }
  expect(pushed).toHaveLength(147);
  const keysOfLines = lines.map(({ dedupeKey }) => dedupeKey);
  expect(keysOfLines.toSorted()).toEqual(
    keysOf(inboxes.flows)
      .map((key) => key.replace(/^\w+ /, ''))
      .toSorted(),
  );
  expect(dead.most).toBeGreaterThan(0);
  expect(dead.released).toBe(dead.most);
  expect(health.ready, JSON.stringify(health)).toBe(true);

  expect(lineTexts.length, lineTexts.join('\n')).toBeLessThanOrEqual(mostLines);
  expect(entries).toBeGreaterThan(5_000);

  expect(samples.length).toBeGreaterThan(14);
  expect(growthOf(samples.map(({ heapInBytes }) => heapInBytes))).toBeLessThan(mostHeapGrowth);
  // While receivers are down, events wait in the state. In the end, nothing does.
  const sizes = samples.map(({ stateInBytes }) => stateInBytes);
  expect((sizes.at(-1) ?? 0) - medianOf(sizes.slice(0, sizes.length / 2))).toBeLessThan(mostStateGrowth);
  expect(Math.max(...sizes)).toBeLessThan(2 ** 19);
});
