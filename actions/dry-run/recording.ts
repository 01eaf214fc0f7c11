import type { DryRunChange, DryRunRequest } from '../../connector/generated/types.ts';

/** What a dry run has recorded: what would be sent and changed, and what cannot be predicted. */
export class Recording {
  readonly requests: DryRunRequest[] = [];
  readonly changes: DryRunChange[] = [];
  readonly notes = new Set<string>();
  /** Whether some changes cannot be predicted. */
  isUnknown = false;
  readonly #rows = new Map<number, Recording>();

  /** The recording of one row of a bulk action. */
  row(number: number): Recording {
    const known = this.#rows.get(number) ?? new Recording();
    this.#rows.set(number, known);
    return known;
  }

  /** Whether something would be changed, by a row or the run itself. */
  get hasChanges(): boolean {
    return this.changes.length > 0 || [...this.#rows.values()].some((row) => row.hasChanges);
  }

  /** The recordings of rows, by their numbers, in order. */
  get rows(): readonly (readonly [number, Recording])[] {
    return [...this.#rows].toSorted(([one], [other]) => one - other);
  }

  /** Says what cannot be predicted. */
  noteUnknown(note: string): void {
    this.isUnknown = true;
    this.notes.add(note);
  }
}
