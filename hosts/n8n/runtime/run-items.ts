import { groupByTarget } from '../../../actions/group-by-target.ts';
import type { ActionDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { mapConcurrently } from '../../../connector/map-concurrently.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { formTraits, resourceOfAction } from '../../kit/form-traits.ts';
import { createSimplifier } from './create-simplifier.ts';
import { enforceSafetyLimit } from './enforce-safety-limit.ts';
import { itemParameters } from './item-parameters.ts';
import type { N8nItemFunctions } from './n8n-functions.ts';
import type { N8nSession } from './n8n-session.ts';
import { type FilledForm, readForm, readRows } from './read-form.ts';

/** The result of one item: its output items, and its error if it failed. */
export interface ItemResult {
  /** The item that it is the result of. Default: the one in its place. */
  readonly item?: number;
  readonly outputs: readonly Readonly<Record<string, unknown>>[];
  readonly error?: Error;
}

/** How an action runs. */
export interface RunOptions {
  /** The number of items. */
  readonly count: number;
  /** Whether the other items still run after one failed. */
  readonly continueOnFail: boolean;
}

/** What was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/**
 * Runs an action for every item, several concurrently, and items about the same resource in order. Without
 * `continueOnFail`, no item is started after a failure, and items in progress are completed.
 */
export async function runItems(
  definition: ConnectorDefinition,
  action: ActionDefinition,
  functions: N8nItemFunctions,
  session: N8nSession,
  { count, continueOnFail }: RunOptions,
): Promise<readonly ItemResult[]> {
  const results: ItemResult[] = Array.from({ length: count }, () => ({ outputs: [] }));
  const forms = new Map<number, FilledForm>();
  const { bulk } = formTraits(action);
  const resource = resourceOfAction(action, definition);
  const simplify = resource && createSimplifier(resource);
  let failure: Error | undefined;
  const fail = (item: number, thrown: unknown): void => {
    const error = asError(thrown);
    results[item] = { outputs: [], error };
    // A rejected token fails for every item: to continue could lock the account.
    if (!continueOnFail || (error instanceof ConnectorError && error.code === 'auth')) failure ??= error;
  };

  const parametersOf = itemParameters(functions);
  for (let item = 0; item < count; item += 1) {
    try {
      const form = readForm(action, parametersOf(item));
      forms.set(item, bulk === undefined ? form : { ...form, input: readRows(definition, bulk, form.input) });
    } catch (error) {
      fail(item, error);
    }
  }
  const signal = functions.getExecutionCancelSignal?.();
  const stopped = await enforceSafetyLimit(definition, action, forms, functions, {
    preview: (form) => session.run(action, form, { signal }),
    concurrency: session.concurrency,
  });
  for (const [item, error] of stopped) {
    forms.delete(item);
    fail(item, error);
  }
  const runItem = async (item: number): Promise<void> => {
    const form = forms.get(item);
    if (form === undefined) return;
    if (failure !== undefined) {
      if (continueOnFail) results[item] = { outputs: [], error: failure };
      return;
    }
    try {
      const outputs = outputsOf(action, await session.run(action, form, { signal }));
      const isSimple = simplify !== undefined && form.simplify && !form.dryRun;
      results[item] = { outputs: isSimple ? outputs.map(simplify) : outputs };
    } catch (error) {
      fail(item, error);
    }
  };
  await mapConcurrently(groupsOf(definition, action, forms), session.concurrency, async (group) => {
    for (const item of group) await runItem(item);
  });
  return results;
}

/** Requests with an unknown subject keep their order. */
function groupsOf(
  definition: ConnectorDefinition,
  action: ActionDefinition,
  forms: ReadonlyMap<number, FilledForm>,
): readonly (readonly number[])[] {
  if (!('resource' in action.operation)) return [[...forms.keys()]];
  return groupByTarget(definition, action, new Map([...forms].map(([item, { input }]) => [item, input])));
}

/** A list becomes one item per entry. No result becomes an empty item, so that a workflow can check for it. */
export function outputsOf(
  action: ActionDefinition,
  output: unknown,
): readonly Readonly<Record<string, unknown>>[] {
  if (formTraits(action).returnsList && isRecord(output) && Array.isArray(output.resources))
    return output.resources;
  return [isRecord(output) ? output : {}];
}
