import { didYouMean } from '../schemas/did-you-mean.ts';
import { fill } from '../schemas/fill.ts';
import { foldCase } from '../scim/fold-case.ts';
import { type DesiredUser, desiredText, type RowProblem } from './desired.ts';
import type { ActualUser, Match } from './match.ts';
import type { GroupChange, MembershipChange, PlannedGroup, PlannedUser } from './plan.ts';
import { planTexts } from './plan-texts.ts';

/** A group whose memberships a plan may set. */
export interface ManagedGroup {
  /** Undefined if the group does not exist yet. */
  readonly id?: string;
  readonly displayName: string;
  readonly externalId?: string;
  /** The IDs of its members. */
  readonly memberIds: ReadonlySet<string>;
  /** Whether some members are shown without an ID, so that none are known. */
  readonly hasUnknownMembers?: boolean;
}

/** Groups by their names, external IDs, and IDs. */
export class GroupIndex {
  readonly #byName = new Map<string, ManagedGroup>();
  readonly #names: string[] = [];
  readonly #ambiguous = new Set<string>();

  constructor(groups: readonly ManagedGroup[]) {
    for (const group of groups) {
      const name = foldCase(group.displayName);
      if (this.#byName.has(name)) this.#ambiguous.add(name);
      else this.#byName.set(name, group);
      this.#names.push(group.displayName);
    }
    for (const group of groups)
      for (const key of [group.externalId, group.id])
        if (key !== undefined && !this.#byName.has(foldCase(key))) this.#byName.set(foldCase(key), group);
  }

  find(name: string): ManagedGroup | undefined {
    return this.#byName.get(foldCase(name));
  }

  /** Why a name cannot be used; undefined if it can. */
  problemOf(name: string): string | undefined {
    if (this.#ambiguous.has(foldCase(name))) return fill(planTexts.ambiguousGroup, { name });
    if (this.find(name) !== undefined) return undefined;
    return fill(planTexts.noGroup, { name, suggestion: didYouMean(name, this.#names) });
  }
}

/** The rows that name groups which cannot be used. One problem for each name. */
export function groupProblems(users: readonly DesiredUser[], groups: GroupIndex): readonly RowProblem[] {
  const rowsOf = new Map<string, number[]>();
  for (const { row, groups: names } of users)
    for (const name of names ?? []) {
      const rows = rowsOf.get(name);
      if (rows === undefined) rowsOf.set(name, [row]);
      else rows.push(row);
    }
  return [...rowsOf].flatMap(([name, rows]) => {
    const message = groups.problemOf(name);
    return message === undefined ? [] : [{ rows, message }];
  });
}

/** What {@link planMemberships} needs. */
export interface MembershipInput {
  readonly matches: readonly Match[];
  /** The ID of the change that creates the user of a match. */
  readonly creationOf: ReadonlyMap<Match, string>;
  readonly groups: GroupIndex;
  /** The groups whose memberships are set. */
  readonly managed: readonly ManagedGroup[];
}

/** Plans who joins and who leaves the managed groups. Only users whose rows say so do. */
export function planMemberships({
  matches,
  creationOf,
  groups,
  managed,
}: MembershipInput): readonly (GroupChange | MembershipChange)[] {
  const wanted = new Map<ManagedGroup, Match[]>(managed.map((group) => [group, []]));
  const described = new Map<string, Match>();
  for (const match of matches) {
    const { desired, actual } = match;
    if (desired.groups === undefined || actual?.isUntouchable === true) continue;
    if (actual !== undefined) described.set(actual.id, match).set(foldCase(actual.id), match);
    const named = new Set(desired.groups.flatMap((name) => groups.find(name) ?? []));
    for (const group of named) wanted.get(group)?.push(match);
  }
  return managed.flatMap((group) => changesOf(group, wanted.get(group) ?? [], described, creationOf));
}

function changesOf(
  group: ManagedGroup,
  wanted: readonly Match[],
  described: ReadonlyMap<string, Match>,
  creationOf: ReadonlyMap<Match, string>,
): readonly (GroupChange | MembershipChange)[] {
  const { id, displayName } = group;
  const createdBy = `group ${displayName}`;
  const creation: GroupChange = { id: createdBy, kind: 'create_group', group: { displayName } };
  const named: PlannedGroup = id === undefined ? { displayName, createdBy } : { id, displayName };
  // Some providers show an ID in another case than in a list.
  const present = new Set(
    [...group.memberIds].flatMap((id) => described.get(id) ?? described.get(foldCase(id)) ?? []),
  );
  const joining = wanted.filter((match) => !present.has(match));
  const staying = new Set(wanted);
  const leaving = [...present].filter((match) => !staying.has(match));
  return [
    ...(id === undefined ? [creation] : []),
    ...joining.map((match) => membership('join', named, match, creationOf.get(match))),
    ...leaving.map((match) => membership('leave', named, match, undefined)),
  ];
}

function membership(
  kind: MembershipChange['kind'],
  group: PlannedGroup,
  { desired, actual }: Match,
  createdBy: string | undefined,
): MembershipChange {
  const userName = desiredText(desired, 'userName');
  const after = [createdBy, group.createdBy].filter((id) => id !== undefined);
  return {
    id: `${kind} ${group.id ?? group.displayName} ${actual?.id ?? `row ${desired.row}`}`,
    kind,
    user:
      actual === undefined
        ? { ...(userName !== undefined && { userName }), ...(createdBy !== undefined && { createdBy }) }
        : plainUser(actual),
    group,
    row: desired.row,
    ...(after.length > 0 && { after }),
  };
}

/** A user as a plan names it. */
export function plainUser({ id, userName, externalId, active }: ActualUser): PlannedUser {
  return {
    id,
    ...(userName !== undefined && { userName }),
    ...(externalId !== undefined && { externalId }),
    ...(active !== undefined && { active }),
  };
}
