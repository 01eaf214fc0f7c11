import type { ActionDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { clearKey, clearLabel, formOf, rowFields } from './form-of.ts';
import { childFields, inputFields } from './input-fields.ts';
import { labelOf } from './words.ts';
import type { ZapierField } from './zapier-field.ts';

/** The fields of an action's form that every user sees. */
export function actionFields(
  definition: ConnectorDefinition,
  action: ActionDefinition,
): readonly ZapierField[] {
  const { fields, clearable, bulk, dryRun } = formOf(action);
  const shown = inputFields(definition, fields, action.key);
  return [
    ...shown.map((field) =>
      field.key === bulk?.selector.key ? { ...field, altersDynamicFields: true as const } : field,
    ),
    ...(clearable.length === 0
      ? []
      : [
          {
            key: clearKey,
            label: clearLabel,
            type: 'string' as const,
            helpText: 'Fields whose values are removed.',
            list: true as const,
            choices: clearable.map((field) => ({
              value: field.key,
              sample: field.key,
              label: labelOf(field),
            })),
          },
        ]),
    ...(dryRun === undefined ? [] : inputFields(definition, [dryRun])),
  ];
}

/** The rows of a bulk action, with the fields of the selected action; no field for all other actions. */
export function bulkRowFields(
  definition: ConnectorDefinition,
  action: ActionDefinition,
  selected: unknown,
): readonly ZapierField[] {
  const { bulk } = formOf(action);
  if (bulk === undefined) return [];
  const { rows, selector, defaultAction } = bulk;
  const known = selector.pickList?.some(({ value }) => value === selected) ? selected : defaultAction;
  const children = childFields(rowFields(definition, known), [rows.key]);
  return [{ key: rows.key, label: labelOf(rows), children }];
}
