import type { ResourceDefinition } from '../connector/definition/definition.ts';
import type { Resource } from '../connector/resource.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { Candidates, keyBits } from './candidates.ts';
import { compareUser, valueAt } from './compare-user.ts';
import { type DesiredUser, desiredText, type UnusableRow } from './desired.ts';
import { managerPathOf } from './managers.ts';
import type { ActualUser } from './match.ts';
import type { AttributeChange } from './plan.ts';
import type { MatchKey } from './plan-options.ts';
import { byKey, comparableKey, matchKeys, type UniqueRows, type UserIndex } from './unique-rows.ts';

/** How a user at the provider is judged while it is read. */
export interface Judges {
  readonly owns: (user: Resource) => boolean;
  readonly isUntouchable: (user: Resource) => boolean;
}

/** The position of the row that describes a user by each key. */
export type Positions = Readonly<Record<MatchKey, number | undefined>>;

/** A user of the provider as a plan sees it: what is kept of it, and which rows describe it. */
export interface DescribedUser {
  readonly actual: ActualUser;
  readonly positions: Positions;
}

/** The users of a provider, compared with the rows one by one: of each, what a plan needs of it, as a candidate of the rows that describe it. */
export class ComparedUsers {
  readonly rows: readonly DesiredUser[];
  readonly candidates: Candidates;
  /** The IDs of users whom an unusable row, or a conflict, describes. */
  readonly unclear = new Set<string>();
  /** Whether any user shows whether it is active. */
  showsActive = false;
  readonly #definition: ResourceDefinition;
  readonly #judges: Judges;
  readonly #index: UserIndex;
  readonly #unusableRows: readonly UnusableRow[];
  readonly #unusable: Readonly<Record<MatchKey, ReadonlyMap<string, readonly UnusableRow[]>>>;
  /** The unusable rows that find a user. */
  readonly #placed = new Set<UnusableRow>();
  readonly #managerPath: string | undefined;
  #others: ActualUser[] = [];
  /** What was kept of each user, by ID; undefined until someone asks for it. */
  #byId: Map<string, ActualUser> | undefined;
  /** The positions of the rows that describe one user, by its ID, where there are several. */
  readonly #contested = new Map<string, readonly number[]>();
  readonly #contestedRows = new Set<number>();

  constructor(definition: ResourceDefinition, state: UniqueRows, judges: Judges) {
    this.#definition = definition;
    this.#judges = judges;
    this.rows = state.users;
    this.candidates = new Candidates(state.users);
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

  /** Compares one user with the rows that describe it. */
  add(user: Resource): ActualUser {
    const { actual, positions } = this.describe(user);
    const found: number[] = [];
    for (const key of matchKeys) {
      const position = positions[key];
      const desired = position === undefined ? undefined : this.rows[position];
      if (position === undefined || desired === undefined || found.includes(position)) continue;
      found.push(position);
      const changes = this.compare(user, desired);
      this.candidates.add(position, { desired, actual, changes, foundBy: keysOf(positions, position) });
    }
    if (found.length === 0) this.#others.push(actual);
    this.#byId?.set(actual.id, actual);
    if (found.length > 1) {
      this.#contested.set(actual.id, found);
      for (const position of found) this.#contestedRows.add(position);
    }
    return actual;
  }

  /** Forgets users, so that they can be added again. @returns what was kept of them */
  forget(ids: ReadonlySet<string>): readonly ActualUser[] {
    if (ids.size === 0) return [];
    const forgotten = [...ids].flatMap((id) => this.find(id) ?? []);
    this.candidates.forget(ids);
    this.#others = this.#others.filter(({ id }) => !ids.has(id));
    for (const id of ids) {
      this.#contested.delete(id);
      this.unclear.delete(id);
    }
    return forgotten;
  }

  /** What was kept of a user. */
  find(id: string): ActualUser | undefined {
    this.#byId ??= this.#indexById();
    return this.#byId.get(id);
  }

  /** What would be kept of a user. Unusable rows that describe it are noted. */
  describe(user: Resource): DescribedUser {
    const positions = byKey((key) => this.#findRow(key, user));
    return { actual: this.#actualOf(user, positions), positions };
  }

  /** What has to change so that a user is as desired. */
  compare(user: Resource, desired: DesiredUser): readonly AttributeChange[] {
    return compareUser(modelOf(this.#definition), user, desired);
  }

  /** The position of the row that has a value of a key. */
  positionOf(key: MatchKey, text: string | undefined): number | undefined {
    const value = comparableKey(key, text);
    return value === undefined ? undefined : this.#index[key].get(value);
  }

  /** The users whom no row describes. */
  get others(): readonly ActualUser[] {
    return this.#others;
  }

  /** The unusable rows that find no user although they can describe one. */
  get unplaced(): readonly number[] {
    return this.#unusableRows
      .filter((one) => one.isDoubtful === true && !this.#placed.has(one))
      .map(({ row }) => row);
  }

  /** Whether a row describes a user whom another row describes as well. */
  isContested(position: number): boolean {
    return this.#contestedRows.has(position);
  }

  /** The positions of the rows that describe a user; empty if there is at most one. */
  contestantsOf(id: string): readonly number[] {
    return this.#contested.get(id) ?? [];
  }

  #indexById(): Map<string, ActualUser> {
    const described = [...this.rows.keys()].flatMap((position) =>
      this.candidates.of(position).map(({ actual }) => actual),
    );
    return new Map([...this.#others, ...described].map((actual) => [actual.id, actual]));
  }

  /** The position of the row that describes a user by one key. */
  #findRow(key: MatchKey, user: Resource): number | undefined {
    const given = user[key];
    const value = comparableKey(key, typeof given === 'string' ? given : undefined);
    if (value === undefined) return undefined;
    for (const row of this.#unusable[key].get(value) ?? []) {
      this.#placed.add(row);
      this.unclear.add(user.id);
    }
    return this.positionOf(key, value);
  }

  #actualOf(user: Resource, positions: Positions): ActualUser {
    const { id, active } = user;
    const path = this.#managerPath;
    const managerId = path === undefined ? undefined : valueAt(user, modelOf(this.#definition), path);
    if (typeof active === 'boolean') this.showsActive = true;
    return {
      id,
      userName: sharedText(user.userName, this.rows[positions.userName ?? -1], 'userName'),
      externalId: sharedText(user.externalId, this.rows[positions.externalId ?? -1], 'externalId'),
      active: typeof active === 'boolean' ? active : undefined,
      managerId: typeof managerId === 'string' ? managerId : undefined,
      isOwned: this.#judges.owns(user),
      isUntouchable: this.#judges.isUntouchable(user),
    };
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
