import type { ActionDefinition, ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { OperationType } from '../../connector/manifest/operation.zod.ts';
import { type FormTraits, formTraits } from '../kit/form-traits.ts';
import { definitionNamed } from './definition-named.ts';
import { inputField } from './input-field.ts';
import { lambda, lambdaOfSum } from './lambdas.ts';
import { type DocsSection, helpWithLink } from './learn-more.ts';
import { outputParts } from './output-fields.ts';
import type { PickLists } from './pick-lists.ts';
import { code, printText, type RubyValue, symbols } from './ruby.ts';
import { sampleValue } from './samples.ts';
import { actionDescription, actionHelp } from './texts.ts';

/** An action in the format of the SDK. Workato lists actions by priority, highest first. */
export function actionEntry(
  action: ActionDefinition,
  definition: ConnectorDefinition,
  pickLists: PickLists,
  priority: number,
): RubyValue {
  const { key, title, description, operation, output, sample, dryRun } = action;
  const traits = formTraits(action);
  return symbols({
    title,
    subtitle: description,
    description: lambda(['input', 'picklist_label'], actionDescription(title, definition.title)),
    help: lambda(
      ['input', 'picklist_label'],
      helpWithLink(actionHelp(action), sections[operation.type] ?? 'actions'),
    ),
    display_priority: priority,
    batch: traits.bulk !== undefined ? true : undefined,
    // The selection here determines the fields of the rows.
    config_fields:
      traits.bulk === undefined
        ? undefined
        : [inputField({ ...traits.bulk.selector, required: true }, { pickLists, isStatic: true })],
    input_fields: lambda(['object_definitions'], definitionNamed(`${key}_input`)),
    execute: execution(action),
    output_fields: lambdaOfSum(
      ['object_definitions'],
      [
        ...outputParts(output, sample, Object.values(definition.resources)),
        ...(dryRun === undefined ? [] : [definitionNamed('dry_run')]),
      ],
    ),
    sample_output: lambda(['connection', 'input'], sampleValue(sample, definition)),
    ...summaries(traits),
  });
}

/** The operations that may take longer than one run of a step, and go on in another one: see methods/turns.rb. */
const inTurns: ReadonlySet<OperationType> = new Set(['bulk', 'plan', 'apply', 'sequence']);

/** The sections of the guide about operations that are not in the general one. */
const sections: Partial<Readonly<Record<OperationType, DocsSection>>> = {
  bulk: 'batches-of-users',
  plan: 'plan-and-apply',
  apply: 'plan-and-apply',
  request: 'custom-requests',
};

function execution({ key, operation }: ActionDefinition): RubyValue {
  const name = printText(key);
  if (!inTurns.has(operation.type))
    return lambda(
      ['connection', 'input'],
      code(`call('run_action', connection, ${name}, input)`, ['connection', 'input']),
    );
  const turn = [
    `turn = call('run_action', connection, ${name}, input, continue || {})`,
    "reinvoke_after(seconds: turn['seconds'], continue: turn['continue']) if turn.key?('continue')",
    "turn['output']",
  ];
  return lambda(
    ['connection', 'input', 'input_schema', 'output_schema', 'continue'],
    code(turn.join('\n'), ['connection', 'input', 'continue']),
  );
}

/** Long lists are shown as counts in the job report. */
function summaries({ returnsList, bulk }: FormTraits): Readonly<Record<string, RubyValue>> {
  if (returnsList) return { summarize_output: ['resources'] };
  if (bulk !== undefined) return { summarize_input: [bulk.rows.key], summarize_output: ['results'] };
  return {};
}
