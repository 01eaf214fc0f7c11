import type {
  ActionDefinition,
  ConnectorDefinition,
  Field,
  TriggerDefinition,
} from '../../../connector/definition/definition.ts';
import { type InputProblem, invalidInput } from '../../../connector/errors.ts';
import { didYouMean } from '../../../schemas/did-you-mean.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import type { BulkForm } from '../../kit/form-traits.ts';
import { readBoolean, readTexts } from '../../kit/read-cell.ts';
import { formOf } from '../form/form-of.ts';
import { triggerForm } from '../form/trigger-properties.ts';
import { groupName, parameterNames } from '../parameter-names.ts';
import type { N8nTriggerFunctions } from './n8n-functions.ts';
import { readValue } from './read-value.ts';

/** Returns the value of a parameter, or its default. */
export type ReadParameter = (name: string, fallback: unknown) => unknown;

/** The values of a form for one item. */
export interface FilledForm {
  /** The input of the action. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The provider's own attributes, by their SCIM paths. */
  readonly customAttributes: ReadonlyMap<string, unknown>;
  /** Whether to only return what would be sent and changed. */
  readonly dryRun: boolean;
  /** Whether to return the simplified resource. */
  readonly simplify: boolean;
  /** How many users or groups the execution may deactivate, delete, or replace; undefined without a limit. */
  readonly safetyLimit: number | undefined;
}

/** Reads the form of an action as it was rendered. @throws ConnectorError `invalid_input` */
export function readForm(action: ActionDefinition, read: ReadParameter): FilledForm {
  const form = formOf(action);
  const input: Record<string, unknown> = {};
  const take = (field: Field, given: unknown): void => {
    const value = readValue(field, given);
    if (value !== undefined) input[field.key] = value;
  };
  for (const field of form.top) take(field, read(field.key, undefined));
  for (const [name, fields] of [
    [parameterNames[form.restName], form.rest],
    [parameterNames.options, form.options],
  ] as const) {
    const given = fields.length === 0 ? {} : readFields(name, fields, read(name, {}), form.returnsList);
    Object.assign(input, given);
  }
  Object.assign(input, readSort(form.sort, read(parameterNames.sort, {})));
  if (form.clearable.length > 0) {
    for (const key of readCleared(form.clearable, read(parameterNames.clear, []))) {
      if (input[key] !== undefined)
        throw invalidInput([{ path: key, message: 'is both set and cleared: remove one of the two' }]);
      input[key] = null;
    }
  }
  if (form.limit !== undefined) {
    const isAll = readBoolean(read(parameterNames.returnAll, false)) === true;
    take(form.limit, isAll ? form.limit.schema.maximum : read(parameterNames.limit, undefined));
  }
  for (const { key } of form.nodeOptions) delete input[key];
  return {
    input,
    ...readNodeOptions(action, read),
    simplify: form.returnsResource && readBoolean(read(parameterNames.simplify, true)) !== false,
    customAttributes: form.takesCustomAttributes
      ? readCustomAttributes(read(parameterNames.customAttributes, {}))
      : new Map(),
  };
}

/** The options of an action that are no part of its input. @throws ConnectorError `invalid_input` */
export function readNodeOptions(
  action: ActionDefinition,
  read: ReadParameter,
): Pick<FilledForm, 'dryRun' | 'safetyLimit'> {
  const given = readCollection(parameterNames.options, read(parameterNames.options, {}));
  // An option that was added has an entry, even without a value.
  const added = formOf(action).nodeOptions.filter(({ key }) => Object.hasOwn(given, key));
  const values = new Map(added.map((field) => [field.key, readValue(field, given[field.key])]));
  return { dryRun: readDryRun(action, values), safetyLimit: readSafetyLimit(values) };
}

/** An expression that is no switch must not run for real. */
function readDryRun({ dryRun }: ActionDefinition, options: ReadonlyMap<string, unknown>): boolean {
  const key = dryRun?.field.key ?? '';
  const value = options.has(key) ? options.get(key) : false;
  if (typeof value === 'boolean') return value;
  throw invalidInput([{ path: key, message: 'must be true or false' }]);
}

/** An expression without a number must not lift the limit. */
function readSafetyLimit(options: ReadonlyMap<string, unknown>): number | undefined {
  const key = parameterNames.removalLimit;
  if (!options.has(key)) return undefined;
  const value = options.get(key);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw invalidInput([{ path: key, message: 'must be a whole number, 0 or more' }]);
}

/** The order of a list. Without an attribute, another part of the list would be returned than the one that was meant. */
function readSort(fields: readonly Field[], given: unknown): Readonly<Record<string, unknown>> {
  if (fields.length === 0) return {};
  const { [groupName]: sort } = readCollection(parameterNames.sort, given);
  return sort === undefined ? {} : readFields(parameterNames.sort, fields, sort, true);
}

/**
 * The values of a collection of fields, by their keys. An unknown key is a mistake in an expression.
 *
 * @param selects - whether the fields narrow down what is selected. Then each entry must have a value: dropping an
 *   empty one would select everybody.
 * @throws ConnectorError `invalid_input`
 */
function readFields(
  name: string,
  fields: readonly Field[],
  given: unknown,
  selects: boolean,
): Readonly<Record<string, unknown>> {
  if (selects && !isRecord(given)) throw invalidInput([notACollection(name)]);
  const entries = Object.entries(readCollection(name, given)).map(([key, entry]) => {
    const field = fields.find((one) => one.key === key);
    if (field === undefined) {
      const keys = fields.map((one) => one.key);
      const hint = didYouMean(key, keys) || `: use ${keys.join(', ')}`;
      throw invalidInput([{ path: name, message: `has no field "${key}"${hint}` }]);
    }
    const value = readValue(field, entry);
    if (value === undefined && selects)
      throw invalidInput([
        { path: key, message: 'is empty: enter a value, or remove it to select everything' },
      ]);
    return [key, value] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** The entries of a collection. An expression can return anything. */
export function readCollection(name: string, given: unknown): Readonly<Record<string, unknown>> {
  if (given === undefined || given === null || given === '') return {};
  if (isRecord(given)) return given;
  throw invalidInput([notACollection(name)]);
}

function notACollection(path: string): InputProblem {
  return { path, message: 'must be an object with one entry per field' };
}

function readCleared(clearable: readonly Field[], given: unknown): readonly string[] {
  const keys = clearable.map(({ key }) => key);
  const cleared = given === undefined || given === null || given === '' ? [] : (readTexts(given) ?? []);
  const isList = Array.isArray(cleared) && cleared.every((key) => keys.includes(key));
  if (isList) return cleared;
  throw invalidInput([{ path: parameterNames.clear, message: `must be a list of: ${keys.join(', ')}` }]);
}

function readCustomAttributes(given: unknown): ReadonlyMap<string, unknown> {
  const { attribute = [] } = readCollection(parameterNames.customAttributes, given);
  const entries = (Array.isArray(attribute) ? attribute : [attribute]).map((entry) =>
    readCollection(parameterNames.customAttributes, entry),
  );
  return new Map(
    entries.flatMap(({ path, value }) =>
      typeof path === 'string' && path !== '' && value !== '' && value !== undefined
        ? [[path, value] as const]
        : [],
    ),
  );
}

/** The selected trigger and its values. */
export interface TriggerForm {
  readonly trigger: TriggerDefinition;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Reads the form of a trigger as it was rendered. @throws ConnectorError `invalid_input` */
export function readTriggerForm(
  { triggers }: ConnectorDefinition,
  functions: Pick<N8nTriggerFunctions, 'getNodeParameter'>,
  takes: (field: Field) => boolean,
): TriggerForm {
  const read: ReadParameter = (name, fallback) => functions.getNodeParameter(name, fallback);
  const key = read(parameterNames.event, undefined);
  const trigger = triggers.find((candidate) => candidate.key === key);
  if (trigger === undefined) {
    throw invalidInput([
      { path: parameterNames.event, message: `is unknown ("${key}"): select one from the list` },
    ]);
  }
  const { top, options } = triggerForm(trigger.fields.filter(takes));
  const entries = top.map((field) => [field.key, readValue(field, read(field.key, undefined))] as const);
  return {
    trigger,
    input: {
      ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
      ...readFields(parameterNames.options, options, read(parameterNames.options, {}), true),
    },
  };
}

/**
 * The input of a bulk action. Its rows are read like the form of their action, because they often come from sheets.
 * A null that removes a value is kept.
 *
 * @throws ConnectorError `invalid_input`
 */
export function readRows(
  { actions }: ConnectorDefinition,
  { rows, selector }: BulkForm,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const given = input[rows.key];
  const fields = actions.find(({ key }) => key === input[selector.key])?.fields;
  if (!Array.isArray(given) || fields === undefined) return input;
  return { ...input, [rows.key]: given.map((row) => (isRecord(row) ? readRow(fields, row) : row)) };
}

function readRow(fields: readonly Field[], row: Readonly<Record<string, unknown>>): object {
  const entries = Object.entries(row).flatMap(([name, given]) => {
    const field = fields.find(({ key }) => key === name);
    const isTaken = given === null && field?.schema.type?.includes('null') === true;
    const value = field === undefined || isTaken ? given : readValue(field, given);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}
