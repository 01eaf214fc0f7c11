import type { ActionContext } from '../actions/operation.ts';
import { sha256 } from '../connector/safeguard/sha256.ts';
import { fill } from '../schemas/fill.ts';
import { foldCase } from '../scim/fold-case.ts';
import { buildUserChanges } from './build-changes.ts';
import type { DesiredState, RowProblem } from './desired.ts';
import { addHints } from './hint-renames.ts';
import { holdChanges } from './hold-changes.ts';
import type { ActualUser } from './match.ts';
import { NeverTouch } from './never-touch.ts';
import { type Owner, readOwnership } from './ownership.ts';
import { countChanges, type Plan, type PlannedChange } from './plan.ts';
import { planMemberships } from './plan-memberships.ts';
import { activeNote, attributeNotes, ownershipNotes } from './plan-notes.ts';
import type { PlanOptions } from './plan-options.ts';
import { planTexts } from './plan-texts.ts';
import { prepareState } from './prepare-state.ts';
import { readSyncedGroups, type SyncedGroups } from './read-groups.ts';
import { type ReadUsers, readUsers } from './read-users.ts';
import { syncedResources } from './synced-resources.ts';
import { needsWitnesses } from './witnesses.ts';

/**
 * Reads the users and the groups that matter, and plans what has to change. Nothing is changed.
 *
 * @throws ConnectorError `invalid_input` if the options are invalid
 */
export async function planUsers(
  context: ActionContext,
  given: DesiredState,
  options: PlanOptions = {},
): Promise<Plan> {
  const { users: definition, groups: groupDefinition } = syncedResources(context.definition);
  const groups = await readSyncedGroups(context, groupDefinition, given, options);
  const owner = readOwnership(definition, options.ownedBy, groups.ownerIds);
  const state = prepareState(given, groups.index, owner);
  const neverTouch = new NeverTouch(options.neverTouch ?? []);
  const read = await readUsers(context, state, owner, neverTouch, options);
  const changes = planChanges(context, state, read, groups, owner, neverTouch, options);
  const witnesses = read.witnesses.witnessesOf(changes.changes);
  const plan: Omit<Plan, 'id'> = {
    version: 1,
    createdAt: new Date(context.platform.now()).toISOString(),
    baseUrl: context.client.connection.baseUrl,
    source: state.source,
    read: {
      desired: given.users.length + given.unusable.length,
      users: read.count,
      owned: read.owned,
      witnesses,
    },
    ...changes,
    notes: [
      ...state.notes,
      ...attributeNotes(read.matching.matches),
      ...activeNote(read.matching),
      ...groups.notes,
      ...read.matching.notes,
      ...changes.notes,
      ...ownershipNotes(read, options.ownedBy),
      ...neverTouch.unused.map((pattern) => fill(planTexts.protectsNobody, { pattern })),
      ...(witnesses.length === 0 && changes.changes.some(needsWitnesses) ? [planTexts.noWitnesses] : []),
    ],
  };
  return { ...plan, id: idOfPlan(plan) };
}

/** The ID of a plan: a hash of everything else in it. Of two plans that say the same, each has a journal of its own. */
export function idOfPlan(plan: Omit<Plan, 'id'>): string {
  const content = Object.entries(plan).filter(([key]) => key !== 'id');
  const sorted = content.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `plan-${sha256(JSON.stringify(sorted)).slice(0, 16)}`;
}

type PlannedParts = Pick<
  Plan,
  'counts' | 'unchanged' | 'untouchable' | 'changes' | 'holds' | 'problems' | 'notes'
>;

function planChanges(
  { definition: connector }: ActionContext,
  state: DesiredState,
  { matching, ownedActive, hints, managers }: ReadUsers,
  { index, managed }: SyncedGroups,
  { owns }: Owner,
  neverTouch: NeverTouch,
  { missing = 'deactivate', massChangeLimit, earlierLosses = {} }: PlanOptions,
): PlannedParts {
  const { users: definition } = syncedResources(connector);
  const built = buildUserChanges({
    definition,
    matching,
    missing,
    hasOwner: owns !== undefined,
    findManager: (name) => managers.get(foldCase(name)) ?? managers.get(name),
    userNameOf: (id) => {
      const user = managers.get(id);
      return user?.id === id ? user.userName : undefined;
    },
    isUntouchable: (user) => neverTouch.protects(user),
  });
  const memberships = planMemberships({ ...built, groups: index, managed });
  const isMissing = ({ row, kind }: { readonly row?: number; readonly kind: string }): boolean =>
    row === undefined && (kind === 'deactivate' || kind === 'delete');
  // Who leaves altogether does so last: until then, nothing else depends on it.
  const inOrder: readonly PlannedChange[] = [
    ...built.changes.filter((change) => !isMissing(change)),
    ...memberships,
    ...built.changes.filter(isMissing),
  ];
  const { others, unclear } = matching;
  const isOwnedActive = ({ isOwned, active }: ActualUser): boolean =>
    isOwned && (active ?? !matching.showsActive);
  const maybeDescribed = others.filter((user) => isOwnedActive(user) && unclear.has(user.id));
  const { changes, holds } = holdChanges({
    definition,
    changes: addHints(inOrder, hints, state.users),
    limits: { number: massChangeLimit },
    earlier: earlierLosses,
    known: {
      users: Math.max(ownedActive, built.described),
      roles: built.described,
      members: managed.reduce((sum, { memberIds }) => sum + memberIds.size, 0),
    },
    owned: { active: ownedActive, described: built.describedActive + maybeDescribed.length },
    matched: built.described,
    unplaced: matching.unplaced,
  });
  const changed = new Set(changes.flatMap((change) => ('row' in change ? (change.row ?? []) : [])));
  return {
    counts: countChanges(changes),
    unchanged: built.usable.filter((row) => !changed.has(row)).length,
    untouchable: built.untouchable,
    changes,
    holds,
    problems: byFirstRow([...state.problems, ...matching.problems, ...built.problems]),
    notes: built.notes,
  };
}

function byFirstRow(problems: readonly RowProblem[]): readonly RowProblem[] {
  return problems.toSorted(({ rows: [one = 0] }, { rows: [other = 0] }) => one - other);
}
