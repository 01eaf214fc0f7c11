import type { ConnectorDefinition, Field } from '../../connector/definition/definition.ts';
import {
  errorParts,
  errorTexts,
  problemTexts,
  scimTypeSteps,
  transportSteps,
  transportTexts,
} from '../../connector/error-texts.ts';
import { transientCodes } from '../../connector/errors.ts';
import { checkTexts } from '../../schemas/check-texts.ts';
import { filterTexts } from '../../scim/filter/filter-texts.ts';
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

/**
 * The label of each field that an error can name, by key. A key with different labels in several forms has none, because
 * an error does not say which form it belongs to.
 */
export function labels(definition: ConnectorDefinition): ReadonlyMap<string, string> {
  const fields: readonly Field[] = [
    ...connectionFields(definition),
    ...definition.actions.flatMap((action) => action.fields),
    ...definition.triggers.flatMap((trigger) => trigger.fields),
  ];
  const found = new Map<string, Set<string>>();
  for (const field of fields) {
    const known = found.get(field.key) ?? new Set();
    found.set(field.key, known.add(labelOf(field)));
  }
  return new Map([...found].flatMap(([key, names]) => (names.size === 1 ? [[key, [...names].join()]] : [])));
}
