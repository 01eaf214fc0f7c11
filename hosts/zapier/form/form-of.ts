import type {
  ActionDefinition,
  ConnectorDefinition,
  Field,
} from '../../../connector/definition/definition.ts';
import { type BulkForm, formTraits, resourceOfAction } from '../../kit/form-traits.ts';

/** The layout of an action's form. The form is rendered and read by it. */
export interface Form {
  /** The fields that every user sees. */
  readonly fields: readonly Field[];
  /** Fields whose values can be removed. */
  readonly clearable: readonly Field[];
  /** For a bulk action: its rows, whose fields depend on the selected action. */
  readonly bulk: BulkForm | undefined;
  /** The switch of the dry run. */
  readonly dryRun: Field | undefined;
  /** Whether the provider's own attributes are fields of the form. */
  readonly takesCustomAttributes: boolean;
  /** Whether the fields select resources: then one without a value would select everybody. */
  readonly selects: boolean;
}

/** The key of the field with the fields to empty. */
export const clearKey = 'fields_to_empty';
/** Its label. */
export const clearLabel = 'Fields to Empty';

/** Arranges the fields of an action. */
export function formOf({ operation, fields, dryRun, takesResource }: ActionDefinition): Form {
  const { clearable, bulk, returnsList } = formTraits({ operation, fields } as ActionDefinition);
  const isChange = operation.type === 'patch' && operation.operations === 'given';
  return {
    fields: fields.filter((field) => field !== bulk?.rows),
    clearable: isChange ? clearable : [],
    bulk,
    dryRun: dryRun?.field,
    takesCustomAttributes: takesResource,
    selects: returnsList,
  };
}

/**
 * The fields of a row of a bulk action: those of its action, and what identifies its resource as columns, as in a sheet.
 *
 * @param key the selected action; an unknown one has no fields
 */
export function rowFields(definition: ConnectorDefinition, key: unknown): readonly Field[] {
  const action = definition.actions.find((one) => one.key === key);
  if (action === undefined) return [];
  const reference = resourceOfAction(action, definition)?.reference;
  const own = action.fields.filter((field) => field.key !== reference?.key);
  if (own.length === action.fields.length) return own;
  const columns = (reference?.fields ?? []).filter((way) => own.every((field) => field.key !== way.key));
  return [...columns.map((column) => ({ ...column, required: false })), ...own];
}
