import { nameOfRow, toRowInput } from '../../../actions/bulk-row.ts';
import type { ActionDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { formTraits, resourceOfAction } from '../../kit/form-traits.ts';
import { singular } from '../../kit/title-case.ts';
import { isRemoval, verbOf } from '../form/safety-limit.ts';
import { parameterNames } from '../parameter-names.ts';
import type { N8nItemFunctions } from './n8n-functions.ts';
import type { FilledForm } from './read-form.ts';

type Input = Readonly<Record<string, unknown>>;

/** The items that a safety limit stops. */
export interface BlockedItems {
  readonly items: readonly number[];
  readonly error: ConnectorError;
}

/** The entry of the node's context with the names of what the execution has removed. */
const contextKey = 'removed';

/**
 * Counts the users or groups that the items of a run remove, together with earlier runs of the node in the same execution, such as those
 * of a loop. The same name counts once, so that a retry is not counted again. Undefined within the limit.
 */
export function enforceSafetyLimit(
  definition: ConnectorDefinition,
  action: ActionDefinition,
  forms: ReadonlyMap<number, FilledForm>,
  functions: Pick<N8nItemFunctions, 'getContext'>,
): BlockedItems | undefined {
  const limited = [...forms].filter(([, { dryRun, safetyLimit }]) => !dryRun && safetyLimit !== undefined);
  if (limited.length === 0) return undefined;
  const limit = Math.min(...limited.map(([, { safetyLimit = 0 }]) => safetyLimit));
  const removals = limited.flatMap(([item, { input }]) =>
    removalsOf(definition, action, input).map((name) => ({ item, name })),
  );
  const context = functions.getContext('node');
  const known = context[contextKey];
  const earlier = new Set<unknown>(Array.isArray(known) ? known : []);
  const all = new Set([...earlier, ...removals.map(({ name }) => name)]);
  if (all.size <= limit) {
    context[contextKey] = [...all];
    return undefined;
  }
  return {
    items: [...new Set(removals.map(({ item }) => item))],
    error: limitExceeded(action, limit, earlier.size, [...all].slice(earlier.size)),
  };
}

/** How an input names what it removes. The connector rejects an input that names nothing. */
function removalsOf(
  definition: ConnectorDefinition,
  action: ActionDefinition,
  input: Input,
): readonly string[] {
  const { bulk } = formTraits(action);
  if (bulk === undefined) return isRemoval(action, input) ? namesOf(definition, action, input) : [];
  const key = input[bulk.selector.key] ?? bulk.defaultAction;
  const rowAction = definition.actions.find((one) => one.key === key);
  const rows = input[bulk.rows.key];
  if (rowAction === undefined || !Array.isArray(rows)) return [];
  return rows.filter(isRecord).flatMap((row) => removalsOf(definition, rowAction, row));
}

function namesOf(definition: ConnectorDefinition, action: ActionDefinition, input: Input): readonly string[] {
  const resource = resourceOfAction(action, definition);
  const name = resource && nameOfRow(resource, toRowInput(resource, action, input));
  return name === undefined ? [] : [name.toLowerCase()];
}

/** The number of users or groups that the error names. */
const mostNamed = 10;

function limitExceeded(
  action: ActionDefinition,
  limit: number,
  earlier: number,
  names: readonly unknown[],
): ConnectorError {
  const group = action.group.toLowerCase();
  const noun = names.length === 1 ? singular(group) : group;
  const before = earlier === 0 ? '' : `, after ${earlier} earlier in this execution`;
  const rest = names.length - mostNamed;
  const more = rest > 0 ? `, and ${rest} more` : '';
  return new ConnectorError('mass_change_blocked', {
    what: `The items would ${verbOf(action)} ${names.length} ${noun}${before}, and \`${parameterNames.removalLimit}\` allows ${limit}. None of these items was sent: ${names.slice(0, mostNamed).join(', ')}${more}.`,
    nextStep: `Check the items. If they are correct, raise \`${parameterNames.removalLimit}\`.`,
  });
}
