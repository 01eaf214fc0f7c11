import type { ActionDefinition, Field } from '../../../connector/definition/definition.ts';
import { parameterNames } from '../parameter-names.ts';

/** Where each field of an action stands in its form. The form is rendered by it, and read by it. */
export interface Form {
  /** Fields that stand in the open. */
  readonly top: readonly Field[];
  /** Fields that may be added. */
  readonly rest: readonly Field[];
  /** The collection that these are added to. */
  readonly restName: 'additionalFields' | 'updateFields' | 'filters';
  /** Fields that are about how it is done. */
  readonly options: readonly Field[];
  /** Fields whose values can be removed. */
  readonly clearable: readonly Field[];
  /** Whether the provider's own attributes may be given too. */
  readonly takesCustomAttributes: boolean;
  /** Whether it gives a list, of which each entry becomes an item. */
  readonly returnsList: boolean;
  /** Of a list: the field that says how many at the most. */
  readonly limit: Field | undefined;
}

/** Sorts the fields of an action by where n8n's people look for them. */
export function formOf({ operation, takesResource, fields }: ActionDefinition): Form {
  const isChange = operation.type === 'patch' && operation.operations === 'given';
  const isSearch = operation.type === 'search';
  const limit = isSearch ? fields.find(({ key }) => key === parameterNames.limit) : undefined;
  const shown = fields.filter((field) => field !== limit);
  const isTop = (field: Field): boolean => field.required || (field.default !== undefined && !field.advanced);
  const isOption = (field: Field): boolean => field.advanced && field.attribute === undefined;
  return {
    top: shown.filter(isTop),
    rest: shown.filter((field) => !isTop(field) && !isOption(field)),
    restName: isChange ? 'updateFields' : isSearch ? 'filters' : 'additionalFields',
    options: shown.filter((field) => !isTop(field) && isOption(field)),
    clearable: isChange ? shown.filter(({ schema }) => schema.type?.includes('null') === true) : [],
    takesCustomAttributes: takesResource,
    returnsList: isSearch,
    limit,
  };
}
