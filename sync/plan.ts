import type { RowProblem } from './desired.ts';
import { planTexts } from './plan-texts.ts';

/**
 * A change of one attribute; null is no value.
 *
 * @example
 * ```ts
 * const format = ({ path, from, to }: AttributeChange): string => `${path}: ${from ?? 'none'} → ${to ?? 'none'}`;
 * ```
 */
export interface AttributeChange {
  /** A SCIM path: `name.givenName`, `urn:…:User:department`. */
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
  /** The ID of the change that creates the user whose ID becomes the value. `to` is then its username. */
  readonly toUserOf?: string;
  /** The username of the user whose ID is the value before. */
  readonly fromUserName?: string;
  /** The username of the user whose ID becomes the value, if the user exists. */
  readonly toUserName?: string;
}

/**
 * How a plan names a user.
 *
 * @example
 * ```ts
 * const nameOf = ({ userName, id }: PlannedUser): string => userName ?? id ?? 'a new user';
 * ```
 */
export interface PlannedUser {
  /** The ID at the provider; undefined for a user that the plan creates. */
  readonly id?: string;
  readonly userName?: string;
  readonly externalId?: string;
  /** Whether the user is active, if the provider says so. */
  readonly active?: boolean;
  /** The ID of the change that creates the user. */
  readonly createdBy?: string;
}

/**
 * What happens to a user.
 *
 * @example
 * ```ts
 * const endsAccess = (kind: UserChangeKind): boolean => kind === 'deactivate' || kind === 'delete';
 * ```
 */
export type UserChangeKind = 'create' | 'update' | 'reactivate' | 'deactivate' | 'delete';

/**
 * The planned change of one user.
 *
 * @example
 * ```ts
 * const leavers = (changes: readonly PlannedChange[]): UserChange[] =>
 *   changes.filter((change): change is UserChange => change.kind === 'deactivate');
 * ```
 */
export interface UserChange {
  /** Identifies the change within its plan. */
  readonly id: string;
  readonly kind: UserChangeKind;
  /** The user as it was when the plan was made. */
  readonly user: PlannedUser;
  /** The row of the desired state; undefined if the user is in none. */
  readonly row?: number;
  /** Of a created user: all values. Of a deleted one: the values without which it is not the user that was meant. */
  readonly attributes: readonly AttributeChange[];
  /** The IDs of changes that must be made before this one. */
  readonly after?: readonly string[];
  /** The ID of the hold that keeps the change from being made without approval. */
  readonly heldBy?: string;
  /** What a person should consider. */
  readonly hint?: string;
}

/**
 * The planned creation of a group.
 *
 * @example
 * ```ts
 * const nameOf = ({ group }: GroupChange): string => group.displayName;
 * ```
 */
export interface GroupChange {
  readonly id: string;
  readonly kind: 'create_group' | 'delete_group';
  readonly group: PlannedGroup;
  readonly after?: readonly string[];
  readonly heldBy?: string;
}

/**
 * How a plan names a group.
 *
 * @example
 * ```ts
 * const isNew = ({ createdBy }: PlannedGroup): boolean => createdBy !== undefined;
 * ```
 */
export interface PlannedGroup {
  /** The ID at the provider; undefined for a group that the plan creates. */
  readonly id?: string;
  readonly displayName: string;
  /** The ID of the change that creates the group. */
  readonly createdBy?: string;
}

/**
 * The planned change of one membership.
 *
 * @example
 * ```ts
 * const format = ({ kind, user, group }: MembershipChange): string =>
 *   `${user.userName} ${kind === 'join' ? 'joins' : 'leaves'} ${group.displayName}`;
 * ```
 */
export interface MembershipChange {
  readonly id: string;
  readonly kind: 'join' | 'leave';
  readonly user: PlannedUser;
  readonly group: PlannedGroup;
  readonly row?: number;
  readonly after?: readonly string[];
  readonly heldBy?: string;
}

/**
 * One change of a plan.
 *
 * @example
 * ```ts
 * const isHeld = ({ heldBy }: PlannedChange): boolean => heldBy !== undefined;
 * ```
 */
export type PlannedChange = UserChange | GroupChange | MembershipChange;

/**
 * A part of a plan that is not applied before a person approves exactly this part.
 *
 * @example
 * ```ts
 * const format = ({ id, reason, names }: PlanHold): string => `${reason} ${names.join(', ')}. To approve: ${id}`;
 * ```
 */
export interface PlanHold {
  /** A hash of what is held, so that an approval is for exactly this. */
  readonly id: string;
  readonly reason: string;
  /** The number of held changes. */
  readonly changes: number;
  /** The first of the affected users. */
  readonly names: readonly string[];
}

/**
 * The number of changes of each kind.
 *
 * @example
 * ```ts
 * const total = (counts: PlanCounts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
 * ```
 */
export type PlanCounts = { readonly [Kind in PlannedChange['kind']]: number };

/**
 * A user by whom a plan recognizes the directory that it was made from.
 *
 * @example
 * ```ts
 * const format = ({ userName, id }: Witness): string => `${userName ?? 'a user'} (ID ${id})`;
 * ```
 */
export interface Witness {
  readonly id: string;
  readonly userName?: string;
}

/**
 * What has to change at a provider so that its users are as desired. It is plain JSON, without secrets.
 *
 * @example
 * ```ts
 * const plan: Plan = await connector.plan({ users: [{ userName: 'ada@example.com', title: 'Analyst' }] });
 * for (const { id, kind, heldBy } of plan.changes) console.log(id, kind, heldBy ?? 'not held');
 * ```
 */
export interface Plan {
  readonly version: 1;
  /** A hash of everything else in the plan. */
  readonly id: string;
  /** When it was made, in ISO 8601; of the way back from a journal, when that was begun. */
  readonly createdAt: string;
  /** The provider that the plan is for. */
  readonly baseUrl: string;
  /** How messages name the source of the desired state. */
  readonly source: string;
  /** Of what the plan was computed. */
  readonly read: {
    /** The users in the desired state. */
    readonly desired: number;
    /** The users at the provider. */
    readonly users: number;
    /** The users at the provider that the plan owns. */
    readonly owned: number;
    /**
     * Some of the users at the provider whom the plan leaves as they are. It is applied only to a directory that has most of
     * them. Empty if there are none.
     */
    readonly witnesses?: readonly Witness[];
  };
  readonly counts: PlanCounts;
  /** The users in the desired state that need no change. */
  readonly unchanged: number;
  /** The users that a never-touch pattern protects. */
  readonly untouchable: number;
  /** In an order in which they can be made. */
  readonly changes: readonly PlannedChange[];
  readonly holds: readonly PlanHold[];
  readonly problems: readonly RowProblem[];
  readonly notes: readonly string[];
}

/** The number of changes of each kind. */
export function countChanges(changes: readonly PlannedChange[]): PlanCounts {
  const counts = {
    create: 0,
    update: 0,
    reactivate: 0,
    deactivate: 0,
    delete: 0,
    create_group: 0,
    delete_group: 0,
    join: 0,
    leave: 0,
  };
  for (const { kind } of changes) counts[kind] += 1;
  return counts;
}

/** Whether a change is one of a user itself. */
export function isUserChange(change: PlannedChange): change is UserChange {
  return 'attributes' in change;
}

/** A user as a plan names it once its attributes have changed. */
export function changedUser(user: PlannedUser, attributes: readonly AttributeChange[]): PlannedUser {
  const names = new Set(['userName', 'externalId', 'active']);
  const changed = attributes.filter(({ path }) => names.has(path)).map(({ path, to }) => [path, to] as const);
  const entries = [...Object.entries(user), ...changed].filter(([, value]) => value !== null);
  const removed = new Set(changed.filter(([, to]) => to === null).map(([path]) => path));
  return Object.fromEntries(entries.filter(([path]) => !removed.has(path))) as PlannedUser;
}

/** What a change of attributes means for a user. */
export function kindOfUpdate(attributes: readonly AttributeChange[]): UserChangeKind {
  const active = attributes.find(({ path }) => path === 'active');
  if (active === undefined || active.to === null) return 'update';
  if (active.to === false) return 'deactivate';
  return active.from === false ? 'reactivate' : 'update';
}

/** How messages name a user. */
export function nameOfUser({
  userName,
  externalId,
  id,
}: {
  readonly [Name in 'userName' | 'externalId' | 'id']?: string | undefined;
}): string {
  return userName ?? externalId ?? id ?? planTexts.namelessUser;
}
