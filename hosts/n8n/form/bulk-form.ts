import type { ActionDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
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
  readonly rowActions: readonly { readonly action: ActionDefinition; readonly title: string }[];
}

/** The bulk actions whose rows come from the items of a run. */
export function bulkResources({ actions }: ConnectorDefinition): readonly BulkResource[] {
  return actions.flatMap((action) => {
    const { bulk } = formTraits(action);
    if (bulk === undefined) return [];
    const rowActions = (bulk.selector.pickList ?? []).flatMap(({ value, title }) => {
      const rowAction = actions.find(({ key }) => key === value);
      return rowAction === undefined ? [] : [{ action: rowAction, title }];
    });
    const one = singular(action.group);
    return [{ action, form: bulk, name: `${one}: Bulk`, value: camelCase(`${one} bulk`), rowActions }];
  });
}
