import { readFileSync, writeFileSync } from 'node:fs';
import { isRecord } from '../schemas/is-record.ts';
import type { LossesByKind } from '../sync/plan-options.ts';

const dayInMs = 24 * 60 * 60 * 1000;
const kinds = ['users', 'roles', 'members', 'groups'] as const;

interface Entry extends LossesByKind {
  /** ISO 8601 */
  readonly at: string;
}

/** Losses of the rounds of a watch in the past day, in a file, so that a restart does not forget it. */
export class LossLog {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** The number of losses of each kind in the past day. @throws Error if the file is not a log of losses */
  inPastDay(nowInMs: number): LossesByKind {
    const entries = this.#read(nowInMs);
    return Object.fromEntries(
      kinds.map((kind) => [kind, entries.reduce((sum, entry) => sum + (entry[kind] ?? 0), 0)]),
    );
  }

  /** Adds the losses of a round. */
  add(losses: LossesByKind, nowInMs: number): void {
    if (Object.keys(losses).length === 0) return;
    const entry: Entry = { at: new Date(nowInMs).toISOString(), ...losses };
    const text = JSON.stringify([...this.#read(nowInMs), entry]);
    writeFileSync(this.#file, `${text}\n`, { mode: 0o600 });
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

function parse(text: string, file: string): readonly Entry[] {
  try {
    const entries: unknown = JSON.parse(text);
    const isLog =
      Array.isArray(entries) &&
      entries.every((entry) => isRecord(entry) && !Number.isNaN(Date.parse(String(entry.at))));
    if (isLog) return entries;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(
    `${file} is not a log of losses. Check what was deactivated in the past day, and remove the file.`,
  );
}
