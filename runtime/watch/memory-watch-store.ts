import { claimTriggers, deduplicate, type EventMemory } from './outbox.ts';
import {
  deduplicationWindowInDays,
  type HoldPages,
  type OutboxEntry,
  type WatchStore,
} from './watch-store.ts';

/** Creates a store that ends with the process: for trying out, and for hosts that start over each time. */
export function createMemoryWatchStore(now: () => number = Date.now): WatchStore {
  const cursors = new Map<string, string>();
  const pages = new Map<string, Map<string, string>>();
  const memory = createMemory(now);
  const outbox: OutboxEntry[] = [];
  let lastPosition = 0;
  let owners: readonly string[] = [];

  const pagesIn = (origin: string): Map<string, string> => {
    const known = pages.get(origin) ?? new Map<string, string>();
    pages.set(origin, known);
    return known;
  };

  const heldPages: HoldPages = {
    read: (name) => pagesIn('safeguard').get(name),
    write(name, content) {
      if (content === null) pagesIn('safeguard').delete(name);
      else pagesIn('safeguard').set(name, content);
    },
  };

  return {
    async claim(...triggers) {
      owners = claimTriggers(owners, triggers);
    },
    async cursorOf(origin) {
      const text = cursors.get(origin);
      return text === undefined ? undefined : JSON.parse(text);
    },
    pagesOf: (origin) => ({ read: async (name) => pagesIn(origin).get(name) }),
    async append(...batches) {
      // What cannot be written as JSON throws here, before anything changes.
      for (const { cursor, events } of batches) JSON.stringify([cursor, events]);
      memory.prune();
      for (const batch of batches) {
        const { origin, trigger, cursor, pages: changed = new Map<string, string | null>() } = batch;
        if (cursor !== undefined) cursors.set(origin, JSON.stringify(cursor));
        for (const [name, content] of changed) {
          if (content === null) pagesIn(origin).delete(name);
          else pagesIn(origin).set(name, content);
        }
        const fresh = deduplicate(batch, memory);
        for (const event of batch.admit?.(fresh, heldPages) ?? fresh) {
          lastPosition += 1;
          outbox.push({ position: lastPosition, trigger, text: JSON.stringify(event) });
        }
      }
    },
    async undelivered(limit) {
      return outbox.slice(0, limit);
    },
    async count() {
      return outbox.length;
    },
    async acknowledge(upTo) {
      const left = outbox.findIndex(({ position }) => position > upTo);
      outbox.splice(0, left === -1 ? outbox.length : left);
    },
    close() {},
  };
}

function createMemory(now: () => number): EventMemory & { prune(): void } {
  const seenAtInMs = new Map<string, number>();
  const newestInMs = new Map<string, number>();
  return {
    hasSeen: (dedupeKey) => seenAtInMs.has(dedupeKey),
    markSeen: (dedupeKey) => void seenAtInMs.set(dedupeKey, now()),
    newestAtInMs: (resource) => newestInMs.get(resource),
    setNewest(resource, atInMs) {
      // Deleted first, so that the map stays in the order in which its entries were set.
      newestInMs.delete(resource);
      newestInMs.set(resource, atInMs);
    },
    prune() {
      const beforeInMs = now() - deduplicationWindowInDays * 86_400_000;
      for (const entries of [seenAtInMs, newestInMs]) {
        for (const [key, atInMs] of entries) {
          if (atInMs >= beforeInMs) break;
          entries.delete(key);
        }
      }
    },
  };
}
