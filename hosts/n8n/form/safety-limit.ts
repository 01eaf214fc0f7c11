import { defineField } from '../../../connector/definition/define-field.ts';
import type { ActionDefinition, Field } from '../../../connector/definition/definition.ts';
import { parameterNames } from '../parameter-names.ts';

/** The attribute whose value false ends the access of a user. */
const activity = 'active';

/**
 * The option that limits how many users or groups one execution may deactivate, delete, or replace; undefined for an
 * action that does not, or whose input does not name them.
 */
export function safetyLimitField(action: ActionDefinition): Field | undefined {
  if (!hasRemovals(action)) return undefined;
  const group = action.group.toLowerCase();
  return defineField(
    {
      key: parameterNames.removalLimit,
      title: 'Safety limit',
      help: `Max number of ${group} that this node may ${verbOf(action)} in one execution. If the items name more, the node fails before it changes any of them. Dry runs do not count.`,
      type: 'integer',
      minimum: 0,
      sample: 10,
      advanced: true,
    },
    {},
  );
}

/** What an action does to the users or groups that a safety limit counts. */
export function verbOf({ effect, operation }: ActionDefinition): string {
  if (operation.type === 'bulk') return 'deactivate, delete, or replace';
  if (operation.type === 'delete' || operation.type === 'replace') return operation.type;
  return effect === 'destructive' && operation.type === 'sequence' ? 'offboard' : 'deactivate';
}

/** Whether a safety limit counts an input: that of a destructive action, and one that deactivates. */
export function isRemoval(
  { effect, fields }: ActionDefinition,
  input: Readonly<Record<string, unknown>>,
): boolean {
  if (effect === 'destructive') return true;
  const field = fields.find(({ attribute }) => attribute === activity);
  const value = field === undefined ? undefined : input[field.key];
  return value === false || value === null;
}

function hasRemovals({ effect, operation, fields }: ActionDefinition): boolean {
  switch (operation.type) {
    case 'delete':
    case 'replace':
    case 'sequence':
      return effect === 'destructive';
    case 'patch':
      return effect === 'destructive' || (operation.operations === 'given' && hasActivity(fields));
    case 'create':
      return operation.onConflict === 'update' && hasActivity(fields);
    case 'bulk':
      return true;
    default:
      return false;
  }
}

function hasActivity(fields: readonly Field[]): boolean {
  return fields.some(({ attribute }) => attribute === activity);
}
