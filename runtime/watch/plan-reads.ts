import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { Platform } from '../../connector/platform.ts';
import { isRecord } from '../../schemas/is-record.ts';
import {
  copyRead,
  leaveRead,
  mergeReads,
  pagesOfRead,
  type StoredRead,
} from '../../triggers/poll/combine-reads.ts';
import { parsePollCursor } from '../../triggers/poll/poll-cursor.ts';
import type { SnapshotPages } from '../../triggers/poll-result.ts';
import { prepareTrigger } from '../prepare.ts';
import type { IngestBatch, WatchStore } from './watch-store.ts';

/** A trigger of a watch, with its input. */
export interface TriggerInput {
  readonly key: string;
  readonly input: unknown;
}

/** Triggers that are read together. */
export interface PlannedRead {
  /** The trigger that names the origin of the read. */
  readonly owner: string;
  readonly triggers: readonly TriggerInput[];
}

/** The bits of a snapshot entry are exact up to this number of triggers. */
const mostTriggers = 50;

/** The origin of the read that a trigger owns. */
export function originOf(owner: string): string {
  return `poll/${owner}`;
}

/**
 * Decides which triggers are read together: those whose inputs agree in every field about polling, and in the group, whose
 * lookup can fail by itself. Each trigger keeps what it knows:
 *
 * - Reads that were apart before are merged once both know the same of every resource. Until then, they stay apart.
 * - A trigger whose settings change leaves its read with a copy of the state.
 * - A new trigger joins a read, and reports changes from now on. One that starts from the beginning does not join.
 *
 * The plan is in the store when this resolves.
 *
 * @param nameOf the name of an origin in the store.
 */
export async function planReads(
  store: WatchStore,
  definition: ConnectorDefinition,
  triggers: readonly TriggerInput[],
  { log }: Pick<Platform, 'log'>,
  nameOf: (name: string) => string = (name) => name,
): Promise<readonly PlannedRead[]> {
  const planner = new ReadPlanner(store, definition, triggers, (owner) => nameOf(originOf(owner)));
  await planner.load();
  await planner.separate();
  const apart = await planner.merge();
  planner.join();
  if (planner.batches.length > 0) await store.append(...planner.batches);
  for (const owners of apart) log({ level: 'info', event: 'reads_kept_apart', triggers: owners });
  return planner.reads;
}

/** A read, while it is planned. Without a state, it is new. */
interface Draft {
  readonly owner: string;
  readonly settings: string;
  readonly triggers: string[];
  /** Reads its state. */
  state: (() => StoredRead) | undefined;
}

class ReadPlanner {
  readonly #store: WatchStore;
  /** The name of the read of an owner in the store. */
  readonly #originOf: (owner: string) => string;
  readonly #inputs: ReadonlyMap<string, TriggerInput>;
  readonly #settings: ReadonlyMap<string, { readonly settings: string; readonly fromBeginning: boolean }>;
  #drafts: Draft[] = [];
  readonly #new: string[] = [];
  /** What to store, in one transaction. */
  readonly batches: IngestBatch[] = [];

  constructor(
    store: WatchStore,
    definition: ConnectorDefinition,
    triggers: readonly TriggerInput[],
    originOf: (owner: string) => string,
  ) {
    this.#store = store;
    this.#originOf = originOf;
    this.#inputs = new Map(triggers.map((trigger) => [trigger.key, trigger]));
    this.#settings = new Map(triggers.map((trigger) => [trigger.key, settingsOf(definition, trigger)]));
  }

  get reads(): readonly PlannedRead[] {
    return this.#drafts.map(({ owner, triggers }) => ({
      owner,
      triggers: triggers.flatMap((key) => this.#inputs.get(key) ?? []),
    }));
  }

  /** Finds the read of each trigger in the store. */
  async load(): Promise<void> {
    const homes = new Map<string, string>();
    for (const key of this.#inputs.keys()) {
      const kept = await this.#store.cursorOf(this.#originOf(key));
      if (isRecord(kept) && typeof kept.readBy === 'string') homes.set(key, kept.readBy);
      else if (kept === undefined || kept === null) this.#new.push(key);
      else {
        const pages = this.#store.pagesOf(this.#originOf(key));
        // A state that neither moves nor merges is the business of its poll.
        const state = (): StoredRead => ({ owner: key, cursor: parsePollCursor(kept), pages });
        this.#drafts.push({ owner: key, settings: this.#settingsOf(key), triggers: [key], state });
      }
    }
    for (const [key, home] of homes) {
      const draft = this.#drafts.find(({ owner }) => owner === home);
      if (draft === undefined) this.#new.push(key);
      else draft.triggers.push(key);
    }
  }

  /** Moves the triggers whose settings are no longer those of their read into a copy of it. */
  async separate(): Promise<void> {
    for (const draft of [...this.#drafts]) {
      const leaving = draft.triggers.filter((key) => this.#settingsOf(key) !== draft.settings);
      if (leaving.length === 0 || draft.state === undefined) continue;
      const state = draft.state();
      for (const [settings, triggers] of Map.groupBy(leaving, (key) => this.#settingsOf(key))) {
        const [owner = ''] = triggers;
        const copy = await copyRead(state, triggers);
        this.#put(owner, copy.cursor, copy.pages);
        for (const key of triggers) if (key !== owner) this.#point(key, owner);
        const pages = { read: async (name: string) => copy.pages.get(name) ?? undefined };
        this.#drafts.push({
          owner,
          settings,
          triggers,
          state: () => ({ owner, cursor: copy.cursor, pages }),
        });
      }
      draft.triggers.splice(0, Infinity, ...draft.triggers.filter((key) => !leaving.includes(key)));
      const cursor = leaveRead(state.cursor, leaving);
      draft.state = () => ({ ...state, cursor });
      this.#put(draft.owner, cursor);
    }
  }

  /** Merges the reads that have the same settings and know the same. @returns the owners of those that do not, yet */
  async merge(): Promise<readonly (readonly string[])[]> {
    const apart: string[][] = [];
    for (const [, drafts] of Map.groupBy(this.#drafts, ({ settings }) => settings)) {
      const [first, ...others] = drafts;
      if (first === undefined) continue;
      const left = [first.owner];
      for (const other of others) if (!(await this.#mergeInto(first, other))) left.push(other.owner);
      if (left.length > 1) apart.push(left);
    }
    return apart;
  }

  async #mergeInto(first: Draft, other: Draft): Promise<boolean> {
    if (first.state === undefined || other.state === undefined) return false;
    if (first.triggers.length + other.triggers.length > mostTriggers) return false;
    const [state, theirState] = [first.state(), other.state()];
    const merged = await mergeReads(state, theirState);
    if (merged === undefined) return false;
    this.#put(first.owner, merged.cursor, merged.pages);
    const theirPages = new Map(pagesOfRead(theirState.cursor).map((name) => [name, null]));
    this.#point(other.owner, first.owner, theirPages);
    for (const key of other.triggers) if (key !== other.owner) this.#point(key, first.owner);
    const pages: SnapshotPages = {
      read: async (name) =>
        merged.pages.has(name) ? (merged.pages.get(name) ?? undefined) : state.pages.read(name),
    };
    first.state = () => ({ owner: first.owner, cursor: merged.cursor, pages });
    first.triggers.push(...other.triggers);
    this.#drafts = this.#drafts.filter((draft) => draft !== other);
    return true;
  }

  /** Adds the new triggers to the reads with their settings, or to new ones. */
  join(): void {
    for (const key of this.#new) {
      const fromBeginning = this.#settings.get(key)?.fromBeginning === true;
      const settings = this.#settingsOf(key);
      const found = this.#drafts.find(
        (draft) =>
          draft.settings === settings &&
          draft.triggers.length < mostTriggers &&
          (draft.state === undefined ? this.#isFromBeginning(draft.owner) === fromBeginning : !fromBeginning),
      );
      if (found === undefined) {
        this.#drafts.push({ owner: key, settings, triggers: [key], state: undefined });
        continue;
      }
      found.triggers.push(key);
      this.#point(key, found.owner);
    }
  }

  #isFromBeginning(key: string): boolean {
    return this.#settings.get(key)?.fromBeginning === true;
  }

  #settingsOf(key: string): string {
    return this.#settings.get(key)?.settings ?? '';
  }

  #put(owner: string, cursor: unknown, pages: ReadonlyMap<string, string | null> = new Map()): void {
    this.batches.push({ origin: this.#originOf(owner), cursor, pages, events: [] });
  }

  /** Records which read serves a trigger. */
  #point(key: string, owner: string, pages?: ReadonlyMap<string, string | null>): void {
    this.#put(key, { readBy: owner }, pages);
  }
}

/** Where a first poll starts matters only then, and an approval only until it is used. */
const passing: ReadonlySet<string> = new Set(['startFrom', 'approve']);

/** What two triggers must agree in to be read together. */
function settingsOf(
  definition: ConnectorDefinition,
  { key, input }: TriggerInput,
): { readonly settings: string; readonly fromBeginning: boolean } {
  const { trigger, input: complete } = prepareTrigger(definition, key, input);
  const shared = trigger.fields.filter(
    (field) => (field.polling || field.kind === 'reference') && !passing.has(field.key),
  );
  const entries = shared.flatMap((field) =>
    complete[field.key] === undefined ? [] : [[field.key, complete[field.key]] as const],
  );
  return {
    settings: JSON.stringify(entries.toSorted(([one], [other]) => (one < other ? -1 : 1))),
    fromBeginning: complete.startFrom === 'beginning',
  };
}
