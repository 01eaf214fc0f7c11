import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { errorWords } from '../kit/error-words.ts';
import { authLabels, fieldLabels } from '../kit/field-labels.ts';
import { authTypeKey, authTypeTitle, connectionFields } from './connection-fields.ts';
import { fetchedSources } from './event-sources.ts';
import { labelOf } from './input-field.ts';

/** The error sentences that the Ruby runtime shares with the library, and the labels for the keys in them. */
export function runTimeTexts(
  definition: ConnectorDefinition,
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return { ...errorWords, labels: Object.fromEntries(labels(definition)) };
}

/** The labels of the fields that an error can name, by key. */
export function labels(definition: ConnectorDefinition): ReadonlyMap<string, string> {
  const { actions, triggers, connection } = definition;
  const fields = [
    ...connection.auth.methods[0].fields,
    ...[...actions, ...triggers, ...fetchedSources(definition)].flatMap((one) => one.fields),
  ];
  return new Map([
    ...fieldLabels([...connectionFields(definition), ...fields], labelOf),
    [authTypeKey, authTypeTitle],
    ...authLabels(definition, labelOf),
  ]);
}
