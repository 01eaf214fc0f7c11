import type { AttributeChange, PlanHold, PlannedChange } from './plan.ts';
import type { LossesByKind } from './plan-options.ts';

/**
 * What became of a change.
 *
 * - `changed`: it was made, and the provider shows it
 * - `unchanged`: the provider was as planned already
 * - `refused`: the user is not as it was when the plan was made
 * - `failed`: the provider rejected it
 * - `held`: it needs an approval
 * - `waiting`: a change before it was not made
 * - `stopped`: the run ended before it, or during it; then `maybeMade` is set
 *
 * @example
 * ```ts
 * const isMade = (outcome: ChangeOutcome): boolean => outcome === 'changed' || outcome === 'unchanged';
 * ```
 */
export type ChangeOutcome = 'changed' | 'unchanged' | 'refused' | 'failed' | 'held' | 'waiting' | 'stopped';

/**
 * The outcome of one change.
 *
 * @example
 * ```ts
 * const format = ({ change, outcome, message }: ChangeResult): string => `${change.id}: ${outcome} ${message ?? ''}`;
 * ```
 */
export interface ChangeResult {
  readonly change: PlannedChange;
  readonly outcome: ChangeOutcome;
  /** Why it was not made. */
  readonly message?: string;
  /** The error code, if it failed. */
  readonly code?: string;
  /** Of a stopped change: it was sent, and the run ended before the provider showed whether it was made. */
  readonly maybeMade?: boolean;
  /** Of a refused change: what the plan is based on, and what is there now. */
  readonly differences?: readonly AttributeChange[];
}

/**
 * What applying a plan has done.
 *
 * @example
 * ```ts
 * const isComplete = ({ counts }: ApplyResult): boolean => counts.changed + counts.unchanged > 0 && counts.failed === 0;
 * ```
 */
export interface ApplyResult {
  readonly planId: string;
  readonly counts: { readonly [Outcome in ChangeOutcome]: number };
  /** The changes that earlier runs with the same journal had made; they are not in the results. */
  readonly doneBefore: number;
  /** In the order of the plan. */
  readonly results: readonly ChangeResult[];
  /** The holds that were not approved. */
  readonly holds: readonly PlanHold[];
  /** The losses that were made, or may have been, and that nobody had to approve, for `earlierLosses` of the next plans of the day. */
  readonly losses: LossesByKind;
  /** Why the run ended early, if the journal could not be written, such as on a full disk. Apply the plan again to resume. */
  readonly stoppedBy?: unknown;
}

/** The number of results with each outcome. */
export function countOutcomes(results: readonly ChangeResult[]): ApplyResult['counts'] {
  const counts = { changed: 0, unchanged: 0, refused: 0, failed: 0, held: 0, waiting: 0, stopped: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}
