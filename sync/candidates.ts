import { type DesiredUser, desiredText } from './desired.ts';
import type { ActualUser, Match } from './match.ts';
import type { MatchKey } from './plan-options.ts';
import { keyInRow, matchKeys } from './unique-rows.ts';

/** A user at the provider that a row can mean. If the row means it, the candidate is the match. */
export interface Candidate extends Match {
  readonly actual: ActualUser;
  /** The keys by which the row finds the user, as {@link keyBits}: a number needs no object of its own. */
  readonly foundBy: number;
}

export const keyBits: Readonly<Record<MatchKey, number>> = { id: 1, externalId: 2, userName: 4 };

/** The candidates of each row, by its position. */
export class Candidates {
  readonly #rows: readonly DesiredUser[];
  /**
   * The first candidate of each row, or only its ID if the row says all the rest: nearly every user of a large directory
   * is as desired.
   */
  readonly #first: (Candidate | string | undefined)[];
  readonly #isFirstOwned: boolean[];
  /** All candidates of the few rows that have several. */
  readonly #several = new Map<number, readonly Candidate[]>();

  constructor(rows: readonly DesiredUser[]) {
    this.#rows = rows;
    this.#first = rows.map(() => undefined);
    this.#isFirstOwned = rows.map(() => false);
  }

  add(position: number, candidate: Candidate): void {
    if (this.#first[position] !== undefined) {
      this.#several.set(position, [...this.of(position), candidate]);
      return;
    }
    const { id, isOwned } = candidate.actual;
    this.#first[position] = isAsRowSays(candidate) ? id : candidate;
    this.#isFirstOwned[position] = isOwned;
  }

  /** Forgets the candidates with these IDs. */
  forget(ids: ReadonlySet<string>): void {
    for (const position of this.#rows.keys()) {
      const known = this.of(position);
      const left = known.filter(({ actual }) => !ids.has(actual.id));
      if (left.length === known.length) continue;
      this.#first[position] = undefined;
      this.#several.delete(position);
      for (const candidate of left) this.add(position, candidate);
    }
  }

  /** The candidates of a row. Of two calls, the second one may return copies. */
  of(position: number): readonly Candidate[] {
    const several = this.#several.get(position);
    if (several !== undefined) return several;
    const only = this.only(position);
    return only === undefined ? [] : [only];
  }

  /** Whether a row has one candidate, which is as the row says. */
  isAsDesired(position: number): boolean {
    return typeof this.#first[position] === 'string' && !this.#several.has(position);
  }

  /** The candidate of a row that has one. */
  only(position: number): Candidate | undefined {
    if (this.#several.has(position)) return undefined;
    const first = this.#first[position];
    if (typeof first !== 'string') return first;
    const desired = this.#rows[position];
    return desired && asRowSays(desired, first, this.#isFirstOwned[position] === true);
  }
}

/** The candidate with this ID that has no difference from its row. */
function asRowSays(desired: DesiredUser, id: string, isOwned: boolean): Candidate {
  const { active } = desired.attributes;
  let foundBy = 0;
  for (const key of matchKeys) if (keyInRow(desired, key) !== undefined) foundBy |= keyBits[key];
  const actual = {
    id,
    userName: desiredText(desired, 'userName'),
    externalId: desiredText(desired, 'externalId'),
    active: typeof active === 'boolean' ? active : true,
    managerId: undefined,
    isOwned,
    isUntouchable: false,
  };
  return { desired, actual, changes: noChanges, foundBy };
}

const noChanges: Match['changes'] = [];

function isAsRowSays({ desired, actual, changes, foundBy }: Candidate): boolean {
  const same = asRowSays(desired, actual.id, actual.isOwned);
  return (
    changes.length === 0 &&
    foundBy === same.foundBy &&
    actual.userName === same.actual.userName &&
    actual.externalId === same.actual.externalId &&
    actual.active === same.actual.active &&
    actual.managerId === undefined &&
    !actual.isUntouchable
  );
}
