import { fill } from '../schemas/fill.ts';
import { type Candidate, keyBits } from './candidates.ts';
import type { ComparedUsers } from './compared-users.ts';
import { type DesiredUser, desiredText, type RowProblem } from './desired.ts';
import type { ListedCopies } from './listed-copies.ts';
import type { ActualUser, Match } from './match.ts';
import { findNameConflicts } from './name-chains.ts';
import { nameOfUser } from './plan.ts';
import type { MatchKey } from './plan-options.ts';
import { planTexts } from './plan-texts.ts';
import { matchKeys } from './unique-rows.ts';

/** The result of matching. */
export interface Matching {
  /** One for each row that can be used, in their order. They are made while they are read, because there are many. */
  readonly matches: Iterable<Match>;
  /** Those that create a user, and those of users whom several rows find. Only they can depend on each other. */
  readonly uncertain: readonly Match[];
  /** The users at the provider whom no row describes. */
  readonly others: readonly ActualUser[];
  /** The IDs of users whom an unusable row or a conflict describes. */
  readonly unclear: ReadonlySet<string>;
  /** The unusable rows that find no user although they can describe one. */
  readonly unplaced: readonly number[];
  readonly problems: readonly RowProblem[];
  readonly notes: readonly string[];
  /** Whether any user shows whether it is active. Then one who does not is inactive: some providers omit `false`. */
  readonly showsActive: boolean;
}

/** Decides which user each row means, once all users were compared. @param keys how rows find their users, the first one first */
export function decideMatches(
  compared: ComparedUsers,
  copies: ListedCopies,
  keys: readonly MatchKey[],
): Matching {
  return new MatchDecider(compared, copies, keys).decide();
}

class MatchDecider {
  readonly #compared: ComparedUsers;
  readonly #copies: ListedCopies;
  readonly #keys: readonly MatchKey[];
  readonly #usesAllKeys: boolean;
  readonly #problems: RowProblem[] = [];
  readonly #conflicts = new Set<string>();

  constructor(compared: ComparedUsers, copies: ListedCopies, keys: readonly MatchKey[]) {
    this.#compared = compared;
    this.#copies = copies;
    this.#keys = keys;
    this.#usesAllKeys = matchKeys.every((key) => keys.includes(key));
  }

  decide(): Matching {
    const { rows, candidates, unclear, others, unplaced, showsActive } = this.#compared;
    /** The matches of the rows that are not certain, by their positions; undefined for a row that cannot be used. */
    const decided = new Map<number, Match | undefined>();
    const unmatched = new Map<string, ActualUser>();
    rows.forEach((desired, position) => {
      if (this.#isCertain(position)) return;
      const match = this.#match(position, desired);
      decided.set(position, match);
      for (const { actual } of candidates.of(position))
        if (actual.id !== match?.actual?.id) unmatched.set(actual.id, actual);
    });
    const { rejected, problems } = findNameConflicts(
      [...decided.values()].filter((one) => one !== undefined),
    );
    for (const [position, match] of decided) {
      if (match === undefined || !rejected.has(match)) continue;
      decided.set(position, undefined);
      if (match.actual !== undefined) unmatched.set(match.actual.id, match.actual);
      if (match.nameHeldBy !== undefined) unclear.add(match.nameHeldBy);
    }
    const matches = { [Symbol.iterator]: () => this.#matches(decided) };
    // The user whom one row does not mean can be the one whom another row means.
    if (unmatched.size > 0)
      for (const { actual } of matches) if (actual !== undefined) unmatched.delete(actual.id);
    for (const [position, match] of decided)
      if (match === undefined) for (const { actual } of candidates.of(position)) unclear.add(actual.id);
    return {
      matches,
      uncertain: [...decided.values()].filter((one) => one !== undefined),
      others: [...others, ...unmatched.values()],
      unclear,
      unplaced,
      problems: [...this.#problems, ...problems],
      notes: this.#copies.notes,
      showsActive,
    };
  }

  *#matches(decided: ReadonlyMap<number, Match | undefined>): Generator<Match, undefined> {
    const { rows, candidates } = this.#compared;
    for (let position = 0; position < rows.length; position += 1) {
      const match = decided.has(position) ? decided.get(position) : candidates.only(position);
      if (match !== undefined) yield match;
    }
  }

  /** The positions of the other rows that find the same user. */
  #rivalsOf(position: number, { id }: ActualUser): readonly number[] {
    const positions = this.#compared.contestantsOf(id);
    return positions.filter((one) => one !== position && this.#claimOf(one)?.actual.id === id);
  }

  /** The first key by which a row finds a user. */
  #keyOf(position: number): MatchKey | undefined {
    const candidates = this.#compared.candidates.of(position);
    return this.#keys.find((key) => candidates.some((one) => isFoundBy(one, key)));
  }

  /** The first user that a row finds by that key. */
  #claimOf(position: number): Candidate | undefined {
    const key = this.#keyOf(position);
    return key && this.#compared.candidates.of(position).find((one) => isFoundBy(one, key));
  }

  /** Whether a row means the one user whom it finds, because no other row finds the same, as nearly every row does. */
  #isCertain(position: number): boolean {
    if (this.#compared.isContested(position) || this.#copies.doubts.has(position)) return false;
    if (this.#usesAllKeys && this.#compared.candidates.isAsDesired(position)) return true;
    const only = this.#compared.candidates.only(position);
    if (only === undefined) return false;
    const by = this.#keys.find((key) => isFoundBy(only, key));
    return by !== undefined && (by !== 'userName' || !this.#isOtherPerson(only.desired, only.actual));
  }

  /** The user that a row means; undefined for a conflict, which is then one of the problems. */
  #match(position: number, desired: DesiredUser): Match | undefined {
    const doubt = this.#copies.doubts.get(position);
    if (doubt !== undefined) return this.#conflict([position], doubt);
    const candidates = this.#compared.candidates.of(position);
    const by = this.#keyOf(position);
    const claim = this.#claimOf(position);
    const holder = candidates.find((one) => isFoundBy(one, 'userName') && one.actual.id !== claim?.actual.id);
    const nameHeldBy = holder === undefined ? {} : { nameHeldBy: holder.actual.id };
    if (by === undefined || claim === undefined)
      return { desired, actual: undefined, changes: [], ...nameHeldBy };
    const sameKey = candidates.filter((one) => isFoundBy(one, by));
    if (sameKey.length > 1) {
      const ids = sameKey.map((one) => one.actual.id).join(', ');
      return this.#conflict(
        [position],
        fill(planTexts.severalUsers, { count: sameKey.length, key: planTexts[by], ids }),
      );
    }
    const { actual } = claim;
    const rivals = this.#rivalsOf(position, actual);
    const isOther = by === 'userName' && this.#isOtherPerson(desired, actual);
    // The user of that name is another person, whom another row describes: the name may become free for this one.
    if (isOther && rivals.some((one) => this.#keyOf(one) !== 'userName'))
      return { desired, actual: undefined, changes: [], nameHeldBy: actual.id };
    if (isOther) return this.#conflict([position], otherPersonText(desired, actual));
    const strongerRivals = rivals.filter((one) => {
      const rival = this.#compared.rows[one];
      return !(this.#keyOf(one) === 'userName' && rival !== undefined && this.#isOtherPerson(rival, actual));
    });
    if (strongerRivals.length > 0)
      return this.#conflict(
        [position, ...strongerRivals],
        fill(planTexts.sameUser, { user: nameOfUser(actual) }),
      );
    return holder === undefined ? claim : { ...claim, ...nameHeldBy };
  }

  /** Whether a user with the username of a row is another one, by its external ID. */
  #isOtherPerson(desired: DesiredUser, { externalId }: ActualUser): boolean {
    const wanted = desiredText(desired, 'externalId');
    return (
      this.#keys.includes('externalId') &&
      wanted !== undefined &&
      externalId !== undefined &&
      wanted !== externalId
    );
  }

  #conflict(positions: readonly number[], message: string): undefined {
    const numbers = positions
      .flatMap((position) => this.#compared.rows[position]?.row ?? [])
      .toSorted((one, other) => one - other);
    // Each row of a conflict finds it.
    const key = `${numbers.join()} ${message}`;
    if (!this.#conflicts.has(key)) this.#problems.push({ rows: numbers, message });
    this.#conflicts.add(key);
    return undefined;
  }
}

function isFoundBy({ foundBy }: Candidate, key: MatchKey): boolean {
  return (foundBy & keyBits[key]) !== 0;
}

function otherPersonText(desired: DesiredUser, { userName, externalId }: ActualUser): string {
  const wanted = desiredText(desired, 'externalId') ?? '';
  return fill(planTexts.otherPerson, { userName: userName ?? '', externalId: externalId ?? '', wanted });
}
