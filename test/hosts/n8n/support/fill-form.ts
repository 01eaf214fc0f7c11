import type { ActionDefinition, Field } from '../../../../connector/definition/definition.ts';
import { identifyingPart } from '../../../../hosts/n8n/form/field-property.ts';
import { formOf } from '../../../../hosts/n8n/form/form-of.ts';
import { resourceValue } from '../../../../hosts/n8n/form/words.ts';

/** The parameters of the node that a person fills in, so that the action gets this input. */
export function fillForm(
  action: ActionDefinition,
  input: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const form = formOf(action);
  const filled: Record<string, unknown> = { resource: resourceValue(action.group), operation: action.key };
  const isGiven = (field: Field): boolean => input[field.key] !== undefined && !isCleared(input[field.key]);
  for (const field of form.top.filter(isGiven)) filled[field.key] = fill(field, input[field.key]);
  const collect = (fields: readonly Field[]): Record<string, unknown> =>
    Object.fromEntries(fields.filter(isGiven).map((field) => [field.key, fill(field, input[field.key])]));
  filled[form.restName] = collect(form.rest);
  filled.options = collect(form.options);
  if (form.sort.length > 0) filled.sort = input.sortBy === undefined ? {} : { values: collect(form.sort) };
  // The library returns resources as they are.
  if (form.returnsResource) filled.simplify = false;
  if (form.clearable.length > 0)
    filled.clear = form.clearable.filter(({ key }) => isCleared(input[key])).map(({ key }) => key);
  if (form.limit !== undefined) {
    filled.returnAll = input.limit === undefined;
    if (input.limit !== undefined) filled.limit = input.limit;
  }
  return filled;
}

function isCleared(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function fill(field: Field, value: unknown): unknown {
  switch (field.kind) {
    case 'string':
      return field.custom && field.pickList !== undefined ? { __rl: true, mode: 'name', value } : value;
    case 'reference':
      return fillReference(value);
    case 'references':
      return { values: (value as readonly unknown[]).map((one) => ({ reference: fillReference(one) })) };
    case 'object': {
      const part = identifyingPart(field);
      if (part !== undefined)
        return { __rl: true, mode: 'id', value: (value as Record<string, unknown>)[part.key] };
      return field.fields === undefined ? JSON.stringify(value) : { values: fillObject(field.fields, value) };
    }
    case 'objects': {
      const { fields } = field;
      if (fields === undefined) return JSON.stringify(value);
      return { values: (value as readonly unknown[]).map((one) => fillObject(fields, one)) };
    }
    default:
      return value;
  }
}

function fillReference(value: unknown): unknown {
  const [mode, named] = Object.entries(value as Record<string, unknown>)[0] ?? [];
  return { __rl: true, mode, value: named };
}

function fillObject(fields: readonly Field[], value: unknown): unknown {
  const given = value as Record<string, unknown>;
  return Object.fromEntries(
    fields
      .filter(({ key }) => given[key] !== undefined)
      .map((field) => [field.key, fill(field, given[field.key])]),
  );
}
