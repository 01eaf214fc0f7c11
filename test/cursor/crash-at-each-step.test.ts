import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProvisioningEvent } from '../../connector/event.ts';
import { openWatchStore } from '../../runtime/node/open-watch-store.ts';
import { deliverFromOutbox, type Poller } from '../../runtime/watch/deliver.ts';
import { createOfflinePipeline, createWebhookHandler } from '../../runtime/watch/event-pipeline.ts';
import { createOutbox } from '../../runtime/watch/outbox.ts';
import type { WatchStore } from '../../runtime/watch/watch-store.ts';
import type { PushRequest } from '../../triggers/sources/source.ts';
import { createFakePlatform } from '../support/fake-platform.ts';
import { definition } from '../support/open-test-session.ts';
import { seededRandom } from '../support/random-changes.ts';
import { sampleEvent } from '../support/sample-event.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// poll → append → deliver → taken out, with a store on disk: the process dies before, or after, each of these steps.
// What is between two steps is in the memory of the process alone, so a store that answers no more is a dead process.
class Crash extends Error {}

/** Counts the steps of a process, and ends it at one of them. */
function createFate(diesAtStep: number): { step<T>(run: () => Promise<T>): Promise<T> } {
  let steps = 0;
  const point = (): void => {
    steps += 1;
    if (steps >= diesAtStep) throw new Crash(`at step ${diesAtStep}`);
  };
  return {
    async step(run) {
      point();
      const result = await run();
      point();
      return result;
    },
  };
}

type Fate = ReturnType<typeof createFate>;

/** A store each of whose methods is a step. */
function mortal(store: WatchStore, { step }: Fate): WatchStore {
  const isStep = (name: string | symbol): boolean =>
    !['pagesOf', 'onSteered', 'steered', 'close'].includes(String(name));
  return new Proxy(store, {
    get(_, name: keyof WatchStore) {
      if (name === 'pagesOf')
        return (origin: string) => ({ read: (page: string) => step(() => store.pagesOf(origin).read(page)) });
      const method = store[name] as (...args: readonly unknown[]) => Promise<unknown>;
      return isStep(name) ? (...args: readonly unknown[]) => step(() => method(...args)) : method;
    },
  });
}

const platform = createFakePlatform(() => ({}));
const never = new AbortController().signal;
let folder: ReturnType<typeof temporaryFolder>;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = folder.file('watch.state');
});

afterEach(() => folder[Symbol.dispose]());

/** What the provider shows at each poll: some events, of which the snapshot says how many there were. */
const polls = [['a', 'b'], [], ['c'], ['d', 'e', 'f'], ['g']] as const;
const expected = polls.flat();

/** Polls what comes after the cursor, and checks that the snapshot is the one that belongs to it. */
const poll: Poller['poll'] = async (cursor, { pages }) => {
  const at = (cursor as number | undefined) ?? 0;
  expect(await pages.read('seen')).toBe(at === 0 ? undefined : polls.slice(0, at).flat().join());
  const events = (polls[at] ?? []).map((key) => sampleEvent(key));
  const seen = polls
    .slice(0, at + 1)
    .flat()
    .join();
  const stored = new Map([['seen', seen]]);
  return {
    batches: [{ origin: 'poll', cursor: at + 1, pages: stored, events }],
    more: at + 1 < polls.length,
  };
};

/** A process: it lives until its step comes, or until all is done. What the consumer got is in `out`. */
async function live(fate: Fate, out: string[], batchSize: number): Promise<boolean> {
  const store = await openWatchStore(file);
  try {
    const outbox = createOutbox(mortal(store, fate));
    const pollers = [
      { origin: 'poll', poll: (...args: Parameters<typeof poll>) => fate.step(() => poll(...args)) },
    ];
    const pace = { everyInMs: 1000, isOnce: true, batchSize, signal: never };
    for await (const batch of deliverFromOutbox(outbox, pollers, pace, platform)) {
      await fate.step(async () => void out.push(...batch.map(({ text }) => text)));
    }
    return true;
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    return false;
  } finally {
    store.close();
  }
}

/** Every event came, in order, repeats in the same words; and each repeat right where the last process stopped. */
function expectAll(out: readonly string[], keys: readonly string[]): void {
  const texts = new Map<string, string>();
  const order: string[] = [];
  let place = -1;
  for (const text of out) {
    const { dedupeKey } = JSON.parse(text) as ProvisioningEvent;
    expect(texts.get(dedupeKey) ?? text).toBe(text);
    texts.set(dedupeKey, text);
    const at = keys.indexOf(dedupeKey);
    expect(at).toBeLessThanOrEqual(place + 1);
    place = at;
    if (!order.includes(dedupeKey)) order.push(dedupeKey);
  }
  expect(order).toEqual(keys);
}

describe.each([1, 2, 100])('polled events, delivered in batches of %i', (batchSize) => {
  it('all arrive in order if the process dies at any step', async () => {
    for (let diesAtStep = 1; ; diesAtStep += 1) {
      const out: string[] = [];
      const isDone = await live(createFate(diesAtStep), out, batchSize);
      if (!isDone) await live(createFate(Number.POSITIVE_INFINITY), out, batchSize);
      expectAll(out, expected);
      // A repeat is only of what was on its way when the process died.
      expect(out.length - expected.length).toBeLessThanOrEqual(isDone ? 0 : Math.min(batchSize, 3));
      if (isDone) {
        expect(diesAtStep).toBeGreaterThan(30);
        return;
      }
      folder[Symbol.dispose]();
      folder = temporaryFolder();
      file = folder.file('watch.state');
    }
    // Each step of each process waits for the disk.
  });

  it.each([1, 2, 3, 4, 5])(
    'all arrive in order if the process dies again and again (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const out: string[] = [];
      let lives = 0;
      while (!(await live(createFate(1 + Math.floor(random() * 25)), out, batchSize))) lives += 1;
      expect(lives).toBeGreaterThan(2);
      expectAll(out, expected);
    },
  );
});

describe('pushed events', () => {
  const messages = ['m1', 'm2', 'm3', 'm4'];
  const receiver = {
    checkHead: () => undefined,
    receive: async ({ body }: PushRequest) => ({
      kind: 'accepted' as const,
      events: [sampleEvent(new TextDecoder().decode(body), { source: 'workos' })],
      reply: { status: 202, headers: {}, body: '' },
    }),
  };

  /** A process that takes what the sender has to send, and delivers it. */
  async function serve(fate: Fate, unsent: string[], out: string[]): Promise<boolean> {
    const store = await openWatchStore(file);
    try {
      const outbox = createOutbox(mortal(store, fate));
      const pipelines = [createOfflinePipeline(definition, platform, 'provisioning_event', {})];
      const ingest = createWebhookHandler('workos', receiver, pipelines, outbox, platform);
      const sending = (async () => {
        for (let [next] = unsent; next !== undefined; [next] = unsent) {
          const request = { method: 'POST', headers: {}, body: new TextEncoder().encode(next) };
          const { reply } = await fate.step(() => ingest.receive(request));
          // The sender forgets what was acknowledged.
          if (reply.status === 202) unsent.shift();
        }
        await outbox.whenCaughtUp();
        outbox.close();
      })();
      sending.catch(outbox.fail);
      const pace = { everyInMs: 1000, batchSize: 1, signal: never };
      for await (const batch of deliverFromOutbox(outbox, [], pace, platform)) {
        await fate.step(async () => void out.push(...batch.map(({ text }) => text)));
      }
      await sending;
      return true;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      return false;
    } finally {
      store.close();
    }
  }

  it('all arrive in order if the process dies at any step and the sender repeats unacknowledged ones', async () => {
    for (let diesAtStep = 1; ; diesAtStep += 1) {
      const [unsent, out]: [string[], string[]] = [[...messages], []];
      const isDone = await serve(createFate(diesAtStep), unsent, out);
      if (!isDone) await serve(createFate(Number.POSITIVE_INFINITY), unsent, out);
      expectAll(out, messages);
      expect(out.length - messages.length).toBeLessThanOrEqual(isDone ? 0 : 1);
      if (isDone) {
        expect(diesAtStep).toBeGreaterThan(20);
        return;
      }
      folder[Symbol.dispose]();
      folder = temporaryFolder();
      file = folder.file('watch.state');
    }
  });
});
