import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { errorParts, errorTexts, scimTypeSteps } from '../../connector/error-texts.ts';
import { transientCodes } from '../../connector/errors.ts';
import { problemTexts } from '../../connector/problem-texts.ts';
import { transportSteps, transportTexts } from '../../connector/transport-texts.ts';
import { checkTexts } from '../../schemas/check-texts.ts';
import { filterTexts } from '../../scim/filter/filter-texts.ts';
import { fieldLabels } from '../field-labels.ts';
import { connectionFields } from './connection-fields.ts';
import { labelOf } from './input-field.ts';

/** The error sentences that the Ruby runtime shares with the library, and the labels for the keys in them. */
export function runTimeTexts(
  definition: ConnectorDefinition,
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return {
    codes: { transient: transientCodes },
    errors: errorTexts,
    parts: errorParts,
    scimTypes: scimTypeSteps,
    transport: transportTexts,
    transportSteps,
    problems: problemTexts,
    check: checkTexts,
    filter: filterTexts,
    labels: Object.fromEntries(labels(definition)),
  };
}

/** The labels of the fields that an error can name, by key. */
export function labels(definition: ConnectorDefinition): ReadonlyMap<string, string> {
  const { actions, triggers } = definition;
  const fields = [...actions, ...triggers].flatMap((one) => one.fields);
  return fieldLabels([...connectionFields(definition), ...fields], labelOf);
}
