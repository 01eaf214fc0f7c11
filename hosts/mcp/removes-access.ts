import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { DryRun } from '../../connector/generated/types.ts';
import { grantsAccess } from '../../report/role-meaning.ts';

/** Whether changes end someone's access, or remove a role or a membership. */
export function removesAccess(
  { changes }: Pick<DryRun, 'changes'>,
  { resources }: Pick<ConnectorDefinition, 'resources'>,
): boolean {
  return changes.some(({ kind, resource, path, from, to }) => {
    if (kind !== 'update' || path === null) return kind === 'delete';
    // One value of several has a path of its own: members[value eq "2819c223"].
    const attribute = path.replace(/\[.*/, '');
    if (attribute === 'active') return from !== false && to !== true;
    if (attribute === 'members' || attribute === 'groups') return valuesOf(to).length < valuesOf(from).length;
    const isRole = resources[resource]?.roles.includes(attribute) === true;
    return isRole && rolesOf(to).length < rolesOf(from).length;
  });
}

/** The roles in a value that grant access: a name, or SCIM's list of objects. */
function rolesOf(value: unknown): readonly string[] {
  return valuesOf(value)
    .map((one) => String(typeof one === 'object' && one !== null && 'value' in one ? one.value : one))
    .filter(grantsAccess);
}

function valuesOf(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
