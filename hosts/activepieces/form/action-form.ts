import type { ActionDefinition, Field } from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import { isEmpty, listOf, readFields } from '../../kit/flat-form.ts';
import { formTraits } from '../../kit/form-traits.ts';
import type { Prop, PropFactory } from '../runtime/pieces-framework.ts';
import { propsOf, type ReferenceProp } from './props.ts';
import { labelOf } from './words.ts';

/** The key of the field with the fields to empty. */
const clearKey = 'fieldsToEmpty';

/** What a form says. */
export interface FilledForm {
  readonly input: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
}

/** The fields of an action's form. */
export function actionProps(
  create: PropFactory,
  action: ActionDefinition,
  referenceProp: ReferenceProp,
): Readonly<Record<string, Prop>> {
  const clearable = clearableOf(action);
  const { dryRun } = action;
  return {
    ...propsOf(create, action.fields, referenceProp),
    ...(clearable.length > 0 && {
      [clearKey]: create.StaticMultiSelectDropdown({
        displayName: 'Fields to Empty',
        description: 'Fields whose values are removed.',
        required: false,
        options: { options: clearable.map((field) => ({ label: labelOf(field), value: field.key })) },
      }),
    }),
    ...(dryRun !== undefined && propsOf(create, [dryRun.field], referenceProp)),
  };
}

/** Reads the form of an action as it was rendered. @throws ConnectorError `invalid_input` */
export function readActionForm(
  action: ActionDefinition,
  values: Readonly<Record<string, unknown>>,
): FilledForm {
  const input = readFields(action.fields, values);
  const clearable = clearableOf(action).map(({ key }) => key);
  for (const given of isEmpty(values[clearKey]) ? [] : listOf(values[clearKey])) {
    const key = String(given);
    if (!clearable.includes(key))
      throw invalidInput([{ path: clearKey, message: `must be a list of: ${clearable.join(', ')}` }]);
    if (input[key] !== undefined)
      throw invalidInput([{ path: key, message: 'is both set and emptied: remove one of the two' }]);
    input[key] = null;
  }
  return { input, dryRun: readDryRun(action, values) };
}

/** A value that is no switch must not run for real. */
function readDryRun({ dryRun }: ActionDefinition, values: Readonly<Record<string, unknown>>): boolean {
  if (dryRun === undefined) return false;
  const { [dryRun.field.key]: value = false } = readFields([dryRun.field], values);
  if (typeof value === 'boolean') return value;
  throw invalidInput([{ path: dryRun.field.key, message: 'must be true or false' }]);
}

/** Only a change of given attributes leaves others as they are, so that the form names those to empty. */
function clearableOf(action: ActionDefinition): readonly Field[] {
  const { operation } = action;
  const isChange = operation.type === 'patch' && operation.operations === 'given';
  return isChange ? formTraits(action).clearable : [];
}
