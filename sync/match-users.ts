import type { ResourceDefinition } from '../connector/definition/definition.ts';
import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import { isSameJson } from '../scim/json.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { type Candidate, Candidates, keyBits } from './candidates.ts';
import { compareUser, valueAt } from './compare-user.ts';
import { type DesiredUser, desiredText, type RowProblem, type UnusableRow } from './desired.ts';
import type { ActualUser, Match } from './match.ts';
import { findNameConflicts } from './name-chains.ts';
import { nameOfUser } from './plan.ts';
import type { MatchKey } from './plan-options.ts';
import { planTexts } from './plan-texts.ts';
import { byKey, comparableKey, matchKeys, type UniqueRows, type UserIndex } from './unique-rows.ts';

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

/** How a user at the provider is judged while it is read. */
export interface Judges {
  readonly owns: (user: Resource) => boolean;
  readonly isUntouchable: (user: Resource) => boolean;
}

/** The position of the row that describes a user by each key. */
type Positions = Readonly<Record<MatchKey, number | undefined>>;

/** Matches desired users with the users of a provider, which are taken one by one and not kept. */
export class UserMatcher {
  readonly #definition: ResourceDefinition;
  readonly #keys: readonly MatchKey[];
  readonly #judges: Judges;
  readonly #rows: readonly DesiredUser[];
  readonly #candidates: Candidates;
  readonly #index: UserIndex;
  readonly #unusableRows: readonly UnusableRow[];
  readonly #unusable: Readonly<Record<MatchKey, ReadonlyMap<string, readonly UnusableRow[]>>>;
  /** The unusable rows that find a user. */
  readonly #placed = new Set<UnusableRow>();
  readonly #managerPath: string | undefined;
  #others: ActualUser[] = [];
  readonly #unclear = new Set<string>();
  readonly #problems: RowProblem[] = [];
  readonly #conflicts = new Set<string>();
  /** What was kept of each user, by ID; undefined until one is listed again. */
  #kept: Map<string, ActualUser> | undefined;
  /** The positions of the rows that describe a user of whom nothing is known for certain, with the reason. */
  readonly #doubtful = new Map<number, string>();
  readonly #notes = new Set<string>();
  /** The positions of the rows that describe one user, by its ID, where there are several. */
  readonly #contested = new Map<string, readonly number[]>();
  readonly #contestedRows = new Set<number>();
  readonly #usesAllKeys: boolean;
  #showsActive = false;

  constructor(definition: ResourceDefinition, state: UniqueRows, keys: readonly MatchKey[], judges: Judges) {
    this.#definition = definition;
    this.#keys = keys;
    this.#usesAllKeys = matchKeys.every((key) => keys.includes(key));
    this.#judges = judges;
    this.#rows = state.users;
    this.#candidates = new Candidates(state.users);
    this.#index = state.index;
    this.#unusableRows = state.unusable;
    this.#unusable = byKey((key) => {
      const rows = Map.groupBy(state.unusable, (row) => comparableKey(key, row[key]) ?? '');
      rows.delete('');
      return rows;
    });
    const needsManagers = state.users.some(({ manager }) => manager !== undefined);
    this.#managerPath = needsManagers ? managerPathOf(definition) : undefined;
  }

  /** Takes one user of the provider. */
  take(user: Resource): ActualUser {
    const positions = byKey((key) => this.#find(key, user));
    const actual = this.#actualOf(user, positions);
    const found: number[] = [];
    for (const key of matchKeys) {
      const position = positions[key];
      const desired = position === undefined ? undefined : this.#rows[position];
      if (position === undefined || desired === undefined || found.includes(position)) continue;
      found.push(position);
      const changes = compareUser(modelOf(this.#definition), user, desired);
      this.#candidates.add(position, { desired, actual, changes, foundBy: keysOf(positions, position) });
    }
    if (found.length === 0) this.#others.push(actual);
    this.#kept?.set(actual.id, actual);
    if (found.length > 1) {
      this.#contested.set(actual.id, found);
      for (const position of found) this.#contestedRows.add(position);
    }
    return actual;
  }

  /** Whether another copy of a user that was taken says something else, as far as the plan depends on it. */
  contradicts(copy: Resource): boolean {
    this.#kept ??= this.#indexKept();
    const kept = this.#kept.get(copy.id);
    const positions = byKey((key) => this.#find(key, copy));
    const actual = this.#actualOf(copy, positions);
    // A plan changes nothing of a user whom nobody owns and no row describes.
    if (kept !== undefined && this.#isStranger(kept) && this.#isStranger(actual)) return false;
    if (!isSameJson(kept, actual)) return true;
    // The keys are the same, and so are the rows.
    return matchKeys.some((key) => {
      const position = positions[key];
      const desired = position === undefined ? undefined : this.#rows[position];
      if (position === undefined || desired === undefined) return false;
      const known = this.#candidates.of(position).find((one) => one.actual.id === copy.id);
      return !isSameJson(known?.changes, compareUser(modelOf(this.#definition), copy, desired));
    });
  }

  /** Forgets users, so that they can be taken again. @returns what was kept of them */
  forget(ids: ReadonlySet<string>): readonly ActualUser[] {
    if (ids.size === 0) return [];
    this.#candidates.forget(ids);
    this.#others = this.#others.filter(({ id }) => !ids.has(id));
    for (const id of ids) {
      this.#contested.delete(id);
      this.#unclear.delete(id);
    }
    return [...ids].flatMap((id) => this.#kept?.get(id) ?? []);
  }

  /** Leaves a user as it is, because one of its copies contradicts another, and nothing shows which one is right. */
  leave(copy: Resource): void {
    const { id } = copy;
    const user = nameOfUser(this.#kept?.get(id) ?? { id });
    const message = fill(planTexts.contradictoryUser, { user, id });
    const described = [...this.#rows.keys()].filter((position) =>
      this.#candidates.of(position).some(({ actual }) => actual.id === id),
    );
    for (const position of [...described, ...matchKeys.flatMap((key) => this.#find(key, copy) ?? [])])
      this.#doubtful.set(position, message);
    if (![...this.#doubtful.values()].includes(message)) this.#notes.add(message);
    this.#unclear.add(id);
  }

  #isStranger(user: ActualUser): boolean {
    return !user.isOwned && matchKeys.every((key) => this.#positionOf(key, user[key]) === undefined);
  }

  #indexKept(): Map<string, ActualUser> {
    const described = [...this.#rows.keys()].flatMap((position) =>
      this.#candidates.of(position).map(({ actual }) => actual),
    );
    return new Map([...this.#others, ...described].map((actual) => [actual.id, actual]));
  }

  /** The position of the row that describes a user by one key. */
  #find(key: MatchKey, user: Resource): number | undefined {
    const given = user[key];
    const value = comparableKey(key, typeof given === 'string' ? given : undefined);
    if (value === undefined) return undefined;
    for (const row of this.#unusable[key].get(value) ?? []) {
      this.#placed.add(row);
      this.#unclear.add(user.id);
    }
    return this.#positionOf(key, value);
  }

  #positionOf(key: MatchKey, text: string | undefined): number | undefined {
    const value = comparableKey(key, text);
    return value === undefined ? undefined : this.#index[key].get(value);
  }

  /** What is kept of a user. */
  #actualOf(user: Resource, positions: Positions): ActualUser {
    const { id, active } = user;
    const path = this.#managerPath;
    const managerId = path === undefined ? undefined : valueAt(user, modelOf(this.#definition), path);
    if (typeof active === 'boolean') this.#showsActive = true;
    return {
      id,
      userName: sharedText(user.userName, this.#rows[positions.userName ?? -1], 'userName'),
      externalId: sharedText(user.externalId, this.#rows[positions.externalId ?? -1], 'externalId'),
      active: typeof active === 'boolean' ? active : undefined,
      managerId: typeof managerId === 'string' ? managerId : undefined,
      isOwned: this.#judges.owns(user),
      isUntouchable: this.#judges.isUntouchable(user),
    };
  }

  /** Decides which user each row means, once all were taken. */
  finish(): Matching {
    /** The matches of the rows that are not certain, by their positions; undefined for a row that cannot be used. */
    const decided = new Map<number, Match | undefined>();
    const unmatched = new Map<string, ActualUser>();
    this.#rows.forEach((desired, position) => {
      if (this.#isCertain(position)) return;
      const match = this.#match(position, desired);
      decided.set(position, match);
      for (const { actual } of this.#candidates.of(position))
        if (actual.id !== match?.actual?.id) unmatched.set(actual.id, actual);
    });
    const { rejected, problems } = findNameConflicts(
      [...decided.values()].filter((one) => one !== undefined),
    );
    for (const [position, match] of decided) {
      if (match === undefined || !rejected.has(match)) continue;
      decided.set(position, undefined);
      if (match.actual !== undefined) unmatched.set(match.actual.id, match.actual);
      if (match.nameHeldBy !== undefined) this.#unclear.add(match.nameHeldBy);
    }
    const matches = { [Symbol.iterator]: () => this.#matches(decided) };
    // The user whom one row does not mean can be the one whom another row means.
    if (unmatched.size > 0)
      for (const { actual } of matches) if (actual !== undefined) unmatched.delete(actual.id);
    for (const [position, match] of decided)
      if (match === undefined)
        for (const { actual } of this.#candidates.of(position)) this.#unclear.add(actual.id);
    return {
      matches,
      uncertain: [...decided.values()].filter((one) => one !== undefined),
      others: [...this.#others, ...unmatched.values()],
      unclear: this.#unclear,
      unplaced: this.#unusableRows
        .filter((one) => one.isDoubtful === true && !this.#placed.has(one))
        .map(({ row }) => row),
      problems: [...this.#problems, ...problems],
      notes: [...this.#notes],
      showsActive: this.#showsActive,
    };
  }

  *#matches(decided: ReadonlyMap<number, Match | undefined>): Generator<Match, undefined> {
    for (let position = 0; position < this.#rows.length; position += 1) {
      const match = decided.has(position) ? decided.get(position) : this.#candidates.only(position);
      if (match !== undefined) yield match;
    }
  }

  /** The positions of the other rows that find the same user. */
  #rivalsOf(position: number, { id }: ActualUser): readonly number[] {
    const positions = this.#contested.get(id) ?? [];
    return positions.filter((one) => one !== position && this.#claimOf(one)?.actual.id === id);
  }

  /** The first key by which a row finds a user. */
  #keyOf(position: number): MatchKey | undefined {
    const candidates = this.#candidates.of(position);
    return this.#keys.find((key) => candidates.some((one) => isFoundBy(one, key)));
  }

  /** The first user that a row finds by that key. */
  #claimOf(position: number): Candidate | undefined {
    const key = this.#keyOf(position);
    return key && this.#candidates.of(position).find((one) => isFoundBy(one, key));
  }

  /** Whether a row means the one user whom it finds, because no other row finds the same, as nearly every row does. */
  #isCertain(position: number): boolean {
    if (this.#contestedRows.has(position) || this.#doubtful.has(position)) return false;
    if (this.#usesAllKeys && this.#candidates.isAsDesired(position)) return true;
    const only = this.#candidates.only(position);
    if (only === undefined) return false;
    const by = this.#keys.find((key) => isFoundBy(only, key));
    return by !== undefined && (by !== 'userName' || !this.#isOtherPerson(only.desired, only.actual));
  }

  /** The user that a row means; undefined for a conflict, which is then one of the problems. */
  #match(position: number, desired: DesiredUser): Match | undefined {
    const doubt = this.#doubtful.get(position);
    if (doubt !== undefined) return this.#conflict([position], doubt);
    const candidates = this.#candidates.of(position);
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
      const rival = this.#rows[one];
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
      .flatMap((position) => this.#rows[position]?.row ?? [])
      .toSorted((one, other) => one - other);
    // Each row of a conflict finds it.
    const key = `${numbers.join()} ${message}`;
    if (!this.#conflicts.has(key)) this.#problems.push({ rows: numbers, message });
    this.#conflicts.add(key);
    return undefined;
  }
}

/** The text of a user. Where the row has the same text, it is that one, so that a large directory is not kept twice. */
function sharedText(
  value: unknown,
  desired: DesiredUser | undefined,
  key: 'userName' | 'externalId',
): string | undefined {
  if (typeof value !== 'string') return undefined;
  const wanted = desired && desiredText(desired, key);
  return wanted === value ? wanted : value;
}

/** The keys by which the row at a position finds a user, as {@link keyBits}. */
function keysOf(positions: Positions, position: number): number {
  let keys = 0;
  for (const key of matchKeys) if (positions[key] === position) keys |= keyBits[key];
  return keys;
}

function isFoundBy({ foundBy }: Candidate, key: MatchKey): boolean {
  return (foundBy & keyBits[key]) !== 0;
}

function otherPersonText(desired: DesiredUser, { userName, externalId }: ActualUser): string {
  const wanted = desiredText(desired, 'externalId') ?? '';
  return fill(planTexts.otherPerson, { userName: userName ?? '', externalId: externalId ?? '', wanted });
}

/** The path of the ID of a user's manager; undefined if the resource has none. */
export function managerPathOf({ extensions, extensionAttributes }: ResourceDefinition): string | undefined {
  const urn = extensions.find((one) => extensionAttributes[one]?.some(({ name }) => name === 'manager'));
  return urn === undefined ? undefined : `${urn}:manager.value`;
}
