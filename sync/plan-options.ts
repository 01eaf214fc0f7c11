/**
 * Which users a desired state owns. Only an owned user who is not in the desired state is ever deactivated.
 *
 * - `externalIdPrefix`: whose external ID begins with a text
 * - `group`: who are members of a group, by its name
 * - `filter`: who match a SCIM filter
 * - `attribute` and `value`: who have a value that the plan sets for everyone in the desired state
 *
 * @example
 * ```ts
 * const ofTheHrSystem: Ownership = { externalIdPrefix: 'hr-' };
 * const marked: Ownership = { attribute: 'userType', value: 'Contractor' };
 * ```
 */
export type Ownership =
  | { readonly externalIdPrefix: string }
  | { readonly group: string }
  | { readonly filter: string }
  | { readonly attribute: string; readonly value: string | boolean | number };

/**
 * An attribute by which rows find their users.
 *
 * @example
 * ```ts
 * const options: PlanOptions = { matchBy: ['externalId', 'userName'] satisfies MatchKey[] };
 * ```
 */
export type MatchKey = 'id' | 'externalId' | 'userName';

/**
 * The number of losses of each kind: users deactivated or deleted, roles lost, memberships ended, groups deleted.
 *
 * @example
 * ```ts
 * const total = ({ users = 0, roles = 0, members = 0, groups = 0 }: LossesByKind): number =>
 *   users + roles + members + groups;
 * ```
 */
export interface LossesByKind {
  readonly users?: number;
  readonly roles?: number;
  readonly members?: number;
  readonly groups?: number;
}

/**
 * How a plan is made.
 *
 * @example
 * ```ts
 * const options: PlanOptions = { ownedBy: { externalIdPrefix: 'hr-' }, neverTouch: ['admin@*'] };
 * const plan = await connector.plan({ users: [] }, options);
 * ```
 */
export interface PlanOptions {
  /** Default: no user, so that nobody is deactivated for not being in the desired state. */
  readonly ownedBy?: Ownership | undefined;
  /** Users that are never changed: patterns for the username, external ID, or ID, in which `*` is any text. */
  readonly neverTouch?: readonly string[] | undefined;
  /** How rows find their users; the first key that a row has and that matches wins. Default: all three, in this order. */
  readonly matchBy?: readonly MatchKey[] | undefined;
  /** What happens to owned users who are not in the desired state. Default: `deactivate`. */
  readonly missing?: 'deactivate' | 'delete' | 'keep' | undefined;
  /**
   * The groups whose memberships are set: those that the desired state names, all, or these. Default: `named`. Users
   * without `groups` in the desired state keep all of theirs.
   */
  readonly groups?: 'named' | 'all' | readonly string[] | undefined;
  /** Whether groups that do not exist are created. Default: false; the rows that name one are then a problem. */
  readonly createGroups?: boolean | undefined;
  /** The number of users of each kind of loss that are not held. Default: as in polls, 20 or 10%. */
  readonly massChangeLimit?: number | undefined;
  /** The losses of earlier plans in the past day, which count against the limit as well. Default: none. */
  readonly earlierLosses?: LossesByKind | undefined;
}
