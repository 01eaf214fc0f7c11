import type { Field } from '../../connector/definition/definition.ts';
import { type Entry, entriesOf, keyOf, wayKey } from '../../hosts/kit/flat-form.ts';
import type { Input } from './host-parity.ts';

/** The values of a flat form that a person fills in, so that its fields have this input. */
export function fillFields(fields: readonly Field[], input: Input): Input {
  return fillEntries(entriesOf(fields), input);
}

function fillEntries(entries: readonly Entry[], input: Input): Input {
  return Object.assign({}, ...entries.map((entry) => fill(entry, valueAt(input, entry.path))));
}

function valueAt(input: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return input;
  return valueAt((input as Input | null | undefined)?.[key], rest);
}

function fill({ key, path, field }: Entry, value: unknown): Input {
  if (value === undefined) return {};
  switch (field.kind) {
    case 'reference': {
      const [[way, named] = []] = Object.entries(value as Input);
      return { [wayKey(key)]: way, [key]: named };
    }
    case 'references': {
      const list = value as readonly Input[];
      // A list identifies all of its entries in the same way.
      const [way = 'id'] = list.flatMap((one) => Object.keys(one));
      return { [wayKey(key)]: way, [key]: list.map((one) => one[way]) };
    }
    case 'objects':
      return { [key]: field.fields === undefined ? value : fillRows(field.fields, path, value) };
    default:
      return { [key]: value };
  }
}

function fillRows(fields: readonly Field[], path: readonly string[], rows: unknown): unknown {
  const entries = entriesOf(fields);
  return (rows as readonly Input[]).map((row) =>
    Object.fromEntries(
      Object.entries(fillEntries(entries, row)).map(([key, value]) => [keyOf([...path, key]), value]),
    ),
  );
}
