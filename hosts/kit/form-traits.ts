import type {
  ActionDefinition,
  ConnectorDefinition,
  Field,
  ResourceDefinition,
} from '../../connector/definition/definition.ts';

/**
 * What a host needs to lay out the form of an action, in addition to the traits in its definition: `effect`,
 * `idempotent`, `nullable`, and `takesResource`.
 */
export interface FormTraits {
  /** The fields whose values can be removed: their null is part of the input. */
  readonly clearable: readonly Field[];
  /** Whether the output is a list, whose entries a host can return one by one. */
  readonly returnsList: boolean;
  /** The list of a plan's changes, or of what became of them, which a host can return one by one after the summary. */
  readonly changes: 'changes' | 'results' | undefined;
  /** The fields of a bulk action; undefined for all other actions. */
  readonly bulk: BulkForm | undefined;
}

/** The fields of a bulk action, each of whose rows has the form of another action. */
export interface BulkForm {
  /** The list of rows. */
  readonly rows: Field;
  /** The field whose value is the key of the rows' action. */
  readonly selector: Field;
  /** The key of the rows' action if none is selected. */
  readonly defaultAction: string;
}

/** Derives the traits of an action's form from its operation and its fields. */
export function formTraits({ operation, fields }: ActionDefinition): FormTraits {
  return {
    clearable: fields.filter(({ schema: { type } }) => Array.isArray(type) && type.includes('null')),
    returnsList: operation.type === 'search',
    changes: operation.type === 'plan' ? 'changes' : operation.type === 'apply' ? 'results' : undefined,
    bulk: operation.type === 'bulk' ? bulkForm(operation.actions, fields) : undefined,
  };
}

/** The resource type that an action is about; undefined if there is no single one. */
export function resourceOfAction(
  { operation }: ActionDefinition,
  { resources }: ConnectorDefinition,
): ResourceDefinition | undefined {
  return 'resource' in operation ? resources[operation.resource] : undefined;
}

function bulkForm([defaultAction = '']: readonly string[], fields: readonly Field[]): BulkForm | undefined {
  const selector = fields.find(({ choosesRows }) => choosesRows);
  // The form of the rows is that of their action, so the field declares none.
  const rows = fields.find((field) => field.kind === 'objects' && field.fields === undefined);
  return selector && rows && { rows, selector, defaultAction };
}
