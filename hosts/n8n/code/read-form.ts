import type { ActionDefinition, Field } from '../../../connector/definition/definition.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { formOf } from '../form/form-of.ts';
import { parameterNames } from '../parameter-names.ts';
import { readValue } from './read-value.ts';

/** Gives what was filled in for a parameter, or what is to stand for it where nothing was. */
export type ReadParameter = (name: string, fallback: unknown) => unknown;

/** What was filled in for one item. */
export interface FilledForm {
  /** The input of the action. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The provider's own attributes, by their SCIM paths. */
  readonly customAttributes: ReadonlyMap<string, unknown>;
}

/** Reads the form of an action as it was drawn. @throws ConnectorError `invalid_input` */
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
    const given = fields.length === 0 ? {} : read(name, {});
    if (isRecord(given)) for (const field of fields) take(field, given[field.key]);
  }
  if (form.clearable.length > 0) {
    const cleared = read(parameterNames.clear, []);
    for (const key of Array.isArray(cleared) ? cleared : []) input[String(key)] = null;
  }
  if (form.limit !== undefined) {
    const isAll = read(parameterNames.returnAll, false) === true;
    take(form.limit, isAll ? form.limit.schema.maximum : read(parameterNames.limit, undefined));
  }
  return {
    input,
    customAttributes: form.takesCustomAttributes
      ? readCustomAttributes(read(parameterNames.customAttributes, {}))
      : new Map(),
  };
}

function readCustomAttributes(given: unknown): ReadonlyMap<string, unknown> {
  const entries = isRecord(given) && Array.isArray(given.attribute) ? given.attribute.filter(isRecord) : [];
  return new Map(
    entries.flatMap(({ path, value }) =>
      typeof path === 'string' && path !== '' && value !== '' && value !== undefined
        ? [[path, value] as const]
        : [],
    ),
  );
}
