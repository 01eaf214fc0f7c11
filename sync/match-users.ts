import type { ResourceDefinition } from '../connector/definition/definition.ts';
import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { compareUser, valueAt } from './compare-user.ts';
import { type DesiredState, type DesiredUser, desiredText, type RowProblem } from './desired.ts';
import type { ActualUser, Match } from './match.ts';
import { findNameConflicts } from './name-chains.ts';
import { type AttributeChange, nameOfUser } from './plan.ts';
import type { MatchKey } from './plan-options.ts';
import { planTexts } from './plan-texts.ts';
import { comparableKey, keyInRow, matchKeys } from './unique-rows.ts';

/** The result of matching. */
export interface Matching {
  readonly matches: readonly Match[];
  /** The users at the provider whom no row describes. */
  readonly others: readonly ActualUser[];
  /** The IDs of users whom an unusable row or a conflict describes. */
  readonly unclear: ReadonlySet<string>;
  readonly problems: readonly RowProblem[];
  /** Whether any user shows whether it is active. Then one who does not is inactive: some providers omit `false`. */
  readonly showsActive: boolean;
}

/** How a user at the provider is judged while it is read. */
export interface Judges {
  readonly owns: (user: Resource) => boolean;
  readonly isUntouchable: (user: Resource) => boolean;
}

/** A user at the provider that a row can mean, and by which keys it finds it. */
interface Candidate extends Record<MatchKey, boolean> {
  readonly actual: ActualUser;
  readonly changes: readonly AttributeChange[];
}

interface Row {
  readonly desired: DesiredUser;
  candidates: readonly Candidate[];
}

/** Matches desired users with the users of a provider, which are taken one by one and not kept. */
export class UserMatcher {
  readonly #definition: ResourceDefinition;
  readonly #keys: readonly MatchKey[];
  readonly #judges: Judges;
  readonly #rows: readonly Row[];
  readonly #index: Readonly<Record<MatchKey, ReadonlyMap<string, Row>>>;
  readonly #unusable: Readonly<Record<MatchKey, ReadonlySet<string>>>;
  readonly #managerPath: string | undefined;
  readonly #others: ActualUser[] = [];
  readonly #unclear = new Set<string>();
  readonly #problems: RowProblem[] = [];
  readonly #conflicts = new Set<string>();
  #showsActive = false;

  /** @param state without rows that repeat others */
  constructor(
    definition: ResourceDefinition,
    state: DesiredState,
    keys: readonly MatchKey[],
    judges: Judges,
  ) {
    this.#definition = definition;
    this.#keys = keys;
    this.#judges = judges;
    this.#rows = state.users.map((desired) => ({ desired, candidates: noCandidates }));
    this.#index = byKey((key) => {
      const rows = new Map<string, Row>();
      for (const row of this.#rows) {
        const value = comparableKey(key, keyInRow(row.desired, key));
        if (value !== undefined) rows.set(value, row);
      }
      return rows;
    });
    this.#unusable = byKey(
      (key) => new Set(state.unusable.flatMap((row) => comparableKey(key, row[key]) ?? [])),
    );
    const needsManagers = state.users.some(({ manager }) => manager !== undefined);
    this.#managerPath = needsManagers ? managerPathOf(definition) : undefined;
  }

  /** Takes one user of the provider. */
  take(user: Resource): ActualUser {
    const model = modelOf(this.#definition);
    const managerId = this.#managerPath === undefined ? undefined : valueAt(user, model, this.#managerPath);
    const actual: ActualUser = {
      id: user.id,
      ...(typeof user.userName === 'string' && { userName: user.userName }),
      ...(typeof user.externalId === 'string' && { externalId: user.externalId }),
      ...(typeof user.active === 'boolean' && { active: user.active }),
      ...(typeof managerId === 'string' && { managerId }),
      isOwned: this.#judges.owns(user),
      isUntouchable: this.#judges.isUntouchable(user),
    };
    if (actual.active !== undefined) this.#showsActive = true;
    let isDescribed = false;
    for (const by of matchKeys) {
      const key = comparableKey(by, actual[by]);
      if (key === undefined) continue;
      if (this.#unusable[by].has(key)) this.#unclear.add(actual.id);
      const row = this.#index[by].get(key);
      if (row === undefined) continue;
      isDescribed = true;
      const known = row.candidates.find((one) => one.actual.id === actual.id);
      const candidate = known ?? {
        actual,
        changes: compareUser(model, user, row.desired),
        id: false,
        externalId: false,
        userName: false,
      };
      candidate[by] = true;
      // Nearly every row has one candidate. A list that grows reserves space for many.
      if (row.candidates.length === 0) row.candidates = [candidate];
      else if (known === undefined) row.candidates = [...row.candidates, candidate];
    }
    if (!isDescribed) this.#others.push(actual);
    return actual;
  }

  /** Decides which user each row means, once all were taken. */
  finish(): Matching {
    const rivals = this.#findRivals();
    const possible = this.#rows.flatMap((row) => this.#match(row, rivals) ?? []);
    const { rejected, problems } = findNameConflicts(possible);
    const matches = possible.filter((match) => !rejected.has(match));
    const matched = new Set(matches.flatMap(({ actual }) => actual?.id ?? []));
    for (const { nameHeldBy } of rejected) if (nameHeldBy !== undefined) this.#unclear.add(nameHeldBy);
    const known = new Set(matches.map(({ desired }) => desired));
    const unmatched = new Map<string, ActualUser>();
    for (const { desired, candidates } of this.#rows)
      for (const { actual } of candidates) {
        if (!known.has(desired)) this.#unclear.add(actual.id);
        if (!matched.has(actual.id)) unmatched.set(actual.id, actual);
      }
    return {
      matches,
      others: [...this.#others, ...unmatched.values()],
      unclear: this.#unclear,
      problems: [...this.#problems, ...problems],
      showsActive: this.#showsActive,
    };
  }

  /** The rows that find the same user, by its ID, where there are several. */
  #findRivals(): ReadonlyMap<string, readonly Row[]> {
    const firsts = new Map<string, Row>();
    const rivals = new Map<string, readonly Row[]>();
    for (const row of this.#rows) {
      const id = foundBy(row, this.#keyOf(row))?.actual.id;
      if (id === undefined) continue;
      const first = firsts.get(id);
      if (first === undefined) firsts.set(id, row);
      else rivals.set(id, [...(rivals.get(id) ?? [first]), row]);
    }
    return rivals;
  }

  /** The first key by which a row finds a user. */
  #keyOf({ candidates }: Row): MatchKey | undefined {
    if (candidates.length === 0) return undefined;
    return this.#keys.find((key) => candidates.some((one) => one[key]));
  }

  /** The user that a row means; undefined for a conflict, which is then one of the problems. */
  #match(row: Row, rivalsOf: ReadonlyMap<string, readonly Row[]>): Match | undefined {
    const { desired, candidates } = row;
    const by = this.#keyOf(row);
    const claim = foundBy(row, by);
    const holder = candidates.find(({ userName, actual }) => userName && actual.id !== claim?.actual.id);
    const nameHeldBy = holder === undefined ? {} : { nameHeldBy: holder.actual.id };
    if (by === undefined || claim === undefined)
      return { desired, actual: undefined, changes: [], ...nameHeldBy };
    const sameKey = candidates.filter((one) => one[by]);
    if (sameKey.length > 1) {
      const ids = sameKey.map((one) => one.actual.id).join(', ');
      return this.#conflict(
        [row],
        fill(planTexts.severalUsers, { count: sameKey.length, key: planTexts[by], ids }),
      );
    }
    const { actual, changes } = claim;
    const rivals = (rivalsOf.get(actual.id) ?? []).filter((one) => one !== row);
    const isOther = by === 'userName' && this.#isOtherPerson(desired, actual);
    // The user of that name is another person, whom another row describes: the name may become free for this one.
    if (isOther && rivals.some((one) => this.#keyOf(one) !== 'userName'))
      return { desired, actual: undefined, changes: [], nameHeldBy: actual.id };
    if (isOther) return this.#conflict([row], otherPersonText(desired, actual));
    const strongerRivals = rivals.filter(
      (one) => !(this.#keyOf(one) === 'userName' && this.#isOtherPerson(one.desired, actual)),
    );
    if (strongerRivals.length > 0)
      return this.#conflict([row, ...strongerRivals], fill(planTexts.sameUser, { user: nameOfUser(actual) }));
    return { desired, actual, changes, ...nameHeldBy };
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

  #conflict(rows: readonly Row[], message: string): undefined {
    const numbers = rows.map(({ desired }) => desired.row).toSorted((one, other) => one - other);
    // Each row of a conflict finds it.
    const key = `${numbers.join()} ${message}`;
    if (!this.#conflicts.has(key)) this.#problems.push({ rows: numbers, message });
    this.#conflicts.add(key);
    return undefined;
  }
}

const noCandidates: readonly Candidate[] = [];

function foundBy({ candidates }: Row, key: MatchKey | undefined): Candidate | undefined {
  return key === undefined ? undefined : candidates.find((one) => one[key]);
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

function byKey<T>(make: (key: MatchKey) => T): Readonly<Record<MatchKey, T>> {
  return { id: make('id'), externalId: make('externalId'), userName: make('userName') };
}
