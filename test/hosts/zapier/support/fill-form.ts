import type { ActionDefinition, Field } from '../../../../connector/definition/definition.ts';
import { clearKey, formOf, rowFields } from '../../../../hosts/zapier/form/form-of.ts';
import { definition } from '../../../support/open-test-session.ts';
import { type Cells, fillFields as fillFlatFields, fillRows } from '../../fill-flat-form.ts';
import type { Input } from '../../host-parity.ts';

/** Most values that come from other steps are text. */
const texts: Cells = {
  json: (value) => JSON.stringify(value),
  single: (value) => (typeof value === 'string' ? value : String(value)),
};

/** The form that a person fills in, so that the action gets this input. */
export function fillForm(action: ActionDefinition, input: Input): Input {
  const { fields, clearable, bulk } = formOf(action);
  const isCleared = ({ key }: Field): boolean =>
    input[key] === null || (Array.isArray(input[key]) && input[key].length === 0);
  const cleared = clearable.filter(isCleared).map(({ key }) => key);
  const filled = fillFields(fields, {
    ...input,
    ...Object.fromEntries(cleared.map((key) => [key, undefined])),
  });
  return {
    ...filled,
    ...(cleared.length > 0 && { [clearKey]: cleared }),
    ...(bulk !== undefined && {
      [bulk.rows.key]: fillRows(
        rowFields(definition, input[bulk.selector.key] ?? bulk.defaultAction),
        [bulk.rows.key],
        input[bulk.rows.key],
        texts,
      ),
    }),
  };
}

/** The form of a trigger. */
export function fillFields(fields: readonly Field[], input: Input): Input {
  return fillFlatFields(fields, input, texts);
}
