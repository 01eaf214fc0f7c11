import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJournalFile } from '../runtime/node/journal-file.ts';
import { readJournal } from '../sync/journal.ts';
import type { Plan, PlannedChange } from '../sync/plan.ts';

interface OpenJournal {
  readonly path: string;
  /** The changes that may have been made. */
  readonly changes: readonly string[];
}

/**
 * The journals of the rounds of a watch. One is kept if it has a change to undo. A round that makes no change, such as one
 * that the provider rejects each time, leaves none, so that a year of them does not fill a disk.
 */
export class RoundJournals {
  readonly #folder: string;
  #open: readonly OpenJournal[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of the journal of a round. */
  pathOf({ id }: Pick<Plan, 'id'>): string {
    return join(this.#folder, `${id}.journal`);
  }

  /** The IDs of the changes of a round that were made, or may have been. */
  async maybeMade(planId: string): Promise<ReadonlySet<string>> {
    const path = this.pathOf({ id: planId });
    return new Set(existsSync(path) ? readJournal(await readJournalFile(path)).keys() : []);
  }

  /** Notes the changes of a round that has ended, of which none was made for certain. */
  async close(plan: Plan): Promise<void> {
    const path = this.pathOf(plan);
    // A journal without a change that may have been made has removed itself.
    if (!existsSync(path)) return;
    const journaled = readJournal(await readJournalFile(path));
    if ([...journaled.values()].some(({ done }) => done !== undefined)) return;
    const open = plan.changes.filter(({ id }) => journaled.has(id)).map(contentOf);
    this.#open = [...this.#open, { path, changes: open }];
  }

  /** Removes the journals of earlier rounds whose changes a new plan still has to make: none of them was made. */
  compare({ changes }: Plan): void {
    const needed = new Set(changes.map(contentOf));
    for (const open of this.#open) if (open.changes.every((change) => needed.has(change))) rmSync(open.path);
    this.#open = [];
  }
}

/** What a change does to whom, which is the same in two plans. */
function contentOf(change: PlannedChange): string {
  const { kind, user, group, attributes } = { user: undefined, group: undefined, attributes: [], ...change };
  return JSON.stringify([kind, user, group, attributes]);
}
