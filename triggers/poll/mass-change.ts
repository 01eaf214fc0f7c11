import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { errorParts } from '../../connector/error-texts.ts';
import { type HeldLoss, type HeldLosses, toHeldLoss } from '../../connector/safeguard/hold.ts';
import type { Loss } from '../../connector/safeguard/safeguard.ts';
import { fill } from '../../schemas/fill.ts';

/** Thrown by a poll whose list has none of the known resources: all of the poll is held. */
export class DirectoryHeld extends Error implements HeldLosses {
  readonly losses: readonly HeldLoss[];
  readonly reasons: readonly string[];

  constructor({ losses, reasons }: HeldLosses) {
    super(reasons.join(' '));
    this.losses = losses;
    this.reasons = reasons;
  }
}

type Described = Pick<ResourceDefinition, 'name' | 'title' | 'attributes'>;

function holdsAccounts({ attributes }: Pick<Described, 'attributes'>): boolean {
  return attributes.some(({ name }) => name === 'active');
}

/**
 * The number of known resources from which a list without any of them is held. An empty list of users always is; a few groups
 * can be deleted together, and one user can be created again.
 */
export function fewestReplaced(definition: Pick<Described, 'attributes'>, listed: number): number {
  if (!holdsAccounts(definition)) return 3;
  return listed === 0 ? 1 : 2;
}

/** The hold of a list without any of the known resources. @param gone their IDs @param listed the number of others */
export function directoryHeld(definition: Described, gone: readonly string[], listed: number): DirectoryHeld {
  const items = gone.toSorted();
  const values = { resource: definition.title.toLowerCase(), known: items.length };
  const loss: Loss = {
    kind: holdsAccounts(definition) ? 'users' : 'groups',
    subject: { resource: definition.name, id: '*', name: fill(errorParts.wholeDirectory, values) },
    before: 'known',
    after: listed === 0 ? 'not listed' : 'replaced',
    items,
  };
  const reason =
    listed === 0
      ? fill(errorParts.directoryEmptied, values)
      : fill(errorParts.directoryReplaced, { ...values, listed });
  return new DirectoryHeld({ losses: [toHeldLoss(loss)], reasons: [reason] });
}
