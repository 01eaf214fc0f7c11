import { isUserChange, nameOfUser, type Plan, type PlannedChange } from '../../sync/plan.ts';
import { formatAttribute, summaryOf } from '../format-plan.ts';

/** How far a directory is from a desired state. */
export interface Drift {
  readonly summary: string;
  readonly changes: readonly { readonly kind: string; readonly name: string; readonly details: string }[];
  readonly problems: readonly string[];
  /** What a person should know of the plan, such as a misspelled pattern. */
  readonly notes: readonly string[];
}

/** The drift that a plan shows. */
export function driftOf(plan: Plan): Drift {
  return {
    summary: summaryOf(plan),
    changes: plan.changes.map((change) => ({
      kind: change.kind.replace('_', ' '),
      ...describe(change),
    })),
    problems: plan.problems.map(({ message }) => message),
    notes: plan.notes,
  };
}

function describe(change: PlannedChange): { readonly name: string; readonly details: string } {
  if (isUserChange(change)) {
    const { kind, user, attributes } = change;
    return {
      name: nameOfUser(user),
      details: attributes.map((one) => formatAttribute(kind, one, (value) => value)).join('; '),
    };
  }
  const isMembership = change.kind === 'join' || change.kind === 'leave';
  return {
    name: isMembership ? nameOfUser(change.user) : change.group.displayName,
    details: isMembership ? change.group.displayName : '',
  };
}
