import type {
  ActionDefinition,
  ConnectorDefinition,
  Field,
} from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import { type Entry, entriesOf, isEmpty, listOf, readFields, readRows, wayKey } from '../../kit/flat-form.ts';
import { readCell } from '../../kit/read-cell.ts';
import { clearKey, formOf, rowFields } from './form-of.ts';

/** The values of a form, by the keys of its fields. */
export type FormData = Readonly<Record<string, unknown>>;

/** What a form says. */
export interface FilledForm {
  readonly input: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
  /** The values that are not of the form's own fields: those of the provider's own attributes, if the form takes them. */
  readonly custom: FormData;
}

/** Reads the form of an action as it was rendered. @throws ConnectorError `invalid_input` */
export function readForm(
  definition: ConnectorDefinition,
  action: ActionDefinition,
  data: FormData,
): FilledForm {
  const { fields, clearable, bulk, dryRun, takesCustomAttributes, selects } = formOf(action);
  if (selects) refuseEmptyCriteria(fields, data);
  const input: Record<string, unknown> = { ...readFields(fields, data) };
  for (const key of readCleared(clearable, data[clearKey])) {
    if (input[key] !== undefined)
      throw invalidInput([{ path: key, message: 'is both set and emptied: remove one of the two' }]);
    input[key] = null;
  }
  if (bulk !== undefined) {
    const { rows, selector, defaultAction } = bulk;
    const columns = rowFields(definition, input[selector.key] ?? defaultAction);
    // An empty row stays, so that the results have the numbers of the rows.
    if (!isEmpty(data[rows.key])) input[rows.key] = readRows(columns, [rows.key], data[rows.key]);
  }
  return {
    input,
    dryRun: dryRun !== undefined && readSwitch(dryRun, data[dryRun.key]),
    custom: takesCustomAttributes ? othersIn(action, data) : {},
  };
}

/** A field that selects, and is in the form without a value, such as one that an earlier step left empty. */
function refuseEmptyCriteria(fields: readonly Field[], data: FormData): void {
  const isCriterion = ({ field }: Entry): boolean => field.attribute !== undefined || field.kind === 'text';
  const problems = entriesOf(fields)
    .filter((entry) => isCriterion(entry) && Object.hasOwn(data, entry.key) && isEmpty(data[entry.key]))
    .map(({ path }) => ({
      path: path.join('.'),
      message: 'is empty: enter a value, or remove it to select everything',
    }));
  if (problems.length > 0) throw invalidInput(problems);
}

function readCleared(clearable: readonly Field[], given: unknown): readonly string[] {
  const keys = clearable.map(({ key }) => key);
  const cleared = isEmpty(given) ? [] : listOf(given).filter((one) => !isEmpty(one));
  if (cleared.every((key): key is string => keys.includes(String(key)))) return cleared;
  throw invalidInput([{ path: clearKey, message: `must be a list of: ${keys.join(', ')}` }]);
}

/** A value that is no switch must not run for real. */
function readSwitch(field: Field, given: unknown): boolean {
  const value = isEmpty(given) ? false : readCell(field, given);
  if (typeof value === 'boolean') return value;
  throw invalidInput([{ path: field.key, message: 'must be true or false' }]);
}

function othersIn(action: ActionDefinition, data: FormData): FormData {
  const { fields, dryRun } = formOf(action);
  const own = new Set(entriesOf(fields).flatMap(({ key }) => [key, wayKey(key)]));
  const others = Object.entries(data).filter(
    ([key, value]) => !own.has(key) && key !== clearKey && key !== dryRun?.key && !isEmpty(value),
  );
  return Object.fromEntries(others);
}
