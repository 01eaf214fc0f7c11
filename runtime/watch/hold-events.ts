import type { ProvisioningEvent } from '../../connector/event.ts';
import {
  type HeldLoss,
  type HeldLosses,
  holdLosses,
  orderHeld,
  toHeldLoss,
} from '../../connector/safeguard/hold.ts';
import {
  addLosses,
  countLosses,
  exceededLimits,
  type KnownCounts,
  type Loss,
  type LossCounts,
  type LossKind,
  type LossLimits,
  lossKinds,
  type RecentLosses,
} from '../../connector/safeguard/safeguard.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { Admit, HoldPages, WatchStore } from './watch-store.ts';

/** The origin of the pages in which a store keeps what the safeguard holds. */
export const safeguardOrigin = 'safeguard';

/** What is held of one user or group: a pushed event, or a loss that the next poll finds again. */
export interface HeldEntry {
  readonly number: number;
  /** `User/2819c223` */
  readonly subject: string;
  /** What would be lost. None: the event waits behind another one about the same user or group. */
  readonly losses: readonly HeldLoss[];
  /** The pushed event. Omitted for a poll. */
  readonly event?: ProvisioningEvent | undefined;
  readonly heldAtInMs: number;
  /** Whether the next poll reports it. */
  readonly isApproved?: true | undefined;
}

/** What a place has in addition to its entries. */
interface PlaceState {
  /** The losses of the past day that were let through. Those of a poll are in its cursor. */
  readonly recent: RecentLosses;
  /** The number of losses held. */
  readonly counts: Readonly<Partial<Record<LossKind, number>>>;
  /** The numbers of the first entry and of the next one. */
  readonly from: number;
  readonly to: number;
}

const emptyState: PlaceState = { recent: {}, counts: {}, from: 0, to: 0 };

/** The names of the places of pushed events begin with this, followed by the name of the trigger. */
export const pushed = 'push/';

/** The page with the names of all places. */
export const placesPage = 'places';

/** The entries of one place, within a transaction. */
export class HoldPlace {
  readonly #pages: HoldPages;
  readonly #name: string;
  #state: PlaceState;

  constructor(pages: HoldPages, name: string) {
    this.#pages = pages;
    this.#name = name;
    this.#state = parse<PlaceState>(pages.read(`${name}/state`)) ?? emptyState;
  }

  get recent(): RecentLosses {
    return this.#state.recent;
  }

  get counts(): LossCounts {
    return toCounts(this.#state.counts);
  }

  get isEmpty(): boolean {
    return this.#state.from === this.#state.to;
  }

  /** The number of entries from the first to the last, with those between them that were removed. */
  get span(): number {
    return this.#state.to - this.#state.from;
  }

  entries(): readonly HeldEntry[] {
    const { from, to } = this.#state;
    return numbersBetween(from, to).flatMap((number) => this.#read(number) ?? []);
  }

  /** The numbers of the entries about a user or group, in order. */
  numbersOf(subject: string): readonly number[] {
    return parse<number[]>(this.#pages.read(this.#subjectPage(subject))) ?? [];
  }

  /** Whether a pushed event is held already. */
  has(event: ProvisioningEvent): boolean {
    return this.numbersOf(subjectOf(event)).some(
      (number) => this.#read(number)?.event?.dedupeKey === event.dedupeKey,
    );
  }

  setRecent(recent: RecentLosses): void {
    this.#save({ ...this.#state, recent });
  }

  add(entry: Omit<HeldEntry, 'number'>): void {
    const { to, counts } = this.#state;
    this.#write({ ...entry, number: to });
    this.#setNumbers(entry.subject, [...this.numbersOf(entry.subject), to]);
    this.#save({ ...this.#state, to: to + 1, counts: fromCounts(sum(toCounts(counts), entry.losses, 1)) });
  }

  approve(entry: HeldEntry): void {
    this.#write({ ...entry, isApproved: true });
  }

  remove({ number, subject, losses }: HeldEntry): void {
    this.#pages.write(`${this.#name}/${number}`, null);
    this.#setNumbers(
      subject,
      this.numbersOf(subject).filter((one) => one !== number),
    );
    let { from } = this.#state;
    while (from < this.#state.to && this.#read(from) === undefined) from += 1;
    const counts = fromCounts(sum(toCounts(this.#state.counts), losses, -1));
    this.#save({ ...this.#state, from, counts });
  }

  /** Removes what no longer waits of a user or group. @returns its events */
  letGo(subject: string): readonly ProvisioningEvent[] {
    const events: ProvisioningEvent[] = [];
    for (const number of this.numbersOf(subject)) {
      const entry = this.#read(number);
      if (entry?.event === undefined) continue;
      if (entry.losses.length > 0 && entry.isApproved !== true) break;
      events.push(entry.event);
      this.remove(entry);
    }
    return events;
  }

  #read(number: number): HeldEntry | undefined {
    return parse<HeldEntry>(this.#pages.read(`${this.#name}/${number}`));
  }

  #write(entry: HeldEntry): void {
    this.#pages.write(`${this.#name}/${entry.number}`, JSON.stringify(entry));
  }

  #subjectPage(subject: string): string {
    return `${this.#name}/of/${subject}`;
  }

  #setNumbers(subject: string, numbers: readonly number[]): void {
    const page = numbers.length === 0 ? null : JSON.stringify(numbers);
    this.#pages.write(this.#subjectPage(subject), page);
  }

  #save(state: PlaceState): void {
    this.#state = state;
    this.#pages.write(`${this.#name}/state`, JSON.stringify(state));
    const places = parse<string[]>(this.#pages.read(placesPage)) ?? [];
    if (!places.includes(this.#name)) this.#pages.write(placesPage, JSON.stringify([...places, this.#name]));
  }
}

/** How the pushed events of a trigger are guarded. */
export interface EventSafeguard {
  readonly limits: LossLimits;
  /** What an event takes from a user or group. */
  lossesOf(event: ProvisioningEvent): readonly Loss[];
}

/** What guarding the events of one batch needs to know. */
export interface GuardOptions extends EventSafeguard {
  readonly trigger: string;
  /** How many users and groups are known, if the provider is polled. */
  readonly known: KnownCounts;
  readonly nowInMs: number;
  /**
   * Called with the events that are held, those that wait behind them, how many were held before, and the losses with
   * the limits that they exceed.
   */
  onHeld(events: readonly ProvisioningEvent[], heldBefore: number, held: HeldLosses): void;
}

/**
 * Holds the pushed events of a batch whose losses exceed a limit in a day: all events of that kind. Held losses
 * count until they are approved. A later event of a user or group of whom an event is held waits behind it.
 */
export function guardEvents({ trigger, known, nowInMs, limits, lossesOf, onHeld }: GuardOptions): Admit {
  return (batch, pages) => {
    const name = `${pushed}${trigger}`;
    const isUsed = pages.read(`${name}/state`) !== undefined;
    const place = new HoldPlace(pages, name);
    // A receiver has no other memory of repeats.
    const events = isUsed ? batch.filter((event) => !place.has(event)) : batch;
    const lossesBy = new Map(events.map((event) => [event, lossesOf(event)]));
    const losses = [...lossesBy.values()].flat();
    if (losses.length === 0 && !isUsed) return events;
    const { recent } = place;
    const counts = sum(countLosses(losses), toLosses(place.counts), 1);
    const excess = exceededLimits(counts, known, { limits, recent, nowInMs });
    const kinds = new Set(excess.map(({ kind }) => kind));
    const passed: ProvisioningEvent[] = [];
    const held: ProvisioningEvent[] = [];
    const heldBefore = place.span;
    for (const event of events) {
      const own = lossesBy.get(event) ?? [];
      const subject = subjectOf(event);
      if (own.some(({ kind }) => kinds.has(kind)) || place.numbersOf(subject).length > 0) {
        place.add({ subject, losses: own.map(toHeldLoss), event, heldAtInMs: nowInMs });
        held.push(event);
      } else passed.push(event);
    }
    const reported = countLosses(passed.flatMap((event) => lossesBy.get(event) ?? []));
    if (reported.size > 0) place.setRecent(addLosses(recent, reported, known, nowInMs));
    if (held.length > 0) {
      const lost = held.flatMap((event) => lossesBy.get(event) ?? []);
      onHeld(held, heldBefore, holdLosses(lost, excess));
    }
    return passed;
  };
}

/** Stores what a poll holds, in place of what it held before. @param origin the name of the poll */
export function holdOfPoll(origin: string, losses: readonly HeldLoss[], nowInMs: number): Admit {
  return (events, pages) => {
    const place = new HoldPlace(pages, origin);
    const missing = new Map(losses.map((loss) => [loss.key, loss]));
    for (const entry of place.entries())
      if (!entry.losses.every(({ key }) => missing.delete(key))) place.remove(entry);
    for (const loss of orderHeld([...missing.values()])) {
      const { resource, id } = loss.subject;
      place.add({ subject: `${resource}/${id}`, losses: [loss], heldAtInMs: nowInMs });
    }
    return events;
  };
}

/** What the next poll needs to know about what is held of it: the keys of the losses, those not approved in order. */
export async function readHeldLosses(
  store: WatchStore,
  origin: string,
): Promise<{ readonly approvedLosses: ReadonlySet<string>; readonly heldLosses: readonly string[] }> {
  const entries = await readEntries(store, origin);
  const keysOf = (some: readonly HeldEntry[]): readonly string[] =>
    some.flatMap(({ losses }) => losses.map(({ key }) => key));
  return {
    approvedLosses: new Set(keysOf(entries.filter(({ isApproved }) => isApproved === true))),
    heldLosses: keysOf(unapproved(entries)),
  };
}

/** The entries that need an approval. */
export function unapproved(entries: readonly HeldEntry[]): readonly HeldEntry[] {
  return entries.filter(({ losses, isApproved }) => losses.length > 0 && isApproved !== true);
}

export async function readEntries(
  store: Pick<WatchStore, 'pagesOf'>,
  name: string,
): Promise<readonly HeldEntry[]> {
  const pages = store.pagesOf(safeguardOrigin);
  const { from, to } = parse<PlaceState>(await pages.read(`${name}/state`)) ?? emptyState;
  const entries: HeldEntry[] = [];
  for (const number of numbersBetween(from, to)) {
    const entry = parse<HeldEntry>(await pages.read(`${name}/${number}`));
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

/** How many users and groups the poll of a trigger knows; nothing if the provider is not polled. */
export async function readKnownCounts(store: WatchStore, trigger: string): Promise<KnownCounts> {
  // In a watch of several connections, the name of each comes first: `workato/user_updated`.
  const [, connection = '', key = ''] = /^(.*\/)?([^/]*)$/.exec(trigger) ?? [];
  const cursorOf = (owner: string): Promise<unknown> => store.cursorOf(`${connection}poll/${owner}`);
  let cursor = await cursorOf(key);
  if (isRecord(cursor) && typeof cursor.readBy === 'string') cursor = await cursorOf(cursor.readBy);
  const resources = isRecord(cursor) && isRecord(cursor.resources) ? cursor.resources : {};
  const sizeOf = (name: string): number | undefined => {
    const resource = resources[name];
    return isRecord(resource) && typeof resource.size === 'number' ? resource.size : undefined;
  };
  return { users: sizeOf('User'), roles: sizeOf('User'), groups: sizeOf('Group') };
}

function subjectOf({ resource, subject }: ProvisioningEvent): string {
  return `${resource}/${subject.id}`;
}

function sum(
  counts: LossCounts,
  losses: readonly { readonly kind: LossKind; readonly count: number }[],
  sign: 1 | -1,
): LossCounts {
  const all = new Map(counts);
  for (const { kind, count } of losses) all.set(kind, (all.get(kind) ?? 0) + sign * count);
  return all;
}

function toLosses(counts: LossCounts): readonly { readonly kind: LossKind; readonly count: number }[] {
  return [...counts].map(([kind, count]) => ({ kind, count }));
}

function toCounts(counts: PlaceState['counts']): LossCounts {
  return new Map(lossKinds.flatMap((kind) => (counts[kind] === undefined ? [] : [[kind, counts[kind]]])));
}

function fromCounts(counts: LossCounts): PlaceState['counts'] {
  return Object.fromEntries([...counts].filter(([, count]) => count > 0));
}

function numbersBetween(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

export function parse<T>(text: string | undefined): T | undefined {
  return text === undefined ? undefined : JSON.parse(text);
}
