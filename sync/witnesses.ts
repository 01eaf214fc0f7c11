import { readById } from '../actions/look-up.ts';
import type { ActionContext } from '../actions/operation.ts';
import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { isSameValue } from './compare-user.ts';
import { isUserChange, nameOfUser, type PlannedChange, type Witness } from './plan.ts';
import { planTexts } from './plan-texts.ts';

/** As many witnesses a plan has at most. */
const mostWitnesses = 5;
/** As many are kept while the list is read: the plan may change some of them. */
const mostKept = 20;

/** Keeps the users with the first usernames, in the order of text: the same ones in whatever order the list shows its users. */
export class WitnessKeeper {
  readonly #kept: Witness[] = [];

  add({ id, userName }: Resource): void {
    const known = this.#kept.findIndex((one) => one.id === id);
    if (known >= 0) this.#kept.splice(known, 1);
    const witness = { id, ...(typeof userName === 'string' && { userName }) };
    const name = nameOfUser(witness);
    const last = this.#kept[mostKept - 1];
    if (last !== undefined && name > nameOfUser(last)) return;
    const at = this.#kept.findIndex((one) => nameOfUser(one) > name);
    this.#kept.splice(at < 0 ? this.#kept.length : at, 0, witness);
    this.#kept.splice(mostKept);
  }

  /** Those who stay as they are, with an ID and a username of their own, once the changes were made. */
  witnessesOf(changes: readonly PlannedChange[]): readonly Witness[] {
    const leaving = new Set(changes.filter(mayVanish).map((change) => change.user.id));
    return this.#kept.filter(({ id }) => !leaving.has(id)).slice(0, mostWitnesses);
  }
}

/** Whether a user may not be there any more, or have another username, after a change. Some providers delete who is deactivated. */
function mayVanish(
  change: PlannedChange,
): change is Extract<PlannedChange, { readonly attributes: unknown }> {
  if (!isUserChange(change)) return false;
  const { kind, attributes } = change;
  return kind === 'delete' || kind === 'deactivate' || attributes.some(({ path }) => path === 'userName');
}

/** Whether a change would be made in any directory. A change of a user's values is refused if the user is another one. */
export function needsWitnesses(change: PlannedChange): boolean {
  return change.kind === 'create' || !isUserChange(change);
}

/**
 * Requires that a connection is to the directory that a plan was made from: most of its witnesses are still there.
 *
 * @throws ConnectorError `invalid_input` if they are not; the error of the reads if nothing shows it
 */
export async function requireWitnesses(
  context: ActionContext,
  users: ResourceDefinition,
  witnesses: readonly Witness[],
): Promise<void> {
  const { concurrency } = context.client.connection;
  const found = await mapConcurrently(witnesses, concurrency, (witness) =>
    readWitness(context, users, witness),
  );
  const unknown = found.filter((one) => one instanceof ConnectorError);
  if (unknown[0] !== undefined && unknown.length === witnesses.length) throw unknown[0];
  const missing = witnesses.filter((_, index) => found[index] === false);
  const known = witnesses.length - unknown.length;
  if (missing.length * 2 <= known) return;
  const names = missing
    .map((one) => fill(planTexts.witness, { user: nameOfUser(one), id: one.id }))
    .join(', ');
  const message = fill(planTexts.planOfOtherDirectory, { missing: missing.length, known, names });
  throw invalidInput([{ path: 'plan', message }]);
}

/** Whether a witness is still there, under its username; the error if nothing shows it. */
async function readWitness(
  context: ActionContext,
  users: ResourceDefinition,
  { id, userName }: Witness,
): Promise<boolean | ConnectorError> {
  try {
    const user = await readById(context.withDeadline(), users, id);
    if (user === undefined) return false;
    return userName === undefined || isSameValue(modelOf(users), 'userName', user.userName, userName);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code === 'auth') throw error;
    return error;
  }
}
