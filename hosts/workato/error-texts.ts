import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { errorWords } from '../kit/error-words.ts';
import { authLabels, fieldLabels } from '../kit/field-labels.ts';
import { authTypeKey, authTypeTitle, connectionFields } from './connection-fields.ts';
import { fetchedSources } from './event-sources.ts';
import { labelOf } from './input-field.ts';
import { batchSizeField } from './trigger-variants.ts';

/** The error sentences that the Ruby runtime shares with the library, and the labels for the keys in them. */
export function runTimeTexts(
  definition: ConnectorDefinition,
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return {
    ...errorWords,
    actionLabels: Object.fromEntries(labels(definition, 'actions')),
    triggerLabels: Object.fromEntries(labels(definition, 'triggers')),
  };
}

/** The labels of the fields that an error of an action or a trigger can name, by key. */
export function labels(
  definition: ConnectorDefinition,
  forms: 'actions' | 'triggers',
): ReadonlyMap<string, string> {
  const { actions, triggers, connection } = definition;
  const fields = [
    ...connection.auth.methods[0].fields,
    ...[...actions, ...triggers, ...fetchedSources(definition)].flatMap((one) => one.fields),
    ...actions.flatMap(({ dryRun }) => dryRun?.field ?? []),
    batchSizeField,
  ];
  const own = definition[forms].flatMap((one) => one.fields);
  return new Map([
    ...fieldLabels([...connectionFields(definition), ...fields], labelOf),
    // The same key can have different labels in actions and triggers.
    ...fieldLabels(own, labelOf),
    [authTypeKey, authTypeTitle],
    ...authLabels(definition, labelOf),
  ]);
}
