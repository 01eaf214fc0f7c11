import { readFileSync } from 'node:fs';
import { writeFileWhole } from '../runtime/node/write-file-whole.ts';
import { isRecord } from '../schemas/is-record.ts';
import type { LossesByKind } from '../sync/plan-options.ts';
import { once } from './write-output.ts';

const dayInMs = 24 * 60 * 60 * 1000;
const kinds = ['users', 'roles', 'members', 'groups'] as const;

/** The losses of a round that has ended. */
interface MadeLosses extends LossesByKind {
  /** ISO 8601 */
  readonly at: string;
}

/** The losses of a round that has begun: one that is killed leaves them like this. */
interface BegunLosses {
  readonly at: string;
  readonly planId: string;
  /** By the ID of the change. */
  readonly changes: Readonly<Record<string, LossesByKind>>;
}

type Entry = MadeLosses | BegunLosses;

/**
 * Losses of the rounds of a watch in the past day, in a file, so that neither a restart nor a kill forgets them: they are
 * in it before they are made.
 */
export class LossLog {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** The number of losses of each kind in the past day. @throws Error if the file is not a log of losses */
  inPastDay(nowInMs: number): LossesByKind {
    return sumOf(
      this.#read(nowInMs).flatMap((entry) => (isBegun(entry) ? Object.values(entry.changes) : [entry])),
    );
  }

  /** Adds the losses that a round is about to make. All of them count until it has ended. */
  async begin(planId: string, changes: BegunLosses['changes'], nowInMs: number): Promise<void> {
    if (Object.keys(changes).length === 0) return;
    await this.#write([...this.#read(nowInMs), { at: new Date(nowInMs).toISOString(), planId, changes }]);
  }

  /** Reduces the losses that a round was about to make to those that it made. */
  async end(planId: string, losses: LossesByKind, nowInMs: number): Promise<void> {
    await this.#replaceBegun(nowInMs, async (entry) => (entry.planId === planId ? losses : undefined));
  }

  /**
   * Ends the rounds that did not end themselves: those of a process that was killed, and those that failed.
   *
   * @param maybeMade the IDs of the changes of a plan that were made, or may have been
   */
  async endOthers(
    maybeMade: (planId: string) => Promise<ReadonlySet<string>>,
    nowInMs: number,
  ): Promise<void> {
    await this.#replaceBegun(nowInMs, async ({ planId, changes }) => {
      const made = await maybeMade(planId);
      return sumOf(Object.entries(changes).flatMap(([id, losses]) => (made.has(id) ? [losses] : [])));
    });
  }

  /** Replaces begun losses by those that a function returns; undefined leaves them. */
  async #replaceBegun(
    nowInMs: number,
    lossesOf: (entry: BegunLosses) => Promise<LossesByKind | undefined>,
  ): Promise<void> {
    const before = this.#read(nowInMs);
    if (!before.some(isBegun)) return;
    const after: Entry[] = [];
    for (const entry of before) {
      const losses = isBegun(entry) ? await lossesOf(entry) : undefined;
      if (losses === undefined) after.push(entry);
      else if (kinds.some((kind) => (losses[kind] ?? 0) > 0)) after.push({ at: entry.at, ...losses });
    }
    await this.#write(after);
  }

  #write(entries: readonly Entry[]): Promise<void> {
    return writeFileWhole(this.#file, once(`${JSON.stringify(entries)}\n`));
  }

  #read(nowInMs: number): readonly Entry[] {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
    return parse(text, this.#file).filter(({ at }) => nowInMs - Date.parse(at) < dayInMs);
  }
}

function isBegun(entry: Entry): entry is BegunLosses {
  return 'planId' in entry;
}

function sumOf(all: readonly LossesByKind[]): LossesByKind {
  return Object.fromEntries(
    kinds.map((kind) => [kind, all.reduce((sum, losses) => sum + (losses[kind] ?? 0), 0)]),
  );
}

function parse(text: string, file: string): readonly Entry[] {
  try {
    const entries: unknown = JSON.parse(text);
    if (Array.isArray(entries) && entries.every(isEntry)) return entries;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(
    `${file} is not a log of losses. Check what was deactivated in the past day, and remove the file.`,
  );
}

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value) || Number.isNaN(Date.parse(String(value.at)))) return false;
  return !('planId' in value) || (isRecord(value.changes) && Object.values(value.changes).every(isRecord));
}
