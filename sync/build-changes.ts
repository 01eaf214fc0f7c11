import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { fill } from '../schemas/fill.ts';
import { foldCase } from '../scim/fold-case.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { compareUser } from './compare-user.ts';
import type { Matching } from './decide-matches.ts';
import { type DesiredUser, desiredText, type RowProblem } from './desired.ts';
import { type ManagedUser, managerNotes } from './manager-circles.ts';
import { managerPathOf } from './managers.ts';
import type { ActualUser, Match } from './match.ts';
import {
  type AttributeChange,
  changedUser,
  kindOfUpdate,
  type PlannedUser,
  type UserChange,
} from './plan.ts';
import { plainUser } from './plan-memberships.ts';
import type { PlanOptions } from './plan-options.ts';
import { planTexts } from './plan-texts.ts';

/** What {@link buildUserChanges} needs. */
export interface BuildInput {
  readonly definition: ResourceDefinition;
  readonly matching: Matching;
  readonly missing: NonNullable<PlanOptions['missing']>;
  /** Whether the desired state declares which users it owns. */
  readonly hasOwner: boolean;
  /** Finds a user at the provider by username, email, external ID, or ID. */
  readonly findManager: (reference: string) => ActualUser | undefined;
  /** The username of a user at the provider, by ID, if the plan needs managers. */
  readonly userNameOf: (id: string) => string | undefined;
  readonly isUntouchable: (user: PlannedUser) => boolean;
}

/** The changes of users, with what was found on the way. */
export interface BuiltChanges {
  readonly changes: readonly UserChange[];
  /** The ID of the change that creates the user of a match. */
  readonly creationOf: ReadonlyMap<Match, string>;
  /** The users at the provider whom rows describe. */
  readonly described: number;
  /** Those of them who are owned and active. */
  readonly describedActive: number;
  /** The rows that can be made as they are desired. */
  readonly usable: readonly number[];
  /** The matches of those that name groups. */
  readonly matches: readonly Match[];
  readonly untouchable: number;
  readonly problems: readonly RowProblem[];
  readonly notes: readonly string[];
}

/** Turns matched and missing users into changes. */
export function buildUserChanges(input: BuildInput): BuiltChanges {
  const builder = new ChangeBuilder(input);
  return builder.build();
}

class ChangeBuilder {
  readonly #input: BuildInput;
  readonly #changes: UserChange[] = [];
  readonly #managers: UserChange[] = [];
  readonly #managed = new Map<string, ManagedUser>();
  readonly #creationOf = new Map<Match, string>();
  readonly #creations = new Map<string, { readonly id: string; readonly userName: string }>();
  readonly #usable: number[] = [];
  readonly #withGroups: Match[] = [];
  readonly #problems: RowProblem[] = [];
  readonly #managerPath: string | undefined;
  #described = 0;
  #describedActive = 0;
  #untouchable = 0;

  constructor(input: BuildInput) {
    this.#input = input;
    this.#managerPath = managerPathOf(input.definition);
  }

  build(): BuiltChanges {
    const { matches, uncertain } = this.#input.matching;
    for (const match of uncertain) if (match.actual === undefined) this.#registerCreation(match);
    const holders = new Set(uncertain.flatMap(({ nameHeldBy }) => nameHeldBy ?? []));
    const rowOf = new Map<string, number>();
    for (const { actual, desired } of uncertain)
      if (actual !== undefined && holders.has(actual.id)) rowOf.set(actual.id, desired.row);
    for (const match of matches) {
      const actual = match.actual && this.#withActive(match.actual);
      if (actual !== undefined) this.#described += 1;
      if (actual?.isOwned === true && actual.active !== false) this.#describedActive += 1;
      if (this.#isUntouchable(match)) {
        this.#untouchable += 1;
        continue;
      }
      const after = match.nameHeldBy === undefined ? [] : [`row ${rowOf.get(match.nameHeldBy)}`];
      if (actual === undefined) this.#create(match, after);
      else this.#update(match, actual, after);
    }
    const missing = this.#input.matching.others.flatMap((user) => this.#missing(this.#withActive(user)));
    return {
      changes: [...inOrder(this.#changes), ...this.#managers, ...missing],
      creationOf: this.#creationOf,
      described: this.#described,
      describedActive: this.#describedActive,
      usable: this.#usable,
      matches: this.#withGroups,
      untouchable: this.#untouchable,
      problems: this.#problems,
      notes: managerNotes(this.#managed),
    };
  }

  /** Where others show that they are active, a user who shows nothing is not. */
  #withActive(user: ActualUser): ActualUser {
    const { showsActive } = this.#input.matching;
    return user.active === undefined && showsActive ? { ...user, active: false } : user;
  }

  #isUntouchable({ desired, actual }: Match): boolean {
    if (actual !== undefined) return actual.isUntouchable;
    return this.#input.isUntouchable(namesOf(desired));
  }

  #registerCreation({ desired }: Match): void {
    const { userName, externalId } = namesOf(desired);
    if (userName === undefined) return;
    const creation = { id: `row ${desired.row}`, userName };
    this.#creations.set(foldCase(userName), creation);
    if (externalId !== undefined && !this.#creations.has(externalId))
      this.#creations.set(externalId, creation);
  }

  #create(match: Match, after: readonly string[]): void {
    const { desired } = match;
    const user = namesOf(desired);
    if (user.userName === undefined) {
      this.#problem(desired, planTexts.userNameMissing);
      return;
    }
    const id = `row ${desired.row}`;
    const given = compareUser(modelOf(this.#input.definition), {}, desired);
    const isActiveGiven = given.some(({ path }) => path === 'active');
    const attributes = isActiveGiven ? given : [...given, { path: 'active', from: null, to: true }];
    const manager = this.#managerChange(desired, undefined);
    if (manager === 'unknown') return;
    this.#creationOf.set(match, id);
    this.#use(match);
    const isLater = manager?.toUserOf !== undefined;
    this.#changes.push({
      id,
      kind: 'create',
      user,
      row: desired.row,
      attributes: manager === undefined || isLater ? attributes : [...attributes, manager],
      ...(after.length > 0 && { after }),
    });
    if (isLater) this.#setManagerLater(desired, { ...user, createdBy: id }, manager);
  }

  #update(match: Match, actual: ActualUser, after: readonly string[]): void {
    const { desired, changes } = match;
    const isActiveGiven = Object.hasOwn(desired.attributes, 'active');
    // Who is in the desired state should be able to sign in.
    const isReactivated = !isActiveGiven && actual.active === false;
    if (changes.length === 0 && !isReactivated && desired.manager === undefined) {
      this.#use(match);
      return;
    }
    const activation = isReactivated ? [{ path: 'active', from: false, to: true }] : [];
    const manager = this.#managerChange(desired, actual);
    if (manager === 'unknown') return;
    const isLater = manager?.toUserOf !== undefined;
    const isSo = ({ path, to }: AttributeChange): boolean => path === 'active' && to === actual.active;
    const attributes = [
      ...changes.filter((change) => !isSo(change)),
      ...activation,
      ...(manager === undefined || isLater ? [] : [manager]),
    ];
    const kind = kindOfUpdate(attributes);
    if (kind === 'deactivate' && this.#input.hasOwner && !actual.isOwned) {
      this.#problem(desired, fill(planTexts.deactivatesOther, { user: actual.userName ?? actual.id }));
      return;
    }
    this.#use(match);
    if (isLater) this.#setManagerLater(desired, changedUser(plainUser(actual), attributes), manager);
    if (attributes.length === 0) return;
    this.#changes.push({
      id: `row ${desired.row}`,
      kind,
      user: plainUser(actual),
      row: desired.row,
      attributes,
      ...(after.length > 0 && { after }),
    });
  }

  /** A manager whom the same plan creates has no ID before: it is set once both users exist. */
  #setManagerLater(desired: DesiredUser, user: PlannedUser, manager: AttributeChange): void {
    this.#managers.push({
      id: `manager of row ${desired.row}`,
      kind: 'update',
      user,
      row: desired.row,
      attributes: [manager],
      after: [`row ${desired.row}`, ...(manager.toUserOf === undefined ? [] : [manager.toUserOf])],
    });
  }

  #managerChange(
    desired: DesiredUser,
    actual: ActualUser | undefined,
  ): AttributeChange | 'unknown' | undefined {
    const { manager } = desired;
    const path = this.#managerPath;
    if (manager === undefined || path === undefined) return undefined;
    const from = actual?.managerId ?? null;
    const fromUserName = from === null ? undefined : this.#input.userNameOf(from);
    const before = { path, from, ...(fromUserName !== undefined && { fromUserName }) };
    if (manager === null || manager === '') return from === null ? undefined : { ...before, to: null };
    const creation = this.#creations.get(foldCase(manager)) ?? this.#creations.get(manager);
    const found = this.#input.findManager(manager);
    const managerId = found?.id ?? creation?.id;
    if (managerId !== undefined) {
      const name = actual?.userName ?? desiredText(desired, 'userName') ?? actual?.id ?? '';
      this.#managed.set(actual?.id ?? `row ${desired.row}`, { row: desired.row, name, manager: managerId });
    }
    if (found !== undefined) {
      const { id, userName } = found;
      return id === from
        ? undefined
        : { ...before, to: id, ...(userName !== undefined && { toUserName: userName }) };
    }
    if (creation !== undefined) return { ...before, to: creation.userName, toUserOf: creation.id };
    this.#problem(desired, fill(planTexts.noManager, { manager }));
    return 'unknown';
  }

  #missing(user: ActualUser): readonly UserChange[] {
    const { missing, matching } = this.#input;
    if (missing === 'keep' || !user.isOwned || matching.unclear.has(user.id)) return [];
    if (user.isUntouchable) {
      this.#untouchable += 1;
      return [];
    }
    const change = { id: `user ${user.id}`, user: plainUser(user) };
    if (missing === 'delete') return [{ ...change, kind: 'delete', attributes: [] }];
    if (user.active === false) return [];
    return [
      {
        ...change,
        kind: 'deactivate',
        attributes: [{ path: 'active', from: user.active ?? null, to: false }],
      },
    ];
  }

  #use(match: Match): void {
    this.#usable.push(match.desired.row);
    if (match.desired.groups !== undefined) this.#withGroups.push(match);
  }

  #problem({ row }: DesiredUser, message: string): void {
    this.#problems.push({ rows: [row], message });
  }
}

function namesOf(desired: DesiredUser): PlannedUser {
  const userName = desiredText(desired, 'userName');
  const externalId = desiredText(desired, 'externalId');
  return {
    ...(userName !== undefined && { userName }),
    ...(externalId !== undefined && { externalId }),
  };
}

/** Puts what must be made first before what waits for it. There are no circles. */
function inOrder(changes: readonly UserChange[]): readonly UserChange[] {
  const byId = new Map(changes.map((change) => [change.id, change]));
  const ordered = new Set<UserChange>();
  for (const start of changes) {
    const chain: UserChange[] = [];
    let at: UserChange | undefined = start;
    while (at !== undefined && !ordered.has(at)) {
      chain.push(at);
      at = byId.get(at.after?.[0] ?? '');
    }
    for (const change of chain.reverse()) ordered.add(change);
  }
  return [...ordered];
}
