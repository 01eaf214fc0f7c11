import type { ActionDefinition, Field } from '../../../../connector/definition/definition.ts';
import { type Entry, entriesOf, keyOf, wayKey } from '../../../../hosts/kit/flat-form.ts';
import { clearKey, formOf, rowFields } from '../../../../hosts/zapier/form/form-of.ts';
import { definition } from '../../../support/open-test-session.ts';

type Values = Readonly<Record<string, unknown>>;

/** The form that a person fills in, so that the action gets this input. */
export function fillForm(action: ActionDefinition, input: Values): Values {
  const { fields, clearable, bulk } = formOf(action);
  const isCleared = ({ key }: Field): boolean =>
    input[key] === null || (Array.isArray(input[key]) && input[key].length === 0);
  const cleared = clearable.filter(isCleared).map(({ key }) => key);
  const filled = fillEntries(entriesOf(fields), {
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
      ),
    }),
  };
}

/** The form of a trigger. */
export function fillFields(fields: readonly Field[], input: Values): Values {
  return fillEntries(entriesOf(fields), input);
}

function fillEntries(entries: readonly Entry[], input: Values): Record<string, unknown> {
  return Object.assign({}, ...entries.map((entry) => fill(entry, valueAt(input, entry.path))));
}

function valueAt(input: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return input;
  return valueAt((input as Values | null | undefined)?.[key], rest);
}

function fill({ key, path, field }: Entry, value: unknown): Values {
  if (value === undefined) return {};
  switch (field.kind) {
    case 'reference': {
      const [[way, named] = []] = Object.entries(value as Values);
      return { [wayKey(key)]: way, [key]: named };
    }
    case 'references': {
      const list = value as readonly Values[];
      // A list identifies all of its entries in the same way.
      const [way = 'id'] = list.flatMap((one) => Object.keys(one));
      return { [wayKey(key)]: way, [key]: list.map((one) => one[way]) };
    }
    case 'object':
      return { [key]: JSON.stringify(value) };
    case 'objects':
      return {
        [key]: field.fields === undefined ? JSON.stringify(value) : fillRows(field.fields, path, value),
      };
    case 'strings':
      return { [key]: value };
    default:
      // Most values that come from other steps are text.
      return { [key]: typeof value === 'string' ? value : String(value) };
  }
}

function fillRows(fields: readonly Field[], path: readonly string[], rows: unknown): unknown {
  const entries = entriesOf(fields);
  return (rows as readonly Values[]).map((row) => {
    const filled = fillEntries(entries, row);
    return Object.fromEntries(Object.entries(filled).map(([key, value]) => [keyOf([...path, key]), value]));
  });
}
