import type {
  ActionDefinition,
  ConnectorDefinition,
  Field,
} from '../../../connector/definition/definition.ts';
import { type BulkForm, formTraits } from '../../kit/form-traits.ts';
import { singular } from '../../kit/title-case.ts';
import { camelCase } from './words.ts';

/** A bulk action as a resource of the node, with an operation for each action that its rows can run. */
export interface BulkResource {
  readonly action: ActionDefinition;
  readonly form: BulkForm;
  /** The label and the value of the resource: "User: Bulk" and `userBulk`. */
  readonly name: string;
  readonly value: string;
  /** The actions of the rows, with the titles of the selector's pick-list. */
  readonly rowActions: readonly RowAction[];
}

/** An action that rows can run. */
export interface RowAction {
  readonly action: ActionDefinition;
  readonly title: string;
  /** The field that names what identifies the resource of each row; undefined if rows mean no existing resources. */
  readonly match: Field | undefined;
}

/** The key of the fields that name what identifies an existing resource. */
export const matchKey = 'matchBy';

/** The bulk actions whose rows come from the items of a run. */
export function bulkResources({ actions }: ConnectorDefinition): readonly BulkResource[] {
  return actions.flatMap((action) => {
    const { bulk } = formTraits(action);
    if (bulk === undefined) return [];
    const rowActions = (bulk.selector.pickList ?? []).flatMap(({ value, title }): readonly RowAction[] => {
      const rowAction = actions.find(({ key }) => key === value);
      return rowAction === undefined
        ? []
        : [{ action: rowAction, title, match: matchField(action, rowAction) }];
    });
    const one = singular(action.group);
    return [{ action, form: bulk, name: `${one}: Bulk`, value: camelCase(`${one} bulk`), rowActions }];
  });
}

/** An action that identifies its resource by a reference takes the field of the bulk action. */
function matchField(bulk: ActionDefinition, { fields }: ActionDefinition): Field | undefined {
  const isMatch = ({ key }: Field): boolean => key === matchKey;
  const takesReference = fields.some(({ kind, required }) => kind === 'reference' && required);
  return fields.find(isMatch) ?? (takesReference ? bulk.fields.find(isMatch) : undefined);
}
