import { beforeEach, describe, expect, it } from 'vitest';
import { createReadPoller } from '../../../../runtime/watch/deliver.ts';
import { createMemoryWatchStore } from '../../../../runtime/watch/memory-watch-store.ts';
import { originOf, planReads, type TriggerInput } from '../../../../runtime/watch/plan-reads.ts';
import type { WatchStore } from '../../../../runtime/watch/watch-store.ts';
import { definition } from '../../../support/open-test-session.ts';
import { createPollProvider, type PollProvider } from '../../../support/poll-provider.ts';
import before from '../../../support/state-before-shared-reads.json' with { type: 'json' };

const updated = { key: 'user_updated', input: { filter: 'title pr' } };
const leavers = { key: 'user_deprovisioned', input: {} };
const joiners = { key: 'user_provisioned', input: {} };

let store: WatchStore;
let provider: PollProvider;
/** The number of times that the whole list was read. */
let lists = 0;

beforeEach(() => {
  store = createMemoryWatchStore();
  provider = createPollProvider(4);
  // The provider as it was when the state of the fixture was stored.
  provider.change('1', { title: 'Countess' });
  lists = 0;
  provider.lie = ({ url }) => {
    const isStart = Number(url.searchParams.get('startIndex') ?? 1) === 1;
    if (url.pathname.endsWith('/Users') && isStart && !url.searchParams.has('filter')) lists += 1;
    return undefined;
  };
});

/** Stores a state that an earlier release wrote: each trigger was read by itself. */
async function restore(keys: readonly (keyof typeof before)[]): Promise<void> {
  for (const origin of keys) {
    const { cursor, pages } = before[origin];
    await store.append({ origin, cursor, pages: new Map(Object.entries(pages)), events: [] });
  }
}

/** Plans the reads, polls each once, and returns the triggers of each read. */
async function watchOnce(...triggers: readonly TriggerInput[]): Promise<readonly (readonly string[])[]> {
  provider.platform.advance(60_000);
  const reads = await planReads(store, definition, triggers, provider.platform);
  for (const { owner, triggers: members } of reads) {
    const origin = originOf(owner);
    const poller = createReadPoller(origin, provider.session.prepareSharedPoll(owner, members));
    const pages = store.pagesOf(origin);
    const signal = new AbortController().signal;
    const { batches, failure } = await poller.poll(await store.cursorOf(origin), { pages, signal });
    if (failure !== undefined) throw failure;
    await store.append(...batches);
  }
  return reads.map((read) => read.triggers.map(({ key }) => key));
}

/** What is in the outbox since the last time: the trigger, what happened, and to whom. */
async function newEvents(): Promise<readonly string[]> {
  const entries = await store.undelivered(1000);
  await store.acknowledge(entries.map(({ position }) => position));
  return entries
    .map(({ trigger, text }) => {
      const { type, subject } = JSON.parse(text);
      return `${trigger}: ${type} ${subject.userName}`;
    })
    .toSorted();
}

describe('a state in which each trigger was read by itself', () => {
  it('is merged into one read without losing or inventing an event', async () => {
    await restore(['poll/user_updated', 'poll/user_deprovisioned']);
    provider.change('1', { title: 'Duchess' });
    provider.change('2', { active: false });
    provider.remove('3');
    expect(await watchOnce(updated, leavers)).toEqual([['user_updated', 'user_deprovisioned']]);
    expect(lists).toBe(1);
    expect(await newEvents()).toEqual([
      'user_deprovisioned: deactivate user-2',
      'user_deprovisioned: delete user-3',
      'user_updated: patch user-1',
    ]);
    await watchOnce(updated, leavers);
    expect(await newEvents()).toEqual([]);
    expect(await store.pagesOf('poll/user_deprovisioned').read('User/0')).toBeUndefined();
  });

  it('stays apart until both know the same, so that what only one has seen is not lost', async () => {
    await restore(['poll/user_updated', 'poll/user_deprovisioned']);
    provider.change('2', { active: false });
    // Only one of the two polls sees the change before the process ends.
    const sees = provider.session.prepareSharedPoll('user_updated', [updated]);
    const pages = store.pagesOf('poll/user_updated');
    const poller = createReadPoller('poll/user_updated', sees);
    const signal = new AbortController().signal;
    const cursor = await store.cursorOf('poll/user_updated');
    await store.append(...(await poller.poll(cursor, { pages, signal })).batches);
    expect(await watchOnce(updated, leavers)).toEqual([['user_updated'], ['user_deprovisioned']]);
    expect(provider.platform.logged).toContainEqual(expect.objectContaining({ event: 'reads_kept_apart' }));
    expect(await newEvents()).toEqual(['user_deprovisioned: deactivate user-2']);
    expect(await watchOnce(updated, leavers)).toEqual([['user_updated', 'user_deprovisioned']]);
    expect(await newEvents()).toEqual([]);
  });

  it('keeps the losses of the day that either of them has reported', async () => {
    await restore(['poll/user_updated', 'poll/user_deprovisioned']);
    provider.platform.advance(60_000);
    provider.change('2', { active: false });
    for (const trigger of [leavers, updated]) {
      const origin = originOf(trigger.key);
      const poller = createReadPoller(origin, provider.session.prepareSharedPoll(trigger.key, [trigger]));
      const options = { pages: store.pagesOf(origin), signal: new AbortController().signal };
      await store.append(...(await poller.poll(await store.cursorOf(origin), options)).batches);
    }
    const reads = await planReads(store, definition, [updated, leavers], provider.platform);
    expect(reads).toHaveLength(1);
    expect(await store.cursorOf('poll/user_updated')).toHaveProperty('resources.User.recentLosses.users');
  });

  it('is planned again in the same way if the process is killed before the first poll', async () => {
    await restore(['poll/user_updated', 'poll/user_deprovisioned']);
    const plan = () => planReads(store, definition, [updated, leavers], provider.platform);
    const first = await plan();
    expect(await plan()).toEqual(first);
    provider.remove('3');
    await watchOnce(updated, leavers);
    expect(await newEvents()).toEqual(['user_deprovisioned: delete user-3']);
  });
});

describe('a trigger that joins', () => {
  it('reports changes from now on, while the others miss none', async () => {
    await restore(['poll/user_deprovisioned']);
    provider.add('5');
    provider.remove('3');
    expect(await watchOnce(leavers, joiners)).toEqual([['user_deprovisioned', 'user_provisioned']]);
    expect(await newEvents()).toEqual(['user_deprovisioned: delete user-3']);
    provider.add('6');
    provider.remove('2');
    await watchOnce(joiners, leavers);
    expect(await newEvents()).toEqual([
      'user_deprovisioned: delete user-2',
      'user_provisioned: create user-6',
    ]);
    expect(lists).toBe(2);
  });

  it('is read apart if it starts from the beginning, and joins once both know the same', async () => {
    await restore(['poll/user_deprovisioned']);
    const all = { key: 'user_provisioned', input: { startFrom: 'beginning' } };
    expect(await watchOnce(leavers, all)).toEqual([['user_deprovisioned'], ['user_provisioned']]);
    expect(await newEvents()).toEqual([1, 2, 3, 4].map((id) => `user_provisioned: create user-${id}`));
    expect(await watchOnce(leavers, all)).toEqual([['user_deprovisioned', 'user_provisioned']]);
    expect(await newEvents()).toEqual([]);
  });

  it('shares a first read with others that start from the beginning', async () => {
    const all = { startFrom: 'beginning' };
    const reads = await watchOnce(
      { key: 'user_provisioned', input: all },
      { key: 'user_updated', input: all },
    );
    expect(reads).toEqual([['user_provisioned', 'user_updated']]);
    expect(lists).toBe(1);
    expect(await newEvents()).toHaveLength(4);
  });
});

describe('a trigger whose polling settings change', () => {
  it('leaves the read, and reports what happened in between once', async () => {
    await watchOnce(updated, leavers, joiners);
    const limited = { key: 'user_deprovisioned', input: { massChangeLimit: 3 } };
    provider.remove('3');
    provider.change('1', { title: 'Duchess' });
    expect(await watchOnce(updated, limited, joiners)).toEqual([
      ['user_updated', 'user_provisioned'],
      ['user_deprovisioned'],
    ]);
    expect(await newEvents()).toEqual(['user_deprovisioned: delete user-3', 'user_updated: patch user-1']);
  });

  it('comes back, however often', async () => {
    const limited = { key: 'user_deprovisioned', input: { massChangeLimit: 3 } };
    for (let round = 0; round < 4; round += 1) {
      await watchOnce(leavers, updated);
      provider.change('1', { title: `Title ${round}` });
      await watchOnce(limited, updated);
      expect(await newEvents()).toEqual(['user_updated: patch user-1']);
    }
    expect(await watchOnce(leavers, updated)).toEqual([['user_deprovisioned', 'user_updated']]);
    provider.remove('2');
    await watchOnce(leavers, updated);
    expect(await newEvents()).toEqual(['user_deprovisioned: delete user-2']);
    const { resources } = (await store.cursorOf('poll/user_deprovisioned')) as {
      readonly resources: { readonly User: { readonly triggers: readonly string[] } };
    };
    expect(resources.User.triggers.length).toBeLessThanOrEqual(3);
  });
});
