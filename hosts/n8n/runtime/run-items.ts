import { groupByTarget } from '../../../actions/group-by-target.ts';
import type { ActionDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { mapConcurrently } from '../../../connector/map-concurrently.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { formOf } from '../form/form-of.ts';
import type { N8nItemFunctions } from './n8n-functions.ts';
import type { N8nSession } from './n8n-session.ts';
import { type FilledForm, readForm, readRows } from './read-form.ts';

/** What came of one item: the items that it becomes, none where it was not done; and why it was not. */
export interface ItemResult {
  readonly outputs: readonly Readonly<Record<string, unknown>>[];
  readonly error?: Error;
}

/**
 * Runs an action for every item, several at once; those about the same resource one after the other. Without
 * `continueOnFail`, nothing is begun after an item has failed, whatever failed, and what was under way is waited for.
 */
export async function runItems(
  definition: ConnectorDefinition,
  action: ActionDefinition,
  functions: N8nItemFunctions,
  session: N8nSession,
  { count, continueOnFail }: { readonly count: number; readonly continueOnFail: boolean },
): Promise<readonly ItemResult[]> {
  const results: ItemResult[] = Array.from({ length: count }, () => ({ outputs: [] }));
  const forms = new Map<number, FilledForm>();
  let failure: Error | undefined;
  const fail = (item: number, thrown: unknown): void => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    results[item] = { outputs: [], error };
    // A token that was rejected will be for every item: going on would only lock the account.
    if (!continueOnFail || (error instanceof ConnectorError && error.code === 'auth')) failure ??= error;
  };

  for (let item = 0; item < count; item += 1) {
    try {
      const form = readForm(action, (name, fallback) => functions.getNodeParameter(name, item, fallback));
      const isBulk = action.operation.type === 'bulk';
      forms.set(item, isBulk ? { ...form, input: readRows(definition, form.input) } : form);
    } catch (error) {
      fail(item, error);
    }
  }
  const signal = functions.getExecutionCancelSignal?.();
  const runItem = async (item: number): Promise<void> => {
    const form = forms.get(item);
    if (form === undefined) return;
    if (failure !== undefined) {
      if (continueOnFail) results[item] = { outputs: [], error: failure };
      return;
    }
    try {
      results[item] = { outputs: outputsOf(action, await session.run(action, form, { signal })) };
    } catch (error) {
      fail(item, error);
    }
  };
  await mapConcurrently(turnsOf(definition, action, forms), session.concurrency, async (turn) => {
    for (const item of turn) await runItem(item);
  });
  return results;
}

/** Requests of unknown meaning keep their order. */
function turnsOf(
  definition: ConnectorDefinition,
  action: ActionDefinition,
  forms: ReadonlyMap<number, FilledForm>,
): readonly (readonly number[])[] {
  if (!('resource' in action.operation)) return [[...forms.keys()]];
  return groupByTarget(definition, action, new Map([...forms].map(([item, { input }]) => [item, input])));
}

/** A list becomes one item for each entry; nothing becomes an empty item, so that a flow can ask whether there is one. */
function outputsOf(action: ActionDefinition, output: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (formOf(action).returnsList && isRecord(output) && Array.isArray(output.resources))
    return output.resources;
  return [isRecord(output) ? output : {}];
}
