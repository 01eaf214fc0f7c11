import type { ActionDefinition } from '../../../../connector/definition/definition.ts';
import { createErrorLabels } from '../../../../hosts/kit/error-labels.ts';
import { formTraits } from '../../../../hosts/kit/form-traits.ts';
import { labelOf } from '../../../../hosts/n8n/form/words.ts';
import { parameterLabels } from '../../../../hosts/n8n/parameter-names.ts';
import { readForm, readRows } from '../../../../hosts/n8n/runtime/read-form.ts';
import { changeItem, summaryItem } from '../../../../hosts/n8n/runtime/sync-items.ts';
import { ConnectorError, type PlannedChange } from '../../../../runtime/index.ts';
import { isRecord } from '../../../../schemas/is-record.ts';
import { definition } from '../../../support/open-test-session.ts';
import type { HostAdapter, HostConnection, HostOutcome, Input } from '../../host-parity.ts';
import { fillForm } from './fill-form.ts';

/** The labels that n8n puts in place of the keys of fields. */
const labels = createErrorLabels(definition, labelOf, 'actions', parameterLabels);

/** What n8n makes of inputs, outputs, and errors. */
export const n8nValues: Pick<HostAdapter, 'inputOf' | 'expectedResult' | 'expectedError'> = {
  inputOf(action, input) {
    const filled = fillForm(action, input);
    const form = readForm(action, (name, fallback) => filled[name] ?? fallback);
    const { bulk } = formTraits(action);
    if (bulk !== undefined) return readRows(definition, bulk, form.input);
    // "Return All" is the same as no limit.
    const { limit, ...rest } = form.input;
    return input.limit === undefined ? rest : { ...rest, limit };
  },
  expectedResult(action, output, isDryRun) {
    const { changes, returnsList } = formTraits(action);
    if (isDryRun || !isRecord(output)) return [output ?? {}];
    if (changes !== undefined) {
      const { [changes]: list, ...summary } = output;
      const items = (listOf(list) as readonly PlannedChange[]).map(changeItem);
      return [summaryItem(summary), ...items, ...listOf(output.problems).flatMap(problemItems)];
    }
    return returnsList ? listOf(output.resources) : [output];
  },
  expectedError(error, action) {
    if (!(error instanceof ConnectorError)) throw error;
    return labels.label(error, action.fields).message;
  },
};

/** The parameters of a node that runs an action. */
export function parametersOf(action: ActionDefinition, input: Input, isDryRun: boolean): Input {
  const { options, ...form } = fillForm(action, input);
  return { ...form, options: { ...(options as object), ...(isDryRun && { dryRun: true }) } };
}

/** The data of a credential. */
export function credentialData(connection: HostConnection): Input {
  return { ...connection, advancedSettings: true };
}

/** What the items of a node that continues on errors say. */
export function outcomeOf(items: readonly unknown[]): HostOutcome {
  const [first] = items;
  const failed = isRecord(first) && isRecord(first.details) && typeof first.details.code === 'string';
  return failed ? { error: String(first.error) } : { result: items };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The items of rows that cannot be used. */
function problemItems(problem: unknown): readonly unknown[] {
  const { rows, message } = problem as { readonly rows: readonly number[]; readonly message: string };
  return rows.map((row) => ({ error: message, details: { row } }));
}
