import type { DesiredUser } from './desired.ts';
import type { AttributeChange, PlannedUser } from './plan.ts';

/** What a plan keeps of a user at the provider. */
export interface ActualUser extends PlannedUser {
  readonly id: string;
  readonly managerId?: string;
  readonly isOwned: boolean;
  readonly isUntouchable: boolean;
}

/** A desired user with the user at the provider that it means; without one, it is to be created. */
export interface Match {
  readonly desired: DesiredUser;
  readonly actual: ActualUser | undefined;
  /** What differs. */
  readonly changes: readonly AttributeChange[];
  /** The ID of the user who has the desired username until it is renamed. */
  readonly nameHeldBy?: string;
}
