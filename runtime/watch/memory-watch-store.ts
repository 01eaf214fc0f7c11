import { deduplicate } from './deduplicate.ts';
import { stateOfAnotherTrigger } from './state-of-another-trigger.ts';
import { deduplicationWindowInDays, type OutboxEntry, type WatchStore } from './watch-store.ts';

/** Makes a store that is gone with the process: for trying out, and for hosts that begin anew each time. */
export function createMemoryWatchStore(now: () => number = Date.now): WatchStore {
  const cursors = new Map<string, string>();
  const pages = new Map<string, Map<string, string>>();
  const seenAtInMs = new Map<string, number>();
  const newestInMs = new Map<string, number>();
  const outbox: OutboxEntry[] = [];
  let lastPosition = 0;
  let owner: string | undefined;

  const pagesIn = (origin: string): Map<string, string> => {
    const known = pages.get(origin) ?? new Map<string, string>();
    pages.set(origin, known);
    return known;
  };

  return {
    async claim(trigger) {
      owner ??= trigger;
      if (owner !== trigger) throw stateOfAnotherTrigger(owner, trigger);
    },
    async cursorOf(origin) {
      const text = cursors.get(origin);
      return text === undefined ? undefined : JSON.parse(text);
    },
    pagesOf: (origin) => ({ read: async (name) => pagesIn(origin).get(name) }),
    async append(arrival) {
      const { origin, cursor, pages: changed = new Map<string, string | null>() } = arrival;
      const nowInMs = now();
      // What cannot be written as JSON throws here, before anything is changed.
      const cursorText = JSON.stringify(cursor);
      JSON.stringify(arrival.events);
      for (const memory of [seenAtInMs, newestInMs])
        forget(memory, nowInMs - deduplicationWindowInDays * 86_400_000);
      if (cursor !== undefined) cursors.set(origin, cursorText);
      for (const [name, content] of changed) {
        if (content === null) pagesIn(origin).delete(name);
        else pagesIn(origin).set(name, content);
      }
      const admitted = deduplicate(arrival, {
        markSeen(key) {
          const isKnown = seenAtInMs.has(key);
          if (!isKnown) seenAtInMs.set(key, nowInMs);
          return isKnown;
        },
        newestOf: (resource) => newestInMs.get(resource),
        setNewest(resource, atInMs) {
          // Taken out first, so that the map stays in the order in which its entries were made.
          newestInMs.delete(resource);
          newestInMs.set(resource, atInMs);
        },
      });
      for (const event of admitted) {
        lastPosition += 1;
        outbox.push({ position: lastPosition, text: JSON.stringify(event) });
      }
    },
    async undelivered(limit) {
      return outbox.slice(0, limit);
    },
    async count() {
      return outbox.length;
    },
    async acknowledge(position) {
      const left = outbox.findIndex((entry) => entry.position > position);
      outbox.splice(0, left === -1 ? outbox.length : left);
    },
    close() {},
  };
}

/** Drops the entries from before a time; the oldest come first. */
function forget(memory: Map<string, number>, beforeInMs: number): void {
  for (const [key, atInMs] of memory) {
    if (atInMs >= beforeInMs) return;
    memory.delete(key);
  }
}
