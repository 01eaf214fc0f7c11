import { ConnectorError } from '../../connector/errors.ts';
import { type HeldLoss, holdIds } from '../../connector/safeguard/hold.ts';
import {
  type HeldEntry,
  HoldPlace,
  parse,
  placesPage,
  pushed,
  readEntries,
  safeguardOrigin,
  unapproved,
} from './hold-events.ts';
import type { HoldPages, WatchStore } from './watch-store.ts';

/** The page with the approvals that work once and were used: when each expires, by its key. */
const usedApprovalsPage = 'used-approvals';

/**
 * What the safeguard holds of one read of the provider, or of the pushed events of one trigger, and nobody has approved.
 *
 * @example
 * ```ts
 * const count = ({ losses }: Hold): number => losses.reduce((sum, one) => sum + one.count, 0);
 * ```
 */
export interface Hold {
  /** Names exactly these losses, in this order. */
  readonly id: string;
  /** What it is of: `poll/user_deprovisioned`, `push/user_deprovisioned`. */
  readonly of: string;
  /** Who would lose what, in the order in which it was held. */
  readonly losses: readonly HeldLoss[];
  /** The number of events that wait behind those of the losses. */
  readonly waiting: number;
  /** When the first loss was held, in milliseconds since 1970. */
  readonly heldSinceInMs: number;
}

/**
 * Everything that the safeguard holds, oldest first.
 *
 * @throws ConnectorError if the state cannot be read
 *
 * @example
 * ```ts
 * const store = await openWatchStore('all.state');
 * for (const { id, losses } of await readHolds(store)) console.log(id, losses.length);
 * store.close();
 * ```
 */
export async function readHolds(store: Pick<WatchStore, 'pagesOf'>): Promise<readonly Hold[]> {
  const places = parse<string[]>(await store.pagesOf(safeguardOrigin).read(placesPage)) ?? [];
  const holds: Hold[] = [];
  for (const of of places) {
    const entries = await readEntries(store, of);
    const open = unapproved(entries);
    const [first] = open;
    if (first === undefined) continue;
    const losses = open.flatMap((entry) => entry.losses);
    holds.push({
      id: holdIds(losses.map(({ key }) => key)).at(-1) ?? '',
      of,
      losses,
      waiting: entries.filter((entry) => entry.losses.length === 0).length,
      heldSinceInMs: first.heldAtInMs,
    });
  }
  return holds.toSorted((one, other) => one.heldSinceInMs - other.heldSinceInMs);
}

/**
 * Approves exactly the losses that an ID names, even if more are held by now: pushed events are delivered at once if the
 * store is watched, and a poll reports the others the next time.
 *
 * @returns the number of losses approved.
 * @throws ConnectorError `not_found` if nothing with this ID is held.
 *
 * @example
 * ```ts
 * const store = await openWatchStore('all.state');
 * const [hold] = await readHolds(store);
 * if (hold !== undefined) console.log(await approveHold(store, hold.id), 'losses approved');
 * store.close();
 * ```
 */
export function approveHold(store: WatchStore, id: string): Promise<number> {
  return withHold(store, id, { change: (place, entry) => place.approve(entry) });
}

/** An approval that works once, as a signed one does. */
export interface OneTimeApproval {
  /** The same for the same approval. */
  readonly key: string;
  readonly usedAtInMs: number;
  /** From then on, it is refused without the help of a state. */
  readonly expiresAtInMs: number;
}

/**
 * {@link approveHold} with an approval that works once: the same losses that are held again later need another one.
 *
 * @throws ConnectorError `not_found` if nothing with this ID is held, `conflict` if the approval was used before.
 */
export function approveHoldOnce(store: WatchStore, id: string, once: OneTimeApproval): Promise<number> {
  return withHold(store, id, {
    change: (place, entry) => place.approve(entry),
    before: (pages) => markUsed(pages, once),
  });
}

function markUsed(pages: HoldPages, { key, usedAtInMs, expiresAtInMs }: OneTimeApproval): void {
  const used = parse<Record<string, number>>(pages.read(usedApprovalsPage)) ?? {};
  if (Object.hasOwn(used, key))
    throw new ConnectorError('conflict', {
      what: 'This approval was used before. It works once, and nothing was approved now.',
      nextStep: 'Check the losses that are held now, and sign their ID again.',
    });
  const valid = Object.entries(used).filter(([, untilInMs]) => untilInMs >= usedAtInMs);
  pages.write(usedApprovalsPage, JSON.stringify({ ...Object.fromEntries(valid), [key]: expiresAtInMs }));
}

/**
 * Discards the pushed events that an ID names: they are never delivered. The events that wait behind them are.
 *
 * @returns the number of losses discarded.
 * @throws ConnectorError `not_found` if no pushed events with this ID are held.
 *
 * @example
 * ```ts
 * const store = await openWatchStore('all.state');
 * const [hold] = await readHolds(store);
 * if (hold !== undefined) console.log(await discardHold(store, hold.id), 'losses discarded');
 * store.close();
 * ```
 */
export function discardHold(store: WatchStore, id: string): Promise<number> {
  return withHold(store, id, {
    change: (place, entry) => place.remove(entry),
    // What a poll holds is found again by the next one.
    isAbout: (of) => of.startsWith(pushed),
    nextStep:
      'List what is held now: it may have been released, or have changed. What a poll holds cannot be discarded: approve it, or correct it at the provider.',
  });
}

/** What a command does with the losses that an ID names. Both functions are a part of its transaction. */
interface HoldChange {
  change(place: HoldPlace, entry: HeldEntry): void;
  /** Runs before anything changes. */
  before?(pages: HoldPages): void;
  /** Whether it is about what is held of this. Default: it is. */
  isAbout?(of: Hold['of']): boolean;
  /** What to do if nothing with the ID is held. */
  readonly nextStep?: string;
}

async function withHold(
  store: WatchStore,
  id: string,
  {
    change,
    before,
    isAbout = () => true,
    nextStep = 'List what is held now: it may have been released, or have changed.',
  }: HoldChange,
): Promise<number> {
  for (const { of } of await readHolds(store)) {
    const named = isAbout(of) ? namedBy(id, await readEntries(store, of)) : undefined;
    if (named === undefined) continue;
    let changed = 0;
    await store.append({
      origin: safeguardOrigin,
      trigger: of.startsWith(pushed) ? of.slice(pushed.length) : undefined,
      events: [],
      admit(_, pages) {
        const place = new HoldPlace(pages, of);
        // What has been removed or changed since then is not what the ID names.
        const keys = new Set(named.map(keyOf));
        const current = unapproved(place.entries()).filter((entry) => keys.has(keyOf(entry)));
        if (current.length > 0) before?.(pages);
        for (const entry of current) change(place, entry);
        changed = current.reduce((total, { losses }) => total + losses.length, 0);
        return current.flatMap(({ subject }) => place.letGo(subject));
      },
    });
    // Another command can have been faster.
    if (changed === 0) continue;
    store.steered();
    return changed;
  }
  throw new ConnectorError('not_found', {
    what: `Nothing with the ID ${id} is held.`,
    nextStep,
  });
}

/** The entries whose losses an ID names, in the order in which they were held; undefined if it names others. */
function namedBy(id: string, entries: readonly HeldEntry[]): readonly HeldEntry[] | undefined {
  const open = unapproved(entries);
  const ids = holdIds(open.flatMap((entry) => entry.losses).map(({ key }) => key));
  let losses = ids.indexOf(id) + 1;
  if (losses === 0) return undefined;
  const named: HeldEntry[] = [];
  for (const entry of open) {
    if (losses === 0) break;
    named.push(entry);
    losses -= entry.losses.length;
  }
  return losses === 0 ? named : undefined;
}

function keyOf({ number, losses }: HeldEntry): string {
  return [number, ...losses.map(({ key }) => key)].join(' ');
}
