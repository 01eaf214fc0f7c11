import type { DesiredUser } from './desired.ts';
import type { AttributeChange } from './plan.ts';

/** What a plan keeps of a user at the provider. There are many: each has all properties, which takes the least memory. */
export interface ActualUser {
  readonly id: string;
  readonly userName: string | undefined;
  readonly externalId: string | undefined;
  readonly active: boolean | undefined;
  readonly managerId: string | undefined;
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
