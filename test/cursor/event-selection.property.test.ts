import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EventType, eventTypes, type ProvisioningEvent } from '../../connector/event.ts';
import { openWatchStore } from '../../runtime/node/open-watch-store.ts';
import { createMemoryWatchStore } from '../../runtime/watch/memory-watch-store.ts';
import type { EventSelection, WatchStore } from '../../runtime/watch/watch-store.ts';
import { sampleEvent } from '../support/sample-event.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => folder[Symbol.dispose]());

const names = ['one/user_updated', 'two/user_updated', 'user_deprovisioned'] as const;
const selection: fc.Arbitrary<EventSelection> = fc.record(
  {
    triggers: fc.subarray(['user_updated', 'one/user_updated', 'user_deprovisioned'], { minLength: 1 }),
    types: fc.subarray<EventType>([...eventTypes], { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const happening = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...eventTypes));
/** Sinks that come, change, and go, each before some events. */
const history = fc.array(
  fc.record({
    sinks: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.option(selection, { nil: null })),
    events: fc.array(happening, { maxLength: 4 }),
  }),
  { maxLength: 5 },
);

/** Which triggers a name of a selection stands for, as the docs say. */
const meant: Readonly<Record<string, readonly string[]>> = {
  user_updated: ['one/user_updated', 'two/user_updated'],
  'one/user_updated': ['one/user_updated'],
  user_deprovisioned: ['user_deprovisioned'],
};

/** What each sink has to get, by a second reading of the rules. */
function expected(steps: typeof history extends fc.Arbitrary<infer Steps> ? Steps : never) {
  const wanted = new Map<string, EventSelection>();
  const got = new Map<string, string[]>();
  let number = 0;
  for (const { sinks, events } of steps) {
    for (const [name, selected] of Object.entries(sinks)) {
      if (selected === null) {
        wanted.delete(name);
        got.delete(name);
      } else {
        wanted.set(name, selected);
        if (!got.has(name)) got.set(name, []);
      }
    }
    for (const [trigger, type] of events) {
      number += 1;
      for (const [name, { triggers, types }] of wanted) {
        const isMeant =
          triggers === undefined || triggers.flatMap((one) => meant[one] ?? []).includes(trigger);
        if (isMeant && (types === undefined || types.includes(type))) got.get(name)?.push(`e${number}`);
      }
    }
  }
  return Object.fromEntries(got);
}

async function received(store: WatchStore): Promise<Readonly<Record<string, readonly string[]>>> {
  const sinks = (await store.sinkStates(0)).map(({ sink }) => sink);
  const keys = async (sink: string) =>
    (await store.undelivered(100, sink)).map(({ text }) => (JSON.parse(text) as ProvisioningEvent).dedupeKey);
  return Object.fromEntries(await Promise.all(sinks.map(async (sink) => [sink, await keys(sink)] as const)));
}

it.each<readonly [string, () => Promise<WatchStore>, number]>([
  ['in memory', async () => createMemoryWatchStore(), 200],
  ['in a file', () => openWatchStore(folder.file(`${crypto.randomUUID()}.state`)), 25],
])(
  'a store %s delivers to each sink exactly the events that it selects, from when it is added',
  async (_, open, numRuns) => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const store = await open();
        try {
          await store.claimSinks();
          let number = 0;
          for (const { sinks, events } of steps) {
            const batches = events.map(([trigger, type]) => {
              number += 1;
              // Each is about another user, so that none waits for another one.
              const subject = {
                id: `u${number}`,
                externalId: null,
                userName: `u${number}`,
                displayName: null,
              };
              return { origin: 'poll', trigger, events: [sampleEvent(`e${number}`, { type, subject })] };
            });
            await store.append(
              { origin: 'subscriptions', events: [], sinks: new Map(Object.entries(sinks)) },
              ...batches,
            );
          }
          expect(await received(store)).toEqual(expected(steps));
          const kept = new Set(Object.values(expected(steps)).flat());
          expect(await store.count()).toBe(kept.size);
        } finally {
          store.close();
        }
      }),
      { numRuns },
    );
  },
);
