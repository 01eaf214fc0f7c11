import { pushed } from './hold-events.ts';
import { readHolds } from './release-holds.ts';
import type { WatchObserver } from './watch-observer.ts';
import type { WatchStore } from './watch-store.ts';

/** Reports what waits for a person in a state: what a health that only sees events could not know. */
export async function observeState(
  store: Pick<WatchStore, 'sinkStates' | 'pagesOf'>,
  observe: WatchObserver,
): Promise<void> {
  const states = await store.sinkStates(0);
  const dead = states.flatMap(({ sink, deadLetterCount: count }) =>
    count > 0 ? [[sink, count] as const] : [],
  );
  const held = (await readHolds(store)).flatMap(({ of, losses }) =>
    of.startsWith(pushed) ? [[of.slice(pushed.length), losses.length] as const] : [],
  );
  observe({
    kind: 'state_read',
    deadLetters: Object.fromEntries(dead),
    heldLosses: Object.fromEntries(held),
  });
}
