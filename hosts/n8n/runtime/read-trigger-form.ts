import type {
  ConnectorDefinition,
  Field,
  TriggerDefinition,
} from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import { triggerForm } from '../form/trigger-properties.ts';
import { parameterNames } from '../parameter-names.ts';
import type { N8nTriggerFunctions } from './n8n-functions.ts';
import { type ReadParameter, readCollection } from './read-form.ts';
import { readValue } from './read-value.ts';

/** The trigger that was chosen, and what was filled in for it. */
export interface TriggerForm {
  readonly trigger: TriggerDefinition;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Reads the form of a trigger as it was rendered. @throws ConnectorError `invalid_input` */
export function readTriggerForm(
  { triggers }: ConnectorDefinition,
  functions: Pick<N8nTriggerFunctions, 'getNodeParameter'>,
  takes: (field: Field) => boolean,
): TriggerForm {
  const read: ReadParameter = (name, fallback) => functions.getNodeParameter(name, fallback);
  const key = read(parameterNames.event, undefined);
  const trigger = triggers.find((candidate) => candidate.key === key);
  if (trigger === undefined) {
    throw invalidInput([
      { path: parameterNames.event, message: `is "${key}", which there is not: choose it from the list` },
    ]);
  }
  const { top, options } = triggerForm(trigger.fields.filter(takes));
  const given = readCollection(parameterNames.options, read(parameterNames.options, {}));
  const entries = [
    ...top.map((field) => [field.key, readValue(field, read(field.key, undefined))] as const),
    ...options.map((field) => [field.key, readValue(field, given[field.key])] as const),
  ];
  return { trigger, input: Object.fromEntries(entries.filter(([, value]) => value !== undefined)) };
}
