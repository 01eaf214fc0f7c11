import { expect, it } from 'vitest';
import { createOfflinePipeline } from '../../../../runtime/watch/event-pipeline.ts';
import { createMemoryWatchStore } from '../../../../runtime/watch/memory-watch-store.ts';
import { type WatchOptions, watchEvents } from '../../../../runtime/watch/watch.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { createFakePlatform } from '../../../support/fake-platform.ts';
import { definition } from '../../../support/open-test-session.ts';
import { sampleEvent } from '../../../support/sample-event.ts';

const platform = createFakePlatform(() => ({}));

/** Returns two events at each poll, named by the cursor. */
const poll = async (cursor: unknown) => {
  const at = Number(cursor ?? 0);
  const events = ['a', 'b'].map((name) => ({
    event: sampleEvent(`${at}${name}`),
    triggers: ['user_updated'],
  }));
  return { events, cursor: at + 1, pages: new Map<string, string | null>(), more: false, failures: [] };
};

const offline = (key: string, input: unknown) => createOfflinePipeline(definition, platform, key, input);

const watch = (trigger: string, options: WatchOptions) =>
  watchEvents(
    { definition, platform, session: { prepareSharedPoll: () => poll, eventPipeline: offline } },
    { key: trigger, input: {} },
    options,
  );

it('yields events one by one, and repeats the one whose loop body did not complete', async () => {
  const store = createMemoryWatchStore();
  const first: string[] = [];
  const ill = async (): Promise<void> => {
    for await (const { dedupeKey } of watch('user_updated', { store })) {
      first.push(dedupeKey);
      if (dedupeKey === '1a') throw new Error('not today');
    }
  };
  await expect(ill()).rejects.toThrow('not today');
  const second: string[] = [];
  for await (const { dedupeKey } of watch('user_updated', { store })) {
    second.push(dedupeKey);
    if (second.length === 3) break;
  }
  expect([first, second]).toEqual([
    ['0a', '0b', '1a'],
    ['1a', '1b', '2a'],
  ]);
});

it('ends a watch when its signal is aborted', async () => {
  const stop = new AbortController();
  const keys: string[] = [];
  for await (const { dedupeKey } of watch('user_updated', { signal: stop.signal })) {
    keys.push(dedupeKey);
    if (keys.length === 3) stop.abort();
  }
  expect(keys).toEqual(['0a', '0b', '1a']);
});

it('waits a minute between two polls by default', async () => {
  platform.slept.length = 0;
  let events = 0;
  for await (const _ of watch('user_updated', {})) {
    events += 1;
    if (events === 3) break;
  }
  expect(platform.slept).toEqual([60_000]);
});

it('rejects the state of another trigger', async () => {
  const store = createMemoryWatchStore();
  await store.claim('user_updated');
  expect(await failureOf(watch('user_provisioned', { store }).next())).toMatchObject({
    code: 'invalid_input',
  });
});
