import type { ActionContext } from '../actions/operation.ts';
import { readPages } from '../connector/provider/read-pages.ts';
import type { Resource } from '../connector/resource.ts';
import { sha256 } from '../connector/safeguard/sha256.ts';
import { isRecord } from '../schemas/is-record.ts';
import { foldCase } from '../scim/fold-case.ts';
import { buildUserChanges } from './build-changes.ts';
import type { DesiredState, RowProblem } from './desired.ts';
import { addHints, hintKeysOf } from './hint-renames.ts';
import { holdChanges } from './hold-changes.ts';
import type { ActualUser } from './match.ts';
import { type Matching, UserMatcher } from './match-users.ts';
import { createTouchGuard, type Owner, readOwnership } from './ownership.ts';
import { countChanges, type Plan, type PlannedChange } from './plan.ts';
import { planMemberships } from './plan-memberships.ts';
import { activeNote, attributeNotes, ownershipNote } from './plan-notes.ts';
import type { PlanOptions } from './plan-options.ts';
import { prepareState } from './prepare-state.ts';
import { readContradictory } from './read-contradictory.ts';
import { readSyncedGroups, type SyncedGroups } from './read-groups.ts';
import { syncedResources } from './synced-resources.ts';
import { matchKeys, type UniqueRows } from './unique-rows.ts';

/** Results per page: fewer requests than with the provider's default, and a page that stays small. */
const pageSize = 1000;

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
  const read = await readUsers(context, state, owner, options);
  const changes = planChanges(context, state, read, groups, owner, options);
  const plan: Omit<Plan, 'id'> = {
    version: 1,
    createdAt: new Date(context.platform.now()).toISOString(),
    baseUrl: context.client.connection.baseUrl,
    source: state.source,
    read: { desired: given.users.length + given.unusable.length, users: read.count, owned: read.owned },
    ...changes,
    notes: [
      ...state.notes,
      ...attributeNotes(read.matching.matches),
      ...activeNote(read.matching),
      ...groups.notes,
      ...read.matching.notes,
      ...ownershipNote(read.matching, owner.owns !== undefined),
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

/** The users of a provider, as far as a plan needs them. */
interface ReadUsers {
  readonly matching: Matching;
  readonly count: number;
  readonly owned: number;
  readonly ownedActive: number;
  /** What suggests that an owned user is the same person as another, by ID. */
  readonly hints: ReadonlyMap<string, readonly string[]>;
  readonly managers: ReadonlyMap<string, ActualUser>;
}

async function readUsers(
  context: ActionContext,
  state: UniqueRows,
  { owns = () => false }: Owner,
  { matchBy = matchKeys, neverTouch = [] }: PlanOptions,
): Promise<ReadUsers> {
  const { users: definition } = syncedResources(context.definition);
  const matcher = new UserMatcher(definition, state, matchBy, {
    owns,
    isUntouchable: createTouchGuard(neverTouch),
  });
  const needsManagers = state.users.some(({ manager }) => manager !== undefined && manager !== null);
  const hints = new Map<string, readonly string[]>();
  const managers = new Map<string, ActualUser>();
  let [count, owned, ownedActive, ownedSilent] = [0, 0, 0, 0];
  const countOwned = ({ isOwned, active }: ActualUser, by: 1 | -1): void => {
    if (!isOwned) return;
    owned += by;
    if (active === true) ownedActive += by;
    if (active === undefined) ownedSilent += by;
  };
  const take = (user: Resource): void => {
    const actual = matcher.take(user);
    countOwned(actual, 1);
    if (actual.isOwned) hints.set(actual.id, hintKeysOf(user));
    if (!needsManagers) return;
    for (const key of managerKeysOf(user)) if (!managers.has(key)) managers.set(key, actual);
  };
  const contradictory: Resource[] = [];
  const reader = context.reader(definition, context.signal);
  const pages = readPages(reader, { count: pageSize }, { readsAhead: true });
  for await (const page of pages) {
    for (const user of page.resources) take(user);
    contradictory.push(...page.repeated.filter((copy) => matcher.contradicts(copy)));
    count += page.resources.length;
    context.onProgress?.({ done: count, total: Math.max(count, page.totalResults) });
  }
  const shown = await readContradictory(context, definition, contradictory);
  for (const actual of matcher.forget(new Set(shown.keys()))) countOwned(actual, -1);
  for (const user of shown.values()) take(user);
  for (const copy of contradictory) if (!shown.has(copy.id)) matcher.leave(copy);
  const matching = matcher.finish();
  if (!matching.showsActive) ownedActive += ownedSilent;
  return { matching, count, owned, ownedActive, hints, managers };
}

/** By what a desired state can name a manager. */
function managerKeysOf({ id, userName, externalId, emails }: Resource): readonly string[] {
  const addresses = (Array.isArray(emails) ? emails : []).map((item) => (isRecord(item) ? item.value : item));
  const texts = [userName, ...addresses].flatMap((value) =>
    typeof value === 'string' ? [foldCase(value)] : [],
  );
  return [...texts, ...(typeof externalId === 'string' ? [externalId] : []), id];
}

type PlannedParts = Pick<Plan, 'counts' | 'unchanged' | 'untouchable' | 'changes' | 'holds' | 'problems'>;

function planChanges(
  { definition: connector }: ActionContext,
  state: DesiredState,
  { matching, ownedActive, hints, managers }: ReadUsers,
  { index, managed }: SyncedGroups,
  { owns }: Owner,
  { missing = 'deactivate', neverTouch = [], massChangeLimit, earlierLosses = {} }: PlanOptions,
): PlannedParts {
  const { users: definition } = syncedResources(connector);
  const built = buildUserChanges({
    definition,
    matching,
    missing,
    hasOwner: owns !== undefined,
    findManager: (name) => managers.get(foldCase(name)) ?? managers.get(name),
    isUntouchable: createTouchGuard(neverTouch),
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
  };
}

function byFirstRow(problems: readonly RowProblem[]): readonly RowProblem[] {
  return problems.toSorted(({ rows: [one = 0] }, { rows: [other = 0] }) => one - other);
}
