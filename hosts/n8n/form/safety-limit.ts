import { defineField } from '../../../connector/definition/define-field.ts';
import type { ActionDefinition, Field } from '../../../connector/definition/definition.ts';
import { parameterNames } from '../parameter-names.ts';
import type { N8nProperty } from './n8n-property.ts';
import { showWhere } from './show-where.ts';

type Input = Readonly<Record<string, unknown>>;

/** What an action can remove: users or groups, or memberships in a group. */
export type Removal = 'resources' | 'memberships';

/** The attribute whose value false ends the access of a user. */
const activity = 'active';

/** The attribute with the members of a group, whose value replaces all of them. */
export const membershipPath = 'members';

/** The option that limits what one execution may remove; undefined for an action that removes nothing. */
export function safetyLimitField(action: ActionDefinition): Field | undefined {
  const removal = removalOf(action);
  if (removal === undefined) return undefined;
  const [what, excess] =
    removal === 'memberships' ? ['memberships', 'would end more'] : [action.group.toLowerCase(), 'name more'];
  return defineField(
    {
      key: parameterNames.removalLimit,
      title: 'Safety limit',
      help: `Max number of ${what} that this node may ${verbOf(action)} in one execution. If the items ${excess}, the node fails before it changes any of them. Dry runs do not count.`,
      type: 'integer',
      minimum: 0,
      sample: 10,
      advanced: true,
    },
    {},
  );
}

/** The options of a bulk action, with the limit only if the action of its rows can remove something. */
export function limitWhereRemoving(
  { options = [], ...collection }: N8nProperty,
  selector: string,
  rowActions: readonly ActionDefinition[],
): N8nProperty {
  const removing = rowActions.filter((action) => removalOf(action) !== undefined).map(({ key }) => key);
  return {
    ...collection,
    options: (options as readonly N8nProperty[]).map((option) =>
      option.name === parameterNames.removalLimit
        ? showWhere(option, { [`/${selector}`]: removing })
        : option,
    ),
  };
}

/** What an action does to what a safety limit counts. */
export function verbOf(action: ActionDefinition): string {
  const { effect, operation } = action;
  if (removalOf(action) === 'memberships') return 'end';
  if (operation.type === 'bulk') return 'deactivate or delete';
  if (operation.type === 'delete' || operation.type === 'replace') return operation.type;
  return effect === 'destructive' && operation.type === 'sequence' ? 'offboard' : 'deactivate';
}

/** What an action can remove; undefined if nothing. */
export function removalOf({ effect, operation, fields }: ActionDefinition): Removal | undefined {
  const destroys = effect === 'destructive' ? 'resources' : undefined;
  switch (operation.type) {
    case 'members':
      return operation.change === 'add' ? undefined : 'memberships';
    case 'delete':
    case 'replace':
    case 'sequence':
      return destroys;
    case 'patch':
      return destroys ?? (operation.operations === 'given' ? removalByFields(fields) : undefined);
    case 'create':
      return operation.onConflict === 'update' ? removalByFields(fields) : undefined;
    case 'bulk':
      return 'resources';
    default:
      return undefined;
  }
}

function removalByFields(fields: readonly Field[]): Removal | undefined {
  if (fieldOf(fields, activity) !== undefined) return 'resources';
  return fieldOf(fields, membershipPath) === undefined ? undefined : 'memberships';
}

/** Whether a safety limit counts an input: that of a destructive action, and one that deactivates or sets the members. */
export function isRemoval(action: ActionDefinition, input: Input): boolean {
  const { effect, operation, fields } = action;
  if (effect === 'destructive' || operation.type === 'members') return true;
  if (removalOf(action) === 'memberships') {
    const field = fieldOf(fields, membershipPath);
    return field !== undefined && input[field.key] !== undefined;
  }
  const field = fieldOf(fields, activity);
  const value = field === undefined ? undefined : input[field.key];
  return value === false || value === null;
}

function fieldOf(fields: readonly Field[], attribute: string): Field | undefined {
  return fields.find((field) => field.attribute === attribute);
}
