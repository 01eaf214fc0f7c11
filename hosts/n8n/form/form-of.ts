import type { ActionDefinition, Field } from '../../../connector/definition/definition.ts';
import type { OperationType } from '../../../connector/manifest/operation.zod.ts';
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
  /** For a list: the fields of its order, the attribute first. */
  readonly sort: readonly Field[];
  /** Whether the output is a resource, which can be simplified. */
  readonly returnsResource: boolean;
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

/** The fields of the order of a list. */
const sortKeys = ['sortBy', 'sortOrder'];

/** The operations whose output is a resource, or several. */
const resourceOperations: ReadonlySet<OperationType> = new Set([
  'create',
  'read',
  'search',
  'patch',
  'replace',
]);

/** Arranges the fields of an action according to n8n's conventions. */
export function formOf(action: ActionDefinition): Form {
  const { operation, takesResource, fields } = action;
  const { clearable, returnsList } = formTraits(action);
  const isChange = operation.type === 'patch' && operation.operations === 'given';
  const limit = returnsList ? fields.find(({ key }) => key === parameterNames.limit) : undefined;
  const sort = returnsList ? sortKeys.flatMap((name) => fields.filter(({ key }) => key === name)) : [];
  const shown = fields.filter((field) => field !== limit && !sort.includes(field));
  // What an action is about is no option, even if it may be empty: the members that are to be set.
  const isTop = ({ required, kind, default: preset, advanced }: Field): boolean =>
    required || kind === 'references' || (preset !== undefined && !advanced);
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
    sort,
    returnsResource: resourceOperations.has(operation.type),
  };
}
