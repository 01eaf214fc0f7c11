import type { ResourceDefinition } from '../connector/definition/definition.ts';
import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import { isSameJson } from '../scim/json.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { compareUser, valueAt } from './compare-user.ts';
import { type DesiredUser, desiredText, type RowProblem, type UnusableRow } from './desired.ts';
import type { ActualUser, Match } from './match.ts';
import { findNameConflicts } from './name-chains.ts';
import { type AttributeChange, nameOfUser } from './plan.ts';
import type { MatchKey } from './plan-options.ts';
import { planTexts } from './plan-texts.ts';
import { byKey, comparableKey, matchKeys, type UniqueRows, type UserIndex } from './unique-rows.ts';

/** The result of matching. */
export interface Matching {
  readonly matches: readonly Match[];
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
  /** The rows that describe a user of whom nothing is known for certain, with the reason. */
  readonly #doubtful = new Map<Row, string>();
  readonly #notes = new Set<string>();
  /** The rows that describe one user, by its ID, where there are several. */
  readonly #contested = new Map<string, readonly Row[]>();
  #showsActive = false;

  constructor(definition: ResourceDefinition, state: UniqueRows, keys: readonly MatchKey[], judges: Judges) {
    this.#definition = definition;
    this.#keys = keys;
    this.#judges = judges;
    this.#rows = state.users.map((desired) => ({ desired, candidates: noCandidates }));
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
    const rows = byKey((key) => this.#find(key, user));
    const actual = this.#actualOf(user, rows);
    let first: Row | undefined;
    for (const key of matchKeys) {
      const row = rows[key];
      if (row === undefined) continue;
      first ??= row;
      const known = row.candidates.find((one) => one.actual === actual);
      if (known !== undefined) {
        known[key] = true;
        continue;
      }
      const changes = compareUser(modelOf(this.#definition), user, row.desired);
      const candidate = { actual, changes, id: false, externalId: false, userName: false, [key]: true };
      // Nearly every row has one candidate. A list that grows reserves space for many.
      row.candidates = row.candidates.length === 0 ? [candidate] : [...row.candidates, candidate];
      if (row !== first)
        this.#contested.set(actual.id, [...(this.#contested.get(actual.id) ?? [first]), row]);
    }
    if (first === undefined) this.#others.push(actual);
    this.#kept?.set(actual.id, actual);
    return actual;
  }

  /** Whether another copy of a user that was taken says something else, as far as the plan depends on it. */
  contradicts(copy: Resource): boolean {
    this.#kept ??= this.#indexKept();
    const kept = this.#kept.get(copy.id);
    const rows = byKey((key) => this.#find(key, copy));
    const actual = this.#actualOf(copy, rows);
    // A plan changes nothing of a user whom nobody owns and no row describes.
    if (kept !== undefined && this.#isStranger(kept) && this.#isStranger(actual)) return false;
    if (!isSameJson(kept, actual)) return true;
    // The keys are the same, and so are the rows.
    return matchKeys.some((key) => {
      if (rows[key] === undefined) return false;
      const { candidates, desired } = rows[key];
      const known = candidates.find((one) => one.actual === kept);
      return !isSameJson(known?.changes, compareUser(modelOf(this.#definition), copy, desired));
    });
  }

  /** Forgets users, so that they can be taken again. @returns what was kept of them */
  forget(ids: ReadonlySet<string>): readonly ActualUser[] {
    if (ids.size === 0) return [];
    const isOther = ({ actual }: Candidate): boolean => !ids.has(actual.id);
    for (const row of this.#rows)
      if (!row.candidates.every(isOther)) row.candidates = row.candidates.filter(isOther);
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
    const described = this.#rows.filter(({ candidates }) =>
      candidates.some(({ actual }) => actual.id === id),
    );
    for (const row of [...described, ...matchKeys.flatMap((key) => this.#find(key, copy) ?? [])])
      this.#doubtful.set(row, message);
    if (![...this.#doubtful.values()].includes(message)) this.#notes.add(message);
    this.#unclear.add(id);
  }

  #isStranger(user: ActualUser): boolean {
    return !user.isOwned && matchKeys.every((key) => this.#rowOf(key, user[key]) === undefined);
  }

  #indexKept(): Map<string, ActualUser> {
    const described = this.#rows.flatMap(({ candidates }) => candidates.map(({ actual }) => actual));
    return new Map([...this.#others, ...described].map((actual) => [actual.id, actual]));
  }

  /** The row that describes a user by one key. */
  #find(key: MatchKey, user: Resource): Row | undefined {
    const given = user[key];
    const value = comparableKey(key, typeof given === 'string' ? given : undefined);
    if (value === undefined) return undefined;
    for (const row of this.#unusable[key].get(value) ?? []) {
      this.#placed.add(row);
      this.#unclear.add(user.id);
    }
    return this.#rowOf(key, value);
  }

  #rowOf(key: MatchKey, text: string | undefined): Row | undefined {
    const value = comparableKey(key, text);
    const position = value === undefined ? undefined : this.#index[key].get(value);
    return position === undefined ? undefined : this.#rows[position];
  }

  /** What is kept of a user. */
  #actualOf(user: Resource, rows: Readonly<Record<MatchKey, Row | undefined>>): ActualUser {
    const { id, active } = user;
    const userName = sharedText(user.userName, rows.userName?.desired, 'userName');
    const externalId = sharedText(user.externalId, rows.externalId?.desired, 'externalId');
    const path = this.#managerPath;
    const managerId = path === undefined ? undefined : valueAt(user, modelOf(this.#definition), path);
    if (typeof active === 'boolean') this.#showsActive = true;
    return {
      id,
      ...(userName !== undefined && { userName }),
      ...(externalId !== undefined && { externalId }),
      ...(typeof active === 'boolean' && { active }),
      ...(typeof managerId === 'string' && { managerId }),
      isOwned: this.#judges.owns(user),
      isUntouchable: this.#judges.isUntouchable(user),
    };
  }

  /** Decides which user each row means, once all were taken. */
  finish(): Matching {
    const possible: Match[] = [];
    const failed = new Set<DesiredUser>();
    const unmatched = new Map<string, ActualUser>();
    for (const row of this.#rows) {
      const match = this.#match(row);
      if (match === undefined) failed.add(row.desired);
      else possible.push(match);
      for (const { actual } of row.candidates) if (actual !== match?.actual) unmatched.set(actual.id, actual);
    }
    const { rejected, problems } = findNameConflicts(possible);
    for (const { desired, actual, nameHeldBy } of rejected) {
      failed.add(desired);
      if (actual !== undefined) unmatched.set(actual.id, actual);
      if (nameHeldBy !== undefined) this.#unclear.add(nameHeldBy);
    }
    const matches = possible.filter((match) => !rejected.has(match));
    // The user whom one row does not mean can be the one whom another row means.
    for (const { actual } of matches) if (actual !== undefined) unmatched.delete(actual.id);
    for (const { desired, candidates } of this.#rows)
      if (failed.has(desired)) for (const { actual } of candidates) this.#unclear.add(actual.id);
    return {
      matches,
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

  /** The other rows that find the same user. */
  #rivalsOf(row: Row, { id }: ActualUser): readonly Row[] {
    const rows = this.#contested.get(id) ?? [];
    return rows.filter((one) => one !== row && foundBy(one, this.#keyOf(one))?.actual.id === id);
  }

  /** The first key by which a row finds a user. */
  #keyOf({ candidates }: Row): MatchKey | undefined {
    if (candidates.length === 0) return undefined;
    return this.#keys.find((key) => candidates.some((one) => one[key]));
  }

  /** The user that a row means; undefined for a conflict, which is then one of the problems. */
  #match(row: Row): Match | undefined {
    const { desired, candidates } = row;
    const doubt = this.#doubtful.get(row);
    if (doubt !== undefined) return this.#conflict([row], doubt);
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
    const rivals = this.#rivalsOf(row, actual);
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
