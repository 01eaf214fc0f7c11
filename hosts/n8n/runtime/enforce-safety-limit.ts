import { nameOfRow, toRowInput } from '../../../actions/bulk-row.ts';
import type { ActionDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { DryRun } from '../../../connector/generated/types.ts';
import { mapConcurrently } from '../../../connector/map-concurrently.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { formTraits, resourceOfAction } from '../../kit/form-traits.ts';
import { singular } from '../../kit/title-case.ts';
import { isRemoval, membershipPath, removalOf, verbOf } from '../form/safety-limit.ts';
import { parameterNames } from '../parameter-names.ts';
import type { N8nItemFunctions } from './n8n-functions.ts';
import type { FilledForm } from './read-form.ts';

type Input = Readonly<Record<string, unknown>>;

/** How the dry run of a form is run. */
export interface Previewing {
  preview(form: FilledForm): Promise<unknown>;
  readonly concurrency: number;
}

/** The entry of the node's context with the names of what the execution has removed. */
const contextKey = 'removed';

/**
 * Counts what the items of a run remove, together with earlier runs of the node in the same execution, such as those of a
 * loop. The same name counts once, so that a retry is not counted again.
 *
 * @returns the items that must not run, each with its error
 */
export async function enforceSafetyLimit(
  definition: ConnectorDefinition,
  action: ActionDefinition,
  forms: ReadonlyMap<number, FilledForm>,
  functions: Pick<N8nItemFunctions, 'getContext'>,
  { preview, concurrency }: Previewing,
): Promise<ReadonlyMap<number, unknown>> {
  const limited = [...forms].filter(([, { dryRun, safetyLimit }]) => !dryRun && safetyLimit !== undefined);
  const stopped = new Map<number, unknown>();
  if (limited.length === 0) return stopped;
  const removals = await mapConcurrently(limited, concurrency, async ([item, form]) => {
    try {
      const names = needsPreview(action)
        ? await endedMemberships(action, form, preview)
        : removalsOf(definition, action, form.input);
      return names.map((name) => [name.toLowerCase(), { name, item }] as const);
    } catch (error) {
      stopped.set(item, error);
      return [];
    }
  });
  const limit = Math.min(...limited.map(([, { safetyLimit = 0 }]) => safetyLimit));
  const context = functions.getContext('node');
  const known = context[contextKey];
  const earlier = new Set<unknown>(Array.isArray(known) ? known : []);
  const added = new Map(removals.flat().filter(([key]) => !earlier.has(key)));
  if (earlier.size + added.size <= limit) {
    context[contextKey] = [...earlier, ...added.keys()];
    return stopped;
  }
  const names = [...added.values()].map(({ name }) => name);
  const error = limitExceeded(action, limit, earlier.size, names);
  for (const [, { item }] of removals.flat()) stopped.set(item, error);
  return stopped;
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
  if (name === undefined) return [];
  if (removalOf(action) === 'resources') return [name];
  return action.fields.flatMap(({ key, kind, resource: type = '' }) => {
    const member = definition.resources[type];
    if (member === undefined || member === resource) return [];
    const references = kind === 'references' && Array.isArray(input[key]) ? input[key] : [input[key]];
    return references.flatMap((reference) => {
      const one = nameOfRow(member, { [member.reference.key]: reference });
      return one === undefined ? [] : [`${one} in ${name}`];
    });
  });
}

/** Whether an input does not name the memberships that end, because it has the members that stay. */
function needsPreview(action: ActionDefinition): boolean {
  const { operation } = action;
  const namesThem = operation.type === 'members' && operation.change === 'remove';
  return removalOf(action) === 'memberships' && !namesThem;
}

async function endedMemberships(
  action: ActionDefinition,
  form: FilledForm,
  preview: Previewing['preview'],
): Promise<readonly string[]> {
  if (!isRemoval(action, form.input)) return [];
  const { outcome, changes, notes } = (await preview({ ...form, dryRun: true })) as DryRun;
  if (outcome === 'unknown') throw uncountable(notes);
  return changes.flatMap(({ path, from, to, id, name }) =>
    path?.startsWith(membershipPath) === true && isRecord(from) && to === null
      ? [`${from.display ?? from.value} in ${name ?? id}`]
      : [],
  );
}

function uncountable(notes: readonly string[]): ConnectorError {
  return new ConnectorError('unsupported', {
    what: `The memberships that the item would end cannot be counted, and it was not sent. ${notes.join(' ')}`,
    nextStep: `Remove \`${parameterNames.removalLimit}\`, or add and remove single members.`,
  });
}

/** The number of removals that an error names. */
const mostNamed = 10;

function limitExceeded(
  action: ActionDefinition,
  limit: number,
  earlier: number,
  names: readonly string[],
): ConnectorError {
  const counted = removalOf(action) === 'memberships' ? 'memberships' : action.group.toLowerCase();
  const noun = names.length === 1 ? singular(counted) : counted;
  const before = earlier === 0 ? '' : `, after ${earlier} earlier in this execution`;
  const rest = names.length - mostNamed;
  const more = rest > 0 ? `, and ${rest} more` : '';
  return new ConnectorError('mass_change_blocked', {
    what: `The items would ${verbOf(action)} ${names.length} ${noun}${before}, and \`${parameterNames.removalLimit}\` allows ${limit}. None of these items was sent: ${names.slice(0, mostNamed).join(', ')}${more}.`,
    nextStep: `Check the items. If they are correct, raise \`${parameterNames.removalLimit}\`.`,
  });
}
