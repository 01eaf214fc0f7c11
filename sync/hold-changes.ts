import type { ConnectorDefinition, ResourceDefinition } from '../connector/definition/definition.ts';
import {
  countLosses,
  exceededLimits,
  type KnownCounts,
  type Loss,
  type LossLimits,
  lossesOfEvent,
  lossLimit,
  type RecentLosses,
} from '../connector/safeguard/safeguard.ts';
import { sha256 } from '../connector/safeguard/sha256.ts';
import { fill } from '../schemas/fill.ts';
import { isRecord } from '../schemas/is-record.ts';
import { isNothing } from '../scim/canonical.ts';
import { foldCase } from '../scim/fold-case.ts';
import {
  type AttributeChange,
  isUserChange,
  nameOfUser,
  type Plan,
  type PlanHold,
  type PlannedChange,
  type UserChange,
} from './plan.ts';
import type { LossesByKind } from './plan-options.ts';
import { planTexts } from './plan-texts.ts';
import { shortPath } from './row-texts.ts';
import { isSpreadsheetForm } from './spreadsheet-form.ts';
import { syncedResources } from './synced-resources.ts';

/** What the safeguard compares changes with. */
export interface HoldInput {
  readonly definition: ResourceDefinition;
  readonly changes: readonly PlannedChange[];
  readonly limits: LossLimits;
  /** The losses of earlier plans in the past day. */
  readonly earlier: LossesByKind;
  /** How many are known: owned or described users, users with a role, and memberships of managed groups. */
  readonly known: KnownCounts;
  /** The owned users who are active, and how many of them the desired state describes. */
  readonly owned: { readonly active: number; readonly described: number };
  /** The users at the provider whom the desired state describes. */
  readonly matched: number;
  /** The rows that cannot be used, and find no user although they can describe one. */
  readonly unplaced: readonly number[];
}

/** Why a part of the changes is held. The first reason that applies to a change holds it. */
interface Reason {
  readonly text: string;
  holds(change: PlannedChange): boolean;
}

/** Holds the changes that would remove too much at once, so that a person reviews them first. */
export function holdChanges(input: HoldInput): {
  readonly changes: readonly PlannedChange[];
  readonly holds: readonly PlanHold[];
} {
  const reasons = [
    ...sourceReasons(input),
    ...lossReasons(input),
    ...formatReasons(input),
    ...attributeReasons(input),
  ];
  const heldFor = new Map<PlannedChange, Reason>();
  for (const change of input.changes) {
    const reason = reasons.find((one) => one.holds(change));
    if (reason !== undefined) heldFor.set(change, reason);
  }
  const ids = new Map<Reason, string>();
  const holds = reasons.flatMap((reason): readonly PlanHold[] => {
    const held = input.changes.filter((change) => heldFor.get(change) === reason);
    if (held.length === 0) return [];
    const id = idOfHold(held);
    ids.set(reason, id);
    const names = held.slice(0, mostNamed).map(nameOfChange);
    return [{ id, reason: reason.text, changes: held.length, names }];
  });
  const changes = input.changes.map((change) => {
    const reason = heldFor.get(change);
    const heldBy = reason && ids.get(reason);
    return heldBy === undefined ? change : { ...change, heldBy };
  });
  return { changes, holds };
}

const mostNamed = 10;
/** Fewer owned users than this are no sign that the source is wrong when most of them are missing. */
const fewestOwned = 3;

/** The source itself looks wrong: it is empty, has lost most of its users, or is another one. */
function sourceReasons({ owned, unplaced }: HoldInput): readonly Reason[] {
  const { active, described } = owned;
  if (active > 0 && described === 0) return [all(fill(planTexts.noneDescribed, { active }))];
  if (active >= fewestOwned && described < active / 2)
    return [all(fill(planTexts.fewDescribed, { described, active }))];
  if (unplaced.length === 0) return [];
  const rows = unplaced.slice(0, 5).join(', ');
  return [
    {
      text:
        unplaced.length === 1
          ? fill(planTexts.oneRowUnplaced, { rows })
          : fill(planTexts.rowsUnplaced, { count: unplaced.length, rows }),
      holds: (change) => isUserChange(change) && isRemoval(change) && change.row === undefined,
    },
  ];
}

function all(text: string): Reason {
  return { text, holds: () => true };
}

/** Too many users would lose access, roles, or memberships. */
function lossReasons({ definition, changes, limits, earlier, known }: HoldInput): readonly Reason[] {
  const lossesOf = new Map(changes.map((change) => [change, lossesOfChange(definition, change)]));
  const counts = countLosses([...lossesOf.values()].flat());
  const recent: RecentLosses = Object.fromEntries(
    Object.entries(earlier).map(([kind, count]) => [kind, [[0, count, 0] as const]]),
  );
  return exceededLimits(counts, known, { limits, recent, nowInMs: 0 }).map(
    ({ kind, count, earlier: before, known: total, limit }) => ({
      text:
        fill(planTexts[kind], { count, known: total ?? count, limit }) +
        (before === 0 ? '' : fill(planTexts.lostBefore, { count: before })),
      holds: (change) => lossesOf.get(change)?.some((loss) => loss.kind === kind) === true,
    }),
  );
}

/** Values would change as a spreadsheet changes them by itself. */
function formatReasons({ changes }: HoldInput): readonly Reason[] {
  const reformatted = updatesOf(changes).flatMap(({ row, attributes }) =>
    attributes.filter(isReformatted).map((one) => ({ row, ...one })),
  );
  return [...Map.groupBy(reformatted, ({ path }) => path)].map(([path, [first, ...others]]) => ({
    text: fill(others.length === 0 ? planTexts.reformattedOnce : planTexts.reformatted, {
      attribute: shortPath(path),
      count: others.length + 1,
      row: first?.row ?? '?',
      from: itemText(first?.from),
      to: itemText(first?.to),
    }),
    holds: (change) =>
      updatesOf([change]).some(({ attributes }) =>
        attributes.some((one) => one.path === path && isReformatted(one)),
      ),
  }));
}

function isReformatted({ from, to }: AttributeChange): boolean {
  return isSpreadsheetForm(from, to);
}

/** A value, or those of a list, as a sheet has them. */
function itemText(value: unknown): string {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.map((item) => String(isRecord(item) ? item.value : item)).join('; ');
}

function updatesOf(changes: readonly PlannedChange[]): readonly UserChange[] {
  return changes.filter(isUserChange).filter(({ kind }) => kind === 'update' || kind === 'reactivate');
}

/** An attribute would vanish from many users, or many would get another username. */
function attributeReasons({ changes, limits, matched }: HoldInput): readonly Reason[] {
  const limit = lossLimit('users', matched, limits);
  const updates = updatesOf(changes);
  const cleared = Map.groupBy(
    updates.flatMap(({ attributes }) =>
      attributes.filter(({ from, to }) => isNothing(to) && !isNothing(from)).map(({ path }) => path),
    ),
    (path) => path,
  );
  const reasons: Reason[] = [...cleared]
    .filter(([, paths]) => paths.length > limit)
    .map(([path, { length }]) => ({
      text: fill(planTexts.attributeRemoved, { attribute: shortPath(path), count: length, matched, limit }),
      holds: (change) =>
        isUserChange(change) && change.attributes.some((one) => one.path === path && isNothing(one.to)),
    }));
  const renamed = updates.filter(isRename).length;
  if (renamed <= limit) return reasons;
  return [
    ...reasons,
    {
      text: fill(planTexts.renamed, { count: renamed, matched, limit }),
      holds: (change) => isUserChange(change) && isRename(change),
    },
  ];
}

/** The losses of each change that nobody has to approve, by its ID. Changes without a loss are omitted. */
export function unapprovedLosses(
  definition: ConnectorDefinition,
  { changes }: Pick<Plan, 'changes'>,
): Readonly<Record<string, LossesByKind>> {
  const { users } = syncedResources(definition);
  return Object.fromEntries(
    changes.flatMap((change) => {
      const losses = change.heldBy === undefined ? lossesOfChange(users, change) : [];
      return losses.length === 0 ? [] : [[change.id, Object.fromEntries(countLosses(losses))]];
    }),
  );
}

/** The losses of a change. */
export function lossesOfChange(definition: ResourceDefinition, change: PlannedChange): readonly Loss[] {
  if (change.kind === 'leave') {
    const { group, user } = change;
    const subject = { resource: 'Group', id: group.id ?? group.displayName, name: group.displayName };
    return [{ kind: 'members', subject, before: nameOfUser(user), after: 'none', items: [user.id ?? ''] }];
  }
  if (!isUserChange(change) || change.kind === 'create') return [];
  const { id = '', userName = null, externalId = null } = change.user;
  return lossesOfEvent(definition, {
    type: change.kind === 'deactivate' || change.kind === 'delete' ? change.kind : 'patch',
    subject: { id, userName, externalId, displayName: null },
    changes: change.attributes.map((one) => ({ ...one, fromKnown: true, toKnown: true })),
  });
}

function isRemoval({ kind }: UserChange): boolean {
  return kind === 'deactivate' || kind === 'delete';
}

function isRename({ kind, user, attributes }: UserChange): boolean {
  if (kind === 'create') return false;
  const { userName = '' } = user;
  return attributes.some(
    ({ path, to }) => path === 'userName' && foldCase(String(to)) !== foldCase(userName),
  );
}

/** The ID of exactly these changes: another value, or one user more, and it is another. */
function idOfHold(held: readonly PlannedChange[]): string {
  const keys = held.map((change) => {
    const { id, kind, user, attributes } = { user: undefined, attributes: undefined, ...change };
    return JSON.stringify([kind, user?.id ?? id, attributes?.map(({ path, from, to }) => [path, from, to])]);
  });
  return `hold-${sha256(keys.toSorted().join('\n')).slice(0, 16)}`;
}

/** How messages name a change: `ada@example.com (deactivate)`. */
export function nameOfChange(change: PlannedChange): string {
  switch (change.kind) {
    case 'create_group':
    case 'delete_group':
      return change.group.displayName;
    case 'join':
    case 'leave': {
      const text = change.kind === 'join' ? planTexts.heldJoin : planTexts.heldLeave;
      return fill(text, { user: nameOfUser(change.user), group: change.group.displayName });
    }
    default:
      return fill(planTexts.heldChange, { user: nameOfUser(change.user), kind: change.kind });
  }
}
