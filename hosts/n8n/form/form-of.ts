import type { ActionDefinition, Field } from '../../../connector/definition/definition.ts';
import { formTraits } from '../../kit/form-traits.ts';
import { parameterNames } from '../parameter-names.ts';
import { safetyLimitField } from './safety-limit.ts';

/** The layout of an action's form. The form is rendered and read by it. */
export interface Form {
  /** Fields that are always visible. */
  readonly top: readonly Field[];
  /** Optional fields. */
  readonly rest: readonly Field[];
  /** The collection of the optional fields. */
  readonly restName: 'additionalFields' | 'updateFields' | 'filters';
  /** Options of the operation, those of the node included. */
  readonly options: readonly Field[];
  /** The options that are no part of the action's input. */
  readonly nodeOptions: readonly Field[];
  /** Fields whose values can be removed. */
  readonly clearable: readonly Field[];
  /** Whether the provider's own attributes are accepted. */
  readonly takesCustomAttributes: boolean;
  /** Whether the result is a list whose entries become items. */
  readonly returnsList: boolean;
  /** For a list: the field with the maximum number of results. */
  readonly limit: Field | undefined;
}

/** Arranges the fields of an action according to n8n's conventions. */
export function formOf(action: ActionDefinition): Form {
  const { operation, takesResource, fields } = action;
  const { clearable, returnsList } = formTraits(action);
  const isChange = operation.type === 'patch' && operation.operations === 'given';
  const limit = returnsList ? fields.find(({ key }) => key === parameterNames.limit) : undefined;
  const shown = fields.filter((field) => field !== limit);
  const isTop = (field: Field): boolean => field.required || (field.default !== undefined && !field.advanced);
  const isOption = (field: Field): boolean => field.advanced && field.attribute === undefined;
  const nodeOptions = [action.dryRun?.field, safetyLimitField(action)].filter((field) => field !== undefined);
  return {
    top: shown.filter(isTop),
    rest: shown.filter((field) => !isTop(field) && !isOption(field)),
    restName: isChange ? 'updateFields' : returnsList ? 'filters' : 'additionalFields',
    options: [...shown.filter((field) => !isTop(field) && isOption(field)), ...nodeOptions],
    nodeOptions,
    clearable: isChange ? clearable : [],
    takesCustomAttributes: takesResource,
    returnsList,
    limit,
  };
}
