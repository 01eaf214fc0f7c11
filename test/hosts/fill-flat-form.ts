import type { Field } from '../../connector/definition/definition.ts';
import { type Entry, entriesOf, keyOf, wayKey } from '../../hosts/kit/flat-form.ts';
import type { Input } from './host-parity.ts';

/** How a host writes values that are not text. */
export interface Cells {
  /** An object, or a list of objects without fields of their own. */
  json(value: unknown): unknown;
  /** One value: a text, a number, a boolean. */
  single(value: unknown): unknown;
}

const unchanged: Cells = { json: (value) => value, single: (value) => value };

/** The values of a flat form that a person fills in, so that its fields have this input. */
export function fillFields(fields: readonly Field[], input: Input, cells: Cells = unchanged): Input {
  return Object.assign(
    {},
    ...entriesOf(fields).map((entry) => fill(entry, valueAt(input, entry.path), cells)),
  );
}

function valueAt(input: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return input;
  return valueAt((input as Input | null | undefined)?.[key], rest);
}

function fill({ key, path, field }: Entry, value: unknown, cells: Cells): Input {
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
    case 'object':
      return { [key]: cells.json(value) };
    case 'objects': {
      const { fields } = field;
      return { [key]: fields === undefined ? cells.json(value) : fillRows(fields, path, value, cells) };
    }
    case 'strings':
      return { [key]: value };
    default:
      return { [key]: cells.single(value) };
  }
}

/** The rows of a list, whose columns are named by the path of the list. */
export function fillRows(
  fields: readonly Field[],
  path: readonly string[],
  rows: unknown,
  cells: Cells = unchanged,
): unknown {
  return (rows as readonly Input[]).map((row) =>
    Object.fromEntries(
      Object.entries(fillFields(fields, row, cells)).map(([key, value]) => [keyOf([...path, key]), value]),
    ),
  );
}
