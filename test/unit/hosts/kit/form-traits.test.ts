import { describe, expect, it } from 'vitest';
import type { ActionDefinition } from '../../../../connector/definition/definition.ts';
import { formTraits, resourceOfAction } from '../../../../hosts/kit/form-traits.ts';
import { actionOf, definition } from '../../../support/open-test-session.ts';

const keysWhere = (isWanted: (action: ActionDefinition) => boolean): readonly string[] =>
  definition.actions.filter(isWanted).map(({ key }) => key);

describe('formTraits', () => {
  it('finds the fields of a bulk action by their declared traits, not by their keys', () => {
    const action = actionOf('bulk_users');
    const renamed = {
      ...action,
      fields: action.fields.map((field) => ({ ...field, key: `my_${field.key}` })),
    };
    const { bulk } = formTraits(renamed);
    expect(bulk?.rows.key).toBe('my_rows');
    expect(bulk?.selector.key).toBe('my_action');
    expect(bulk?.defaultAction).toBe(bulk?.selector.default);
  });

  it('returns a bulk form for bulk operations only', () => {
    expect(keysWhere((action) => formTraits(action).bulk !== undefined)).toEqual(
      keysWhere(({ operation }) => operation.type === 'bulk'),
    );
  });

  it('lists the fields that accept null as clearable', () => {
    const clearable = formTraits(actionOf('update_user')).clearable.map(({ key }) => key);
    expect(clearable).toContain('department');
    expect(clearable).not.toContain('user');
    expect(clearable).not.toContain('userName');
    expect(formTraits(actionOf('create_user')).clearable).toEqual([]);
  });

  it('returns a list for searches only', () => {
    expect(keysWhere((action) => formTraits(action).returnsList)).toEqual(['search_users', 'search_groups']);
  });

  it('names the list of changes that a plan and its result have', () => {
    const withChanges = definition.actions.flatMap((action) => {
      const { changes } = formTraits(action);
      return changes === undefined
        ? []
        : [[action.key, Object.hasOwn(action.output.properties ?? {}, changes)]];
    });
    expect(withChanges).toEqual([
      ['plan_sync', true],
      ['apply_sync', true],
    ]);
  });
});

describe('resourceOfAction', () => {
  it('returns the resource type of the operation', () => {
    expect(resourceOfAction(actionOf('add_group_members'), definition)?.name).toBe('Group');
  });

  it('returns nothing for an action that is not about one resource type', () => {
    expect(resourceOfAction(actionOf('bulk_users'), definition)).toBeUndefined();
    expect(resourceOfAction(actionOf('discover_provider'), definition)).toBeUndefined();
  });
});
